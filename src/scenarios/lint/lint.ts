// Static findings: what is accepted but futile, or does something else than it seems to. Rules look at the plan, so they know the numbers.
import type { Plan } from '../plan/plan.ts';
import type { Finding } from '../result.ts';
import type { LintSettings, Scenario } from '../scenario.ts';
import { RULES } from './registry.ts';
import type { Fix, LintRule } from './rule.ts';
import { LintSubject } from './subject.ts';
import { ignoring } from './suppression.ts';

export interface LintOptions {
  /** Text of the files, for comments that suppress; absent = the scenario's own. */
  sources?: ReadonlyMap<string, string>;
  /** Over the scenario's `lint:`. */
  settings?: LintSettings;
  rules?: readonly LintRule[];
}

/** A finding with what `--fix` would write. */
export type FixableFinding = Finding & { fix?: Fix };

/** Sorted by severity and place, each once. */
export function lintScenario(scenario: Scenario, plan: Plan, options: LintOptions = {}): Finding[] {
  return lintFixable(scenario, plan, options).map(({ fix: _, ...finding }) => finding);
}

export function lintFixable(scenario: Scenario, plan: Plan, options: LintOptions = {}): FixableFinding[] {
  const subject = new LintSubject(scenario, plan);
  const sources = options.sources ?? scenario.sources ?? new Map<string, string>();
  const isIgnored = ignoring(sources);
  const settings = { ...scenario.lint, ...options.settings };
  const found = new Map<string, FixableFinding>();
  for (const rule of options.rules ?? RULES) {
    const wanted = Object.hasOwn(settings, rule.id) ? settings[rule.id] : undefined;
    if (wanted === 'off') continue;
    for (const hit of rule.check(subject)) {
      const place = hit.at ?? { file: scenario.file, line: 0, col: 0 };
      const finding: FixableFinding = {
        rule: rule.id,
        severity: wanted ?? hit.severity ?? rule.severity,
        message: hit.message,
        ...(hit.hint !== undefined && { hint: hit.hint }),
        file: place.file,
        line: place.line,
        col: place.col,
        ...(hit.fix && { fix: hit.fix }),
      };
      if (isIgnored(finding)) continue;
      const key = `${finding.rule}|${hit.key ?? `${finding.file}|${finding.line}|${finding.message}`}`;
      const before = found.get(key);
      if (!before || SEVERITY_RANK[finding.severity] < SEVERITY_RANK[before.severity])
        found.set(key, finding);
    }
  }
  return [...found.values()].sort(inOrder);
}

export const SEVERITY_RANK: Record<Finding['severity'], number> = { error: 0, warning: 1, info: 2 };

const byText = (a: string, b: string) => (a < b ? -1 : Number(a > b));

export const inOrder = (a: Finding, b: Finding): number =>
  SEVERITY_RANK[a.severity] - SEVERITY_RANK[b.severity] ||
  byText(a.file, b.file) ||
  a.line - b.line ||
  a.col - b.col ||
  byText(a.rule, b.rule) ||
  byText(a.message, b.message);

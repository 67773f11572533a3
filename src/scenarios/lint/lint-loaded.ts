// Lints everything of a loaded scenario: the base and its variants, each finding once with its worst severity. What Istio refuses is
// linted all the same, as far as it can be planned: the findings say why in terms of traffic.
import type { Plan } from '../plan/plan.ts';
import { planMesh } from '../plan/plan-mesh.ts';
import { planScenario } from '../plan/plan-scenario.ts';
import type { LoadedScenario, Scenario } from '../scenario.ts';
import { type FixableFinding, inOrder, type LintOptions, lintFixable, SEVERITY_RANK } from './lint.ts';
import { RULES } from './registry.ts';

export interface LoadedLintOptions extends LintOptions {
  /** A rule could not look at what Istio refuses. */
  onBlind?(rule: string): void;
}

export function lintLoaded(loaded: LoadedScenario, options: LoadedLintOptions = {}): FixableFinding[] {
  const found = new Map<string, FixableFinding>();
  const isSound = !loaded.diagnostics.some(({ severity }) => severity === 'error');
  for (const scenario of [loaded.base, ...loaded.variants]) {
    const findings = findingsOf(scenario, { sources: loaded.sources, ...options }, isSound);
    for (const finding of findings) {
      const key = `${finding.rule}|${finding.file}|${finding.line}|${finding.col}|${finding.message}`;
      const before = found.get(key);
      if (!before || SEVERITY_RANK[finding.severity] < SEVERITY_RANK[before.severity])
        found.set(key, finding);
    }
  }
  return [...found.values()].sort(inOrder);
}

/**
 * Planning and rules trust what passed admission; of what did not, each finds what it can. A rule that cannot look at it is told of: its
 * silence would pass for a good sign.
 */
export function findingsOf(
  scenario: Scenario,
  options: LoadedLintOptions,
  isSound: boolean,
): FixableFinding[] {
  // Rules speak of manifests; a config dump has none.
  if (scenario.envoy) return [];
  if (isSound && !scenario.refused) return lintFixable(scenario, planScenario(scenario), options);
  const rules = options.rules ?? RULES;
  const plan = planOrNull(scenario);
  return rules.flatMap((rule) => {
    try {
      if (plan) return lintFixable(scenario, plan, { ...options, rules: [rule] });
    } catch {
      // Told below.
    }
    options.onBlind?.(rule.id);
    return [];
  });
}

function planOrNull(scenario: Scenario): Plan | null {
  try {
    return scenario.refused ? planMesh(scenario) : planScenario(scenario);
  } catch {
    return null;
  }
}

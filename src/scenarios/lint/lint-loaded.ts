// Lints everything of a loaded scenario: the base and its variants, each finding once with its worst severity. What Istio refuses is
// linted all the same, as far as it can be planned: the findings say why in terms of traffic.
import { planScenario } from '../plan/plan-scenario.ts';
import type { LoadedScenario, Scenario } from '../scenario.ts';
import { type FixableFinding, inOrder, type LintOptions, lintFixable, SEVERITY_RANK } from './lint.ts';
import { RULES } from './registry.ts';

export function lintLoaded(loaded: LoadedScenario, options: LintOptions = {}): FixableFinding[] {
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

/** Planning and rules trust what passed admission; of what did not, each finds what it can. */
function findingsOf(scenario: Scenario, options: LintOptions, isSound: boolean): FixableFinding[] {
  // Rules speak of manifests; a config dump has none.
  if (scenario.envoy) return [];
  if (isSound) return lintFixable(scenario, planScenario(scenario), options);
  try {
    const plan = planScenario(scenario);
    return (options.rules ?? RULES).flatMap((rule) => {
      try {
        return lintFixable(scenario, plan, { ...options, rules: [rule] });
      } catch {
        return [];
      }
    });
  } catch {
    return [];
  }
}

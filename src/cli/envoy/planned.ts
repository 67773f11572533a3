// From a scenario file to its plans, for the commands that look at proxies: mistakes go to stderr as run prints them.
import { renderDiagnostic } from '../../scenarios/diagnostics.ts';
import type { Plan } from '../../scenarios/plan/plan.ts';
import { planScenario } from '../../scenarios/plan/plan-scenario.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { frameColumns, type Io } from '../io.ts';
import { load } from '../predict.ts';
import { predictOptionsOf } from '../session.ts';
import type { SharedOptions } from '../shared-flags.ts';

export interface PlannedScenario {
  scenario: Scenario;
  plan: Plan;
}

/** The base and its variants, or the variant that is asked for; null when the scenario cannot run. */
export function planFile(file: string, options: SharedOptions, io: Io): PlannedScenario[] | null {
  const loaded = load(file, predictOptionsOf(options, io));
  const planned: PlannedScenario[] = [];
  const { diagnostics } = loaded;
  if (!diagnostics.some(({ severity }) => severity === 'error')) {
    const wanted = options.variant === undefined ? [loaded.base, ...loaded.variants] : loaded.variants;
    for (const scenario of wanted) {
      const plan = planScenario(scenario);
      planned.push({ scenario, plan });
      diagnostics.push(...plan.diagnostics);
    }
  }
  for (const diagnostic of diagnostics)
    io.err(`${renderDiagnostic(diagnostic, loaded.sources.get(diagnostic.file), frameColumns(io))}\n`);
  return diagnostics.some(({ severity }) => severity === 'error') ? null : planned;
}

// A unit of replications becomes its runs. Plans are kept: a thread gets many units of one scenario, and planning takes longer than a short run.
import { invariant } from '../../engine/invariant.ts';
import type { Plan } from '../plan/plan.ts';
import { planScenario } from '../plan/plan-scenario.ts';
import type { Recording } from '../record/recording.ts';
import { packed, replicate } from '../replication.ts';
import type { Scenario } from '../scenario.ts';
import type { Replications, ReplicationUnit } from './unit.ts';

/** What of a unit is needed once its scenario is at hand. */
export type ReplicationRange = Pick<ReplicationUnit, 'seed' | 'from' | 'to' | 'record'>;

export interface Watch {
  readonly isStopped: boolean;
  /** A replication is done. */
  tick(): void;
}

/** Large meshes have large plans. */
const MOST_PLANS = 2;

/** Does units of scenarios that are at hand. The same scenario must be the same object. */
export function replicationsRunner(): (
  scenario: Scenario,
  range: ReplicationRange,
  watch?: Watch,
) => Replications {
  const plans = new Map<Scenario, Plan>();
  const planFor = (scenario: Scenario): Plan => {
    const plan = plans.get(scenario) ?? planScenario(scenario);
    // Whoever asks has planned it and would have refused it.
    invariant(
      plan.diagnostics.every(({ severity }) => severity !== 'error'),
      'the scenario can be planned',
    );
    // The last one that was needed stays longest.
    plans.delete(scenario);
    plans.set(scenario, plan);
    if (plans.size > MOST_PLANS) plans.delete(plans.keys().next().value!);
    return plan;
  };
  return (scenario, { seed, from, to, record }, watch) => {
    const plan = planFor(scenario);
    const runs = [];
    let recording: Recording | undefined;
    for (let replication = from; replication < to && !watch?.isStopped; replication++) {
      const done = replicate(scenario, plan, {
        seed,
        replication,
        ...(replication === from && record !== undefined && { record }),
      });
      runs.push(done.run);
      recording ??= done.record;
      watch?.tick();
    }
    return { runs: packed(runs), ...(recording && { record: recording }) };
  };
}

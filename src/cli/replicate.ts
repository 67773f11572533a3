// Replications in a thread. It gets the scenario itself, once; only a queue's worker has to read files again.
import type { Scenario } from '../scenarios/scenario.ts';
import type { FileTexts } from '../scenarios/work/file-texts.ts';
import { type ReplicationRange, replicationsRunner, type Watch } from '../scenarios/work/run-replications.ts';
import type { Replications, ScenarioSource } from '../scenarios/work/unit.ts';
import { type Cells, DONE, STOPPED } from './cells.ts';
import { type Matter, matterReader } from './matter.ts';

export interface ReplicationTask extends Matter {
  range: ReplicationRange;
  /** Where the scenario comes from, when the matter is not the scenario but its files. */
  source?: { place: Omit<ScenarioSource, 'files'>; index: number };
  cells?: Cells;
}

export function replications(): (task: ReplicationTask) => Promise<Replications> {
  const matterOf = matterReader();
  const run = replicationsRunner();
  let read: ((source: ScenarioSource, index: number) => Scenario) | undefined;
  return async (task) => {
    const matter = matterOf(task);
    if (!task.source) return run(matter as Scenario, task.range, task.cells && watchOf(task.cells));
    read ??= (await import('../scenarios/work/source.ts')).scenarioReader();
    const { place, index } = task.source;
    return run(read({ ...place, files: matter as FileTexts }, index), task.range);
  };
}

const watchOf = (cells: Cells): Watch => ({
  get isStopped() {
    return Atomics.load(cells, STOPPED) === 1;
  },
  tick: () => void Atomics.add(cells, DONE, 1),
});

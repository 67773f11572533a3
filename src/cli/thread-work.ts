// What a thread does: whole units, or replications. It loads what most of its tasks will be; the rest when one comes.
import type { ReplicationTask } from './replicate.ts';
import type { UnitTask } from './work-unit.ts';

export type TaskKind = 'units' | 'replications';
export type Task = UnitTask | ReplicationTask;

const units = async () => (await import('./work-unit.ts')).workUnits();
const replications = async () => (await import('./replicate.ts')).replications();

export async function threadWork(kind: TaskKind): Promise<(task: Task) => Promise<unknown>> {
  let doUnit = kind === 'units' ? await units() : null;
  let doReplications = kind === 'replications' ? await replications() : null;
  return async (task) => {
    if ('range' in task) {
      doReplications ??= await replications();
      return doReplications(task);
    }
    doUnit ??= await units();
    return doUnit(task);
  };
}

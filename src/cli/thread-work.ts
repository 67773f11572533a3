// What a thread does: whole units, replications, or scenario files. It loads what most of its tasks will be; the rest when one comes.
import type { FileTask } from './predict-file.ts';
import type { ReplicationTask } from './replicate.ts';
import type { UnitTask } from './work-unit.ts';

export type TaskKind = 'units' | 'replications' | 'files';
export type Task = UnitTask | ReplicationTask | FileTask;

type Hands = (task: never) => unknown;

const LOAD: Record<TaskKind, () => Promise<Hands>> = {
  units: async () => (await import('./work-unit.ts')).workUnits(),
  replications: async () => (await import('./replicate.ts')).replications(),
  files: async () => (await import('./predict-file.ts')).filePredictor(),
};

const kindOf = (task: Task): TaskKind =>
  'range' in task ? 'replications' : 'path' in task ? 'files' : 'units';

export async function threadWork(kind: TaskKind): Promise<(task: Task) => Promise<unknown>> {
  const hands = new Map<TaskKind, Hands>([[kind, await LOAD[kind]()]]);
  return async (task) => {
    const wanted = kindOf(task);
    const known = hands.get(wanted) ?? (await LOAD[wanted]());
    hands.set(wanted, known);
    return known(task as never);
  };
}

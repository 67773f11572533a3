// Names of everything that lies in Redis. The release is part of them: workers of another one would give other bytes.
import { createHash } from 'node:crypto';
import type { ReplicationUnit, WorkUnit } from '../../scenarios/work/unit.ts';

export const queueName = (version: string) => `foresail-${version}`;
export const filesKey = (version: string, hash: string) => `foresail:${version}:files:${hash}`;

/** How long files and finished units stay [s]: a run that was cut off can be resumed for a day. */
export const KEPT_S = 86_400;

/** A unit as it travels: the files, which thousands of units share, lie beside it once. */
export interface QueuedUnit {
  files: string;
  unit: Omit<WorkUnit, 'files'> | Omit<ReplicationUnit, 'files'>;
}

export const isOfReplications = (unit: QueuedUnit['unit']): unit is Omit<ReplicationUnit, 'files'> =>
  'from' in unit;

export const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 40);

/** The same unit has the same id, whoever asks for it: it is done once. */
export function unitId(queued: QueuedUnit): string {
  return hashOf(JSON.stringify([queued.files, sorted(queued.unit)]));
}

/** Keys in order, so that the text does not depend on how the object came about. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted((value as Record<string, unknown>)[key])]),
  );
}

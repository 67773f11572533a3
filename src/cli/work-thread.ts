// A worker thread of threads.ts that does whole work units, one after the other, keeping what it has loaded.
import type { FileTexts } from '../scenarios/work/file-texts.ts';
import { unitRunner } from '../scenarios/work/run-unit.ts';
import type { WorkSummary, WorkUnit } from '../scenarios/work/unit.ts';
import { type Matter, matterReader } from './matter.ts';

export interface UnitTask extends Matter {
  unit: Omit<WorkUnit, 'files'>;
}

const matterOf = matterReader();
const run = unitRunner();

export default function work(task: UnitTask): WorkSummary {
  return run({ ...task.unit, files: matterOf(task) as FileTexts });
}

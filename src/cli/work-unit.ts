// Whole work units in a thread, one after the other, keeping what was loaded.
import type { FileTexts } from '../scenarios/work/file-texts.ts';
import { unitRunner } from '../scenarios/work/run-unit.ts';
import type { WorkSummary, WorkUnit } from '../scenarios/work/unit.ts';
import { type Matter, matterReader } from './matter.ts';

export interface UnitTask extends Matter {
  unit: Omit<WorkUnit, 'files'>;
}

export function workUnits(): (task: UnitTask) => WorkSummary {
  const matterOf = matterReader();
  const run = unitRunner();
  return (task) => run({ ...task.unit, files: matterOf(task) as FileTexts });
}

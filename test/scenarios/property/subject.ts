// Scenarios with properties for tests: from the examples, or from texts in memory.
import { nodeFiles } from '../../../src/scenarios/files.ts';
import type { Files } from '../../../src/scenarios/files-contract.ts';
import { memoryFiles } from '../../../src/scenarios/files-memory.ts';
import { checkProperty } from '../../../src/scenarios/property/check.ts';
import { counterexampleText } from '../../../src/scenarios/property/counterexample.ts';
import { readProperties } from '../../../src/scenarios/property/read.ts';
import type { SearchOptions } from '../../../src/scenarios/property/search.ts';
import { recordingFiles } from '../../../src/scenarios/work/file-texts.ts';
import { prepare, runHere } from '../../../src/scenarios/work/run-unit.ts';
import type { WorkRunner, WorkUnit } from '../../../src/scenarios/work/unit.ts';

export function open(file: string, set: string[] = [], from: Files = nodeFiles()) {
  const recording = recordingFiles(from);
  const unit: WorkUnit = { files: recording.texts, file, set };
  const prepared = prepare(unit, recording.files);
  const wrong = prepared.loaded.diagnostics.filter(({ severity }) => severity === 'error');
  const { properties, diagnostics } =
    wrong.length === 0 ? readProperties(prepared) : { properties: [], diagnostics: wrong };
  return { unit, prepared, properties, diagnostics, from };
}

export const inMemory = (files: Record<string, string>, set: string[] = []) =>
  open('main.yaml', set, memoryFiles(files));

/** The verdict on the n-th property, and the file that a counterexample would be written to. */
export async function checked(
  subject: ReturnType<typeof open>,
  options: Partial<SearchOptions> = {},
  { index = 0, runner = runHere() }: { index?: number; runner?: WorkRunner } = {},
) {
  const property = subject.properties[index]!;
  const report = await checkProperty(property, subject.prepared, subject.unit, runner, {
    runs: 60,
    seed: 1,
    ...options,
  });
  const found = report.counterexample;
  const text =
    found &&
    counterexampleText(property, found.candidate, subject.prepared.scenario, {
      extends: subject.unit.file.replace(/^.*\//, ''),
      again: 'foresail check',
      expectations: found.expectations,
      folder: '',
    });
  return { report, found, text };
}

/** `files` with one more. */
export function withFile(files: Files, path: string, text: string): Files {
  return { read: (each) => (each === path ? text : files.read(each)), list: (each) => files.list(each) };
}

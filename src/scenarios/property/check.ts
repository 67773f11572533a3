// All properties of a scenario: each is searched, and a counterexample gets the numbers with and without it and a file to replay. Pure: the
// caller reads and writes files.
import { invariant } from '../../engine/invariant.ts';
import type { ExpectationReport } from '../result.ts';
import type { Prepared } from '../work/run-unit.ts';
import type { WorkRunner, WorkUnit } from '../work/unit.ts';
import { type Candidate, overlayOf, untouchedOverlay, wordsOf } from './candidate.ts';
import type { Property } from './read.ts';
import { type SearchOptions, search, type Verdict } from './search.ts';

export interface PropertyReport {
  name: string;
  file: string;
  line: number;
  ok: boolean;
  seed: number;
  /** Candidates tried until the verdict, and those that cannot run. */
  runs: number;
  skipped: number;
  skippedWhy?: string;
  isInterrupted?: boolean;
  exhaustive?: {
    singles: number;
    doubles: number;
    allDoubles: boolean;
    /** In words, of those that fail. */
    falsified: string[];
  };
  counterexample?: {
    words: string[];
    /** What the file's `faults` would say. */
    faults: unknown[];
    shrinks: number;
    path: string | null;
    /** What was wrong, where a function decides. */
    reason?: string;
    /** With it, and as the scenario is written. */
    expectations: ExpectationReport[];
    without: ExpectationReport[];
    candidate: Candidate;
    /** Where the replay lies, and the commands. */
    written?: string;
    replay?: string;
    again?: string;
  };
}

export async function checkProperty(
  property: Property,
  prepared: Prepared,
  unit: WorkUnit,
  runner: WorkRunner,
  options: SearchOptions,
): Promise<PropertyReport> {
  const unitOf = (candidate: Candidate): WorkUnit => ({ ...unit, overlay: overlayOf(property, candidate) });
  const verdict = await search(property, unitOf, runner, options);
  const report: PropertyReport = {
    name: property.name,
    file: property.origin.file,
    line: property.origin.line,
    ok: verdict.counterexample === null && !cannotRun(verdict),
    seed: verdict.seed,
    runs: verdict.runs,
    skipped: verdict.skipped,
    ...(verdict.skippedWhy && { skippedWhy: verdict.skippedWhy.message }),
    ...(verdict.isInterrupted && { isInterrupted: true }),
  };
  if (verdict.exhaustive)
    report.exhaustive = {
      ...verdict.exhaustive,
      falsified: verdict.exhaustive.falsified.map((each) => wordsOf(property, each).join('; ')),
    };
  const { counterexample, summary } = verdict;
  if (!counterexample || !summary?.result) return report;
  const without = await runner.run({ ...unit, overlay: untouchedOverlay(property, counterexample) });
  invariant(prepared.tree !== undefined, 'a scenario with properties has a tree');
  report.counterexample = {
    words: wordsOf(property, counterexample),
    faults: overlayOf(property, counterexample).faults ?? [],
    shrinks: verdict.shrinks,
    path: verdict.path,
    ...(options.holds && verdict.reason !== null && { reason: verdict.reason }),
    expectations: summary.result.expectations,
    without: without.result?.expectations ?? [],
    candidate: counterexample,
  };
  return report;
}

/** Nothing could be tried at all: out of time at once, or no candidate is a scenario that runs. */
const cannotRun = (verdict: Verdict) => verdict.runs - (verdict.exhaustive ? verdict.skipped : 0) <= 0;

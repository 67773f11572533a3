// The search for a counterexample. fast-check draws candidates and shrinks the one that fails; candidates are drawn beforehand too, so that
// many can be under way at once while the verdict is fast-check's alone: the same bytes for any number of jobs.
import fc from 'fast-check';
import type { Diagnostic } from '../diagnostics.ts';
import { flow } from '../work/overlay.ts';
import type { WorkRunner, WorkSummary, WorkUnit } from '../work/unit.ts';
import { type Candidate, MOST_PARAMETERS, overlayOf } from './candidate.ts';
import { MOST_DOUBLES, singlesAndDoubles } from './exhaustive.ts';
import type { Property } from './read.ts';

export interface SearchOptions {
  runs: number;
  seed: number;
  /** Straight to a counterexample, as a report named it. */
  path?: string;
  exhaustive?: boolean;
  /** Instead of the expectations; a text says what is wrong. */
  holds?: (summary: WorkSummary, candidate: Candidate) => string | null;
  onProgress?(done: number, total: number): void;
  /** Out of time, or stopped: what was found until then is reported. */
  signal?: { readonly aborted: boolean };
}

export interface Verdict {
  /** null = none was found. */
  counterexample: Candidate | null;
  summary: WorkSummary | null;
  /** What `holds` said. */
  reason: string | null;
  /** Candidates that were held against the property, shrinking not included. */
  runs: number;
  shrinks: number;
  /** Candidates that cannot run (a setting that Istio refuses, a load without pods), and why the first could not. */
  skipped: number;
  skippedWhy: Diagnostic | null;
  seed: number;
  path: string | null;
  isInterrupted: boolean;
  /** With --exhaustive: what was enumerated. */
  exhaustive?: { singles: number; doubles: number; allDoubles: boolean; falsified: Candidate[] };
}

export async function search(
  property: Property,
  unitOf: (candidate: Candidate) => WorkUnit,
  runner: WorkRunner,
  options: SearchOptions,
): Promise<Verdict> {
  const known = new Map<string, Promise<WorkSummary>>();
  const summaryOf = (candidate: Candidate): Promise<WorkSummary> => {
    const key = flow(overlayOf(property, candidate));
    let summary = known.get(key);
    if (!summary) {
      summary = runner.run(unitOf(candidate));
      known.set(key, summary);
    }
    return summary;
  };
  const wrongWith = (summary: WorkSummary, candidate: Candidate): string | null => {
    if (options.holds) return options.holds(summary, candidate);
    return summary.result!.expectations.every(({ ok }) => ok) ? null : 'an expectation failed';
  };
  const verdict: Verdict = {
    counterexample: null,
    summary: null,
    reason: null,
    runs: 0,
    shrinks: 0,
    skipped: 0,
    skippedWhy: null,
    seed: options.seed,
    path: null,
    isInterrupted: false,
  };
  const skip = (summary: WorkSummary) => {
    verdict.skipped++;
    verdict.skippedWhy ??= summary.diagnostics.find(({ severity }) => severity === 'error') ?? null;
  };
  if (options.exhaustive)
    return await enumerate(property, summaryOf, wrongWith, skip, verdict, runner, options);
  const arbitrary = arbitraryOf(property);
  const parameters = {
    seed: options.seed,
    numRuns: options.runs,
    ...(options.path !== undefined && { path: options.path }),
  };
  // What fast-check is about to ask for is started ahead of it.
  const ahead =
    runner.jobs > 1 && options.path === undefined
      ? fc.sample(arbitrary, { seed: options.seed, numRuns: options.runs })
      : [];
  let started = 0;
  const startAhead = (asked: number) => {
    while (started < ahead.length && started < asked + runner.jobs * 2)
      void summaryOf(ahead[started++]!).catch(() => {});
  };
  let asked = 0;
  let isFound = false;
  const details = await fc.check(
    fc.asyncProperty(arbitrary, async (candidate) => {
      // Passing everything ends the drawing, and the shrinking at what is smallest so far.
      if (options.signal?.aborted) {
        verdict.isInterrupted = true;
        return;
      }
      startAhead(asked);
      asked++;
      const summary = await summaryOf(candidate);
      // Timers and Ctrl-C get their turn even when everything is done in this thread.
      if (asked % 16 === 0) await new Promise((resolve) => setTimeout(resolve, 0));
      if (!summary.result) return skip(summary);
      options.onProgress?.(Math.min(asked, options.runs), options.runs);
      const reason = wrongWith(summary, candidate);
      if (!isFound) verdict.runs++;
      if (reason === null) return;
      isFound = true;
      throw new Falsified(reason);
    }),
    { ...parameters, endOnFailure: false },
  );
  const error = details.errorInstance;
  if (error !== null && error !== undefined && !(error instanceof Falsified)) throw error;
  if (!details.counterexample) return verdict;
  verdict.shrinks = details.numShrinks;
  verdict.counterexample = details.counterexample[0];
  verdict.path = details.counterexamplePath;
  verdict.summary = await summaryOf(verdict.counterexample);
  verdict.reason = error instanceof Falsified ? error.message : null;
  return verdict;
}

class Falsified extends Error {}
/** Shrinks towards one fault of the simplest kind, as early as it may be, with everything else as it is written. */
export function arbitraryOf(property: Property): fc.Arbitrary<Candidate> {
  const { families, settings, faults } = property;
  const most = families.length === 0 ? 0 : faults.most;
  const least = Math.min(most, faults.least);
  const targets = Math.max(1, ...families.map(({ shapes }) => shapes.length));
  const fault = fc
    .tuple(
      fc.nat(Math.max(0, families.length - 1)),
      fc.nat(targets * 12 - 1),
      fc.nat(property.at.count - 1),
      fc.nat(property.for === null ? 0 : property.for.count - 1),
      fc.tuple(...Array.from({ length: MOST_PARAMETERS }, () => fc.nat(9_999))),
    )
    .map(([family, shape, at, lasting, parameters]) => ({
      family,
      shape: shape % (families[family]?.shapes.length ?? 1),
      at,
      for: lasting,
      parameters: (families[family]?.parameters ?? []).map(({ domain }, i) => parameters[i]! % domain.count),
    }));
  return fc
    .record({
      faults: fc.array(fault, { minLength: least, maxLength: most, size: 'max' }),
      // Swarm: with some kinds off, what needs several of the others is found sooner.
      off:
        most > 1
          ? fc.array(fc.boolean(), { minLength: families.length, maxLength: families.length })
          : fc.constant([]),
      settings: fc.tuple(...settings.map(({ count }) => fc.nat(count - 1))),
    })
    .map(({ faults: drawn, off, settings: positions }) => {
      const kept = drawn.filter(({ family }) => !off[family]);
      return { faults: kept.length >= least ? kept : drawn, settings: positions };
    });
}

async function enumerate(
  property: Property,
  summaryOf: (candidate: Candidate) => Promise<WorkSummary>,
  wrongWith: (summary: WorkSummary, candidate: Candidate) => string | null,
  skip: (summary: WorkSummary) => void,
  verdict: Verdict,
  runner: WorkRunner,
  options: SearchOptions,
): Promise<Verdict> {
  const { singles, doubles, allDoubles } = singlesAndDoubles(property, MOST_DOUBLES);
  const candidates = [...singles, ...doubles];
  const falsified: { index: number; candidate: Candidate; reason: string; summary: WorkSummary }[] = [];
  let next = 0;
  const lane = async () => {
    while (next < candidates.length) {
      if (options.signal?.aborted) {
        verdict.isInterrupted = true;
        return;
      }
      const index = next++;
      const candidate = candidates[index]!;
      const summary = await summaryOf(candidate);
      if (index % 16 === 15) await new Promise((resolve) => setTimeout(resolve, 0));
      verdict.runs++;
      options.onProgress?.(verdict.runs, candidates.length);
      if (!summary.result) {
        skip(summary);
        continue;
      }
      const reason = wrongWith(summary, candidate);
      if (reason !== null) falsified.push({ index, candidate, reason, summary });
    }
  };
  await Promise.all(Array.from({ length: runner.jobs }, lane));
  falsified.sort((a, b) => a.index - b.index);
  const first = falsified[0];
  if (first)
    Object.assign(verdict, { counterexample: first.candidate, summary: first.summary, reason: first.reason });
  verdict.exhaustive = {
    singles: singles.length,
    doubles: doubles.length,
    allDoubles,
    falsified: falsified.map(({ candidate }) => candidate),
  };
  return verdict;
}

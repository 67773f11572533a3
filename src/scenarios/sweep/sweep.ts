// One knob, or a grid of several, over values and seeds: every point is a work unit, every figure gets its mean and its band over the seeds.
import type { Diagnostic } from '../diagnostics.ts';
import { meanOf, nearestRank } from '../outcome/statistics.ts';
import type { ExpectationReport } from '../result.ts';
import { runAll } from '../work/run-unit.ts';
import type { ResultSummary, WorkRunner, WorkUnit } from '../work/unit.ts';
import { defaultMeasures, type Measure } from './measures.ts';
import type { Knob } from './values.ts';

export interface Figure {
  mean: number;
  /** 2.5 % and 97.5 % of the seeds; the value itself with one. */
  low: number;
  high: number;
}

export interface SweepPoint {
  /** By knob, in their order. */
  values: string[];
  figures: Record<string, Figure>;
  /** Expectations met over all seeds, of how many. */
  met: number;
  expectations: number;
  /** Of the first seed. */
  first: ExpectationReport[];
  digest: string;
  /** Why it cannot run; the figures are then empty. */
  problem?: Diagnostic;
}

export interface SweepResult {
  knobs: { name: string; values: string[] }[];
  measures: { name: string; unit: Measure['unit'] }[];
  seeds: (string | number)[];
  points: SweepPoint[];
}

export interface SweepOptions {
  seeds: number;
  seed: string | number;
  runs?: number;
  measures?: readonly Measure[];
  during?: string;
  onProgress?(done: number, total: number): void;
}

/** The scenario's seed and its neighbours. */
export function seedsOf(seed: string | number, count: number): (string | number)[] {
  return Array.from({ length: count }, (_, i) =>
    i === 0 ? seed : typeof seed === 'number' ? seed + i : `${seed}/${i}`,
  );
}

export async function sweep(
  base: WorkUnit,
  knobs: readonly Knob[],
  runner: WorkRunner,
  options: SweepOptions,
): Promise<SweepResult> {
  const grid = knobs.reduce<string[][]>(
    (rows, knob) => rows.flatMap((row) => knob.values.map((value) => [...row, value])),
    [[]],
  );
  const seeds = seedsOf(options.seed, options.seeds);
  const units = grid.flatMap((values) => seeds.map((seed) => unitAt(base, knobs, values, seed, options)));
  const summaries = await runAll(runner, units, options.onProgress);
  const results = summaries.flatMap(({ result }) => result ?? []);
  const measures = options.measures ?? defaultMeasures(results, options.during);
  const points = grid.map((values, i): SweepPoint => {
    const own = summaries.slice(i * seeds.length, (i + 1) * seeds.length);
    const done = own.flatMap(({ result }) => result ?? []);
    const problem = own
      .find(({ result }) => !result)
      ?.diagnostics.find(({ severity }) => severity === 'error');
    return {
      values,
      figures: problem ? {} : figuresOf(measures, done),
      met: done.reduce((sum, { expectations }) => sum + expectations.filter(({ ok }) => ok).length, 0),
      expectations: done.reduce((sum, { expectations }) => sum + expectations.length, 0),
      first: done[0]?.expectations ?? [],
      digest: done[0]?.run.digest ?? '',
      ...(problem && { problem }),
    };
  });
  return {
    knobs: knobs.map(({ name, values }) => ({ name, values })),
    measures: measures.map(({ name, unit }) => ({ name, unit })),
    seeds,
    points,
  };
}

/** With several seeds each runs once; with one the scenario's own number of runs holds. */
export function unitAt(
  base: WorkUnit,
  knobs: readonly Knob[],
  values: readonly string[],
  seed: string | number,
  options: { seeds: number; runs?: number },
): WorkUnit {
  const runs = options.runs ?? (options.seeds > 1 ? 1 : undefined);
  return {
    ...base,
    set: [...(base.set ?? []), ...knobs.map((knob, i) => `${knob.path}=${values[i]}`)],
    seed,
    ...(runs !== undefined && { runs }),
  };
}

function figuresOf(measures: readonly Measure[], results: readonly ResultSummary[]): Record<string, Figure> {
  return Object.fromEntries(
    measures.map((measure) => [measure.name, figureOf(results.map((result) => measure.of(result)))]),
  );
}

export function figureOf(values: readonly number[]): Figure {
  const sorted = [...values].sort((a, b) => a - b);
  return { mean: meanOf(values), low: nearestRank(sorted, 0.025), high: nearestRank(sorted, 0.975) };
}

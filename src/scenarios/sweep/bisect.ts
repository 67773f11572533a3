// The value at which a promise breaks: halves a row of values, on the assumption that what is kept changes once along it. Which end keeps
// it is found out first.
import type { Diagnostic } from '../diagnostics.ts';
import { runAll } from '../work/run-unit.ts';
import type { WorkRunner, WorkUnit } from '../work/unit.ts';
import { seedsOf, unitAt } from './sweep.ts';
import type { Knob } from './values.ts';

export interface Tried {
  value: string;
  keeps: boolean;
  /** What the expectation got, of the first seed that breaks it, or of the first. */
  got: string;
  /** In how many seeds it is kept. */
  kept: number;
}

export interface Bisection {
  knob: string;
  keep: string;
  seeds: number;
  /** In the order in which they were tried. */
  tried: Tried[];
  /** largest/smallest = the value; all = the whole row keeps it; none = no end does. */
  outcome: 'largest' | 'smallest' | 'all' | 'none';
  value: string | null;
  /** The neighbour that breaks it. */
  breaks: string | null;
}

export async function bisect(
  base: WorkUnit,
  knob: Knob,
  keep: Record<string, unknown>,
  keepText: string,
  runner: WorkRunner,
  options: {
    seeds: number;
    seed: string | number;
    runs?: number;
    onProgress?(done: number, total: number): void;
  },
): Promise<Bisection | { problem: Diagnostic; value: string }> {
  const seeds = seedsOf(options.seed, options.seeds);
  const { values } = knob;
  const tried = new Map<number, Tried>();
  const total = 2 + Math.ceil(Math.log2(Math.max(2, values.length)));
  const ask = async (index: number): Promise<Tried | Diagnostic> => {
    const known = tried.get(index);
    if (known) return known;
    const units = seeds.map((seed) => ({
      ...unitAt(base, [knob], [values[index]!], seed, options),
      overlay: { expect: [keep] },
    }));
    const summaries = await runAll(runner, units);
    const broken = summaries.find(({ result }) => !result);
    if (broken) return broken.diagnostics.find(({ severity }) => severity === 'error')!;
    const reports = summaries.map(({ result }) => result!.expectations[0]!);
    const worst = reports.find(({ ok }) => !ok) ?? reports[0]!;
    const kept = reports.filter(({ ok }) => ok).length;
    const found = { value: values[index]!, keeps: kept === reports.length, got: worst.got, kept };
    tried.set(index, found);
    options.onProgress?.(tried.size, total);
    return found;
  };
  const result = (outcome: Bisection['outcome'], at: number | null, next: number | null): Bisection => ({
    knob: knob.name,
    keep: keepText,
    seeds: options.seeds,
    tried: [...tried.values()],
    outcome,
    value: at === null ? null : values[at]!,
    breaks: next === null ? null : values[next]!,
  });
  const last = values.length - 1;
  const [low, high] = [await ask(0), await ask(last)];
  for (const [end, index] of [
    [low, 0],
    [high, last],
  ] as const)
    if ('code' in end) return { problem: end, value: values[index]! };
  const [lowKeeps, highKeeps] = [(low as Tried).keeps, (high as Tried).keeps];
  if (lowKeeps && highKeeps) return result('all', null, null);
  if (!lowKeeps && !highKeeps) return result('none', null, null);
  let [good, bad] = lowKeeps ? [0, last] : [last, 0];
  while (Math.abs(good - bad) > 1) {
    const middle = Math.floor((good + bad) / 2);
    const found = await ask(middle);
    if ('code' in found) return { problem: found, value: values[middle]! };
    if (found.keeps) good = middle;
    else bad = middle;
  }
  return result(lowKeeps ? 'largest' : 'smallest', good, bad);
}

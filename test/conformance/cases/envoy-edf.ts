// The EDF scheduler: cases of the kinds edf_sequence, edf_first_pick, edf_expired, edf_peek, edf_equiv.
import { Streams } from '../../../src/engine/random.ts';
import { EdfScheduler } from '../../../src/models/envoy/edf.ts';
import { Schedule } from '../../../src/models/envoy/lb/schedule.ts';
import { compareKeys, type Difference, type Family, isWithin, type Json, Unsupported } from './registry.ts';
import { rawSeed } from './tape.ts';

/** Entries added one by one, or a schedule that a seed has advanced. */
function schedulerOf(weights: readonly number[], seed?: number | string): EdfScheduler {
  const items = [...weights.keys()];
  if (seed !== undefined) return EdfScheduler.createWithPicks(items, (i) => weights[i]!, rawSeed(seed));
  const scheduler = new EdfScheduler(weights.length);
  for (const i of items) scheduler.add(i, weights[i]!);
  return scheduler;
}

const orNull = (item: number) => (item < 0 ? null : item);

function countsOf(picks: readonly (number | null)[], length: number): number[] {
  const counts = new Array<number>(length).fill(0);
  for (const pick of picks) if (pick !== null) counts[pick]!++;
  return counts;
}

export const envoyEdf: Family = {
  edf_sequence({ input, expect }) {
    const { weights } = input;
    const repeat: number[] | undefined = expect.sequence_repeat;
    const picks = input.picks ?? expect.sequence?.length ?? 10 * (repeat?.length ?? 1);
    const scheduler = schedulerOf(weights, input.seed);
    const sequence = Array.from({ length: picks }, () => orNull(scheduler.pickAndAdd((i) => weights[i])));
    return compareKeys(
      {
        sequence,
        counts: countsOf(sequence, weights.length),
        // The sequence that was seen stands for the repeated one when it is that again and again.
        sequence_repeat:
          repeat && sequence.every((pick, i) => pick === repeat[i % repeat.length]) ? repeat : sequence,
      },
      expect,
    );
  },

  edf_first_pick({ input, expect, tolerance }) {
    const { weights } = input;
    let seeds: number[];
    if (input.seed_range) {
      const [from, to] = input.seed_range;
      seeds = Array.from({ length: to - from + 1 }, (_, i) => from + i);
    } else {
      const draw = new Streams('edf_first_pick').stream('seeds');
      seeds = Array.from({ length: input.random_seeds }, () => draw.uint32());
    }
    const firsts = seeds.map((seed) => schedulerOf(weights, seed).pickAndAdd((i) => weights[i]));
    const counts = countsOf(firsts, weights.length);
    return compareKeys(
      { counts, percent: counts.map((count) => (100 * count) / seeds.length) },
      expect,
      tolerance,
    );
  },

  edf_expired({ input, expect }) {
    const { weights } = input;
    const schedule = new Schedule(schedulerOf(weights, input.seed));
    for (const item of input.expired ?? []) schedule.expire(item);
    const results: (number | null)[] = [];
    for (const op of input.ops as string[]) {
      if (op === 'peek') results.push(orNull(schedule.peekAgain((i) => weights[i])));
      else if (op === 'pick') results.push(orNull(schedule.pick((i) => weights[i])));
      else if (op.startsWith('expire:')) schedule.expire(Number(op.slice('expire:'.length)));
      else throw new Unsupported(op);
    }
    return compareKeys({ results }, expect);
  },

  edf_peek({ input, expect }) {
    const { weights } = input;
    const schedule = new Schedule(schedulerOf(weights, input.seed));
    if (input.ops !== undefined) return envoyEdf['edf_expired']!({ id: '', input, expect });
    const rounds = input.rounds ?? 1;
    const peeked: (number | null)[] = [];
    const picked: (number | null)[] = [];
    for (let round = 0; round < rounds; round++) {
      for (let i = 0; i < input.peeks; i++) peeked.push(orNull(schedule.peekAgain((at) => weights[at])));
      for (let i = 0; i < (input.picks ?? input.peeks); i++)
        picked.push(orNull(schedule.pick((at) => weights[at])));
    }
    const isEqual = isWithin(peeked, picked.slice(0, peeked.length));
    return compareKeys(
      { peeks_equal_picks: isEqual, peeks: peeked, picks: picked, sequence: picked, results: picked },
      expect,
    );
  },

  /**
   * The deadlines that remain are those of a naive scheduler after `seed` picks. They are not read but inferred: the naive one's picks
   * say how often each entry came, so its deadlines are known; the other one's picks must follow these deadlines.
   */
  edf_equiv({ input, expect }): Difference | null {
    const { weights } = input;
    const seed = rawSeed(input.seed);
    if (seed > 1e8) throw new Unsupported('edf_equiv with a seed that cannot be picked one by one');
    const naive = schedulerOf(weights);
    const counts: number[] = weights.map(() => 0);
    for (let i = 0; i < seed; i++) counts[naive.pickAndAdd((at) => weights[at])]!++;
    const deadlines = weights.map((weight: number, i: number) => (counts[i]! + 1) / weight);
    const scheduler = schedulerOf(weights, input.seed);
    const tolerance = expect.equal_deadlines_tol;
    if (tolerance === undefined) throw new Unsupported('edf_equiv without equal_deadlines_tol');
    let worst = 0;
    for (let i = 0; i < (input.picks ?? 500); i++) {
      const item = scheduler.pickAndAdd((at) => weights[at]);
      worst = Math.max(worst, deadlines[item] - Math.min(...deadlines));
      deadlines[item] += 1 / weights[item];
    }
    const got: Json = { equal_deadlines_tol: worst };
    return worst <= tolerance ? null : { got, expected: expect };
  },
};

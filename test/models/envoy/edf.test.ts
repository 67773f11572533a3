import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EdfScheduler } from '../../../src/models/envoy/edf.ts';

// biome-ignore lint/suspicious/noExplicitAny: recorded JSON of many shapes
type Recorded = any;

const recorded: Recorded = JSON.parse(
  readFileSync(new URL('../../recordings/envoy-cases/edf.json', import.meta.url), 'utf8'),
);
const cases: Recorded[] = recorded.cases;
const schedule = (weights: number[], seed: number | undefined) => {
  const weightOf = (item: number) => weights[item]!;
  if (seed !== undefined)
    return { weightOf, edf: EdfScheduler.createWithPicks([...weights.keys()], weightOf, seed) };
  const edf = new EdfScheduler(1);
  for (const [item, weight] of weights.entries()) edf.add(item, weight);
  return { weightOf, edf };
};

describe('EdfScheduler agrees with the sequences of Envoy 1.40', () => {
  const sequences = cases.filter((entry) => entry.kind === 'edf_sequence');
  it('has sequences to agree with', () => expect(sequences.length).toBeGreaterThan(1));
  it.each(sequences.map((entry) => [entry.id, entry]))('%s', (_, entry) => {
    const { weights, picks, seed } = entry.input;
    const { edf, weightOf } = schedule(weights, seed);
    const got = Array.from({ length: picks }, () => edf.pickAndAdd(weightOf));
    if (entry.expect.sequence)
      expect(got.slice(0, entry.expect.sequence.length)).toEqual(
        entry.expect.sequence.map((item: number | null) => item ?? -1),
      );
    if (entry.expect.sequence_repeat)
      expect(got).toEqual(
        got.map((_, i) => entry.expect.sequence_repeat[i % entry.expect.sequence_repeat.length]),
      );
    if (entry.expect.counts)
      expect(weights.map((_: number, item: number) => got.filter((pick) => pick === item).length)).toEqual(
        entry.expect.counts,
      );
  });

  it('starts in exact proportion to the weights over the seeds', () => {
    const counts = [0, 0, 0];
    for (let seed = 0; seed < 10; seed++) {
      const { edf, weightOf } = schedule([6, 3, 1], seed);
      counts[edf.pickAndAdd(weightOf)]! += 1;
    }
    expect(counts).toEqual([6, 3, 1]);
  });

  it('picks 9:1 in any ten after any start of 90/10', () => {
    for (let seed = 0; seed < 500; seed++) {
      const { edf, weightOf } = schedule([90, 10], seed * 7919);
      const picks = Array.from({ length: 10 }, () => edf.pickAndAdd(weightOf));
      expect(picks.filter((pick) => pick === 1)).toHaveLength(1);
    }
  });
});

describe('EdfScheduler', () => {
  /** The rule itself: the least (deadline, order) of a plain list. */
  const plain = (weights: number[]) => {
    let order = 0;
    let now = 0;
    const entries = weights.map((weight, item) => ({ item, weight, deadline: 1 / weight, order: order++ }));
    return {
      add: (weight: number) =>
        entries.push({ item: entries.length, weight, deadline: now + 1 / weight, order: order++ }),
      pick: (weightOf?: number[]) => {
        const first = entries.reduce((a, b) =>
          b.deadline < a.deadline || (b.deadline === a.deadline && b.order < a.order) ? b : a,
        );
        now = first.deadline;
        first.weight = weightOf?.[first.item] ?? first.weight;
        first.deadline = now + 1 / first.weight;
        first.order = order++;
        return first.item;
      },
    };
  };

  it('picks the least (deadline, order) with few entries and with many, and while they become more', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 80 }),
        fc.array(fc.tuple(fc.nat(40), fc.integer({ min: 1, max: 12 })), { maxLength: 60 }),
        (weights, steps) => {
          const expected = plain(weights);
          const edf = new EdfScheduler(1);
          for (const [item, weight] of weights.entries()) edf.add(item, weight);
          for (const [picks, weight] of steps) {
            for (let i = 0; i < picks; i++) {
              const item = expected.pick();
              expect([edf.peek(), edf.pick()]).toEqual([item, item]);
            }
            edf.add(edf.size, weight);
            expected.add(weight);
          }
        },
      ),
    );
  });

  it.each([1, 40])(
    'picks the same in rounds that repeat, left at any point, with up to %i entries more',
    (more) => {
      const weight = fc.oneof(
        fc.integer({ min: 1, max: 8 }),
        fc.constantFrom(3, 6, 7, 9, 10, 90, 100, 0.5, 33.3),
      );
      fc.assert(
        fc.property(
          fc.array(weight, { minLength: 1, maxLength: 4 + more }),
          fc.array(
            fc.record({
              picks: fc.nat(2500),
              way: fc.constantFrom('pick', 'pickAndAdd', 'peek'),
              change: fc.constantFrom('add', 'reweigh', 'nothing'),
              which: fc.nat(50),
              weight,
            }),
            { maxLength: 5 },
          ),
          (weights, steps) => {
            const current = [...weights];
            const expected = plain(weights);
            const edf = new EdfScheduler(1);
            for (const [item, weight] of weights.entries()) edf.add(item, weight);
            for (const step of steps) {
              for (let i = 0; i < step.picks; i++) {
                const item = expected.pick(step.way === 'pickAndAdd' ? current : undefined);
                if (step.way === 'peek' && edf.peek() !== item) expect([i, edf.peek()]).toEqual([i, item]);
                const got = step.way === 'pickAndAdd' ? edf.pickAndAdd((n) => current[n]!) : edf.pick();
                if (got !== item) expect([i, got]).toEqual([i, item]);
              }
              if (step.change === 'add') {
                edf.add(edf.size, step.weight);
                expected.add(step.weight);
                current.push(step.weight);
              } else if (step.change === 'reweigh') {
                const item = step.which % current.length;
                current[item] = step.weight;
                // A new weight counts from the entry's next pick on.
                for (let i = 0; i < 40; i++)
                  expect(edf.pickAndAdd((n) => current[n]!)).toBe(expected.pick(current));
              }
            }
          },
        ),
        { numRuns: 60 },
      );
    },
  );

  it('goes on exactly through a hundred thousand picks, where rounding moves near-ties', () => {
    for (const weights of [
      [90, 10],
      [1, 2, 3, 4, 5, 6, 7, 8],
      [3, 6, 7, 9, 11],
      [1, 1, 1],
    ]) {
      const expected = plain(weights);
      const edf = new EdfScheduler(weights.length);
      for (const [item, weight] of weights.entries()) edf.add(item, weight);
      let differ = 0;
      for (let i = 0; i < 100_000; i++) if (edf.pick() !== expected.pick()) differ++;
      expect(differ).toBe(0);
    }
  });
});

import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EdfScheduler } from '../../../src/models/envoy/edf.ts';
import { EdfOrder } from '../../../src/models/envoy/edf-order.ts';
import { PlainEdf } from './edf-plain.ts';

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
  it('picks the least (deadline, order) with few entries and with many, and while they become more', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 80 }),
        fc.array(fc.tuple(fc.nat(40), fc.integer({ min: 1, max: 12 })), { maxLength: 60 }),
        (weights, steps) => {
          const expected = new PlainEdf(weights);
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
            const expected = new PlainEdf(weights);
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

  it('picks, counts and changes weights like the plain rule after any start, in any mixture', () => {
    const weight = fc.oneof(
      fc.integer({ min: 1, max: 1000 }),
      fc.integer({ min: 1, max: 8 }),
      fc.constantFrom(2, 4, 8, 100),
    );
    const weights = fc.oneof(
      fc.array(weight, { minLength: 1, maxLength: 6 }),
      fc
        .tuple(weight, fc.integer({ min: 1, max: 40 }))
        .map(([w, n]) => Array.from<number>({ length: n }).fill(w)),
    );
    const start = fc.oneof(
      fc.constant(0),
      fc.nat(429_496_728),
      fc.integer({ min: 0, max: 18 }).map((k) => 1000 * 2 ** k - 1),
    );
    const step = fc.record({
      picks: fc.nat(3000),
      way: fc.constantFrom('pick', 'pickAndAdd', 'pickCounts', 'pickCounts'),
      change: fc.constantFrom('add', 'reweigh', 'nothing', 'nothing', 'nothing'),
      which: fc.nat(50),
      weight,
    });
    fc.assert(
      fc.property(weights, start, fc.array(step, { maxLength: 8 }), (from, seed, steps) => {
        const current = [...from];
        const weightOf = (item: number) => current[item]!;
        const expected = PlainEdf.createWithPicks(from, seed);
        const edf = EdfScheduler.createWithPicks([...from.keys()], weightOf, seed);
        for (const { picks, way, change, which, weight } of steps) {
          const counts = new Int32Array(100);
          if (way === 'pickCounts') edf.pickCounts(picks, counts);
          for (let i = 0; i < picks; i++) {
            const item = expected.pick(way === 'pickAndAdd' ? current : undefined);
            if (way === 'pickCounts') counts[item]!--;
            else {
              const got = way === 'pick' ? edf.pick() : edf.pickAndAdd(weightOf);
              if (got !== item) expect([i, got]).toEqual([i, item]);
            }
          }
          expect(counts.findIndex((count) => count !== 0)).toBe(-1);
          if (change === 'add') {
            edf.add(edf.size, weight);
            expected.add(weight);
            current.push(weight);
          } else if (change === 'reweigh') current[which % current.length] = weight;
        }
      }),
      { numRuns: 200 },
    );
  });

  it('counts any number of picks of an empty schedule at once: none', () => {
    const counts = new Float64Array(2);
    new EdfScheduler(2).pickCounts(1e15, counts);
    expect([...counts]).toEqual([0, 0]);
  });

  it.each([[[1, 3, 6]], [[78.75, 10]], [Array.from({ length: 500 }, () => 3)]])(
    'counts a thousand million picks in a moment, also with an entry more or another weight: %#',
    (weights) => {
      const edf = new EdfScheduler(3);
      for (const [item, weight] of weights.entries()) edf.add(item, weight);
      const total = weights.reduce((a, b) => a + b);
      const check = (now: number[]) => {
        const counts = new Float64Array(now.length);
        edf.pickCounts(1e9, counts);
        expect(counts.reduce((a, b) => a + b)).toBe(1e9);
        // Periods and deadlines are rounded, so a few picks go astray, as in Envoy.
        const total = now.reduce((a, b) => a + b);
        for (const [item, weight] of now.entries())
          expect(Math.abs(counts[item]! / 1e9 - weight / total)).toBeLessThan(1e-6);
      };
      check(weights);
      edf.add(weights.length, 2);
      const more = [...weights, 2];
      check(more);
      for (let i = 0; i < 10 * total; i++) edf.pickAndAdd((item) => (item === 0 ? 12 : more[item]!));
      check(more.with(0, 12));
    },
    5000,
  );

  it.each([
    [[90, 10]],
    [[1, 2, 3, 4, 5, 6, 7, 8]],
    [[3, 6, 7, 9, 11]],
    [[1, 1, 1]],
    [[2, 4, 8]],
    [[1, 3]],
    [[997, 991, 2]],
    [Array.from({ length: 40 }, (_, i) => 1 + (i % 3))],
  ])('goes on exactly through a million picks, where rounding moves near-ties: %j', (weights) => {
    const periods = weights.map((weight) => 1 / weight);
    const order = new EdfOrder(weights.length);
    const edf = new EdfScheduler(weights.length);
    for (const [item, weight] of weights.entries()) {
      order.insert(periods[item]!);
      edf.add(item, weight);
    }
    for (let i = 0; i < 1e6; i++) {
      const item = order.first();
      order.putBack(periods[item]!);
      const got = edf.pick();
      if (got !== item) expect([i, got]).toEqual([i, item]);
    }
  });
});

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
      pick: () => {
        const first = entries.reduce((a, b) =>
          b.deadline < a.deadline || (b.deadline === a.deadline && b.order < a.order) ? b : a,
        );
        now = first.deadline;
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
});

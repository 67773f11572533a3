import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EdfOrder } from '../../../src/models/envoy/edf-order.ts';
import { EdfRound } from '../../../src/models/envoy/edf-round.ts';
import { PlainEdf } from './edf-plain.ts';

/** Rounds that are looked at one by one. */
const MOST = 60;

/** A schedule that has been picked from, taken over from the plain one. */
function orderAfter(weights: number[], picks: number): EdfOrder {
  const plain = PlainEdf.createWithPicks(weights, picks);
  const order = new EdfOrder(weights.length);
  for (const _ of weights) order.insert(0);
  const entries = weights.map((_, entry) => entry);
  order.write(entries, Float64Array.from(plain.deadlines()), Int32Array.from(plain.orders()), plain.now);
  return order;
}

function orderFromZero(weights: number[], picks: number): EdfOrder {
  const order = new EdfOrder(weights.length);
  for (const weight of weights) order.insert(1 / weight);
  for (let i = 0; i < picks; i++) order.putBack(1 / weights[order.first()]!);
  return order;
}

const divisorOf = (weights: number[]) =>
  weights.reduce((a, b) => {
    for (let rest = b; rest > 0; ) [a, rest] = [rest, a % rest];
    return a;
  });

function noteRound(order: EdfOrder, periods: Float64Array, length: number): EdfRound {
  const round = new EdfRound(length);
  for (let place = 0; place < length; place++) {
    round.entries[place] = order.first();
    round.items[place] = order.first();
    order.putBack(periods[order.first()]!);
  }
  return round;
}

/** Picks one round entry by entry. @returns whether it is the noted one, and the last deadline that was put back */
function pickRound(order: EdfOrder, periods: Float64Array, { entries }: EdfRound) {
  let isSame = true;
  let latest = 0;
  for (const entry of entries) {
    const first = order.first();
    isSame &&= first === entry;
    order.putBack(periods[first]!);
    latest = Math.max(latest, order.now + periods[first]!);
  }
  return { isSame, latest };
}

const state = (order: EdfOrder, size: number) => {
  const deadlines = new Float64Array(size);
  order.readDeadlines(deadlines);
  return { now: order.now, deadlines };
};

const anyWeights: fc.Arbitrary<number[]> = fc.oneof(
  fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 6 }),
  fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 12 }),
  fc.array(fc.constantFrom(1, 2, 4, 8, 16, 512), { minLength: 1, maxLength: 6 }),
  fc
    .tuple(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 40 }))
    .map(([w, n]) => Array.from<number>({ length: n }).fill(w)),
);
/** Picks that have been made: few, many, or so many that the deadlines are about to pass a power of two. */
const anyStart = (sum: number) =>
  fc.oneof(
    fc.nat(5000),
    fc.nat(429_496_728),
    fc
      .tuple(fc.integer({ min: 0, max: 28 }), fc.nat(2000))
      .map(([k, before]) => Math.min(429_496_728, Math.max(0, Math.round(2 ** k * sum) - before))),
  );
const anyCase = anyWeights
  .chain((weights) =>
    fc.record({
      weights: fc.constant(weights),
      picks: anyStart(weights.reduce((a, b) => a + b)),
      times: fc.integer({ min: 1, max: 4 }),
      left: fc.nat(),
    }),
  )
  .map((one) => {
    const sum = one.weights.reduce((a, b) => a + b);
    return { ...one, length: (sum / divisorOf(one.weights)) * one.times };
  });

describe('EdfRound', () => {
  it('tells how often a round comes again, until the order changes or a power of two is passed', () => {
    const ends = { order: 0, power: 0, never: 0 };
    fc.assert(
      fc.property(anyCase, ({ weights, picks, length }) => {
        const periods = Float64Array.from(weights, (weight) => 1 / weight);
        const order = orderAfter(weights, picks);
        const round = noteRound(order, periods, length);
        const binade = 2 ** Math.floor(Math.log2(order.firstDeadline));
        const repeats = round.repeats(order, periods);
        for (let i = 0; i < Math.min(repeats, MOST); i++) {
          const { isSame, latest } = pickRound(order, periods, round);
          if (!isSame || (latest >= 2 * binade && repeats > 1))
            expect({ i, repeats, latest }).toBe('a sure round');
        }
        if (repeats >= MOST) {
          ends.never++;
          return;
        }
        const { isSame, latest } = pickRound(order, periods, round);
        // Half a unit rounds to even: there one round is promised at a time.
        const isHalf = [...periods].some(
          (period) => Math.abs(period - (binade + period - binade)) === (binade * Number.EPSILON) / 2,
        );
        if (isSame) expect([repeats, latest >= 2 * binade || isHalf]).toEqual([Math.max(repeats, 1), true]);
        ends[isSame ? 'power' : 'order']++;
      }),
      { numRuns: 1000, seed: 7 },
    );
    expect(Math.min(...Object.values(ends))).toBeGreaterThan(100);
  });

  it('passes on to where picking entry by entry leads', () => {
    fc.assert(
      fc.property(anyCase, ({ weights, picks, length, left }) => {
        const periods = Float64Array.from(weights, (weight) => 1 / weight);
        const order = orderAfter(weights, picks);
        const same = orderAfter(weights, picks);
        const round = noteRound(order, periods, length);
        noteRound(same, periods, length);
        const many = Math.min(round.repeats(order, periods), MOST) * length;
        if (many === 0) return;
        const passed = 1 + (left % many);
        round.pass(order, periods, Math.floor(passed / length), passed % length);
        for (let i = 0; i < passed; i++) same.putBack(periods[same.first()]!);
        expect(state(order, weights.length)).toEqual(state(same, weights.length));
        for (let i = 0; i < 2 * length; i++) {
          if (order.first() !== same.first()) expect([i, order.first()]).toEqual([i, same.first()]);
          order.putBack(periods[order.first()]!);
          same.putBack(periods[same.first()]!);
        }
      }),
      { numRuns: 500, seed: 8 },
    );
  });

  it('puts of two deadlines that have become equal the one first that was put back first', () => {
    // Rounding moves one entry by a unit against the other each round, so that they meet exactly, within a round or across its end.
    let meetings = 0;
    for (const weights of [
      [1, 3],
      [2, 3],
      [3, 5],
      [5, 3, 1],
      [5, 7, 11],
    ]) {
      const length = weights.reduce((a, b) => a + b);
      for (let phase = 0; phase < length; phase++) {
        const periods = Float64Array.from(weights, (weight) => 1 / weight);
        const order = orderFromZero(weights, phase);
        for (let i = 0; i < 25; i++) {
          const round = noteRound(order, periods, length);
          const repeats = round.repeats(order, periods);
          for (let followed = 0; followed < repeats; followed++) {
            const { isSame } = pickRound(order, periods, round);
            if (!isSame) expect({ weights, phase, i, followed, repeats }).toBe('the noted round');
          }
          if (!pickRound(order, periods, round).isSame) meetings++;
        }
      }
    }
    expect(meetings).toBeGreaterThan(100);
  });

  it('promises one round at a time where a period lies halfway between two units', () => {
    // From an odd deadline it is rounded up, from an even one down, and every later deadline is even: the first one is out of step.
    const unit = 2 ** -52;
    const periods = Float64Array.of(1 / 8 + unit / 2, 1 / 4);
    const order = new EdfOrder(2);
    for (const _ of periods) order.insert(0);
    order.write([0, 1], Float64Array.of(1 + unit, 1 + 2 * unit), Int32Array.of(2, 1), 1);
    const round = new EdfRound(3);
    round.entries.set([0, 1, 0]);
    expect(round.repeats(order, periods)).toBe(1);
    expect(pickRound(order, periods, round).isSame).toBe(true);
    expect(pickRound(order, periods, round).isSame).toBe(false);
  });

  it('promises nothing of a round in which somebody does not come or never gets on', () => {
    const order = orderAfter([1, 100], 1e6);
    const periods = Float64Array.of(1, 0.01);
    expect(noteRound(order, periods, 2).repeats(order, periods)).toBe(0);
    expect(noteRound(order, periods, 101).repeats(order, periods)).toBeGreaterThan(0);
    const still = orderAfter([1, 1e13], 1e6);
    const heavy = Float64Array.of(1, 1e-13);
    expect(noteRound(still, heavy, 3).repeats(still, heavy)).toBe(0);
  });
});

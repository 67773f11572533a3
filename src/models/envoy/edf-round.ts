// A round of picks that an EDF schedule of constant weights repeats, and for how many rounds it is sure to.
// The doubles from 2^k to 2^(k+1) are multiples of u = 2^(k-52). Adding a period to any of them adds one and the same multiple of u: the
// period rounded, unless it lies halfway between two. So while all deadlines stay below 2^(k+1), every place of the round comes later by
// a constant each round, and the distance of two places grows or shrinks by a constant: how long their order holds is one division.
import type { EdfOrder } from './edf-order.ts';

export class EdfRound {
  /** The items in the order they are picked, and their entries. */
  readonly items: Int32Array;
  readonly entries: Uint16Array;
  /** entry -> what a round adds to its deadline, while all stay below 2^(k+1). */
  #advances = new Float64Array(0);

  /** @param length picks of a round, at most 65,536 */
  constructor(length: number) {
    this.items = new Int32Array(length);
    this.entries = new Uint16Array(length);
  }

  /**
   * How many rounds like the last one come next, at least; 0 = the next one is another.
   * @param order as the last round left it
   * @param periods entry -> 1/weight
   */
  repeats(order: EdfOrder, periods: Float64Array): number {
    const { entries } = this;
    const { length } = entries;
    const { size, firstDeadline } = order;
    const binade = binadeOf(firstDeadline);
    const unit = binade * Number.EPSILON;

    /** entry -> place where it was last put back; those of the round before are negative. */
    const places = new Int32Array(size);
    const advances = new Float64Array(size);
    for (let i = 0; i < length; i++) {
      places[entries[i]!] = i - length;
      advances[entries[i]!]!++;
    }
    let inBinade = Number.POSITIVE_INFINITY;
    for (let entry = 0; entry < size; entry++) {
      const step = binade + periods[entry]! - binade;
      advances[entry]! *= step;
      // Who is missing in the round or never gets on has no place in it.
      if (advances[entry] === 0) return 0;
      // Halfway, the even neighbour wins, which depends on the deadline.
      if (Math.abs(periods[entry]! - step) === unit / 2) inBinade = 0;
    }

    // The next round is added up as the schedule would, and every distance in it told how long it will be great enough.
    const deadlines = new Float64Array(size);
    order.readDeadlines(deadlines);
    let inOrder = Number.POSITIVE_INFINITY;
    let before = firstDeadline;
    let advanceBefore = 0;
    let putBackBefore = 0;
    for (let i = 0; i < length; i++) {
      const entry = entries[i]!;
      const deadline = deadlines[entry]!;
      const advance = advances[entry]!;
      const putBack = places[entry]!;
      // Of two equal deadlines the one that was put back first comes first.
      const least = putBackBefore < putBack ? 0 : unit;
      if (i > 0)
        inOrder = Math.min(inOrder, roundsAtLeast(least, deadline - before, advance - advanceBefore));
      deadlines[entry] = deadline + periods[entry]!;
      places[entry] = i;
      before = deadline;
      advanceBefore = advance;
      putBackBefore = putBack;
    }
    for (let entry = 0; entry < size; entry++) {
      const deadline = deadlines[entry]!;
      const advance = advances[entry]!;
      // Nobody who comes in the round after may belong before the last one of this.
      const least = putBackBefore < places[entry]! ? 0 : unit;
      inOrder = Math.min(inOrder, roundsAtLeast(least, deadline - before, advance - advanceBefore));
      inBinade = Math.min(inBinade, roundsAtLeast(unit, 2 * binade - deadline, -advance));
    }
    this.#advances = advances;
    // The next round is certain by itself, also across a power of two.
    return Math.min(inOrder, Math.max(1, inBinade));
  }

  /**
   * Brings the order to where it is after so many whole rounds and then so many picks more, as far as `repeats` told.
   * @param order as it was for `repeats`
   */
  pass(order: EdfOrder, periods: Float64Array, rounds: number, picks: number): void {
    if (picks === 0) return this.pass(order, periods, rounds - 1, this.entries.length);
    const { entries } = this;
    const { size } = order;
    const deadlines = new Float64Array(size);
    order.readDeadlines(deadlines);
    if (rounds > 0)
      for (let entry = 0; entry < size; entry++) deadlines[entry]! += rounds * this.#advances[entry]!;
    const places = new Int32Array(size);
    for (let i = 0; i < entries.length; i++) places[entries[i]!] = i - entries.length;
    let now = 0;
    for (let i = 0; i < picks; i++) {
      const entry = entries[i]!;
      now = deadlines[entry]!;
      deadlines[entry] = now + periods[entry]!;
      places[entry] = i;
    }
    // As they would come now if the round went on.
    const next = new Set([...entries.subarray(picks), ...entries.subarray(0, picks)]);
    order.write([...next], deadlines, places, now);
  }
}

/**
 * For how many rounds a distance is at least so much, when it changes by `change` from each to the next.
 * While all are multiples of u below 2^53 u, nothing is rounded that could lift the quotient over a whole number.
 * @param distance in the first of the rounds
 */
function roundsAtLeast(least: number, distance: number, change: number): number {
  if (distance < least) return 0;
  return change < 0 ? 1 + Math.floor((distance - least) / -change) : Number.POSITIVE_INFINITY;
}

/** The greatest power of two that is not above x > 0. */
function binadeOf(x: number): number {
  let power = 1;
  while (power > x) power /= 2;
  while (power * 2 <= x) power *= 2;
  return power;
}

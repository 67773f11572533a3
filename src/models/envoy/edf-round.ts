// A round of picks that an EDF schedule of constant weights repeats, and for how many rounds it is sure to.
// The doubles from 2^k to 2^(k+1) are multiples of u = 2^(k-52). Adding a period to any of them adds one and the same multiple of u: the
// period rounded, unless it lies halfway between two. So while all deadlines stay below 2^(k+1), every place of the round comes later by
// a constant each round, and the distance of two places grows or shrinks by a constant: how long their order holds is one division.
import type { EdfOrder } from './edf-order.ts';

export class EdfRound {
  /** The items in the order they are picked, and their entries. */
  readonly items: Int32Array;
  readonly entries: Uint16Array;
  /** entry -> what a pick adds to its deadline, and what a round does. */
  #steps = new Float64Array(0);
  #advances = new Float64Array(0);

  /** @param length picks of a round, at most 65,536 */
  constructor(length: number) {
    this.items = new Int32Array(length);
    this.entries = new Uint16Array(length);
  }

  /**
   * How many rounds like the noted one come next, at least; 0 = not even the next is sure.
   * @param order as the noted round left it
   * @param periods entry -> 1/weight
   */
  repeats(order: EdfOrder, periods: Float64Array): number {
    const { entries } = this;
    const { length } = entries;
    const { size, firstDeadline } = order;
    const binade = binadeOf(firstDeadline);
    const unit = binade * Number.EPSILON;

    const places = new Int32Array(size);
    const advances = new Float64Array(size);
    for (let i = 0; i < length; i++) {
      places[entries[i]!] = i - length;
      advances[entries[i]!]!++;
    }
    const steps = new Float64Array(size);
    for (let entry = 0; entry < size; entry++) {
      const period = periods[entry]!;
      const step = binade + period - binade;
      steps[entry] = step;
      advances[entry]! *= step;
      // Halfway, the even neighbour wins, which depends on the deadline. And who never advances or is missing in the round has no place.
      if (Math.abs(period - step) === unit / 2 || advances[entry] === 0) return 0;
    }

    const deadlines = new Float64Array(size);
    order.readDeadlines(deadlines);
    let repeats = Number.POSITIVE_INFINITY;
    let [before, advanceBefore, putBackBefore] = [firstDeadline, 0, 0];
    for (let i = 0; i < length; i++) {
      const entry = entries[i]!;
      const deadline = deadlines[entry]!;
      const advance = advances[entry]!;
      const putBack = places[entry]!;
      if (i > 0) {
        // Of two equal deadlines the one that was put back first comes first.
        const least = putBackBefore < putBack ? 0 : unit;
        const holds = roundsInOrder(deadline - before, least, advance - advanceBefore);
        if (holds < repeats) repeats = holds;
      }
      deadlines[entry] = deadline + steps[entry]!;
      places[entry] = i;
      [before, advanceBefore, putBackBefore] = [deadline, advance, putBack];
    }
    for (let entry = 0; entry < size; entry++) {
      const [deadline, advance] = [deadlines[entry]!, advances[entry]!];
      // Nobody who comes in the next round may belong before the last one of this, and nobody may leave the binade.
      const least = putBackBefore < places[entry]! ? 0 : unit;
      const holds = roundsInOrder(deadline - before, least, advance - advanceBefore);
      const stays = roundsInOrder(2 * binade - deadline, unit, -advance);
      repeats = Math.min(repeats, holds, stays);
    }
    this.#steps = steps;
    this.#advances = advances;
    return repeats;
  }

  /**
   * Brings the order to where it is that many picks after the noted round; at least one, and only as many as are sure.
   * @param order as the noted round left it
   */
  pass(order: EdfOrder, rounds: number, picks: number): void {
    const { entries } = this;
    const { size } = order;
    const deadlines = new Float64Array(size);
    order.readDeadlines(deadlines);
    for (let entry = 0; entry < size; entry++) deadlines[entry]! += rounds * this.#advances[entry]!;
    const places = new Int32Array(size);
    for (const [i, entry] of entries.entries()) places[entry] = i - entries.length;
    for (let i = 0; i < picks; i++) {
      deadlines[entries[i]!]! += this.#steps[entries[i]!]!;
      places[entries[i]!] = i;
    }
    const last = entries.at(picks - 1)!;
    order.write(deadlines, places, deadlines[last]! - this.#steps[last]!);
  }
}

/**
 * For how many rounds a distance is at least so much, when it changes by `change` from each to the next.
 * All three are multiples of u below 2^53 u, so nothing is rounded that could lift the quotient over a whole number.
 * @param distance in the first of the rounds
 */
function roundsInOrder(distance: number, least: number, change: number): number {
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

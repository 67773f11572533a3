// An EDF schedule that can be looked at ahead (preconnecting does), and from which entries can vanish between updates.
// Source: Envoy edf_scheduler.h peekAgain, pickAndAdd, popEntry (1.40).
import { EdfScheduler } from '../edf.ts';

export class Schedule {
  readonly #edf: EdfScheduler;
  /** Entries already picked by peekAgain, first to be handed out first. */
  #ahead: number[] | null = null;
  #expired: Set<number> | null = null;

  constructor(edf: EdfScheduler) {
    this.#edf = edf;
  }

  static createWithPicks(
    items: ArrayLike<number>,
    weightOf: (item: number) => number,
    seed: number,
  ): Schedule {
    return new Schedule(EdfScheduler.createWithPicks(items, weightOf, seed));
  }

  /** The next entry, put back with the weight it has now. -1 when there is none. */
  pick(weightOf: (item: number) => number): number {
    if (this.#ahead === null && this.#expired === null) return this.#edf.pickAndAdd(weightOf);
    while (this.#ahead !== null && this.#ahead.length > 0) {
      const item = this.#ahead.shift()!;
      if (!this.#expired?.has(item)) return item;
    }
    return this.#pickLiving(weightOf);
  }

  /** Every entry is among so many picks in a row; Infinity = that is not sure. */
  longestGap(weightOf: (item: number) => number): number {
    const isPlain = this.#ahead === null && this.#expired === null && this.#edf.hasWeights(weightOf);
    return isPlain ? this.#edf.longestGap : Number.POSITIVE_INFINITY;
  }

  /** So many picks at once. @param counts by item, added to */
  pickMany(picks: number, counts: Float64Array, weightOf: (item: number) => number): void {
    if (this.#ahead === null && this.#expired === null && this.#edf.hasWeights(weightOf))
      this.#edf.pickCounts(picks, counts);
    else for (let i = 0; i < picks; i++) counts[this.pick(weightOf)]!++;
  }

  /** The next entry after those already looked at; a later pick hands them out in this order. -1 when there is none. */
  peekAgain(weightOf: (item: number) => number): number {
    const item = this.#pickLiving(weightOf);
    if (item >= 0) {
      this.#ahead ??= [];
      this.#ahead.push(item);
    }
    return item;
  }

  /** The entry is gone and is passed over in silence. */
  expire(item: number): void {
    this.#expired ??= new Set();
    this.#expired.add(item);
  }

  #pickLiving(weightOf: (item: number) => number): number {
    const expired = this.#expired;
    if (expired === null) return this.#edf.pickAndAdd(weightOf);
    // A vanished entry is put back infinitely far: it never comes again.
    const weightOfLiving = (item: number) => (expired.has(item) ? 0 : weightOf(item));
    for (let left = this.#edf.size; left > 0; left--) {
      const item = this.#edf.pickAndAdd(weightOfLiving);
      if (!expired.has(item)) return item;
    }
    return -1;
  }
}

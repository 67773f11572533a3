// Earliest-deadline-first scheduler, Envoy's way to follow weights without a coin: a picked entry comes back 1/weight later.
// Entries stand in a sorted array; a re-inserted entry has the greatest order, so equal deadlines stay first in, first out.
// Source: Envoy source/common/upstream/edf_scheduler.h (1.40).

/** seed mod this is the number of picks a fresh schedule is advanced by. Source: edf_scheduler.h createWithPicks. */
const MAX_PICKS = 429496729;

export class EdfScheduler {
  #deadlines: Float64Array;
  #items: Int32Array;
  #size = 0;
  readonly #now = new Float64Array(1);

  constructor(capacity: number) {
    this.#deadlines = new Float64Array(capacity);
    this.#items = new Int32Array(capacity);
  }

  get size(): number {
    return this.#size;
  }

  /** Inserts with deadline now + 1/weight, behind every entry of an equal or earlier deadline. */
  add(item: number, weight: number): void {
    if (this.#size === this.#items.length) this.#grow();
    this.#insert(item, this.#now[0]! + 1 / weight, this.#size++);
  }

  /** The entry with the earliest deadline; now moves there. -1 when empty. Follow with reinsert(). */
  peek(): number {
    return this.#size === 0 ? -1 : this.#items[0]!;
  }

  /** Picks the earliest entry and puts it back with the weight it has now. -1 when empty. */
  pickAndAdd(weightOf: (item: number) => number): number {
    if (this.#size === 0) return -1;
    const item = this.#items[0]!;
    const now = this.#deadlines[0]!;
    this.#now[0] = now;
    const deadline = now + 1 / weightOf(item);
    const deadlines = this.#deadlines;
    const items = this.#items;
    const last = this.#size - 1;
    let place = 0;
    while (place < last && deadlines[place + 1]! <= deadline) {
      deadlines[place] = deadlines[place + 1]!;
      items[place] = items[place + 1]!;
      place++;
    }
    deadlines[place] = deadline;
    items[place] = item;
    return item;
  }

  /**
   * A schedule of all items as if they had been inserted and then `seed mod 2^32 mod 429496729` picks been made, in O(n).
   * The first deadlines use weights raised by 1e-13, so near-ties of different weights go to the lower weight, as in Envoy.
   */
  static createWithPicks(
    items: ArrayLike<number>,
    weightOf: (item: number) => number,
    seed: number,
  ): EdfScheduler {
    const scheduler = new EdfScheduler(Math.max(1, items.length));
    const picks = (seed >>> 0) % MAX_PICKS;
    let total = 0;
    for (let i = 0; i < items.length; i++) total += weightOf(items[i]!) + 1e-13;
    let done = 0;
    let now = 0;
    for (let i = 0; i < items.length; i++) {
      const weight = weightOf(items[i]!) + 1e-13;
      let floor = Math.floor((weight * picks) / total);
      if (floor > 0 && floor / weight >= picks / total) floor -= 1;
      if (floor > 0) now = Math.max(now, floor / weight);
      done += floor;
      scheduler.#insert(items[i]!, (floor + 1) / weight, scheduler.#size++);
    }
    scheduler.#now[0] = now;
    for (let left = picks - done; left > 0; left--) scheduler.pickAndAdd(weightOf);
    return scheduler;
  }

  #insert(item: number, deadline: number, end: number): void {
    let place = end;
    while (place > 0 && this.#deadlines[place - 1]! > deadline) {
      this.#deadlines[place] = this.#deadlines[place - 1]!;
      this.#items[place] = this.#items[place - 1]!;
      place--;
    }
    this.#deadlines[place] = deadline;
    this.#items[place] = item;
  }

  #grow(): void {
    const deadlines = new Float64Array(this.#items.length * 2);
    const items = new Int32Array(this.#items.length * 2);
    deadlines.set(this.#deadlines);
    items.set(this.#items);
    this.#deadlines = deadlines;
    this.#items = items;
  }
}

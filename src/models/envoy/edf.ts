// Earliest-deadline-first scheduler, Envoy's way to follow weights without a coin: a picked entry comes back 1/weight later.
// The order is (deadline, order of insertion). Few entries stand sorted in a ring, filled from behind: a re-inserted entry has the
// greatest order, so going behind every equal deadline is the whole rule. Many stand in a binary heap that keeps the orders too.
// Source: Envoy source/common/upstream/edf_scheduler.h (1.40).

/** seed mod this is the number of picks a fresh schedule is advanced by. Source: edf_scheduler.h createWithPicks. */
const MAX_PICKS = 429496729;

/** More entries than this stand in a heap. Measured: the array wins up to about 40 entries of different weights. */
const MOST_SORTED = 32;

export class EdfScheduler {
  /** Deadlines by place. The place before the first holds now, which no deadline is before. */
  #deadlines: Float64Array;
  /** place -> entry. In the ring places count on from `first` and are masked, in the heap they count from 1. */
  #entries: Int32Array;
  #first = 1;
  #mask: number;
  /** entry -> item, and 1/weight at its last insertion. */
  #items: Int32Array;
  #periods: Float64Array;
  /** Heap only: place -> order of insertion; null = the ring is used. */
  #orders: Float64Array | null = null;
  /** [next order]. */
  readonly #nextOrder = new Float64Array(1);
  #size = 0;

  constructor(capacity: number) {
    const room = Math.max(1, capacity);
    const ring = ringFor(room);
    this.#mask = ring - 1;
    this.#deadlines = new Float64Array(ring);
    this.#entries = new Int32Array(ring);
    this.#items = new Int32Array(room);
    this.#periods = new Float64Array(room);
  }

  get size(): number {
    return this.#size;
  }

  /** Inserts with deadline now + 1/weight, behind every entry of an equal or earlier deadline. */
  add(item: number, weight: number): void {
    const now = this.#deadlines[(this.#first - 1) & this.#mask]!;
    this.#insert(item, 1 / weight, now + 1 / weight);
  }

  /** The item with the earliest deadline, which stays where it is. -1 when empty. */
  peek(): number {
    return this.#size === 0 ? -1 : this.#items[this.#entries[this.#first]!]!;
  }

  /** Picks the earliest entry and puts it back with the weight it had. -1 when empty. */
  pick(): number {
    if (this.#size === 0) return -1;
    const entry = this.#entries[this.#first]!;
    this.#putBack(entry);
    return this.#items[entry]!;
  }

  /** Picks the earliest entry and puts it back with the weight it has now. -1 when empty. */
  pickAndAdd(weightOf: (item: number) => number): number {
    if (this.#size === 0) return -1;
    const entry = this.#entries[this.#first]!;
    const item = this.#items[entry]!;
    this.#periods[entry] = 1 / weightOf(item);
    this.#putBack(entry);
    return item;
  }

  /**
   * A schedule of all items as if they had been inserted and then `seed mod 2^32 mod 429496729` picks been made, in O(n log n).
   * The first deadlines use weights raised by 1e-13, so near-ties of different weights go to the lower weight, as in Envoy.
   */
  static createWithPicks(
    items: ArrayLike<number>,
    weightOf: (item: number) => number,
    seed: number,
  ): EdfScheduler {
    const scheduler = new EdfScheduler(items.length);
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
      scheduler.#insert(items[i]!, 1 / weightOf(items[i]!), (floor + 1) / weight);
    }
    scheduler.#deadlines[(scheduler.#first - 1) & scheduler.#mask] = now;
    for (let left = picks - done; left > 0; left--) scheduler.pickAndAdd(weightOf);
    return scheduler;
  }

  #insert(item: number, period: number, deadline: number): void {
    const entry = this.#size++;
    if (entry === this.#items.length) this.#grow();
    this.#items[entry] = item;
    this.#periods[entry] = period;
    if (this.#orders === null && this.#size > MOST_SORTED) this.#becomeHeap();
    if (this.#orders !== null) {
      this.#siftUp(this.#size, entry, deadline, this.#nextOrder[0]!++);
      return;
    }
    this.#deadlines[(this.#first + entry) & this.#mask] = deadline;
    this.#goBehind(this.#first + entry, entry);
  }

  /** Moves the first entry to where its new deadline belongs; now is its old one. */
  #putBack(entry: number): void {
    const first = this.#first;
    const deadlines = this.#deadlines;
    const now = deadlines[first]!;
    const deadline = now + this.#periods[entry]!;
    if (this.#orders === null) {
      const end = first + this.#size;
      deadlines[end & this.#mask] = deadline;
      this.#first = (first + 1) & this.#mask;
      this.#goBehind(end, entry);
    } else {
      deadlines[0] = now;
      this.#siftDown(entry, deadline, this.#nextOrder[0]!++);
    }
  }

  /** Moves the entry whose deadline stands at the end of the ring forward until no deadline before it is greater. */
  #goBehind(end: number, entry: number): void {
    const deadlines = this.#deadlines;
    const entries = this.#entries;
    const mask = this.#mask;
    let place = end & mask;
    const deadline = deadlines[place]!;
    for (;;) {
      const before = (place - 1) & mask;
      const other = deadlines[before]!;
      if (!(other > deadline)) break;
      deadlines[place] = other;
      entries[place] = entries[before]!;
      place = before;
    }
    deadlines[place] = deadline;
    entries[place] = entry;
  }

  /** A sorted array is a heap; the places give the orders. */
  #becomeHeap(): void {
    const before = this.#size - 1;
    const [deadlines, entries] = [this.#deadlines, this.#entries];
    const room = this.#items.length + 2;
    this.#deadlines = new Float64Array(room);
    this.#entries = new Int32Array(room);
    for (let place = 0; place <= before; place++)
      this.#deadlines[place] = deadlines[(this.#first - 1 + place) & this.#mask]!;
    for (let place = 1; place <= before; place++)
      this.#entries[place] = entries[(this.#first - 1 + place) & this.#mask]!;
    this.#orders = Float64Array.from({ length: room }, (_, place) => place);
    this.#nextOrder[0] = before + 1;
    this.#first = 1;
    this.#mask = -1;
  }

  #siftUp(from: number, entry: number, deadline: number, order: number): void {
    const [deadlines, entries, orders] = [this.#deadlines, this.#entries, this.#orders!];
    let place = from;
    // The new one has the greatest order: only an earlier deadline lets it pass.
    while (place > 1 && deadline < deadlines[place >> 1]!) {
      deadlines[place] = deadlines[place >> 1]!;
      orders[place] = orders[place >> 1]!;
      entries[place] = entries[place >> 1]!;
      place >>= 1;
    }
    deadlines[place] = deadline;
    orders[place] = order;
    entries[place] = entry;
  }

  #siftDown(entry: number, deadline: number, order: number): void {
    const deadlines = this.#deadlines;
    const entries = this.#entries;
    const orders = this.#orders!;
    const size = this.#size;
    let place = 1;
    for (let child = 2; child <= size; child = place * 2) {
      const difference = child < size ? deadlines[child + 1]! - deadlines[child]! : 1;
      if (difference < 0 || (difference === 0 && orders[child + 1]! < orders[child]!)) child++;
      if (deadlines[child]! > deadline) break;
      deadlines[place] = deadlines[child]!;
      orders[place] = orders[child]!;
      entries[place] = entries[child]!;
      place = child;
    }
    deadlines[place] = deadline;
    orders[place] = order;
    entries[place] = entry;
  }

  #grow(): void {
    const room = this.#items.length * 2;
    const wider = <T extends Float64Array | Int32Array>(column: T, wide: T): T => {
      wide.set(column as never);
      return wide;
    };
    this.#items = wider(this.#items, new Int32Array(room));
    this.#periods = wider(this.#periods, new Float64Array(room));
    if (this.#orders !== null) {
      this.#deadlines = wider(this.#deadlines, new Float64Array(room + 2));
      this.#entries = wider(this.#entries, new Int32Array(room + 2));
      this.#orders = wider(this.#orders, new Float64Array(room + 2));
      return;
    }
    const [deadlines, entries, ring] = [this.#deadlines, this.#entries, ringFor(room)];
    this.#deadlines = new Float64Array(ring);
    this.#entries = new Int32Array(ring);
    for (let place = 0; place <= this.#mask; place++) {
      this.#deadlines[place] = deadlines[(this.#first - 1 + place) & this.#mask]!;
      this.#entries[place] = entries[(this.#first - 1 + place) & this.#mask]!;
    }
    this.#first = 1;
    this.#mask = ring - 1;
  }
}

/** Length of a ring that has room for the entries and now. */
function ringFor(entries: number): number {
  return 2 ** Math.ceil(Math.log2(Math.min(entries, MOST_SORTED) + 1));
}

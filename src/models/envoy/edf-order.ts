// The entries of an EDF schedule in the order (deadline, order of insertion). Few entries stand sorted in a ring, filled from behind: a
// re-inserted entry has the greatest order, so going behind every equal deadline is the whole rule. Many stand in a binary heap that
// keeps the orders too. Source of the rule: Envoy source/common/upstream/edf_scheduler.h (1.40).

/** More entries than this stand in a heap. Measured: the array wins up to about 40 entries of different weights. */
const MOST_SORTED = 32;

export class EdfOrder {
  /** Deadlines by place. The place before the first holds now, which no deadline is before. */
  #deadlines: Float64Array;
  /** place -> entry. In the ring places count on from `first` and are masked, in the heap they count from 1. */
  #entries: Int32Array;
  #first = 1;
  #mask: number;
  /** Heap only: place -> order of insertion; null = the ring is used. */
  #orders: Float64Array | null = null;
  /** [next order]. */
  readonly #nextOrder = new Float64Array(1);
  #size = 0;

  constructor(capacity: number) {
    const ring = ringFor(Math.max(1, capacity));
    this.#mask = ring - 1;
    this.#deadlines = new Float64Array(ring);
    this.#entries = new Int32Array(ring);
  }

  /** The deadline of the last pick. */
  get now(): number {
    return this.#deadlines[(this.#first - 1) & this.#mask]!;
  }

  set now(now: number) {
    this.#deadlines[(this.#first - 1) & this.#mask] = now;
  }

  get size(): number {
    return this.#size;
  }

  /** The earliest entry; there must be one. */
  first(): number {
    return this.#entries[this.#first]!;
  }

  /** The earliest deadline. */
  get firstDeadline(): number {
    return this.#deadlines[this.#first]!;
  }

  /** The next entry (they count on from 0), behind every entry of an equal or earlier deadline. */
  insert(deadline: number): void {
    const entry = this.#size++;
    if (this.#orders === null && this.#size > this.#mask) this.#widen();
    if (this.#orders === null) {
      this.#deadlines[(this.#first + entry) & this.#mask] = deadline;
      this.#goBehind(this.#first + entry, entry);
      return;
    }
    if (this.#size >= this.#entries.length) this.#grow();
    this.#siftUp(this.#size, entry, deadline, this.#nextOrder[0]!++);
  }

  /** Moves the first entry to where its new deadline belongs; now is its old one. */
  putBack(period: number): void {
    const first = this.#first;
    const deadlines = this.#deadlines;
    const entry = this.#entries[first]!;
    const now = deadlines[first]!;
    const deadline = now + period;
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

  /** Copies the deadlines out by entry. */
  readDeadlines(deadlines: Float64Array): void {
    for (let i = 0; i < this.#size; i++) {
      const place = (this.#first + i) & this.#mask;
      deadlines[this.#entries[place]!] = this.#deadlines[place]!;
    }
  }

  /**
   * Takes deadlines over by entry; of equal ones the lesser order comes first.
   * @param entries all, best nearly in order, as then they are soon sorted
   */
  write(entries: number[], deadlines: Float64Array, orders: Int32Array, now: number): void {
    entries.sort((a, b) => deadlines[a]! - deadlines[b]! || orders[a]! - orders[b]!);
    this.#first = 1;
    this.#deadlines[0] = now;
    for (const [i, entry] of entries.entries()) {
      this.#deadlines[i + 1] = deadlines[entry]!;
      this.#entries[i + 1] = entry;
      if (this.#orders !== null) this.#orders[i + 1] = i;
    }
    this.#nextOrder[0] = this.#size;
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

  /** A greater ring, or the heap: a sorted array is one, and the places give the orders. */
  #widen(): void {
    const before = this.#size - 1;
    const isRing = this.#size <= MOST_SORTED;
    const room = isRing ? ringFor(this.#size) : this.#size * 2;
    const [deadlines, entries] = [new Float64Array(room), new Int32Array(room)];
    for (let place = 0; place <= before; place++) {
      deadlines[place] = this.#deadlines[(this.#first - 1 + place) & this.#mask]!;
      entries[place] = this.#entries[(this.#first - 1 + place) & this.#mask]!;
    }
    this.#deadlines = deadlines;
    this.#entries = entries;
    this.#first = 1;
    this.#mask = isRing ? room - 1 : -1;
    if (isRing) return;
    this.#orders = Float64Array.from({ length: room }, (_, place) => place);
    this.#nextOrder[0] = before + 1;
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
    const room = this.#entries.length * 2;
    const [deadlines, entries, orders] = [
      new Float64Array(room),
      new Int32Array(room),
      new Float64Array(room),
    ];
    deadlines.set(this.#deadlines);
    entries.set(this.#entries);
    orders.set(this.#orders!);
    this.#deadlines = deadlines;
    this.#entries = entries;
    this.#orders = orders;
  }
}

/** Length of a ring that has room for the entries and now. */
function ringFor(entries: number): number {
  return 2 ** Math.ceil(Math.log2(Math.min(entries, MOST_SORTED) + 1));
}

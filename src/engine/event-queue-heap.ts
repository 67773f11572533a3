// The plain second implementation of the event queue, for tests: whatever the wheel does, it must do too. A 4-ary heap of event slots in
// typed arrays, in the order (time, sequence): simultaneous events come out in the order they were scheduled.

export class HeapEventQueue {
  #times: Float64Array;
  #sequences: Float64Array;
  #kinds: Int32Array;
  #args: Int32Array;
  /** heap place -> slot, and slot -> heap place (-1 = free). */
  #heap: Int32Array;
  #places: Int32Array;
  #generations: Int32Array;
  #free: Int32Array;
  #freeCount = 0;
  #size = 0;
  readonly #cells = new Float64Array(2); // [next sequence, time of the popped event]
  poppedKind = 0;
  poppedArg = 0;

  constructor(capacity = 1024) {
    this.#times = new Float64Array(capacity);
    this.#sequences = new Float64Array(capacity);
    this.#kinds = new Int32Array(capacity);
    this.#args = new Int32Array(capacity);
    this.#heap = new Int32Array(capacity);
    this.#places = new Int32Array(capacity).fill(-1);
    this.#generations = new Int32Array(capacity);
    this.#free = new Int32Array(capacity);
    for (let slot = capacity - 1; slot >= 0; slot--) this.#free[this.#freeCount++] = slot;
  }

  get size(): number {
    return this.#size;
  }

  get poppedTimeNs(): number {
    return this.#cells[1]!;
  }

  /** Infinity when empty. */
  peekTimeNs(): number {
    return this.#size === 0 ? Number.POSITIVE_INFINITY : this.#times[this.#heap[0]!]!;
  }

  /** @returns a handle for cancel(), always > 0; it is void once the event has been popped */
  schedule(timeNs: number, kind: number, arg: number): number {
    if (this.#freeCount === 0) this.#grow();
    const slot = this.#free[--this.#freeCount]!;
    this.#times[slot] = timeNs;
    this.#sequences[slot] = this.#cells[0]!++;
    this.#kinds[slot] = kind;
    this.#args[slot] = arg;
    this.#siftUp(this.#size++, slot);
    return this.#generations[slot]! * 67108864 + slot + 1;
  }

  /** @returns false when the event has run or was cancelled before */
  cancel(handle: number): boolean {
    const slot = (handle - 1) % 67108864;
    const place = this.#places[slot] ?? -1;
    if (handle <= 0 || place < 0 || this.#generations[slot] !== Math.floor((handle - 1) / 67108864))
      return false;
    this.#removeAt(place);
    this.#release(slot);
    return true;
  }

  /** Takes the first event into popped*; false when there is none. */
  pop(): boolean {
    if (this.#size === 0) return false;
    const slot = this.#heap[0]!;
    this.#cells[1] = this.#times[slot]!;
    this.poppedKind = this.#kinds[slot]!;
    this.poppedArg = this.#args[slot]!;
    this.#removeAt(0);
    this.#release(slot);
    return true;
  }

  #release(slot: number): void {
    this.#places[slot] = -1;
    this.#generations[slot] = (this.#generations[slot]! + 1) & 0x3ffffff;
    this.#free[this.#freeCount++] = slot;
  }

  #isBefore(a: number, b: number): boolean {
    const difference = this.#times[a]! - this.#times[b]!;
    return difference < 0 || (difference === 0 && this.#sequences[a]! < this.#sequences[b]!);
  }

  #siftUp(from: number, slot: number): void {
    const heap = this.#heap;
    let place = from;
    while (place > 0) {
      const parent = (place - 1) >> 2;
      const above = heap[parent]!;
      if (!this.#isBefore(slot, above)) break;
      heap[place] = above;
      this.#places[above] = place;
      place = parent;
    }
    heap[place] = slot;
    this.#places[slot] = place;
  }

  #siftDown(from: number, slot: number): void {
    const heap = this.#heap;
    const size = this.#size;
    let place = from;
    for (;;) {
      const firstChild = place * 4 + 1;
      if (firstChild >= size) break;
      let least = firstChild;
      const end = Math.min(firstChild + 4, size);
      for (let child = firstChild + 1; child < end; child++) {
        if (this.#isBefore(heap[child]!, heap[least]!)) least = child;
      }
      const below = heap[least]!;
      if (!this.#isBefore(below, slot)) break;
      heap[place] = below;
      this.#places[below] = place;
      place = least;
    }
    heap[place] = slot;
    this.#places[slot] = place;
  }

  #removeAt(place: number): void {
    const last = this.#heap[--this.#size]!;
    if (place === this.#size) return;
    const removed = this.#heap[place]!;
    if (this.#isBefore(last, removed)) this.#siftUp(place, last);
    else this.#siftDown(place, last);
  }

  #grow(): void {
    const old = this.#times.length;
    const capacity = old * 2;
    const wider = <T extends Float64Array | Int32Array>(column: T, wide: T): T => {
      wide.set(column as never);
      return wide;
    };
    this.#times = wider(this.#times, new Float64Array(capacity));
    this.#sequences = wider(this.#sequences, new Float64Array(capacity));
    this.#kinds = wider(this.#kinds, new Int32Array(capacity));
    this.#args = wider(this.#args, new Int32Array(capacity));
    this.#heap = wider(this.#heap, new Int32Array(capacity));
    this.#places = wider(this.#places, new Int32Array(capacity).fill(-1));
    this.#generations = wider(this.#generations, new Int32Array(capacity));
    this.#free = wider(this.#free, new Int32Array(capacity));
    for (let slot = capacity - 1; slot >= old; slot--) this.#free[this.#freeCount++] = slot;
  }
}

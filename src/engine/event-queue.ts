// Pending events in the order (time, insertion): simultaneous events come out in the order they were scheduled. A calendar of buckets
// (the current block of time) below wheels of 1024 blocks each (all later time, up to 2^53 ns); an event moves down when its block
// begins. The bucket that is due is a sorted list. Each list is last in, first out, and turned round when it is moved or sorted, so no
// sequence numbers are kept. Width and number of the buckets follow the events; the order never depends on them.
// Nothing is allocated per event; event-queue-heap.ts is the same in a plain heap, and the tests hold one against the other.
import { invariant } from './invariant.ts';

/** Fields of an event in `nodes`, NODE integers each. PREVIOUS of a list's first event is -1 - the list's number. */
const NODE = 8;
const NEXT = 0;
const PREVIOUS = 1;
const KIND = 2;
const ARG = 3;
/** Odd while the event is pending; goes up when it is scheduled and when it is over. */
const GENERATION = 4;
/** Event 0 is the ring that holds the due events together; event 1 ends every other list. */
const DUE = 0;
const NIL = 1;

/** Wheels above the buckets, each with 2^10 lists. */
const WHEELS = 5;
const WHEEL_BITS = 10;
const WHEEL_SIZE = 1 << WHEEL_BITS;
const FIRST_BUCKET = WHEELS * WHEEL_SIZE;

/**
 * Cells: the time of the last popped event, the begin of the block, the end of the due bucket, the lengths of a block and a bucket,
 * and the time of the event that is being scheduled [ns]: a double passed to a function that is not inlined would be allocated.
 */
const NOW = 0;
const BLOCK = 1;
const DUE_END = 2;
const LENGTH = 3;
const WIDTH = 4;
const NEW = 5;

const HANDLE_BASE = 67108864;
const LATEST_NS = 2 ** 53;

export class EventQueue {
  #nodes: Int32Array;
  #times: Float64Array;
  #lists: Int32Array;
  /** Which lists hold events: a bit each; may be set for an emptied one. */
  #marks: Int32Array;
  readonly #cells = new Float64Array(6);
  readonly #lookedNs = new Float64Array(1);
  #free = NIL;
  #size = 0;
  /** The due bucket, -1 = before the first. */
  #bucket = -1;
  #shift = 12;
  #bits = 12;
  /** Since the last look at the widths: buckets and events that came due, places walked while sorting, events moved down. */
  #drains = 0;
  #drained = 0;
  #steps = 0;
  #moved = 0;
  poppedKind = 0;
  poppedArg = 0;

  constructor(capacity = 1024) {
    this.#nodes = new Int32Array((capacity + 2) * NODE);
    this.#times = new Float64Array(capacity + 2);
    this.#lists = new Int32Array(0);
    this.#marks = new Int32Array(0);
    this.#setFree(2, capacity + 2);
    this.#begin(this.#shift, this.#bits);
  }

  get size(): number {
    return this.#size;
  }

  /** The clock as a cell, at 0, for reading where a getter's number would have to be allocated. */
  get clock(): Float64Array {
    return this.#cells;
  }

  /** The clock: time of the last popped event [ns], unless moved on by hand. */
  get poppedTimeNs(): number {
    return this.#cells[NOW]!;
  }

  set poppedTimeNs(timeNs: number) {
    this.#cells[NOW] = timeNs;
  }

  /** Infinity when empty. */
  peekTimeNs(): number {
    const first = this.#nodes[DUE * NODE + NEXT]!;
    if (first !== DUE) return this.#times[first]!;
    return this.#advance() ? this.#times[this.#nodes[DUE * NODE + NEXT]!]! : Number.POSITIVE_INFINITY;
  }

  /** @returns a handle for cancel(), always > 0; it is void once the event has been popped */
  schedule(timeNs: number, kind: number, arg: number): number {
    this.#cells[NEW] = timeNs;
    return this.#handle(this.#take(kind, arg));
  }

  /** The same, counted from the last popped event. */
  scheduleIn(delayNs: number, kind: number, arg: number): number {
    this.#cells[NEW] = this.#cells[NOW]! + delayNs;
    return this.#handle(this.#take(kind, arg));
  }

  /** An event that nobody will cancel. Cheaper: a handle may be a number that has to be allocated.
   */
  post(timeNs: number, kind: number, arg: number): void {
    this.#cells[NEW] = timeNs;
    this.#take(kind, arg);
  }

  /** The same, counted from the last popped event. */
  postIn(delayNs: number, kind: number, arg: number): void {
    this.#cells[NEW] = this.#cells[NOW]! + delayNs;
    this.#take(kind, arg);
  }

  /** Gives a pending event another argument; its place in the order stays. */
  retarget(handle: number, arg: number): void {
    const event = ((handle - 1) % HANDLE_BASE) + 2;
    invariant(
      this.#nodes[event * NODE + GENERATION] === Math.floor((handle - 1) / HANDLE_BASE),
      'an event that is over cannot be for somebody else',
    );
    this.#nodes[event * NODE + ARG] = arg;
  }

  /** @returns false when the event has run or was cancelled before */
  cancel(handle: number): boolean {
    const event = ((handle - 1) % HANDLE_BASE) + 2;
    const nodes = this.#nodes;
    const at = event * NODE;
    // Handles hold odd generations only.
    if (!(handle > 0) || nodes[at + GENERATION] !== Math.floor((handle - 1) / HANDLE_BASE)) return false;
    const next = nodes[at + NEXT]!;
    const previous = nodes[at + PREVIOUS]!;
    nodes[next * NODE + PREVIOUS] = previous;
    if (previous < 0) this.#lists[-1 - previous] = next;
    else nodes[previous * NODE + NEXT] = next;
    this.#release(event);
    return true;
  }

  /** Takes the first event into popped*; false when there is none. */
  pop(): boolean {
    const nodes = this.#nodes;
    let event = nodes[DUE * NODE + NEXT]!;
    if (event === DUE) {
      if (!this.#advance()) return false;
      event = nodes[DUE * NODE + NEXT]!;
    }
    const at = event * NODE;
    const next = nodes[at + NEXT]!;
    nodes[DUE * NODE + NEXT] = next;
    nodes[next * NODE + PREVIOUS] = DUE;
    this.#cells[NOW] = this.#times[event]!;
    this.poppedKind = nodes[at + KIND]!;
    this.poppedArg = nodes[at + ARG]!;
    this.#release(event);
    return true;
  }

  #handle(event: number): number {
    return this.#nodes[event * NODE + GENERATION]! * HANDLE_BASE + (event - 2) + 1;
  }

  #release(event: number): void {
    const nodes = this.#nodes;
    const at = event * NODE;
    nodes[at + GENERATION] = (nodes[at + GENERATION]! + 1) & 0x3ffffff;
    nodes[at + NEXT] = this.#free;
    this.#free = event;
    this.#size--;
  }

  #take(kind: number, arg: number): number {
    if (this.#free === NIL) this.#grow();
    const event = this.#free;
    const nodes = this.#nodes;
    const at = event * NODE;
    this.#free = nodes[at + NEXT]!;
    this.#size++;
    nodes[at + KIND] = kind;
    nodes[at + ARG] = arg;
    nodes[at + GENERATION]!++;
    const cells = this.#cells;
    const timeNs = cells[NEW]!;
    this.#times[event] = timeNs;
    if (timeNs < cells[DUE_END]!) {
      this.#putDue(event);
      return event;
    }
    const offset = timeNs - cells[BLOCK]!;
    if (offset < cells[LENGTH]!) this.#push(event, FIRST_BUCKET + ((offset | 0) >> this.#shift));
    else this.#putLater(event);
    return event;
  }

  #push(event: number, list: number): void {
    const nodes = this.#nodes;
    const at = event * NODE;
    const first = this.#lists[list]!;
    nodes[at + NEXT] = first;
    nodes[at + PREVIOUS] = -1 - list;
    nodes[first * NODE + PREVIOUS] = event;
    this.#lists[list] = event;
    this.#marks[list >> 5]! |= 1 << list;
  }

  /** Behind every due event of an equal or earlier time. */
  #putDue(event: number): void {
    const nodes = this.#nodes;
    const times = this.#times;
    const timeNs = times[event]!;
    let before = nodes[DUE * NODE + PREVIOUS]!;
    let steps = 0;
    while (before !== DUE && times[before]! > timeNs) {
      before = nodes[before * NODE + PREVIOUS]!;
      steps++;
    }
    this.#link(event, before);
    this.#steps += steps;
    if (steps > 64 && this.#shift > 0) this.#begin(Math.max(0, this.#shift - 3), this.#bits);
  }

  #link(event: number, before: number): void {
    const nodes = this.#nodes;
    const after = nodes[before * NODE + NEXT]!;
    nodes[event * NODE + PREVIOUS] = before;
    nodes[event * NODE + NEXT] = after;
    nodes[before * NODE + NEXT] = event;
    nodes[after * NODE + PREVIOUS] = event;
  }

  /** Into the lowest wheel whose turn the time falls into. */
  #putLater(event: number): void {
    const timeNs = this.#times[event]!;
    invariant(timeNs <= LATEST_NS, 'an event later than 2^53 ns');
    let mine = Math.floor(timeNs / this.#cells[LENGTH]!);
    let block = this.#cells[BLOCK]! / this.#cells[LENGTH]!;
    for (let wheel = 0; wheel < WHEELS; wheel++) {
      const turn = Math.floor(mine / WHEEL_SIZE);
      block = Math.floor(block / WHEEL_SIZE);
      if (turn === block) return this.#push(event, wheel * WHEEL_SIZE + (mine - turn * WHEEL_SIZE));
      mine = turn;
    }
  }

  /** Makes the next bucket that holds an event the due one; false when there is no event at all. */
  #advance(): boolean {
    if (this.#drains >= 4096 || this.#steps >= 32768) this.#adapt();
    const nodes = this.#nodes;
    if (nodes[DUE * NODE + NEXT] !== DUE) return true;
    if (this.#size === 0) return false;
    const cells = this.#cells;
    do {
      const list = this.#nextMark(FIRST_BUCKET + this.#bucket + 1, this.#lists.length);
      if (list < 0) {
        this.#openBlock();
        continue;
      }
      const bucket = list - FIRST_BUCKET;
      this.#bucket = bucket;
      cells[DUE_END] = cells[BLOCK]! + (bucket + 1) * cells[WIDTH]!;
      const event = this.#lists[list]!;
      if (event === NIL) continue;
      this.#lists[list] = NIL;
      this.#drains++;
      const at = event * NODE;
      if (nodes[at + NEXT] === NIL) {
        this.#drained++;
        nodes[at + NEXT] = DUE;
        nodes[at + PREVIOUS] = DUE;
        nodes[DUE * NODE + NEXT] = event;
        nodes[DUE * NODE + PREVIOUS] = event;
      } else this.#sort(event);
    } while (nodes[DUE * NODE + NEXT] === DUE);
    return true;
  }

  /** Takes the mark of the first marked list in [from, end); -1 when there is none. */
  #nextMark(from: number, end: number): number {
    if (from >= end) return -1;
    const marks = this.#marks;
    const last = (end - 1) >> 5;
    let word = from >> 5;
    let set = marks[word]! & (-1 << from);
    while (set === 0) {
      if (word === last) return -1;
      set = marks[++word]!;
    }
    const lowest = set & -set;
    marks[word]! ^= lowest;
    return (word << 5) + 31 - Math.clz32(lowest);
  }

  /** Sorts a list, newest first as it is, into the due ring, which is empty. */
  #sort(newest: number): void {
    const nodes = this.#nodes;
    const times = this.#times;
    let event = newest;
    let count = 0;
    let steps = 0;
    do {
      if (count === 32) {
        count += this.#sortRest(event);
        break;
      }
      const older = nodes[event * NODE + NEXT]!;
      const timeNs = times[event]!;
      let before = DUE;
      let after = nodes[DUE * NODE + NEXT]!;
      while (after !== DUE && times[after]! < timeNs) {
        before = after;
        after = nodes[after * NODE + NEXT]!;
        steps++;
      }
      nodes[event * NODE + PREVIOUS] = before;
      nodes[event * NODE + NEXT] = after;
      nodes[before * NODE + NEXT] = event;
      nodes[after * NODE + PREVIOUS] = event;
      event = older;
      count++;
    } while (event !== NIL);
    this.#steps += steps;
    this.#drained += count;
  }

  /** The rest of a crowded bucket, older than what is due already. @returns its length */
  #sortRest(first: number): number {
    const nodes = this.#nodes;
    const times = this.#times;
    const events: number[] = [];
    for (let event = first; event !== NIL; event = nodes[event * NODE + NEXT]!) events.push(event);
    events.reverse();
    const count = events.length;
    for (let event = nodes[DUE * NODE + NEXT]!; event !== DUE; event = nodes[event * NODE + NEXT]!)
      events.push(event);
    events.sort((a, b) => times[a]! - times[b]!);
    nodes[DUE * NODE + NEXT] = DUE;
    nodes[DUE * NODE + PREVIOUS] = DUE;
    for (const event of events) this.#link(event, nodes[DUE * NODE + PREVIOUS]!);
    if (times[events[0]!] !== times[events[count]!]) this.#steps += 4 * count;
    return count;
  }

  /** The next block of a wheel begins: its events move down, oldest first. */
  #openBlock(): void {
    const length = this.#cells[LENGTH]!;
    let block = this.#cells[BLOCK]! / length;
    let scale = 1;
    for (let wheel = 0; wheel < WHEELS; wheel++) {
      const turn = Math.floor(block / WHEEL_SIZE);
      const first = wheel * WHEEL_SIZE;
      const list = this.#nextMark(first + (block - turn * WHEEL_SIZE) + 1, first + WHEEL_SIZE);
      if (list >= 0) {
        this.#cells[BLOCK] = (turn * WHEEL_SIZE + list - first) * scale * length;
        this.#cells[DUE_END] = this.#cells[BLOCK]!;
        this.#bucket = -1;
        this.#moveDown(list);
        return;
      }
      block = turn;
      scale *= WHEEL_SIZE;
    }
    invariant(false, 'an event is in no list');
  }

  #moveDown(list: number): void {
    const nodes = this.#nodes;
    let event = this.#turnRound(list);
    this.#lists[list] = NIL;
    while (event !== NIL) {
      const next = nodes[event * NODE + NEXT]!;
      this.#put(event);
      this.#moved++;
      event = next;
    }
  }

  #put(event: number): void {
    const timeNs = this.#times[event]!;
    const offset = timeNs - this.#cells[BLOCK]!;
    if (timeNs < this.#cells[DUE_END]!) {
      // At most one bucket's events come here, while the widths change; the ring is walked from its end.
      let before = this.#nodes[DUE * NODE + PREVIOUS]!;
      while (before !== DUE && this.#times[before]! > timeNs) before = this.#nodes[before * NODE + PREVIOUS]!;
      this.#link(event, before);
    } else if (offset < this.#cells[LENGTH]!) this.#push(event, FIRST_BUCKET + ((offset | 0) >> this.#shift));
    else this.#putLater(event);
  }

  /** Reverses a list's NEXT. @returns its oldest event */
  #turnRound(list: number): number {
    const nodes = this.#nodes;
    let behind = NIL;
    for (let event = this.#lists[list]!; event !== NIL; ) {
      const next = nodes[event * NODE + NEXT]!;
      nodes[event * NODE + NEXT] = behind;
      behind = event;
      event = next;
    }
    return behind;
  }

  /** Narrower buckets where sorting costs, wider ones where they are mostly empty, more of them where too much is moved down. */
  #adapt(): void {
    const perBucket = this.#drained / Math.max(1, this.#drains);
    const buckets = (this.#cells[DUE_END]! - this.#lookedNs[0]!) / 2 ** this.#shift;
    let shift = this.#shift;
    let bits = this.#bits;
    if (this.#steps > 2 * this.#drained) shift -= Math.max(1, Math.floor(Math.log2(perBucket / 2)));
    else if (shift + bits < 29) {
      // The block stays below 2^31 ns: places in it are 32-bit integers.
      if (buckets > 32 * this.#drains) shift += 2;
      else if (this.#moved > 0.3 * this.#drained && bits < 16) bits += 2;
    }
    shift = Math.max(0, shift);
    this.#drains = 0;
    this.#drained = 0;
    this.#steps = 0;
    this.#moved = 0;
    this.#lookedNs[0] = this.#cells[DUE_END]!;
    if (shift !== this.#shift || bits !== this.#bits) this.#begin(shift, bits);
  }

  /** Lays out the lists anew, around the last popped time, and puts every event into its place. */
  #begin(shift: number, bits: number): void {
    const events: number[] = [];
    const nodes = this.#nodes;
    if (this.#size > 0) {
      for (let event = nodes[DUE * NODE + NEXT]!; event !== DUE; event = nodes[event * NODE + NEXT]!)
        events.push(event);
      for (let list = 0; list < this.#lists.length; list++)
        for (let event = this.#turnRound(list); event !== NIL; event = nodes[event * NODE + NEXT]!)
          events.push(event);
    }
    nodes[DUE * NODE + NEXT] = DUE;
    nodes[DUE * NODE + PREVIOUS] = DUE;
    this.#shift = shift;
    this.#bits = bits;
    const lists = FIRST_BUCKET + (1 << bits);
    this.#lists = new Int32Array(lists).fill(NIL);
    this.#marks = new Int32Array(lists >> 5);
    const cells = this.#cells;
    const length = 2 ** (shift + bits);
    cells[LENGTH] = length;
    cells[WIDTH] = 2 ** shift;
    cells[BLOCK] = Math.floor(cells[NOW]! / length) * length;
    this.#bucket = Math.floor((cells[NOW]! - cells[BLOCK]!) / 2 ** shift);
    cells[DUE_END] = cells[BLOCK]! + (this.#bucket + 1) * 2 ** shift;
    for (const event of events) this.#put(event);
  }

  #setFree(from: number, end: number): void {
    for (let event = end - 1; event >= from; event--) {
      this.#nodes[event * NODE + NEXT] = this.#free;
      this.#free = event;
    }
  }

  #grow(): void {
    const before = this.#times.length;
    const nodes = new Int32Array(before * 2 * NODE);
    nodes.set(this.#nodes);
    const times = new Float64Array(before * 2);
    times.set(this.#times);
    this.#nodes = nodes;
    this.#times = times;
    this.#setFree(before, before * 2);
  }
}

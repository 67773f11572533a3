// Events beyond the buckets of an EventQueue: wheels of 1024 lists each, up to 2^53 ns. A list of wheel 0 holds a block of time, one of
// wheel 1 1024 blocks, and so on; an event sits in the lowest wheel whose turn holds both it and the front block, the last one that has
// buckets. Lists are rings in the order of insertion, linked both ways, so that a cancelled event leaves at once.

import { invariant } from './invariant.ts';

const LATEST_NS = 2 ** 53;

const WHEELS = 5;
const WHEEL_BITS = 10;
const WHEEL_SIZE = 1 << WHEEL_BITS;
const WORDS = WHEEL_SIZE >> 5;

/** Fields of an event in `links`; LIST is its list's number + 1, or 0 when it is not here. The row's last integer is not used. */
const LINKS = 4;
const NEXT = 0;
const PREVIOUS = 1;
const LIST = 2;

export class FarEvents {
  /** First events of the lists; a wheel is made when it is first needed. */
  readonly #wheels: (Int32Array | undefined)[] = [];
  /** Which lists hold events: a bit each; may be set for an emptied one. */
  readonly #marks = new Int32Array(WHEELS * WORDS);
  #links = new Int32Array(0);
  /** Time of each event [ns], and its stamp. */
  #values = new Float64Array(0);
  /** Blocks in a nanosecond, and the number of the front block. */
  readonly #perNs = new Float64Array([1]);
  #front = 0;
  #count = 0;

  get count(): number {
    return this.#count;
  }

  get front(): number {
    return this.#front;
  }

  /** Another length of a block, a power of two: only while there are no events. */
  layOut(lengthNs: number, front: number): void {
    this.#perNs[0] = 1 / lengthNs;
    this.#front = front;
  }

  has(event: number): boolean {
    const at = event * LINKS;
    return at < this.#links.length && this.#links[at + LIST] !== 0;
  }

  timeNs(event: number): number {
    return this.#values[event * 2]!;
  }

  /** What was given when the event was put here last, or since then: a number that tells what came before it. */
  stamp(event: number): number {
    return this.#values[event * 2 + 1] ?? 0;
  }

  setStamp(event: number, stamp: number): void {
    if (event * LINKS >= this.#links.length) this.#grow(event);
    this.#values[event * 2 + 1] = stamp;
  }

  blockOf(timeNs: number): number {
    return Math.floor(timeNs * this.#perNs[0]!);
  }

  /** @param event a number > 0; the time is in a block behind the front one */
  put(event: number, timeNs: number, stamp: number): void {
    invariant(timeNs <= LATEST_NS, 'an event later than 2^53 ns');
    if (event * LINKS >= this.#links.length) this.#grow(event);
    this.#values[event * 2] = timeNs;
    this.#values[event * 2 + 1] = stamp;
    let mine = Math.floor(timeNs * this.#perNs[0]!);
    let front = this.#front;
    for (let wheel = 0; wheel < WHEELS; wheel++) {
      const turn = Math.floor(mine / WHEEL_SIZE);
      front = Math.floor(front / WHEEL_SIZE);
      if (turn === front) return this.#append(event, wheel, mine - turn * WHEEL_SIZE);
      mine = turn;
    }
  }

  remove(event: number): void {
    const links = this.#links;
    const at = event * LINKS;
    const list = links[at + LIST]! - 1;
    const next = links[at + NEXT]!;
    const previous = links[at + PREVIOUS]!;
    const wheel = this.#wheels[list >> WHEEL_BITS]!;
    if (next === event) wheel[list & (WHEEL_SIZE - 1)] = 0;
    else {
      links[previous * LINKS + NEXT] = next;
      links[next * LINKS + PREVIOUS] = previous;
      if (wheel[list & (WHEEL_SIZE - 1)] === event) wheel[list & (WHEEL_SIZE - 1)] = next;
    }
    links[at + LIST] = 0;
    this.#count--;
  }

  /** The first block behind the front one that may hold an event, -1 when none does; all of them are at or behind it. */
  nextBlock(): number {
    if (this.#count === 0) return -1;
    let block = this.#front;
    let scale = 1;
    for (let wheel = 0; wheel < WHEELS; wheel++) {
      const turn = Math.floor(block / WHEEL_SIZE);
      const place = this.#nextMark(wheel, block - turn * WHEEL_SIZE + 1);
      if (place >= 0) return (turn * WHEEL_SIZE + place) * scale;
      block = turn;
      scale *= WHEEL_SIZE;
    }
    return -1;
  }

  /**
   * Makes a later block the front one; no event may be between the two. What its turn of a higher wheel holds moves down.
   * @returns its events, oldest first in each time: the first one, 0 when none; see next()
   */
  open(block: number): number {
    let wheel = WHEELS;
    let scale = WHEEL_SIZE ** WHEELS;
    while (--wheel > 0) {
      scale /= WHEEL_SIZE;
      const mine = Math.floor(block / scale);
      if (mine === Math.floor(this.#front / scale)) continue;
      const first = this.#takeList(wheel, mine % WHEEL_SIZE);
      if (first === 0) continue;
      for (let event = first; event !== 0; ) {
        const next = this.next(event);
        this.#putBelow(event, wheel);
        event = next;
      }
    }
    this.#front = block;
    return this.#takeList(0, block % WHEEL_SIZE);
  }

  /** The event behind one of those that open() or takeAll() returned, 0 when it is the last one. */
  next(event: number): number {
    return this.#links[event * LINKS + NEXT]!;
  }

  /** Takes out all events; those of one time are in the order of insertion. */
  takeAll(): number[] {
    const all: number[] = [];
    for (let wheel = 0; wheel < this.#wheels.length; wheel++)
      for (let place = this.#nextMark(wheel, 0); place >= 0; place = this.#nextMark(wheel, place + 1))
        for (let event = this.#takeList(wheel, place); event !== 0; event = this.next(event)) all.push(event);
    return all;
  }

  #putBelow(event: number, wheel: number): void {
    let mine = Math.floor(this.timeNs(event) * this.#perNs[0]!);
    for (let below = 1; below < wheel; below++) mine = Math.floor(mine / WHEEL_SIZE);
    // A list of a wheel holds one turn of the wheel below it.
    this.#append(event, wheel - 1, mine % WHEEL_SIZE);
  }

  #append(event: number, wheel: number, place: number): void {
    this.#wheels[wheel] ??= new Int32Array(WHEEL_SIZE);
    const lists = this.#wheels[wheel]!;
    const links = this.#links;
    const at = event * LINKS;
    const first = lists[place]!;
    links[at + LIST] = (wheel << WHEEL_BITS) + place + 1;
    this.#count++;
    if (first === 0) {
      lists[place] = event;
      links[at + NEXT] = event;
      links[at + PREVIOUS] = event;
      this.#marks[wheel * WORDS + (place >> 5)]! |= 1 << place;
      return;
    }
    const last = links[first * LINKS + PREVIOUS]!;
    links[at + NEXT] = first;
    links[at + PREVIOUS] = last;
    links[last * LINKS + NEXT] = event;
    links[first * LINKS + PREVIOUS] = event;
  }

  /** @returns the first event of a chain that ends with 0 */
  #takeList(wheel: number, place: number): number {
    const lists = this.#wheels[wheel];
    if (lists === undefined) return 0;
    const first = lists[place]!;
    lists[place] = 0;
    this.#marks[wheel * WORDS + (place >> 5)]! &= ~(1 << place);
    if (first === 0) return 0;
    const links = this.#links;
    links[links[first * LINKS + PREVIOUS]! * LINKS + NEXT] = 0;
    for (let event = first; event !== 0; event = links[event * LINKS + NEXT]!) {
      links[event * LINKS + LIST] = 0;
      this.#count--;
    }
    return first;
  }

  /** The first marked list of a wheel at or behind a place that holds an event; -1 when there is none. */
  #nextMark(wheel: number, from: number): number {
    const lists = this.#wheels[wheel];
    if (lists === undefined) return -1;
    for (let word = from >> 5; word < WORDS; word++) {
      let set = this.#marks[wheel * WORDS + word]!;
      if (word === from >> 5) set &= -1 << from;
      for (; set !== 0; set &= set - 1) {
        const place = (word << 5) + 31 - Math.clz32(set & -set);
        if (lists[place] !== 0) return place;
        this.#marks[wheel * WORDS + word]! &= ~(1 << place);
      }
    }
    return -1;
  }

  #grow(event: number): void {
    const events = Math.max(64, 2 ** Math.ceil(Math.log2(event + 1)));
    const links = new Int32Array(events * LINKS);
    links.set(this.#links);
    const values = new Float64Array(events * 2);
    values.set(this.#values);
    this.#links = links;
    this.#values = values;
  }
}

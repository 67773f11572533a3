// Pending events in the order (time, insertion): simultaneous events come out in the order they were scheduled. Three places: a short
// sorted row of what is due (while little is pending, everything is in it), buckets for a window of near time that moves along in
// halves, and wheels for all that is later (far-events.ts). A bucket's list is last in, first out and is sorted when it comes due, so no
// sequence numbers are kept. The layout of the buckets follows the events (bucket-layout.ts); the order never depends on it.
// Nothing is allocated per event; event-queue-heap.ts is the same in a plain heap, and the tests hold one against the other.
import { isCrowded, nextLayout, WINDOW_BITS } from './bucket-layout.ts';
import { FarEvents } from './far-events.ts';
import { invariant } from './invariant.ts';
import { Timers } from './timers.ts';

/**
 * An event is a row of `nodes`, 16 bytes, named by the row's begin; 0 is none. The first integer is the next event of its bucket, or,
 * of a free row, ~(the next free row). TIME is the low word of the time, near events need no more.
 */
const ROW = 4;
const TIME = 1;
const KIND = 2;
const ARG = 3;

/** Added to the kind of an event that has a handle. */
const CANCELLABLE = 0x40000000;
/** Instead of the kind of an event that was cancelled in its bucket: it stays until it comes due. */
const DEAD = -1;
const HANDLE_BASE = 67108864;

/** Kinds at or below it are those of timers of a lane, turned round; the argument is the timer. */
const TIMER = -2;

/** Cells [ns]: the clock, the begin of the half under way, the time of the event that is being scheduled (see postIn). */
const NOW = 0;
const HALF = 1;
const NEW = 2;

/** Where an empty due row begins in its array: it grows to both sides. */
const MIDDLE = 64;
/** With more events than this there are buckets, until no more than that are left and none of them is near. */
const FEW = 6;
const HARDLY_ANY = 3;
/** The layout is looked at after so many events, or after so many steps of sorting. */
const LOOK_EVENTS = 2048;
const LOOK_STEPS = 4096;

export class EventQueue {
  // Not #private: V8 takes a quarter more bytecode for a #name, and by the length of its bytecode the whole way of an event is inlined
  // into the loop, or not (920 bytes: a twentieth of W2).
  private nodes: Int32Array;
  private free = 0;
  /** How often a row has been scheduled with a handle. */
  private generations: Int32Array;
  /** Cancelled events that are still in their buckets. */
  private dead = 0;

  private readonly cells = new Float64Array(3);
  /** Low words of the clock and of the due bucket's end; how far behind that end the buckets reach, 0 = look closer first. */
  private now = 0;
  private dueEnd = 0;
  private span = 0;

  /** Times beside the events; it lies between head and tail. */
  private due = new Int32Array(2 * MIDDLE);
  private dueTimes = new Float64Array(2 * MIDDLE);
  private dueHead = MIDDLE;
  private dueTail = MIDDLE;

  /** Which buckets hold events, a bit each, in the first `words` integers; behind them each bucket's last event. */
  private lists = new Int32Array(1);
  private words = 1;
  private mask = 0;
  private shift = 0;
  private hasBuckets = false;
  /** The half under way: the next of its words to be looked at, and their end; low words of its begin and of the window's end. */
  private word = 0;
  private wordsEnd = 1;
  private half = 0;
  private windowEnd = 0;
  private readonly far = new FarEvents();
  private readonly timers = new Timers();
  /** Where the window ends [ns]; Infinity while there are no buckets. */
  private readonly reach = new Float64Array([Number.POSITIVE_INFINITY]);

  /** Since the last look at the layout, which was at so many events and at that time; the next one is after as many more. */
  private steps = 0;
  private moved = 0;
  private lookedAt = 0;
  private readonly lookedNs = new Float64Array(1);
  private lookAfter = LOOK_EVENTS;

  /** Events popped so far, and the last one's kind and argument. */
  popped = 0;
  poppedKind = 0;
  poppedArg = 0;

  constructor(capacity = 64) {
    this.nodes = new Int32Array((capacity + 1) * ROW);
    this.generations = new Int32Array(capacity + 1);
    this.setFree(ROW);
  }

  /** For tests: counts the free rows. */
  get size(): number {
    let free = 0;
    for (let event = this.free; event !== 0; event = ~this.nodes[event]!) free++;
    return this.nodes.length / ROW - 1 - free - this.dead + this.timers.waiting;
  }

  /** The clock as a cell, at 0, for reading where a getter's number would have to be allocated. */
  get clock(): Float64Array {
    return this.cells;
  }

  /** The clock: time of the last popped event [ns], unless moved on by hand. */
  get poppedTimeNs(): number {
    return this.cells[NOW]!;
  }

  set poppedTimeNs(timeNs: number) {
    this.cells[NOW] = timeNs;
    this.now = timeNs | 0;
    if (timeNs - this.cells[HALF]! > 2 ** WINDOW_BITS) this.span = 0;
  }

  /** Infinity when empty. */
  peekTimeNs(): number {
    const cells = this.cells;
    const nowNs = cells[NOW]!;
    if (this.dueHead === this.dueTail || this.isDead(this.due[this.dueHead]!)) {
      const event = this.shiftDue() || this.next();
      if (event === 0) return Number.POSITIVE_INFINITY;
      this.unshiftDue(event, cells[NOW]!);
      cells[NOW] = nowNs;
    }
    const timeNs = this.dueTimes[this.dueHead]!;
    if (timeNs - nowNs > 2 ** WINDOW_BITS) this.span = 0;
    return timeNs;
  }

  /** @returns a handle for cancel(), always > 0; it is void once the event has been popped */
  schedule(timeNs: number, kind: number, arg: number): number {
    return this.scheduleIn(timeNs - this.cells[NOW]!, kind, arg);
  }

  /** The same, counted from the clock. */
  scheduleIn(delayNs: number, kind: number, arg: number): number {
    if (this.free === 0) this.grow();
    const number = this.free / ROW;
    const generation = (this.generations[number]! + 1) & 0x3ffffff;
    this.generations[number] = generation;
    this.postIn(delayNs, kind | CANCELLABLE, arg);
    return generation * HANDLE_BASE + number + 1;
  }

  /** An event that nobody will cancel. Cheaper: a handle may be a number that has to be allocated. */
  post(timeNs: number, kind: number, arg: number): void {
    this.postIn(timeNs - this.cells[NOW]!, kind, arg);
  }

  /** The same, counted from the clock. A double passed on to a function that is not inlined would be allocated; so it goes by a cell. */
  postIn(delayNs: number, kind: number, arg: number): void {
    const delay = delayNs | 0;
    const time = (this.now + delay) | 0;
    const event = this.free;
    if (delay === delayNs && (time - this.dueEnd) >>> 0 < this.span && event !== 0) {
      const nodes = this.nodes;
      const lists = this.lists;
      const bucket = (time >> this.shift) & this.mask;
      const list = (bucket + this.words) | 0;
      this.free = ~nodes[event]!;
      nodes[event] = lists[list]!;
      nodes[(event + TIME) | 0] = time;
      nodes[(event + KIND) | 0] = kind;
      nodes[(event + ARG) | 0] = arg;
      lists[list] = event;
      lists[bucket >> 5]! |= 1 << bucket;
    } else {
      this.cells[NEW] = this.cells[NOW]! + delayNs;
      this.putCarefully(kind, arg);
    }
  }

  /** Gives a pending event another argument; its place in the order stays. */
  retarget(handle: number, arg: number): void {
    const event = this.pending(handle);
    invariant(event !== 0, 'an event that is over cannot be for somebody else');
    this.nodes[event + ARG] = arg;
  }

  /** @returns false when the event has run or was cancelled before */
  cancel(handle: number): boolean {
    const event = this.pending(handle);
    if (event === 0) return false;
    this.drop(event);
    return true;
  }

  /** A lane of timers, for arm(). */
  lane(delayNs: number, kind: number): number {
    return this.timers.lane(delayNs, kind);
  }

  /** The same as scheduleIn() with the lane's delay and kind. @returns a small integer < 0 for disarm(), void once the timer is up */
  arm(lane: number, arg: number): number {
    const timers = this.timers;
    const timer = timers.arm(lane, arg, this.cells, this.reach);
    if (timers.isNear(timer)) this.takeOver(timer, lane);
    return -timer;
  }

  /** arm() with two lanes, the first one first. @returns the handle of the first; that of the other is second() of it */
  armTwo(first: number, second: number, arg: number): number {
    const timers = this.timers;
    const timer = timers.armTwo(first, second, arg, this.cells, this.reach);
    if (timers.isNear(timer)) this.takeOver(timer, first);
    const other = timers.second(timer);
    if (timers.isNear(other)) this.takeOver(other, second);
    return -timer;
  }

  /** @returns the handle of the other one that armTwo() armed */
  second(handle: number): number {
    return -this.timers.second(-handle);
  }

  /** A timer that was armed within reach becomes an event at once. */
  private takeOver(timer: number, lane: number): void {
    const timers = this.timers;
    this.cells[NEW] = timers.deadlineNs(timer);
    if (this.free === 0) this.grow();
    timers.becomes(timer, this.free);
    this.putCarefully(TIMER - timers.arg(lane), timer);
  }

  disarm(handle: number): void {
    const event = this.timers.end(-handle);
    if (event !== 0) this.drop(event);
  }

  /** disarm() of both that were armed at once; neither is up or disarmed yet. */
  disarmTwo(handle: number): void {
    if (this.timers.endTwo(-handle)) return;
    this.disarm(handle);
    this.disarm(this.second(handle));
  }

  /** Gives an armed timer another argument. */
  retargetTimer(handle: number, arg: number): void {
    this.timers.retarget(-handle, arg);
  }

  /** Takes the first event into popped*; false when there is none. */
  pop(): boolean {
    const event = this.first();
    if (event === 0) return false;
    this.take(event);
    return true;
  }

  /** The same, if it is not after a time; if it is, or there is none, the clock then stands at that time. */
  popUntil(untilNs: number): boolean {
    const event = this.first();
    if (event !== 0 && this.cells[NOW]! <= untilNs) {
      this.take(event);
      return true;
    }
    if (event !== 0) this.unshiftDue(event, this.cells[NOW]!);
    this.poppedTimeNs = untilNs;
    this.span = 0;
    return false;
  }

  // ------------------------------------------------------------------------------------------------------------------ taking
  /** The first event, the clock moved to it; 0 when there is none. */
  private first(): number {
    const at = this.dueHead;
    if (at === this.dueTail) return this.next();
    const event = this.due[at]!;
    if (this.isDead(event)) return this.shiftDue() || this.next();
    this.dueHead = (at + 1) | 0;
    this.cells[NOW] = this.dueTimes[at]!;
    return event;
  }

  private take(event: number): void {
    const nodes = this.nodes;
    this.now = nodes[(event + TIME) | 0]!;
    const kind = nodes[(event + KIND) | 0]!;
    const arg = nodes[(event + ARG) | 0]!;
    nodes[event] = ~this.free;
    this.free = event;
    this.popped++;
    this.poppedKind = kind & ~CANCELLABLE;
    this.poppedArg = arg;
    if (kind < 0) this.fire(kind, arg);
  }

  /** A timer is up. */
  private fire(kind: number, timer: number): void {
    this.poppedKind = TIMER - kind;
    this.poppedArg = this.timers.arg(timer);
    this.timers.end(timer);
  }

  /** The first event of the next bucket that holds one, the clock moved to it; what else is in the bucket is due. 0 when there is none. */
  private next(): number {
    for (;;) {
      let word = this.word;
      let lists = this.lists;
      let set = lists[word]!;
      while (set === 0) {
        word = (word + 1) | 0;
        if (word >= this.wordsEnd) {
          if (this.openHalf() === 0) return 0;
          if (this.dueTail !== this.dueHead) return this.shiftDue();
          word = this.word;
          lists = this.lists;
        }
        set = lists[word]!;
      }
      const lowest = set & -set;
      lists[word] = set ^ lowest;
      this.word = word;
      const list = (((word << 5) | (31 - Math.clz32(lowest))) + this.words) | 0;
      let event = lists[list]!;
      lists[list] = 0;
      const nodes = this.nodes;
      const time = nodes[(event + TIME) | 0]!;
      const dueEnd = ((time >> this.shift) + 1) << this.shift;
      this.dueEnd = dueEnd;
      this.span = (this.windowEnd - dueEnd) | 0;
      if (nodes[event] !== 0 || nodes[(event + KIND) | 0]! === DEAD) {
        event = this.sort(event);
        if (event === 0) continue;
        return event;
      }
      const cells = this.cells;
      cells[NOW] = cells[HALF]! + ((time - this.half) | 0);
      return event;
    }
  }

  /** Sorts a list, newest first as it is, into the due row, which is empty. @returns the first that is not dead, 0 = none */
  private sort(newest: number): number {
    const nodes = this.nodes;
    const due = this.due;
    const times = this.dueTimes;
    const halfNs = this.cells[HALF]!;
    const half = this.half;
    let head = MIDDLE;
    let steps = 0;
    for (let event = newest; event !== 0 && head > 0; event = nodes[event]!) {
      const timeNs = halfNs + ((nodes[event + TIME]! - half) | 0);
      let at = head--;
      while (at < MIDDLE && times[at]! < timeNs) {
        times[at - 1] = times[at]!;
        due[at - 1] = due[at]!;
        at++;
      }
      times[at - 1] = timeNs;
      due[at - 1] = event;
      steps += at - head;
    }
    this.dueHead = head;
    this.dueTail = MIDDLE;
    this.steps += steps;
    if (head === 0) this.sortAll(newest);
    return this.shiftDue();
  }

  /** The same for a crowd. */
  private sortAll(newest: number): void {
    const nodes = this.nodes;
    const events: number[] = [];
    for (let event = newest; event !== 0; event = nodes[event]!) events.push(event);
    const half = this.half;
    const place = (event: number): number => (nodes[event + TIME]! - half) | 0;
    events.reverse().sort((a, b) => place(a) - place(b));
    this.dueHead = 0;
    this.dueTail = events.length;
    if (events.length > this.due.length) {
      this.due = new Int32Array(events.length * 2);
      this.dueTimes = new Float64Array(events.length * 2);
    }
    const halfNs = this.cells[HALF]!;
    this.due.set(events);
    for (let at = 0; at < events.length; at++) this.dueTimes[at] = halfNs + place(events[at]!);
    if (this.dueTimes[0] !== this.dueTimes[events.length - 1]) this.steps += 8 * events.length;
    if (this.steps > LOOK_STEPS) this.lookIfCrowded();
  }

  /** The first event of the due row that is not dead, the clock moved to it; 0 when there is none. */
  private shiftDue(): number {
    while (this.dueHead !== this.dueTail) {
      const at = this.dueHead++;
      const event = this.due[at]!;
      if (!this.isDead(event)) {
        this.cells[NOW] = this.dueTimes[at]!;
        return event;
      }
      this.bury(event);
    }
    return 0;
  }

  private unshiftDue(event: number, timeNs: number): void {
    if (this.dueHead === this.dueTail) this.dueHead = this.dueTail = MIDDLE;
    this.dueHead--;
    this.due[this.dueHead] = event;
    this.dueTimes[this.dueHead] = timeNs;
  }

  private isDead(event: number): boolean {
    return this.nodes[(event + KIND) | 0]! === DEAD;
  }

  /** The event of a handle, 0 when it is over: its row is free, or another event has got it. */
  private pending(handle: number): number {
    if (!(handle > 0)) return 0;
    const number = (handle - 1) % HANDLE_BASE;
    const event = number * ROW;
    if (this.generations[number] !== Math.floor((handle - 1) / HANDLE_BASE)) return 0;
    return this.nodes[event]! >= 0 && this.nodes[event + KIND]! >= CANCELLABLE ? event : 0;
  }

  /** A pending event will not happen. */
  private drop(event: number): void {
    if (this.far.has(event / ROW)) {
      this.far.remove(event / ROW);
      this.release(event);
    } else if (this.hasBuckets) {
      this.nodes[event + KIND] = DEAD;
      this.dead++;
    } else this.removeDue(event);
  }

  private bury(event: number): void {
    this.dead--;
    this.release(event);
  }

  private release(event: number): void {
    this.nodes[event] = ~this.free;
    this.free = event;
  }

  // ------------------------------------------------------------------------------------------------------------------ putting
  /** A new event wherever it belongs; its time is in the cell. */
  private putCarefully(kind: number, arg: number): void {
    if (this.free === 0) this.grow();
    const event = this.free;
    const nodes = this.nodes;
    const timeNs = Math.floor(this.cells[NEW]!);
    this.free = ~nodes[event]!;
    nodes[event] = 0;
    nodes[event + TIME] = timeNs | 0;
    nodes[event + KIND] = kind;
    nodes[event + ARG] = arg;
    this.put(event, timeNs, this.timers.armed);
    if (this.hasBuckets) {
      if (this.steps > LOOK_STEPS) this.lookIfCrowded();
    } else if (this.dueTail - this.dueHead > FEW) this.beginBuckets();
  }

  /** @param stamp how many timers had been armed when the event was scheduled */
  private put(event: number, timeNs: number, stamp: number): void {
    if (this.isDue(timeNs)) this.putDue(event, timeNs);
    else if (timeNs < this.reach[0]!) this.putNear(event);
    else this.far.put(event / ROW, timeNs, stamp);
  }

  private isDue(timeNs: number): boolean {
    return !this.hasBuckets || timeNs - this.cells[HALF]! < ((this.dueEnd - this.half) | 0);
  }

  /** Into the due row, behind every event of an equal or earlier time. */
  private putDue(event: number, timeNs: number): void {
    if (this.dueTail === this.due.length) this.makeRoom();
    const times = this.dueTimes;
    const due = this.due;
    const head = this.dueHead;
    const tail = this.dueTail;
    let at = tail;
    while (at > head && times[at - 1]! > timeNs) {
      times[at] = times[at - 1]!;
      due[at] = due[at - 1]!;
      at--;
    }
    times[at] = timeNs;
    due[at] = event;
    this.dueTail = tail + 1;
    this.steps += tail - at;
  }

  private putNear(event: number): void {
    const lists = this.lists;
    const bucket = (this.nodes[event + TIME]! >> this.shift) & this.mask;
    this.nodes[event] = lists[bucket + this.words]!;
    lists[bucket + this.words] = event;
    lists[bucket >> 5]! |= 1 << bucket;
  }

  private removeDue(event: number): void {
    const at = this.due.indexOf(event, this.dueHead);
    this.due.copyWithin(at, at + 1, this.dueTail);
    this.dueTimes.copyWithin(at, at + 1, this.dueTail);
    this.dueTail--;
    this.release(event);
  }

  /** The due row moves to the middle of its array, or into a longer one. */
  private makeRoom(): void {
    const due = this.due.slice(this.dueHead, this.dueTail);
    const times = this.dueTimes.slice(this.dueHead, this.dueTail);
    if (due.length * 2 > this.due.length - MIDDLE) {
      this.due = new Int32Array(this.due.length * 2);
      this.dueTimes = new Float64Array(this.due.length);
    }
    this.due.set(due, MIDDLE);
    this.dueTimes.set(times, MIDDLE);
    this.dueHead = MIDDLE;
    this.dueTail = MIDDLE + due.length;
  }

  // ------------------------------------------------------------------------------------------------------------------ the window
  /** The half under way is over: the next one begins, or later time that holds events. @returns 0 when there are none */
  private openHalf(): number {
    if (!this.hasBuckets) return 0;
    if (this.popped - this.lookedAt >= this.lookAfter && this.look()) return 1;
    const far = this.far;
    const halfWords = this.words >> 1;
    const other = this.wordsEnd === this.words ? 0 : halfWords;
    if (this.hasMark(other, other + halfWords)) {
      this.beginHalf(far.front);
      this.moveIn(far.front + 1);
      return 1;
    }
    if (far.count <= HARDLY_ANY && this.timers.areFew(HARDLY_ANY - far.count)) {
      this.endBuckets();
      return this.dueTail - this.dueHead;
    }
    const block = this.nextBlock();
    // The half before it, which is empty, is under way and over.
    this.beginHalf(block - 1);
    this.moveIn(block);
    this.word = this.wordsEnd - 1;
    this.dueEnd = (this.half + (((this.mask + 1) >> 1) << this.shift)) | 0;
    this.span = (this.windowEnd - this.dueEnd) | 0;
    return 1;
  }

  /** The first block behind the window that may hold an event or a timer. */
  private nextBlock(): number {
    let block = this.far.nextBlock();
    if (block < 0) block = Number.POSITIVE_INFINITY;
    for (const lane of this.timers.lanes) {
      const first = this.timers.first(lane);
      if (first !== 0) block = Math.min(block, this.far.blockOf(this.timers.deadlineNs(first)));
    }
    return block;
  }

  private hasMark(from: number, end: number): boolean {
    for (let word = from; word < end; word++) if (this.lists[word] !== 0) return true;
    return false;
  }

  /** The half that holds a block is under way. */
  private beginHalf(block: number): void {
    const length = ((this.mask + 1) >> 1) << this.shift;
    this.cells[HALF] = block * length;
    this.half = this.cells[HALF]! | 0;
    this.word = (block % 2) * (this.words >> 1);
    this.wordsEnd = this.word + (this.words >> 1);
    this.windowEnd = (this.half + 2 * length) | 0;
    this.reach[0] = this.cells[HALF]! + 2 * length;
    this.dueEnd = this.half;
    this.span = 2 * length;
  }

  /** A later block's events and timers move into the buckets. */
  private moveIn(block: number): void {
    const far = this.far;
    let latest = 0;
    for (let number = far.open(block); number !== 0; ) {
      const next = far.next(number);
      this.putNear(number * ROW);
      latest = Math.max(latest, far.stamp(number));
      this.moved++;
      number = next;
    }
    this.takeTimersOver(latest);
  }

  /** Timers within reach become events. @param latest stamp of the events among which they find their places */
  private takeTimersOver(latest: number): void {
    const timers = this.timers;
    for (const lane of timers.lanes) {
      const kind = TIMER - timers.arg(lane);
      for (let timer = timers.first(lane); timer !== 0; timer = timers.first(lane)) {
        const deadlineNs = timers.deadlineNs(timer);
        if (deadlineNs >= this.reach[0]!) break;
        if (this.free === 0) this.grow();
        const event = this.free;
        const nodes = this.nodes;
        this.free = ~nodes[event]!;
        nodes[event] = 0;
        nodes[event + TIME] = deadlineNs | 0;
        nodes[event + KIND] = kind;
        nodes[event + ARG] = timer;
        timers.becomes(timer, event);
        const number = timers.number(timer);
        this.far.setStamp(event / ROW, number);
        if (number > latest) this.put(event, deadlineNs, number);
        else this.putAmong(event, deadlineNs, number);
        latest = Math.max(latest, number);
      }
    }
  }

  /**
   * A timer's event goes before those of its time that were scheduled after it was armed: far ones with its number or a greater one as
   * their stamp. Near ones were scheduled before any timer of their time that is still in its lane.
   */
  private putAmong(event: number, timeNs: number, number: number): void {
    const nodes = this.nodes;
    const far = this.far;
    if (this.isDue(timeNs)) {
      this.putDue(event, timeNs);
      const due = this.due;
      let at = due.indexOf(event, this.dueHead);
      while (
        at > this.dueHead &&
        this.dueTimes[at - 1] === timeNs &&
        far.stamp(due[at - 1]! / ROW) >= number
      ) {
        due[at] = due[at - 1]!;
        due[--at] = event;
      }
      return;
    }
    this.putNear(event);
    let newer = 0;
    for (let other = nodes[event]!; other !== 0; other = nodes[other]!)
      if (nodes[other + TIME] === nodes[event + TIME] && far.stamp(other / ROW) >= number) newer = other;
    if (newer === 0) return;
    const list = ((nodes[event + TIME]! >> this.shift) & this.mask) + this.words;
    this.lists[list] = nodes[event]!;
    nodes[event] = nodes[newer]!;
    nodes[newer] = event;
  }

  /** In the midst of a half, when what was moved tells nothing yet. */
  private lookIfCrowded(): void {
    if (isCrowded({ events: this.popped - this.lookedAt, steps: this.steps })) this.look();
  }

  /** @returns whether there is another layout now */
  private look(): boolean {
    const endNs = this.cells[HALF]! + ((this.dueEnd - this.half) | 0);
    const before = { shift: this.shift, bits: Math.log2(this.mask + 1) };
    const traffic = {
      events: this.popped - this.lookedAt,
      buckets: (endNs - this.lookedNs[0]!) / 2 ** this.shift,
      steps: this.steps,
      moved: this.moved,
    };
    const { shift, bits } = nextLayout(before, traffic);
    this.lookedAt = this.popped;
    this.lookedNs[0] = endNs;
    this.steps = 0;
    this.moved = 0;
    if (shift === before.shift && bits === before.bits) return false;
    this.layOut(shift, bits);
    return true;
  }

  /** There are many events now. The buckets are laid out as they were, or for the first time. */
  private beginBuckets(): void {
    this.hasBuckets = true;
    this.steps = 0;
    this.lookedAt = this.popped;
    if (this.mask > 0) this.layOut(this.shift, Math.log2(this.mask + 1));
    else this.layOut(11, 11);
    this.lookedNs[0] = this.cells[NOW]!;
  }

  /** There are hardly any events now, and none in a bucket: they are all in the due row. */
  private endBuckets(): void {
    this.hasBuckets = false;
    this.word = this.wordsEnd - 1;
    this.span = 0;
    this.reach[0] = Number.POSITIVE_INFINITY;
    for (const number of this.far.takeAll()) this.putDue(number * ROW, this.far.timeNs(number));
    this.takeTimersOver(Number.POSITIVE_INFINITY);
  }

  /** Lays out the buckets anew, around the clock, and puts every event into its place. */
  private layOut(shift: number, bits: number): void {
    const { events, times, stamps } = this.takeAll();
    this.dueHead = MIDDLE;
    this.dueTail = MIDDLE;
    this.words = 1 << (bits - 5);
    const length = this.words + (1 << bits);
    if (this.lists.length === length) this.lists.fill(0);
    else this.lists = new Int32Array(length);
    this.shift = shift;
    this.mask = (1 << bits) - 1;
    const nowNs = this.cells[NOW]!;
    const halfNs = 2 ** (shift + bits - 1);
    const block = Math.floor(nowNs / halfNs);
    this.far.layOut(halfNs, block + 1);
    this.beginHalf(block);
    this.word += ((nowNs - block * halfNs) / 2 ** shift) >> 5;
    this.dueEnd = (((nowNs | 0) >> shift) + 1) << shift;
    this.span = (this.windowEnd - this.dueEnd) | 0;
    for (let i = 0; i < events.length; i++) {
      const event = events[i]!;
      if (this.isDead(event)) this.bury(event);
      else this.put(event, times[i]!, stamps[i]!);
    }
    this.takeTimersOver(Number.POSITIVE_INFINITY);
    this.lookAfter = Math.max(LOOK_EVENTS, 4 * events.length);
  }

  /** All events, their times and stamps; those of one time are in the order of insertion. */
  private takeAll(): { events: number[]; times: number[]; stamps: number[] } {
    const { nodes, lists, far, half } = this;
    const events: number[] = [];
    const times: number[] = [];
    for (let at = this.dueHead; at < this.dueTail; at++) {
      events.push(this.due[at]!);
      times.push(this.dueTimes[at]!);
    }
    const halfNs = this.cells[HALF]!;
    for (let list = this.words; list < lists.length; list++) {
      const begin = events.length;
      for (let event = lists[list]!; event !== 0; event = nodes[event]!) events.push(event);
      for (let a = begin, b = events.length - 1; a < b; a++, b--)
        [events[a], events[b]] = [events[b]!, events[a]!];
      for (let at = begin; at < events.length; at++)
        times.push(halfNs + ((nodes[events[at]! + TIME]! - half) | 0));
    }
    const stamps = events.map(() => this.timers.armed);
    for (const number of far.takeAll()) {
      events.push(number * ROW);
      times.push(far.timeNs(number));
      stamps.push(far.stamp(number));
    }
    return { events, times, stamps };
  }

  // ------------------------------------------------------------------------------------------------------------------ the rows
  private setFree(from: number): void {
    const nodes = this.nodes;
    for (let event = nodes.length - ROW; event >= from; event -= ROW) this.release(event);
  }

  private grow(): void {
    const before = this.nodes.length;
    const nodes = new Int32Array(before * 2);
    nodes.set(this.nodes);
    const generations = new Int32Array(nodes.length / ROW);
    generations.set(this.generations);
    this.nodes = nodes;
    this.generations = generations;
    this.setFree(before);
  }
}

// Timers of a constant delay, most of which are disarmed before they are due. A lane keeps those of one delay and kind in a ring in the
// order in which they were armed, which is that of their deadlines: arming and disarming take a few writes and no look at the queue, and
// only timers that are armed take room. The queue takes a timer over, as an event of its own, when its buckets reach the deadline.
import { invariant } from './invariant.ts';

/**
 * A timer is a row, named by the row's begin; 0 is none. A lane is a row too, where its ring begins and ends: its ARG is its kind. Rows
 * come in twos, for those who arm two timers at once, and are free in twos.
 */
const ROW = 4;
const TWO = 8;
const NEXT = 0;
const PREVIOUS = 1;
const ARG = 2;
/** The queue's event, 0 = not taken over; of a free row too. */
const EVENT = 3;
/** PREVIOUS of a free row. */
const FREE = -1;

export class Timers {
  /** The rows of the lanes. */
  readonly lanes: number[] = [];
  private rows = new Int32Array(0);
  /** Deadline [ns] of each timer and its number in the order of arming; of a lane the delay. */
  private values = new Float64Array(0);
  private free = 0;
  /** How many have been armed so far. */
  armed = 0;

  /** The same lane for the same delay and kind. @returns its row */
  lane(delayNs: number, kind: number): number {
    invariant(Number.isInteger(delayNs) && delayNs >= 0, 'the delay of a lane is whole nanoseconds');
    const known = this.lanes.find((row) => this.deadlineNs(row) === delayNs && this.arg(row) === kind);
    if (known !== undefined) return known;
    const ring = this.take();
    this.rows.set([ring, ring, kind, 0], ring);
    this.values[ring >> 1] = delayNs;
    this.lanes.push(ring);
    return ring;
  }

  /** @param clock in cell 0 [ns]  @param reach the queue has to take over at once what is due before this, in cell 0 [ns] */
  arm(ring: number, arg: number, clock: Float64Array, reach: Float64Array): number {
    const timer = this.take();
    this.begin(timer, ring, arg, clock, reach);
    return timer;
  }

  /** arm() with two lanes, the first one first. @returns the first timer; the other is second() of it */
  armTwo(first: number, second: number, arg: number, clock: Float64Array, reach: Float64Array): number {
    const timer = this.take();
    this.begin(timer, first, arg, clock, reach);
    this.begin((timer + ROW) | 0, second, arg, clock, reach);
    return timer;
  }

  /** The timer that was armed with another one. */
  second(timer: number): number {
    return timer + ROW;
  }

  private begin(timer: number, ring: number, arg: number, clock: Float64Array, reach: Float64Array): void {
    const rows = this.rows;
    const values = this.values;
    const deadlineNs = clock[0]! + values[ring >> 1]!;
    values[timer >> 1] = deadlineNs;
    values[((timer >> 1) + 1) | 0] = ++this.armed;
    rows[(timer + ARG) | 0] = arg;
    if (deadlineNs < reach[0]!) {
      rows[(timer + PREVIOUS) | 0] = timer;
      return;
    }
    const last = rows[(ring + PREVIOUS) | 0]!;
    rows[(timer + NEXT) | 0] = ring;
    rows[(timer + PREVIOUS) | 0] = last;
    rows[(last + NEXT) | 0] = timer;
    rows[(ring + PREVIOUS) | 0] = timer;
  }

  /** Ends a timer, whether it fires or not. @returns the queue's event of it, 0 = none */
  end(timer: number): number {
    const rows = this.rows;
    invariant(rows[timer + PREVIOUS]! !== FREE, 'a timer that is over was disarmed');
    const event = rows[timer + EVENT]!;
    if (event === 0) this.unlink(timer);
    rows[timer + EVENT] = 0;
    rows[timer + PREVIOUS] = FREE;
    if (rows[(timer ^ ROW) + PREVIOUS] === FREE) this.give(timer & ~ROW);
    return event;
  }

  /** Ends two that were armed at once. @returns false when the queue has taken one of them over, and nothing has happened */
  endTwo(timer: number): boolean {
    const rows = this.rows;
    const second = (timer + ROW) | 0;
    if ((rows[(timer + EVENT) | 0]! | rows[(second + EVENT) | 0]!) !== 0) return false;
    invariant(
      rows[(timer + PREVIOUS) | 0]! !== FREE && rows[(second + PREVIOUS) | 0]! !== FREE,
      'a timer that is over was disarmed',
    );
    this.unlink(timer);
    this.unlink(second);
    rows[(timer + PREVIOUS) | 0] = FREE;
    rows[(second + PREVIOUS) | 0] = FREE;
    this.give(timer);
    return true;
  }

  retarget(timer: number, arg: number): void {
    invariant(this.rows[timer + PREVIOUS]! !== FREE, 'a timer that is over cannot be for somebody else');
    this.rows[timer + ARG] = arg;
  }

  /** Whether the queue has to take a timer over that was armed just now. */
  isNear(timer: number): boolean {
    return this.rows[timer + PREVIOUS] === timer;
  }

  /** The queue takes a timer over. */
  becomes(timer: number, event: number): void {
    if (this.rows[timer + PREVIOUS] !== timer) this.unlink(timer);
    this.rows[timer + EVENT] = event;
  }

  /** The first timer of a lane that has not been taken over, 0 = none. */
  first(ring: number): number {
    const first = this.rows[ring + NEXT]!;
    return first === ring ? 0 : first;
  }

  arg(timer: number): number {
    return this.rows[timer + ARG]!;
  }

  deadlineNs(timer: number): number {
    return this.values[timer >> 1]!;
  }

  number(timer: number): number {
    return this.values[(timer >> 1) + 1]!;
  }

  /** Whether no more timers than that have not been taken over. */
  areFew(most: number): boolean {
    let waiting = 0;
    for (const ring of this.lanes)
      for (let timer = this.rows[ring + NEXT]!; timer !== ring; timer = this.rows[timer + NEXT]!)
        if (++waiting > most) return false;
    return true;
  }

  /** For tests: timers that have not been taken over. */
  get waiting(): number {
    let waiting = 0;
    for (const ring of this.lanes)
      for (let timer = this.rows[ring + NEXT]!; timer !== ring; timer = this.rows[timer + NEXT]!) waiting++;
    return waiting;
  }

  private unlink(timer: number): void {
    const rows = this.rows;
    const next = rows[(timer + NEXT) | 0]!;
    const previous = rows[(timer + PREVIOUS) | 0]!;
    rows[(previous + NEXT) | 0] = next;
    rows[(next + PREVIOUS) | 0] = previous;
  }

  private take(): number {
    if (this.free === 0) this.grow();
    const timer = this.free;
    this.free = this.rows[timer + NEXT]!;
    return timer;
  }

  private grow(): void {
    const before = this.rows.length;
    const length = Math.max(16 * ROW, before * 2);
    const rows = new Int32Array(length);
    rows.set(this.rows);
    const values = new Float64Array(length >> 1);
    values.set(this.values);
    this.rows = rows;
    this.values = values;
    // Rows 0 and 1 are no timers.
    for (let timer = length - TWO; timer >= Math.max(TWO, before); timer -= TWO) {
      rows[timer + PREVIOUS] = FREE;
      rows[timer + ROW + PREVIOUS] = FREE;
      this.give(timer);
    }
  }

  /** @param timer the first of two rows */
  private give(timer: number): void {
    this.rows[(timer + NEXT) | 0] = this.free;
    this.free = timer;
  }
}

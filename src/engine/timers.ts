// Timers of constant delays, nearly all of which are disarmed before they are up: timeouts. Those of one delay come up in the order in
// which they were armed, so a lane is a list, armed at its end and disarmed anywhere, at a fraction of what the event queue would take.
// In the queue is at most one event for each lane, at or before the time of its first timer: the watch. When it comes the first timer is
// either up, or the watch is moved on to it, which is no event of the simulation.
// Timers of one lane that are up at the same time come in the order in which they were armed; among other events of that time they come
// where the watch does.
import { Rows } from './rows.ts';

/** Cells of a timer: its neighbours in its lane (-1 = none), the lane, the argument; and a double, when it is up [ns]. */
const ROW = 8;
const NEXT = 0;
const PREVIOUS = 1;
const LANE = 2;
const ARG = 3;
const DOUBLES = ROW / 2;
const UP = 3;

interface Lane {
  delayNs: number;
  kind: number;
  first: number;
  last: number;
  isWatched: boolean;
}

export class Timers {
  readonly #rows = new Rows(ROW);
  readonly #lanes: Lane[] = [];
  /** Of the timer that is up. */
  kind = 0;
  arg = 0;

  /** @param clock now [ns] at 0  @param watch schedules a lane's watch */
  constructor(
    readonly clock: Float64Array,
    readonly watch: (atNs: number, lane: number) => void,
  ) {}

  /** The lane of a delay and an event kind. */
  lane(delayNs: number, kind: number): number {
    const known = this.#lanes.findIndex((lane) => lane.delayNs === delayNs && lane.kind === kind);
    if (known >= 0) return known;
    return this.#lanes.push({ delayNs, kind, first: -1, last: -1, isWatched: false }) - 1;
  }

  /** @returns a handle, a small integer below 0 */
  arm(lane: number, arg: number): number {
    const rows = this.#rows;
    const list = this.#lanes[lane]!;
    const row = rows.take();
    const { cells } = rows;
    const at = row * ROW;
    const { last } = list;
    const upNs = this.clock[0]! + list.delayNs;
    cells[at + NEXT] = -1;
    cells[at + PREVIOUS] = last;
    cells[at + LANE] = lane;
    cells[at + ARG] = arg;
    rows.doubles[row * DOUBLES + UP] = upNs;
    if (last < 0) list.first = row;
    else cells[last * ROW + NEXT] = row;
    list.last = row;
    if (!list.isWatched) {
      list.isWatched = true;
      this.watch(upNs, lane);
    }
    return -1 - row;
  }

  /** @param handle of a timer that is neither up nor disarmed */
  disarm(handle: number): void {
    const row = -1 - handle;
    const { cells } = this.#rows;
    const at = row * ROW;
    const next = cells[at + NEXT]!;
    const previous = cells[at + PREVIOUS]!;
    const list = this.#lanes[cells[at + LANE]!]!;
    if (previous < 0) list.first = next;
    else cells[previous * ROW + NEXT] = next;
    if (next < 0) list.last = previous;
    else cells[next * ROW + PREVIOUS] = previous;
    this.#rows.give(row);
  }

  retarget(handle: number, arg: number): void {
    this.#rows.cells[(-1 - handle) * ROW + ARG] = arg;
  }

  /** The watch of a lane has come. @returns whether a timer is up: kind and arg are its */
  isUp(lane: number): boolean {
    const list = this.#lanes[lane]!;
    const { first } = list;
    list.isWatched = false;
    if (first < 0) return false;
    const upNs = this.#rows.doubles[first * DOUBLES + UP]!;
    const isUp = upNs <= this.clock[0]!;
    if (isUp) {
      this.kind = list.kind;
      this.arg = this.#rows.cells[first * ROW + ARG]!;
      this.disarm(-1 - first);
    }
    if (list.first >= 0) {
      list.isWatched = true;
      this.watch(this.#rows.doubles[list.first * DOUBLES + UP]!, lane);
    }
    return isUp;
  }
}

// One row of 64 bytes for each request on the express way, so that a request is one line of the processor's cache; what only scripts need
// stands beside it. Rows are in a free list; nothing is allocated per request.

/** Integers of a row. */
export const ROW = 16;
/** Where it stands, see below. */
export const PHASE = 0;
/** Index of the site's target; a row that is handed over has its attempt here. */
export const TARGET = 1;
export const ATTEMPT = 1;
/** Host of the cluster; a row that is handed over has its job here, or -1. */
export const HOST = 2;
export const JOB = 2;
/** Index into servers. */
export const SERVER = 3;
export const CONNECTION = 4;
export const LOAD = 5;
export const SEGMENT = 6;
/** The row whose script made it, -2 - the job whose script did, or NOBODY. */
export const PARENT = 7;
/** Step of that script * 256 + which of its calls; the load's user where there is no script. */
export const TAG = 8;
/** Planned status, 0 = none; then that of the answer. */
export const STATUS = 9;
/** Matching lines printed so far. */
export const LINES = 10;
/** The next free row, the next one in its server's queue (-1 = none, job j = j, row r = -2 - r), or the row of the call that its script has out. */
export const NEXT = 11;
/** Number among all attempts. */
export const SEQUENCE = 12;
/** Armed timer of the route or else of the try, 0 = none; where there are both, they were armed at once. */
export const TIMER = 13;

/** When it began [ns]: a double in the last two integers of the row. */
export const START_STRIDE = ROW / 2;
export const START = 7;

/** No script made it, but a load. */
export const NOBODY = -1;

/** Phases. ON_ITS_WAY, IS_SERVED, SLEEPS and the returning ones wait for an event of their own. */
export const FREE = 0;
export const ON_ITS_WAY = 1;
export const WAITS = 2;
export const IS_SERVED = 3;
export const IN_SCRIPT = 4;
export const SLEEPS = 5;
export const RETURNS = 6;
export const RETURNS_FROM_SCRIPT = 7;
/** Goes on the general way; only waits for the event that it had pending. */
export const HANDED_OVER = 8;

/** Integers beside a row: the next step of its script, the tries of its calls. */
export const MORE = 2;
export const STEP = 0;
export const TRIES = 1;

export class ExpressRows {
  #capacity = 16;
  #free = -1;
  /** Rows that have ever been taken: the first ones. */
  used = 0;
  cells = new Int32Array(this.#capacity * ROW);
  /** The same memory. */
  startNs = new Float64Array(this.cells.buffer);
  more = new Int32Array(this.#capacity * MORE);

  /** A row whose cells hold what the last owner left. */
  take(): number {
    const row = this.#free;
    if (row >= 0) {
      this.#free = this.cells[row * ROW + NEXT]!;
      return row;
    }
    if (this.used === this.#capacity) this.#grow();
    return this.used++;
  }

  give(row: number): void {
    const { cells } = this;
    cells[row * ROW + PHASE] = FREE;
    cells[row * ROW + NEXT] = this.#free;
    this.#free = row;
  }

  #grow(): void {
    this.#capacity *= 2;
    const { cells, more } = this;
    this.cells = new Int32Array(this.#capacity * ROW);
    this.cells.set(cells);
    this.startNs = new Float64Array(this.cells.buffer);
    this.more = new Int32Array(this.#capacity * MORE);
    this.more.set(more);
  }
}

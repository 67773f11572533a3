// Rows of whole numbers side by side, so that all of a row lies in one or two lines of the processor's cache; pairs of cells can hold a
// double. Rows that are free are in a list: taking and giving back allocates nothing. The arrays double when the rows are full: read
// them through the object, never keep one across a take().
import { invariant } from './invariant.ts';

export class Rows {
  #rows: number;
  #free: Int32Array;
  #freeCount: number;
  cells: Int32Array;
  /** The same memory: double d of row r is at r * width / 2 + d, in the cells 2 d and 2 d + 1 of the row. */
  doubles: Float64Array;

  /** @param width cells of a row, an even number */
  constructor(
    readonly width: number,
    capacity = 16,
  ) {
    this.#rows = capacity;
    this.cells = new Int32Array(capacity * width);
    this.doubles = new Float64Array(this.cells.buffer);
    this.#free = Int32Array.from({ length: capacity }, (_, i) => capacity - 1 - i);
    this.#freeCount = capacity;
  }

  /** Rows that are taken now. */
  get size(): number {
    return this.#rows - this.#freeCount;
  }

  /** A free row; its cells hold what the last owner left, or 0. The first ones first. */
  take(): number {
    if (this.#freeCount === 0) this.#grow();
    return this.#free[--this.#freeCount]!;
  }

  give(row: number): void {
    invariant(this.#freeCount < this.#rows, 'a row was given back twice');
    this.#free[this.#freeCount++] = row;
  }

  /** The rows that are taken, ascending; for a rare look, not for the hot path. */
  takenRows(): number[] {
    const free = new Set(this.#free.subarray(0, this.#freeCount));
    return Array.from({ length: this.#rows }, (_, row) => row).filter((row) => !free.has(row));
  }

  #grow(): void {
    const before = this.#rows;
    this.#rows = before * 2;
    const { cells } = this;
    this.cells = new Int32Array(this.#rows * this.width);
    this.cells.set(cells);
    this.doubles = new Float64Array(this.cells.buffer);
    this.#free = new Int32Array(this.#rows);
    for (let row = this.#rows - 1; row >= before; row--) this.#free[this.#freeCount++] = row;
  }
}

// Rows of numbers in columns: struct-of-arrays with a free list, so that taking and giving back a row allocates nothing. Columns double
// when the table is full: read them through the table (`table.startNs[row]`), never keep a column across a take().
import { invariant } from './invariant.ts';

type Column = Int32Array | Float64Array | Uint8Array;

export abstract class Table {
  #capacity: number;
  #free: Int32Array;
  #freeCount: number;
  readonly #names: string[] = [];
  readonly #widths: number[] = [];

  constructor(capacity = 64) {
    this.#capacity = capacity;
    this.#free = Int32Array.from({ length: capacity }, (_, i) => capacity - 1 - i);
    this.#freeCount = capacity;
  }

  /** Rows that are taken now. */
  get size(): number {
    return this.#capacity - this.#freeCount;
  }

  get capacity(): number {
    return this.#capacity;
  }

  /** Declares an integer column of `width` cells a row; the name must be that of the field it is kept in. */
  protected int32(name: string, width = 1): Int32Array {
    this.#declare(name, width);
    return new Int32Array(this.#capacity * width);
  }

  protected float64(name: string, width = 1): Float64Array {
    this.#declare(name, width);
    return new Float64Array(this.#capacity * width);
  }

  /** A free row; its cells hold what the last owner left. */
  take(): number {
    if (this.#freeCount === 0) this.#grow();
    return this.#free[--this.#freeCount]!;
  }

  give(row: number): void {
    invariant(this.#freeCount < this.#capacity, 'a row was given back twice');
    this.#free[this.#freeCount++] = row;
  }

  /** The rows that are taken, ascending; for a look at the end, not for the hot path. */
  takenRows(): number[] {
    const free = new Set(this.#free.subarray(0, this.#freeCount));
    return Array.from({ length: this.#capacity }, (_, row) => row).filter((row) => !free.has(row));
  }

  #declare(name: string, width: number): void {
    this.#names.push(name);
    this.#widths.push(width);
  }

  #grow(): void {
    const old = this.#capacity;
    this.#capacity = old * 2;
    const fields = this as unknown as Record<string, Column>;
    for (let i = 0; i < this.#names.length; i++) {
      const before = fields[this.#names[i]!]!;
      const length = this.#capacity * this.#widths[i]!;
      const wide = before instanceof Float64Array ? new Float64Array(length) : new Int32Array(length);
      wide.set(before);
      fields[this.#names[i]!] = wide;
    }
    this.#free = new Int32Array(this.#capacity);
    for (let row = this.#capacity - 1; row >= old; row--) this.#free[this.#freeCount++] = row;
  }
}

// Rows of numbers in columns: struct-of-arrays with a free list, so that taking and giving back a row allocates nothing. Columns double
// when the table is full: read them through the table (`table.startNs[row]`), never keep a column across a take().
import { invariant } from './invariant.ts';

type Column = Int32Array | Float64Array | Uint8Array;

export abstract class Table {
  // Not #private: the methods below see tables of many shapes, and there a #name is looked up the slow way (5 % of a whole run).
  private rows: number;
  /** Free rows from 1 on; how many there are at 0. */
  private free: Int32Array;
  private readonly names: string[] = [];
  private readonly widths: number[] = [];

  constructor(capacity = 64) {
    this.rows = capacity;
    this.free = Int32Array.from({ length: capacity + 1 }, (_, i) => capacity - i);
  }

  /** Rows that are taken now. */
  get size(): number {
    return this.rows - this.free[0]!;
  }

  get capacity(): number {
    return this.rows;
  }

  /** Declares an integer column of `width` cells a row; the name must be that of the field it is kept in. */
  protected int32(name: string, width = 1): Int32Array {
    this.#declare(name, width);
    return new Int32Array(this.rows * width);
  }

  protected float64(name: string, width = 1): Float64Array {
    this.#declare(name, width);
    return new Float64Array(this.rows * width);
  }

  /** A free row; its cells hold what the last owner left. */
  take(): number {
    if (this.free[0] === 0) this.#grow();
    const free = this.free;
    return free[free[0]!--]!;
  }

  give(row: number): void {
    const free = this.free;
    invariant(free[0]! < this.rows, 'a row was given back twice');
    free[++free[0]!] = row;
  }

  /** The rows that are taken, ascending; for a look at the end, not for the hot path. */
  takenRows(): number[] {
    const free = new Set(this.free.subarray(1, this.free[0]! + 1));
    return Array.from({ length: this.rows }, (_, row) => row).filter((row) => !free.has(row));
  }

  #declare(name: string, width: number): void {
    this.names.push(name);
    this.widths.push(width);
  }

  #grow(): void {
    const old = this.rows;
    this.rows = old * 2;
    const fields = this as unknown as Record<string, Column>;
    for (let i = 0; i < this.names.length; i++) {
      const before = fields[this.names[i]!]!;
      const length = this.rows * this.widths[i]!;
      const wide = before instanceof Float64Array ? new Float64Array(length) : new Int32Array(length);
      wide.set(before);
      fields[this.names[i]!] = wide;
    }
    this.free = new Int32Array(this.rows + 1);
    for (let row = this.rows - 1; row >= old; row--) this.free[++this.free[0]!] = row;
  }
}

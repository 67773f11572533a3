// Counts of non-negative integers (latencies in ns) in log-linear buckets at most 0.8 % wide: values below 256 have a bucket each,
// above that every doubling is cut into 128. Mergeable; exact sum, least and greatest.

const BUCKETS = 46 * 128 + 256;

/** Bucket of an integer 0 <= value < 2^53. */
export function bucketOf(value: number): number {
  const small = value | 0;
  if (small === value) {
    if (small < 256) return small;
    const shift = (24 - Math.clz32(small)) | 0;
    return ((shift << 7) + (small >> shift)) | 0;
  }
  const high = Math.floor(value / 4294967296);
  const shift = high > 0 ? 56 - Math.clz32(high) : 24;
  return shift * 128 + Math.floor(value / 2 ** shift);
}

/** Midpoint of a bucket's range. */
export function bucketMiddle(bucket: number): number {
  if (bucket < 256) return bucket;
  const shift = Math.floor(bucket / 128) - 1;
  const low = (bucket - shift * 128) * 2 ** shift;
  return low + (2 ** shift - 1) / 2;
}

/** Cells of a histogram: the totals, and behind them the counts of the buckets. One typed array, and no number is ever allocated. */
const COUNT = 0;
const SUM = 1;
const MIN = 2;
const MAX = 3;
const COUNTS = 4;

export class Histogram {
  // Not #private: V8 takes a third more bytecode for a #name, and inlines record() by the length of its bytecode.
  private readonly cells = new Float64Array(COUNTS + BUCKETS);

  constructor() {
    this.cells[MIN] = Number.POSITIVE_INFINITY;
  }

  record(value: number): void {
    const { cells } = this;
    cells[COUNTS + bucketOf(value)]! += 1;
    cells[COUNT]! += 1;
    cells[SUM]! += value;
    if (value < cells[MIN]!) cells[MIN] = value;
    if (value > cells[MAX]!) cells[MAX] = value;
  }

  /** The same value so many times. */
  recordMany(value: number, times: number): void {
    if (times === 0) return;
    const { cells } = this;
    cells[COUNTS + bucketOf(value)]! += times;
    cells[COUNT]! += times;
    cells[SUM]! += value * times;
    if (value < cells[MIN]!) cells[MIN] = value;
    if (value > cells[MAX]!) cells[MAX] = value;
  }

  get count(): number {
    return this.cells[COUNT]!;
  }

  get sum(): number {
    return this.cells[SUM]!;
  }

  /** 0 when empty. */
  get min(): number {
    return this.count === 0 ? 0 : this.cells[MIN]!;
  }

  get max(): number {
    return this.cells[MAX]!;
  }

  /** 0 when empty. */
  get mean(): number {
    return this.count === 0 ? 0 : this.sum / this.count;
  }

  /** Middle of the first bucket whose cumulative count reaches ceil(share * count), within [min, max]; 0 when empty. */
  percentile(share: number): number {
    const wanted = Math.max(1, Math.ceil(share * this.count));
    let seen = 0;
    const end = this.#end();
    for (let bucket = bucketOf(this.min); bucket < end; bucket++) {
      seen += this.cells[COUNTS + bucket]!;
      if (seen >= wanted) return Math.min(this.max, Math.max(this.min, bucketMiddle(bucket)));
    }
    return 0;
  }

  /** Behind the last bucket that may hold something. */
  #end(): number {
    return this.count === 0 ? 0 : bucketOf(this.max) + 1;
  }

  merge(other: Histogram): void {
    const [mine, theirs] = [this.cells, other.cells];
    const least = Math.min(mine[MIN]!, theirs[MIN]!);
    const greatest = Math.max(mine[MAX]!, theirs[MAX]!);
    for (let cell = 0; cell < mine.length; cell++) mine[cell]! += theirs[cell]!;
    mine[MIN] = least;
    mine[MAX] = greatest;
  }

  /** Non-empty buckets as [bucket, count], in order. */
  toPairs(): [number, number][] {
    const pairs: [number, number][] = [];
    const end = this.#end();
    for (let bucket = bucketOf(this.min); bucket < end; bucket++) {
      if (this.cells[COUNTS + bucket]! > 0) pairs.push([bucket, this.cells[COUNTS + bucket]!]);
    }
    return pairs;
  }
}

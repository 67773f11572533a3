// Counts of non-negative integers (latencies in ns) in log-linear buckets at most 0.8 % wide: values below 256 have a bucket each,
// above that every doubling is cut into 128. Mergeable; exact sum, least and greatest.

const BUCKETS = 46 * 128 + 256;

/** Bucket of an integer 0 <= value < 2^53. */
export function bucketOf(value: number): number {
  if (value < 256) return value;
  if (value < 2147483648) {
    const shift = 24 - Math.clz32(value);
    return shift * 128 + (value >> shift);
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

export class Histogram {
  readonly #counts = new Float64Array(BUCKETS);
  /** [count, sum, min, max]: a typed array, so that recording boxes no number. */
  readonly #totals = new Float64Array([0, 0, Number.POSITIVE_INFINITY, 0]);

  record(value: number): void {
    const totals = this.#totals;
    this.#counts[bucketOf(value)]! += 1;
    totals[0]! += 1;
    totals[1]! += value;
    if (value < totals[2]!) totals[2] = value;
    if (value > totals[3]!) totals[3] = value;
  }

  /** The same value so many times. */
  recordMany(value: number, times: number): void {
    if (times === 0) return;
    const totals = this.#totals;
    this.#counts[bucketOf(value)]! += times;
    totals[0]! += times;
    totals[1]! += value * times;
    if (value < totals[2]!) totals[2] = value;
    if (value > totals[3]!) totals[3] = value;
  }

  get count(): number {
    return this.#totals[0]!;
  }

  get sum(): number {
    return this.#totals[1]!;
  }

  /** 0 when empty. */
  get min(): number {
    return this.count === 0 ? 0 : this.#totals[2]!;
  }

  get max(): number {
    return this.#totals[3]!;
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
      seen += this.#counts[bucket]!;
      if (seen >= wanted) return Math.min(this.max, Math.max(this.min, bucketMiddle(bucket)));
    }
    return 0;
  }

  /** Behind the last bucket that may hold something. */
  #end(): number {
    return this.count === 0 ? 0 : bucketOf(this.max) + 1;
  }

  merge(other: Histogram): void {
    for (let bucket = 0; bucket < BUCKETS; bucket++) this.#counts[bucket]! += other.#counts[bucket]!;
    const [mine, theirs] = [this.#totals, other.#totals];
    mine[0]! += theirs[0]!;
    mine[1]! += theirs[1]!;
    mine[2] = Math.min(mine[2]!, theirs[2]!);
    mine[3] = Math.max(mine[3]!, theirs[3]!);
  }

  /** Non-empty buckets as [bucket, count], in order. */
  toPairs(): [number, number][] {
    const pairs: [number, number][] = [];
    const end = this.#end();
    for (let bucket = bucketOf(this.min); bucket < end; bucket++) {
      if (this.#counts[bucket]! > 0) pairs.push([bucket, this.#counts[bucket]!]);
    }
    return pairs;
  }
}

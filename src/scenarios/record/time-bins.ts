// From the run's counts to the recording's series: bins joined until all series together are small enough, latencies as percentiles.
import { bucketMiddle } from '../../engine/histogram.ts';
import type { RunSeries, SeriesRow } from '../../models/world.ts';
import type { Series } from './recording.ts';

export const joinSums = (counts: readonly number[], by: number): number[] =>
  join(counts, by, (a, b) => a + b);
export const joinMost = (counts: readonly number[], by: number): number[] => join(counts, by, Math.max);

function join(counts: readonly number[], by: number, both: (a: number, b: number) => number): number[] {
  const joined = new Array<number>(Math.ceil(counts.length / by)).fill(0);
  for (const [bin, count] of counts.entries()) {
    const to = Math.floor(bin / by);
    joined[to] = both(joined[to]!, count);
  }
  return joined;
}

/** How many bins to make one of, so that not more than `most` numbers are left. */
export function joinedBy(series: RunSeries, most: number): number {
  const ofRow = (row: SeriesRow) => 5 + row.flags.length;
  const columns =
    series.loads.reduce((sum, row) => sum + ofRow(row), 0) +
    series.calls.reduce((sum, row) => sum + ofRow(row) + row.answers.length + 3 * row.tries.length, 0);
  return Math.max(1, Math.ceil((columns * series.bins) / most));
}

export function seriesOf(row: SeriesRow, by: number): Series {
  const requests = joinSums(row.requests, by);
  const buckets: [number, number][][] = requests.map(() => []);
  for (const [bin, bucket, count] of row.latency) buckets[Math.floor(bin / by)]?.push([bucket, count]);
  for (const list of buckets) list.sort(([a], [b]) => a - b);
  const at = (share: number) => buckets.map((list) => percentile(list, share));
  return {
    requests,
    failed: joinSums(row.failed, by),
    flags: row.flags.map(({ flag, counts }) => ({ flag, counts: joinSums(counts, by) })),
    p50: at(0.5),
    p95: at(0.95),
    p99: at(0.99),
  };
}

/** Seconds, to three digits. */
function percentile(buckets: readonly [number, number][], share: number): number {
  const all = buckets.reduce((sum, [, count]) => sum + count, 0);
  const wanted = Math.max(1, Math.ceil(share * all));
  let seen = 0;
  for (const [bucket, count] of buckets) {
    seen += count;
    if (seen >= wanted) return Number((bucketMiddle(bucket) / 1e9).toPrecision(3));
  }
  return 0;
}

// Which part of a run a question is about: loads, a time window, one service, one caller. Answers it with sums over the tallies.
import { bucketMiddle } from '../../engine/histogram.ts';
import type { LoadResult, RunResult, TallyRow } from '../../models/world.ts';

export interface Selection {
  /** As people write it: "reviews", "reviews.default" or the whole host name. */
  of?: string;
  load?: string;
  fromNs?: number;
  toNs?: number;
  /** Workload name of the caller, or the name of a gateway. */
  caller?: string;
}

/** What the tallies' indexes mean. */
export interface RunNames {
  /** Labels of each server, by index. */
  serverLabels: readonly Record<string, string>[];
  /** Caller (server or proxy name) -> its workload or gateway. */
  callerWorkloads: ReadonlyMap<string, string>;
  breakpointsNs: readonly number[];
}

/** "reviews.default.svc.cluster.local" -> "reviews.default"; other hosts stay. */
export function serviceName(host: string): string {
  const match = /^([^.]+)\.([^.]+)\.svc\..+$/.exec(host);
  return match ? `${match[1]}.${match[2]}` : host;
}

export function isService(host: string, wanted: string): boolean {
  // All of these begin with it; most hosts do not, and there are many rows.
  if (!host.startsWith(wanted)) return false;
  return host === wanted || serviceName(host) === wanted || serviceName(host).split('.')[0] === wanted;
}

/** Does segment i lie within [from, to)? The bounds of every question are breakpoints, so no segment is cut. */
function isInside(segment: number, selection: Selection, breakpoints: readonly number[]): boolean {
  const start = segment === 0 ? Number.NEGATIVE_INFINITY : breakpoints[segment - 1]!;
  const end = segment < breakpoints.length ? breakpoints[segment]! : Number.POSITIVE_INFINITY;
  if (selection.fromNs !== undefined && selection.fromNs > 0 && start < selection.fromNs) return false;
  return selection.toNs === undefined || end <= selection.toNs;
}

export function selectTallies(run: RunResult, selection: Selection, names: RunNames): TallyRow[] {
  return run.tallies.filter(
    (row) =>
      (selection.of === undefined || isService(row.service, selection.of)) &&
      (selection.load === undefined || row.load === selection.load) &&
      (selection.caller === undefined ||
        row.caller === selection.caller ||
        names.callerWorkloads.get(row.caller) === selection.caller) &&
      isInside(row.segment, selection, names.breakpointsNs),
  );
}

export function selectLoads(run: RunResult, selection: Selection, names: RunNames): LoadResult[] {
  return run.loads.filter(
    (row) =>
      (selection.load === undefined || row.load === selection.load) &&
      isInside(row.segment, selection, names.breakpointsNs),
  );
}

export interface Sums {
  requests: number;
  failed: number;
  attempts: number;
  codes: Record<string, number>;
  flags: Record<string, number>;
  latency: LatencySums;
}

/** Merged latency buckets: [bucket, count] in order, and exact sum and greatest [ns]. */
export interface LatencySums {
  buckets: Map<number, number>;
  count: number;
  sumNs: number;
  maxNs: number;
}

export const noLatency = (): LatencySums => ({ buckets: new Map(), count: 0, sumNs: 0, maxNs: 0 });

export function addLatency(
  sums: LatencySums,
  row: { histogram: [number, number][]; latencySumNs: number; latencyMaxNs?: number },
): void {
  let greatest = -1;
  for (const [bucket, count] of row.histogram) {
    sums.buckets.set(bucket, (sums.buckets.get(bucket) ?? 0) + count);
    sums.count += count;
    if (bucket > greatest) greatest = bucket;
  }
  sums.sumNs += row.latencySumNs;
  if (row.latencyMaxNs !== undefined) sums.maxNs = Math.max(sums.maxNs, row.latencyMaxNs);
  else if (greatest >= 0) sums.maxNs = Math.max(sums.maxNs, bucketMiddle(greatest));
}

/** Seconds. `what` is p50, p90, p95, p99, mean or max. */
export function latencyAt(sums: LatencySums, what: string): number {
  if (sums.count === 0) return 0;
  if (what === 'mean') return sums.sumNs / sums.count / 1e9;
  if (what === 'max') return sums.maxNs / 1e9;
  const wanted = Math.max(1, Math.ceil((Number(what.slice(1)) / 100) * sums.count));
  let seen = 0;
  for (const bucket of [...sums.buckets.keys()].sort((a, b) => a - b)) {
    seen += sums.buckets.get(bucket)!;
    if (seen >= wanted) return Math.min(sums.maxNs, bucketMiddle(bucket)) / 1e9;
  }
  return sums.maxNs / 1e9;
}

function add(into: Record<string, number>, from: Record<string, number>): void {
  const keys = Object.keys(from);
  if (keys.length > 1) keys.sort();
  for (const key of keys) into[key] = (into[key] ?? 0) + from[key]!;
}

/** Adds up tallies, or loads (whose failures are what is not ok). */
export function sumOf(rows: readonly (TallyRow | LoadResult)[]): Sums {
  const sums: Sums = {
    requests: 0,
    failed: 0,
    attempts: 0,
    codes: {},
    flags: {},
    latency: noLatency(),
  };
  for (const row of rows) {
    sums.requests += row.requests;
    sums.failed += 'failed' in row ? row.failed : row.requests - row.ok;
    sums.attempts += row.attempts;
    add(sums.codes, row.codes);
    add(sums.flags, row.flags);
    addLatency(sums.latency, row);
  }
  return sums;
}

/** Logical calls, or tries, by what a label says of the server that answered; nobody is "none", no such label "". */
export function countBy(
  rows: readonly TallyRow[],
  label: string,
  what: 'requests' | 'attempts',
  names: RunNames,
): Map<string, number> {
  const counts = new Map<string, number>();
  const put = (key: string, count: number) => counts.set(key, (counts.get(key) ?? 0) + count);
  for (const row of rows) {
    for (const [server, count] of Object.entries(row.by)) {
      if (count[what] > 0) put(names.serverLabels[Number(server)]?.[label] ?? '', count[what]);
    }
    if (what === 'requests' && row.none > 0) put('none', row.none);
  }
  return counts;
}

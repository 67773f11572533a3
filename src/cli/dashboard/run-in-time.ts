// A recorded run looked at from a moment: what had been counted by then, and in the window before it. Pure; sums are kept per array.

import type {
  RecordedEjection,
  RecordedTraffic,
  Recording,
  Series,
} from '../../scenarios/record/recording.ts';
import type { ScenarioResult } from '../../scenarios/result.ts';
import type { SavedRun } from '../read-run.ts';

const prefixes = new WeakMap<readonly number[], Float64Array>();

/** sums[i] = all counts before bin i. */
function prefixOf(counts: readonly number[]): Float64Array {
  let sums = prefixes.get(counts);
  if (sums === undefined) {
    sums = new Float64Array(counts.length + 1);
    for (const [i, count] of counts.entries()) sums[i + 1] = sums[i]! + count;
    prefixes.set(counts, sums);
  }
  return sums;
}

/** Whole bins from `from` up to `to`. */
export interface Span {
  from: number;
  to: number;
}

export function countIn(counts: readonly number[], { from, to }: Span): number {
  const sums = prefixOf(counts);
  const last = sums.length - 1;
  return sums[Math.min(last, Math.max(0, to))]! - sums[Math.min(last, Math.max(0, from))]!;
}

export const mostIn = (values: readonly number[], { from, to }: Span): number => {
  let most = 0;
  for (let bin = Math.max(0, from); bin < Math.min(to, values.length); bin++)
    most = Math.max(most, values[bin]!);
  return most;
};

/** Long enough for one request a second to show a share. */
const WINDOW_SECONDS = 5;

export class Moment {
  readonly record: Recording;
  readonly result: ScenarioResult;
  /** Bins that are over. */
  readonly bins: number;
  readonly total: Span;
  readonly recent: Span;
  readonly windowSeconds: number;

  constructor(
    saved: SavedRun,
    readonly at: number,
  ) {
    this.record = saved.record;
    this.result = saved.result;
    const { binSeconds, bins, end } = this.record;
    this.bins = at >= end ? bins : Math.min(bins, Math.floor(at / binSeconds + 1e-9));
    const window = Math.max(1, Math.round((end < 10 ? end / 5 : WINDOW_SECONDS) / binSeconds));
    this.windowSeconds = window * binSeconds;
    this.total = { from: 0, to: this.bins };
    this.recent = { from: Math.max(0, this.bins - window), to: this.bins };
  }

  get isOver(): boolean {
    return this.at >= this.record.end;
  }

  /** User requests of all loads. */
  user(what: 'requests' | 'failed', span: Span): number {
    return this.record.loads.reduce((sum, { series }) => sum + countIn(series[what], span), 0);
  }

  perSecond(count: number, span: Span): number {
    const seconds = (span.to - span.from) * this.record.binSeconds;
    return seconds > 0 ? count / seconds : 0;
  }

  /** The greatest of the bins: percentiles of several bins cannot be joined. */
  worstLatency(series: readonly Series[], which: 'p50' | 'p95' | 'p99', span: Span): number {
    return Math.max(0, ...series.map((one) => mostIn(one[which], span)));
  }

  /** Rows of calls to a service, by whomever. */
  trafficTo(service: number): RecordedTraffic[] {
    return this.record.traffic.filter((row) => row.service === service);
  }

  ejectedNow(server: number, cluster?: string, caller?: number): RecordedEjection[] {
    return this.record.ejections.filter(
      (entry) =>
        entry.server === server &&
        entry.at <= this.at &&
        (entry.until === null || entry.until > this.at) &&
        (cluster === undefined || entry.cluster === cluster) &&
        (caller === undefined || entry.caller === caller),
    );
  }

  stateOf(server: number): string {
    return stateAt(this.record, server, this.at);
  }
}

export function stateAt(record: Recording, server: number, at: number): string {
  const states = record.servers[server]?.states ?? [];
  return states.findLast((entry) => entry.at <= at)?.state ?? 'ok';
}

/** Events, pushes and ejections of the result in order of time. */
export const eventsUntil = (result: ScenarioResult, at: number): ScenarioResult['timeline'] =>
  result.timeline.filter((entry) => entry.at <= at);

/** "reviews" of "reviews.default". */
export const shortName = (service: string): string =>
  /^[^.]+\.[^.]+$/.test(service) ? service.split('.')[0]! : service;

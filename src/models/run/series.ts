// Counts over time, for reports that show when things happened: made only when a run is recorded. The number of bins is fixed and the
// run's length unknown, so bins are folded together whenever it outgrows them; widths are 1 or 2 times a power of ten milliseconds.
import { bucketOf } from '../../engine/histogram.ts';
import type { RunSeries, SeriesRow } from '../world.ts';
import { RESPONSE_FLAGS } from '../world.ts';

/** Width at the start [ns]. */
const FIRST_BIN_NS = 1e6;
/** Bucket numbers of a histogram are below this. */
const BUCKETS = 8192;

type Column = Uint32Array<ArrayBuffer>;

class Row {
  readonly requests: Column;
  readonly failed: Column;
  readonly flags: (Column | undefined)[] = [];
  /** bin * BUCKETS + bucket -> count */
  latency = new Map<number, number>();

  constructor(readonly bins: number) {
    this.requests = new Uint32Array(bins);
    this.failed = new Uint32Array(bins);
  }

  finish(bin: number, status: number, flags: number, latencyNs: number): void {
    this.requests[bin]!++;
    if (status >= 500 || status === 0) this.failed[bin]!++;
    for (let rest = flags, bit = 0; rest !== 0; rest >>>= 1, bit++) {
      if ((rest & 1) === 0) continue;
      this.flags[bit] ??= new Uint32Array(this.bins);
      this.flags[bit]![bin]!++;
    }
    const key = bin * BUCKETS + coarseBucket(latencyNs);
    this.latency.set(key, (this.latency.get(key) ?? 0) + 1);
  }

  fold(by: number): void {
    for (const column of [this.requests, this.failed, ...this.flags]) if (column) foldSum(column, by);
    const folded = new Map<number, number>();
    for (const [key, count] of this.latency) {
      const bin = Math.floor(Math.floor(key / BUCKETS) / by);
      const to = bin * BUCKETS + (key % BUCKETS);
      folded.set(to, (folded.get(to) ?? 0) + count);
    }
    this.latency = folded;
  }

  plain(bins: number): SeriesRow {
    return {
      requests: plain(this.requests, bins),
      failed: plain(this.failed, bins),
      flags: this.flags.flatMap((column, bit) =>
        column ? [{ flag: RESPONSE_FLAGS[bit]!, counts: plain(column, bins) }] : [],
      ),
      latency: [...this.latency]
        .sort(([a], [b]) => a - b)
        .map(([key, count]) => [Math.floor(key / BUCKETS), key % BUCKETS, count]),
    };
  }
}

class CallRow extends Row {
  readonly answers = new Map<number, Column>();
  readonly tries = new Map<number, { counts: Column; failed: Column; inARow: Column }>();

  constructor(
    bins: number,
    readonly caller: string,
    readonly service: string,
  ) {
    super(bins);
  }

  answered(bin: number, server: number): void {
    let column = this.answers.get(server);
    if (column === undefined) {
      column = new Uint32Array(this.bins);
      this.answers.set(server, column);
    }
    column[bin]!++;
  }

  tried(bin: number, server: number, inARow: number): void {
    let columns = this.tries.get(server);
    if (columns === undefined) {
      const empty = () => new Uint32Array(this.bins);
      columns = { counts: empty(), failed: empty(), inARow: empty() };
      this.tries.set(server, columns);
    }
    columns.counts[bin]!++;
    if (inARow > 0) columns.failed[bin]!++;
    if (inARow > columns.inARow[bin]!) columns.inARow[bin] = inARow;
  }

  override fold(by: number): void {
    super.fold(by);
    for (const column of this.answers.values()) foldSum(column, by);
    for (const { counts, failed, inARow } of this.tries.values()) {
      foldSum(counts, by);
      foldSum(failed, by);
      foldMax(inARow, by);
    }
  }
}

export class Series {
  readonly #loads: Row[];
  readonly #calls: CallRow[] = [];
  readonly #byKey = new Map<string, CallRow>();
  /** Failures in a row, by proxy, service and server. */
  readonly #streaks = new Map<string, number>();
  #binNs = FIRST_BIN_NS;
  #foldBy = 2;

  constructor(
    loads: number,
    readonly bins: number,
    readonly clock: { readonly nowNs: number },
    readonly groupOf: (caller: string) => string,
  ) {
    this.#loads = Array.from({ length: loads }, () => new Row(bins));
  }

  requestDone(load: number, status: number, flags: number, latencyNs: number): void {
    this.#loads[load]!.finish(this.#bin(), status, flags, latencyNs);
  }

  callDone(
    caller: string,
    service: string,
    server: number,
    status: number,
    flags: number,
    latencyNs: number,
  ): void {
    const bin = this.#bin();
    const row = this.#row(caller, service);
    row.finish(bin, status, flags, latencyNs);
    row.answered(bin, server);
  }

  /** A try at a server is over, as its proxy sees it. */
  tried(caller: string, service: string, server: number, hasFailed: boolean): void {
    const key = `${caller}\n${service}\n${server}`;
    const inARow = hasFailed ? (this.#streaks.get(key) ?? 0) + 1 : 0;
    this.#streaks.set(key, inARow);
    this.#row(caller, service).tried(this.#bin(), server, inARow);
  }

  #row(caller: string, service: string): CallRow {
    const group = this.groupOf(caller);
    const key = `${group}\n${service}`;
    let row = this.#byKey.get(key);
    if (row === undefined) {
      row = new CallRow(this.bins, group, service);
      this.#byKey.set(key, row);
      this.#calls.push(row);
    }
    return row;
  }

  #bin(): number {
    while (this.clock.nowNs >= this.#binNs * this.bins) {
      for (const row of [...this.#loads, ...this.#calls]) row.fold(this.#foldBy);
      this.#binNs *= this.#foldBy;
      this.#foldBy = this.#foldBy === 2 ? 5 : 2;
    }
    return Math.floor(this.clock.nowNs / this.#binNs);
  }

  /** Up to the present moment. */
  result(): RunSeries {
    const bins = this.#bin() + 1;
    return {
      binNs: this.#binNs,
      bins,
      loads: this.#loads.map((row) => row.plain(bins)),
      calls: this.#calls.map((row) => ({
        ...row.plain(bins),
        caller: row.caller,
        service: row.service,
        answers: [...row.answers].map(([server, counts]) => ({ server, counts: plain(counts, bins) })),
        tries: [...row.tries].map(([server, { counts, failed, inARow }]) => ({
          server,
          counts: plain(counts, bins),
          failed: plain(failed, bins),
          inARow: plain(inARow, bins),
        })),
      })),
    };
  }
}

const plain = (column: Column, bins: number) => Array.from(column.subarray(0, bins));

/** A histogram's buckets, eight in one: at most 6 % wide. */
function coarseBucket(latencyNs: number): number {
  const bucket = bucketOf(latencyNs);
  return bucket - (bucket % 8) + 4;
}

function foldSum(column: Column, by: number): void {
  for (let to = 0; to < column.length; to++) {
    let sum = 0;
    for (let from = to * by; from < (to + 1) * by && from < column.length; from++) sum += column[from]!;
    column[to] = sum;
  }
}

function foldMax(column: Column, by: number): void {
  for (let to = 0; to < column.length; to++) {
    let most = 0;
    for (let from = to * by; from < (to + 1) * by && from < column.length; from++)
      most = Math.max(most, column[from]!);
    column[to] = most;
  }
}

// Counts what happens: per load and segment, and per (segment, load, caller, service). Indexes in, plain data out; recording allocates
// only when a row is new.
import { Histogram } from '../../engine/histogram.ts';
import type {
  EjectionRecord,
  HealthEventRecord,
  LoadResult,
  RequestSample,
  RunResult,
  TallyRow,
} from '../world.ts';
import { RESPONSE_FLAGS } from '../world.ts';
import type { Series } from './series.ts';

/** Statuses are counted up to this one; 0 = no answer at all. */
const STATUSES = 600;

export class Counts {
  attempts = 0;
  lines = 0;
  setCookies = 0;
  readonly codes = new Float64Array(STATUSES);
  readonly flags = new Float64Array(RESPONSE_FLAGS.length);
  readonly histogram = new Histogram();

  finish(status: number, flags: number, latencyNs: number): void {
    this.codes[status < STATUSES ? status : 0]!++;
    this.histogram.record(latencyNs);
    for (let rest = flags, bit = 0; rest !== 0; rest >>>= 1, bit++) if (rest & 1) this.flags[bit]!++;
  }

  /** As finish() so many times, but for the latencies. */
  finishMany(status: number, times: number): void {
    this.codes[status < STATUSES ? status : 0]! += times;
  }

  get requests(): number {
    return sum(this.codes);
  }

  get failed(): number {
    return this.codes[0]! + sum(this.codes.subarray(500));
  }

  /** Statuses and latencies of others too. */
  add(other: Counts): void {
    for (let status = 0; status < STATUSES; status++) this.codes[status]! += other.codes[status]!;
    this.histogram.merge(other.histogram);
  }

  codeTable(): Record<string, number> {
    const table: Record<string, number> = {};
    for (let status = 0; status < STATUSES; status++)
      if (this.codes[status]! > 0) table[String(status)] = this.codes[status]!;
    return table;
  }

  flagTable(): Record<string, number> {
    const table: Record<string, number> = {};
    for (const [bit, name] of RESPONSE_FLAGS.entries())
      if (this.flags[bit]! > 0) table[name] = this.flags[bit]!;
    return table;
  }
}

const sum = (counts: Float64Array) => counts.reduce((total, count) => total + count, 0);

/** Requests of a load, each ended by its first try: counted once, until Recorder adds them to the row and to the load's. */
class OwnRequests extends Counts {
  readonly answeredBy: Float64Array;

  constructor(servers: number) {
    super();
    this.answeredBy = new Float64Array(servers);
  }
}

export class Tally extends Counts {
  ofLoad: OwnRequests | null = null;
  none = 0;
  connections = 0;
  answeredBy: Float64Array;
  reached: Float64Array;

  constructor(
    readonly segment: number,
    readonly load: number,
    readonly caller: number,
    readonly service: number,
    servers: number,
  ) {
    super();
    this.answeredBy = new Float64Array(servers);
    this.reached = new Float64Array(servers);
  }

  /** A call that its first try has ended. */
  answered(server: number, status: number, latencyNs: number): void {
    this.finish(status, 0, latencyNs);
    this.attempts++;
    this.reached[server]!++;
    this.answeredBy[server]!++;
  }

  /** A request of the load itself that its first try has ended. @param tries of all its calls */
  requestDone(server: number, status: number, latencyNs: number, tries: number, lines: number): void {
    this.ofLoad ??= new OwnRequests(this.answeredBy.length);
    const counts = this.ofLoad;
    counts.finish(status, 0, latencyNs);
    counts.answeredBy[server]!++;
    if (tries > 1) counts.attempts += tries - 1;
    if (lines > 0) counts.lines += lines;
  }

  /** The same so many times, but for the latencies. */
  answeredMany(server: number, status: number, times: number): void {
    this.finishMany(status, times);
    this.attempts += times;
    this.reached[server]! += times;
    this.answeredBy[server]! += times;
  }
}

export class Recorder {
  readonly #loads: Counts[];
  readonly #tallies: Tally[] = [];
  readonly #byKey = new Map<number, number>();
  /** By service: what the newest row was asked for with, and the row. */
  readonly #newest: number[] = [];
  readonly #callers: string[] = [];
  readonly #services: string[] = [];
  readonly #serviceIndex = new Map<string, number>();
  readonly ejections: EjectionRecord[] = [];
  readonly timeline: RunResult['timeline'] = [];
  readonly samples: RequestSample[] = [];
  readonly healthEvents: HealthEventRecord[] = [];
  /** At segment * servers + server. */
  readonly #healthChecks: Float64Array;

  constructor(
    readonly loadNames: string[],
    readonly segments: number,
    readonly servers: number,
    /** null = not asked for. */
    readonly series: Series | null = null,
  ) {
    this.#healthChecks = new Float64Array(segments * servers);
    this.#loads = Array.from({ length: loadNames.length * segments }, () => new Counts());
  }

  /** Index of a caller's name. */
  caller(name: string): number {
    return this.#callers.push(name) - 1;
  }

  service(name: string): number {
    let index = this.#serviceIndex.get(name);
    if (index === undefined) {
      index = this.#services.push(name) - 1;
      this.#serviceIndex.set(name, index);
    }
    return index;
  }

  /** Row of a (segment, load, caller, service). */
  tally(segment: number, load: number, caller: number, service: number): number {
    const ofService = (caller * this.loadNames.length + load) * this.segments + segment;
    if (this.#newest[2 * service] === ofService) return this.#newest[2 * service + 1]!;
    const key = service * 65536 * this.loadNames.length * this.segments + ofService;
    let row = this.#byKey.get(key);
    if (row === undefined) {
      row = this.#tallies.push(new Tally(segment, load, caller, service, this.servers)) - 1;
      this.#byKey.set(key, row);
    }
    this.#newest[2 * service] = ofService;
    this.#newest[2 * service + 1] = row;
    return row;
  }

  rowOf(tally: number): Tally {
    return this.#tallies[tally]!;
  }

  /** A try reached the server, or was refused by it. */
  reached(tally: number, server: number): void {
    this.#tallies[tally]!.reached[server]!++;
  }

  /** A try is over; for the series alone. @param server -1 = the address is no server's */
  tried(tally: number, server: number, hasFailed: boolean): void {
    if (this.series === null || tally < 0) return;
    const row = this.#tallies[tally]!;
    this.series.tried(this.#callers[row.caller]!, this.#services[row.service]!, server, hasFailed);
  }

  /** A new upstream connection was made for a call of this row. */
  connected(tally: number): void {
    this.#tallies[tally]!.connections++;
  }

  /** An active check arrived. */
  healthChecked(segment: number, server: number): void {
    this.#healthChecks[segment * this.servers + server]!++;
  }

  /** Active checks that a server got, by segment. */
  healthChecksOf(server: number): number[] {
    return Array.from(
      { length: this.segments },
      (_, segment) => this.#healthChecks[segment * this.servers + server]!,
    );
  }

  cookieSet(load: number, segment: number): void {
    this.#loads[load * this.segments + segment]!.setCookies++;
  }

  /** A logical call is over. @param server -1 = nobody answered */
  callDone(
    tally: number,
    server: number,
    status: number,
    flags: number,
    attempts: number,
    latencyNs: number,
  ): void {
    const row = this.#tallies[tally]!;
    row.finish(status, flags, latencyNs);
    row.attempts += attempts;
    if (server < 0) row.none++;
    else row.answeredBy[server]!++;
    if (this.series !== null)
      this.series.callDone(
        this.#callers[row.caller]!,
        this.#services[row.service]!,
        server,
        status,
        flags,
        latencyNs,
      );
  }

  /** A user's request is over. */
  requestDone(
    load: number,
    segment: number,
    status: number,
    flags: number,
    latencyNs: number,
    tries: number,
    lines: number,
  ): void {
    const row = this.#loads[load * this.segments + segment]!;
    row.finish(status, flags, latencyNs);
    row.attempts += tries;
    row.lines += lines;
    if (this.series !== null) this.series.requestDone(load, status, flags, latencyNs);
  }

  /** Counts of a load's requests. */
  loadRow(load: number, segment: number): Counts {
    return this.#loads[load * this.segments + segment]!;
  }

  /** Adds what was counted once to where it belongs. */
  #settle(): void {
    for (const row of this.#tallies) {
      const { ofLoad } = row;
      if (ofLoad === null) continue;
      row.ofLoad = null;
      row.add(ofLoad);
      row.attempts += ofLoad.requests;
      for (let server = 0; server < this.servers; server++) {
        row.reached[server]! += ofLoad.answeredBy[server]!;
        row.answeredBy[server]! += ofLoad.answeredBy[server]!;
      }
      const load = this.loadRow(row.load, row.segment);
      load.add(ofLoad);
      load.attempts += ofLoad.requests + ofLoad.attempts;
      load.lines += ofLoad.lines;
    }
  }

  loadResults(): LoadResult[] {
    this.#settle();
    return this.#loads
      .map((row, i): LoadResult => {
        const histogram = row.histogram;
        const at = (share: number) => histogram.percentile(share) / 1e9;
        return {
          load: this.loadNames[Math.floor(i / this.segments)]!,
          segment: i % this.segments,
          requests: row.requests,
          ok: row.requests - row.failed,
          codes: row.codeTable(),
          flags: row.flagTable(),
          attempts: row.attempts,
          lines: row.lines,
          ...(row.setCookies > 0 && { setCookies: row.setCookies }),
          latency: {
            p50: at(0.5),
            p90: at(0.9),
            p95: at(0.95),
            p99: at(0.99),
            mean: histogram.mean / 1e9,
            max: histogram.max / 1e9,
          },
          histogram: histogram.toPairs(),
          latencySumNs: histogram.sum,
          latencyMaxNs: histogram.max,
        };
      })
      .filter((row) => row.requests > 0 || row.segment === 0);
  }

  tallyRows(): TallyRow[] {
    this.#settle();
    return this.#tallies.map((row) => {
      const by: TallyRow['by'] = {};
      for (let server = 0; server < this.servers; server++) {
        if (row.answeredBy[server]! > 0 || row.reached[server]! > 0)
          by[server] = { requests: row.answeredBy[server]!, attempts: row.reached[server]! };
      }
      return {
        segment: row.segment,
        load: this.loadNames[row.load]!,
        caller: this.#callers[row.caller]!,
        service: this.#services[row.service]!,
        requests: row.requests,
        failed: row.failed,
        codes: row.codeTable(),
        flags: row.flagTable(),
        attempts: row.attempts,
        none: row.none,
        by,
        connections: row.connections,
        latencySumNs: row.histogram.sum,
        histogram: row.histogram.toPairs(),
      };
    });
  }
}

// Many replications become the report's numbers: loads, services by label, ejections.
import type { RunResult, TallyRow } from '../../models/world.ts';
import {
  BY_LABELS,
  type ByLabel,
  type Count,
  type EjectionReport,
  type LoadReport,
  type ServiceReport,
} from '../result.ts';
import { isService, latencyAt, type RunNames, serviceName, sumOf } from './selection.ts';
import { countOf } from './statistics.ts';

/** Ejections of the report are those of the first runs, up to this many. */
const MOST_EJECTIONS = 1000;

export function loadReports(
  runs: readonly RunResult[],
  loads: readonly { name: string; grep?: string }[],
  perRun: boolean,
): LoadReport[] {
  return loads.map((load) => {
    const rowsOf = (run: RunResult) => run.loads.filter((row) => row.load === load.name);
    const sums = sumOf(runs.flatMap(rowsOf));
    const n = Math.max(1, runs.length);
    const over = (table: Record<string, number>) =>
      Object.fromEntries(Object.entries(table).map(([key, count]) => [key, count / n]));
    const linesOf = (run: RunResult) => rowsOf(run).reduce((sum, row) => sum + row.lines, 0);
    const requestsOf = (run: RunResult) => rowsOf(run).reduce((sum, row) => sum + row.requests, 0);
    const okOf = (run: RunResult) => rowsOf(run).reduce((sum, row) => sum + row.ok, 0);
    return {
      name: load.name,
      requests: sums.requests / n,
      ok: (sums.requests - sums.failed) / n,
      failed: sums.failed / n,
      errorRate: sums.requests === 0 ? 0 : sums.failed / sums.requests,
      codes: over(sums.codes),
      flags: over(sums.flags),
      latency: {
        p50: latencyAt(sums.latency, 'p50'),
        p90: latencyAt(sums.latency, 'p90'),
        p95: latencyAt(sums.latency, 'p95'),
        p99: latencyAt(sums.latency, 'p99'),
        mean: latencyAt(sums.latency, 'mean'),
        max: latencyAt(sums.latency, 'max'),
      },
      attemptsPerRequest: sums.requests === 0 ? 0 : sums.attempts / sums.requests,
      ...(load.grep !== undefined && { lines: runs.reduce((sum, run) => sum + linesOf(run), 0) / n }),
      ...(perRun && {
        perRun: {
          requests: runs.map(requestsOf),
          ok: runs.map(okOf),
          ...(load.grep !== undefined && { lines: runs.map(linesOf) }),
        },
      }),
    };
  });
}

/** One report a (service, load), in the order in which they were first called in any run, loads in file order. */
export function serviceReports(
  runs: readonly RunResult[],
  loads: readonly string[],
  names: RunNames,
  perRun: boolean,
): ServiceReport[] {
  return loads.flatMap((load) => {
    const services = new Set<string>();
    for (const { tallies } of runs)
      for (const row of tallies) if (row.load === load) services.add(row.service);
    return [...services].map((service) => serviceReport(service, load, runs, names, perRun));
  });
}

function serviceReport(
  service: string,
  load: string,
  runs: readonly RunResult[],
  names: RunNames,
  perRun: boolean,
): ServiceReport {
  const n = Math.max(1, runs.length);
  const rows: TallyRow[] = [];
  const counts = BY_LABELS.map((label) => new LabelCounts(label, names, runs.length));
  const callers: Record<string, number> = {};
  for (const [run, { tallies }] of runs.entries())
    for (const row of tallies) {
      if (row.load !== load || !isService(row.service, service)) continue;
      rows.push(row);
      const caller = names.callerWorkloads.get(row.caller) ?? row.caller;
      callers[caller] = (callers[caller] ?? 0) + row.requests / n;
      for (const count of counts) count.add(run, row);
    }
  const sums = sumOf(rows);
  const requests = sums.requests / n;
  const over = (table: Record<string, number>) =>
    Object.fromEntries(Object.entries(table).map(([key, count]) => [key, count / n]));
  const by = {} as Record<ByLabel, Record<string, Count>>;
  const attemptsBy = {} as Record<ByLabel, Record<string, number>>;
  for (const { label, answers, tries } of counts) {
    by[label] = Object.fromEntries(
      named(answers).map(([key, each]) => [key, countOf(each, requests, perRun)]),
    );
    attemptsBy[label] = Object.fromEntries(named(tries).map(([key, count]) => [key, count / n]));
  }
  return {
    service: serviceName(service),
    load,
    requests,
    attempts: sums.attempts / n,
    by,
    attemptsBy,
    callers,
    errorRate: sums.requests === 0 ? 0 : sums.failed / sums.requests,
    codes: over(sums.codes),
    flags: over(sums.flags),
  };
}

/** Sorted by what the label says; what does not carry it is left out. */
const named = <T>(table: ReadonlyMap<string, T>): [string, T][] =>
  [...table].filter(([key]) => key !== '').sort(([a], [b]) => (a < b ? -1 : 1));

/** Who answered, by one label of the servers: thousands of runs in one pass. */
class LabelCounts {
  /** Answers by what the label says, one number a run; nobody is "none", no such label "". */
  readonly answers = new Map<string, number[]>();
  /** Tries of all runs together. */
  readonly tries = new Map<string, number>();
  readonly #texts: string[];

  constructor(
    readonly label: ByLabel,
    names: RunNames,
    readonly runs: number,
  ) {
    this.#texts = names.serverLabels.map((labels) => labels[label] ?? '');
  }

  add(run: number, { by, none }: TallyRow): void {
    for (const server in by) {
      const text = this.#texts[Number(server)] ?? '';
      const { requests, attempts } = by[server]!;
      if (requests > 0) this.#answered(run, text, requests);
      if (attempts > 0) this.tries.set(text, (this.tries.get(text) ?? 0) + attempts);
    }
    if (none > 0) this.#answered(run, 'none', none);
  }

  #answered(run: number, text: string, requests: number): void {
    let each = this.answers.get(text);
    if (!each) {
      each = new Array<number>(this.runs).fill(0);
      this.answers.set(text, each);
    }
    each[run]! += requests;
  }
}

export function ejectionReports(runs: readonly RunResult[], names: RunNames): EjectionReport[] {
  const reports: EjectionReport[] = [];
  for (const [run, result] of runs.entries()) {
    for (const record of result.ejections) {
      if (reports.length >= MOST_EJECTIONS) return reports;
      reports.push({
        run,
        at: record.atNs / 1e9,
        until: record.untilNs === null ? null : record.untilNs / 1e9,
        caller: names.callerWorkloads.get(record.proxy) ?? record.proxy,
        cluster: record.cluster,
        endpoint: record.endpoint,
        pod: names.serverLabels[record.server]?.['pod'] ?? null,
        reason: record.reason,
        count: record.count,
      });
    }
  }
  return reports;
}

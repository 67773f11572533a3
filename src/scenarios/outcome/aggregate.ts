// Many replications become the report's numbers: loads, services by label, ejections.
import type { RunResult } from '../../models/world.ts';
import {
  BY_LABELS,
  type ByLabel,
  type Count,
  type EjectionReport,
  type LoadReport,
  type ServiceReport,
} from '../result.ts';
import { countBy, latencyAt, type RunNames, selectTallies, serviceName, sumOf } from './selection.ts';
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
  const reports: ServiceReport[] = [];
  for (const load of loads) {
    const services = new Set(
      runs.flatMap((run) => run.tallies.filter((row) => row.load === load).map((row) => row.service)),
    );
    for (const service of services) {
      const rowsOf = (run: RunResult) => selectTallies(run, { of: service, load }, names);
      const rows = runs.map(rowsOf);
      const sums = sumOf(rows.flat());
      const n = Math.max(1, runs.length);
      const meanRequests = sums.requests / n;
      const by = {} as Record<ByLabel, Record<string, Count>>;
      const attemptsBy = {} as Record<ByLabel, Record<string, number>>;
      for (const label of BY_LABELS) {
        const counts = rows.map((row) => countBy(row, label, 'requests', names));
        const keys = [...new Set(counts.flatMap((map) => [...map.keys()]))].sort();
        by[label] = Object.fromEntries(
          keys
            .filter((key) => key !== '')
            .map((key) => [
              key,
              countOf(
                counts.map((map) => map.get(key) ?? 0),
                meanRequests,
                perRun,
              ),
            ]),
        );
        const tries = countBy(rows.flat(), label, 'attempts', names);
        attemptsBy[label] = Object.fromEntries(
          [...tries.keys()]
            .filter((key) => key !== '')
            .sort()
            .map((key) => [key, tries.get(key)! / n]),
        );
      }
      const callers: Record<string, number> = {};
      for (const row of rows.flat()) {
        const caller = names.callerWorkloads.get(row.caller) ?? row.caller;
        callers[caller] = (callers[caller] ?? 0) + row.requests / n;
      }
      const over = (table: Record<string, number>) =>
        Object.fromEntries(Object.entries(table).map(([key, count]) => [key, count / n]));
      reports.push({
        service: serviceName(service),
        load,
        requests: meanRequests,
        attempts: sums.attempts / n,
        by,
        attemptsBy,
        callers,
        errorRate: sums.requests === 0 ? 0 : sums.failed / sums.requests,
        codes: over(sums.codes),
        flags: over(sums.flags),
      });
    }
  }
  return reports;
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

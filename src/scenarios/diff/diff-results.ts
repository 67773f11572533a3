// Two results of the same loads: which shares moved beyond what runs differ among themselves, and which figures and verdicts changed.
import type { ByLabel, Count, Finding, LoadReport, ScenarioResult, ServiceReport } from '../result.ts';
import type {
  Band,
  ExpectationChange,
  Figure,
  FindingChange,
  LoadChange,
  MovedShare,
  ServiceChange,
} from './difference.ts';

/** Two-sided 95 %. */
const Z = 1.96;
/** A latency that changed by less is the same to a reader. */
const LEAST_LATENCY_CHANGE = 0.02;

export function serviceChanges(before: ScenarioResult, after: ScenarioResult): ServiceChange[] {
  const keyOf = (report: ServiceReport) => `${report.load}\n${report.service}`;
  const old = new Map(before.services.map((report) => [keyOf(report), report]));
  const now = new Map(after.services.map((report) => [keyOf(report), report]));
  const runs = { old: before.scenario.runs, new: after.scenario.runs };
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((key) => {
    const [left, right] = [old.get(key), now.get(key)];
    const { load, service } = (left ?? right)!;
    // Workloads tell most; places only where the workloads stayed.
    for (const by of ['workload', 'version', 'cluster', 'region', 'zone', 'pod'] satisfies ByLabel[]) {
      const shares = movedShares(left, right, by, runs);
      if (!shares.some(({ isMoved }) => isMoved)) continue;
      return [
        { service, load, by, requests: { old: left?.requests ?? 0, new: right?.requests ?? 0 }, shares },
      ];
    }
    return [];
  });
}

function movedShares(
  left: ServiceReport | undefined,
  right: ServiceReport | undefined,
  by: ByLabel,
  runs: Figure,
): MovedShare[] {
  const names = [
    ...new Set([...Object.keys(left?.by[by] ?? {}), ...Object.keys(right?.by[by] ?? {})]),
  ].sort();
  return names.map((name) => {
    const old = left?.by[by][name];
    const now = right?.by[by][name];
    const [a, b] = [bandOf(old, left), bandOf(now, right)];
    const error = Math.hypot(errorOf(old, left, runs.old), errorOf(now, right, runs.new));
    return { name, old: a, new: b, isMoved: Math.abs(a.share - b.share) > Math.max(1e-9, Z * error) };
  });
}

function bandOf(count: Count | undefined, report: ServiceReport | undefined): Band {
  const whole = report?.requests ?? 0;
  if (!count || whole === 0) return { share: 0, low: 0, high: 0, mean: 0 };
  return { share: count.share, low: count.p2_5 / whole, high: count.p97_5 / whole, mean: count.mean };
}

/** Standard error of the mean share. */
const errorOf = (count: Count | undefined, report: ServiceReport | undefined, runs: number): number =>
  count && report && report.requests > 0 ? count.sd / report.requests / Math.sqrt(Math.max(1, runs)) : 0;

export function loadChanges(
  before: ScenarioResult,
  after: ScenarioResult,
  worst: { old: ReadonlyMap<string, number>; new: ReadonlyMap<string, number> },
): LoadChange[] {
  const names = [...new Set([...before.loads, ...after.loads].map(({ name }) => name))];
  return names.flatMap((load) => {
    const left = before.loads.find(({ name }) => name === load);
    const right = after.loads.find(({ name }) => name === load);
    const change: LoadChange = { load, flags: flagChanges(left, right) };
    const put = (key: Exclude<keyof LoadChange, 'load' | 'flags'>, old = 0, now = 0, least = 1e-9) => {
      if (Math.abs(old - now) > least) change[key] = { old, new: now };
    };
    put('requests', left?.requests, right?.requests);
    put('errorRate', left?.errorRate, right?.errorRate, 1e-6);
    put('attemptsPerRequest', left?.attemptsPerRequest, right?.attemptsPerRequest, 0.005);
    put('worstCaseAttempts', worst.old.get(load), worst.new.get(load));
    put('lines', left?.lines, right?.lines);
    for (const key of ['p50', 'p95', 'p99'] as const) {
      const [old, now] = [left?.latency[key] ?? 0, right?.latency[key] ?? 0];
      put(key, old, now, Math.max(old, now) * LEAST_LATENCY_CHANGE);
    }
    return Object.keys(change).length > 2 || change.flags.length > 0 ? [change] : [];
  });
}

function flagChanges(left: LoadReport | undefined, right: LoadReport | undefined): LoadChange['flags'] {
  const flags = new Set([...Object.keys(left?.flags ?? {}), ...Object.keys(right?.flags ?? {})]);
  return [...flags]
    .sort()
    .map((flag) => ({ flag, old: left?.flags[flag] ?? 0, new: right?.flags[flag] ?? 0 }))
    .filter(({ old, new: now }) => old !== now);
}

export function ejectionChange(before: ScenarioResult, after: ScenarioResult): Figure | null {
  const perRun = ({ ejections, scenario }: ScenarioResult) => ejections.length / Math.max(1, scenario.runs);
  const [old, now] = [perRun(before), perRun(after)];
  return old === now ? null : { old, new: now };
}

export function expectationChanges(before: ScenarioResult, after: ScenarioResult): ExpectationChange[] {
  const left = numbered(before);
  const right = numbered(after);
  return [...new Set([...left.keys(), ...right.keys()])].flatMap((key): ExpectationChange[] => {
    const [old, now] = [left.get(key), right.get(key)];
    const { name, file, line } = (now ?? old)!;
    const change = !old
      ? 'added'
      : !now
        ? 'removed'
        : old.ok && !now.ok
          ? 'broken'
          : !old.ok && now.ok
            ? 'fixed'
            : old.got !== now.got
              ? 'other'
              : null;
    if (change === null) return [];
    const verdict = (one: typeof old) => (one ? { ok: one.ok, got: one.got } : null);
    return [{ name, change, old: verdict(old), new: verdict(now), file, line }];
  });
}

/** Two expectations may read alike; the n-th of a name is compared with the n-th. */
function numbered({ expectations }: ScenarioResult) {
  const seen = new Map<string, number>();
  return new Map(
    expectations.map((expectation) => {
      const count = (seen.get(expectation.name) ?? 0) + 1;
      seen.set(expectation.name, count);
      return [`${expectation.name}\n${count}`, expectation];
    }),
  );
}

/** A finding that only moved to another line, or lies in another folder on the other side, is the same one. */
export function findingChanges(before: readonly Finding[], after: readonly Finding[]): FindingChange[] {
  const keyOf = ({ rule, file, message }: Finding) => `${rule}\n${file.replace(/^.*\//, '')}\n${message}`;
  const [old, now] = [new Set(before.map(keyOf)), new Set(after.map(keyOf))];
  return [
    ...after
      .filter((finding) => !old.has(keyOf(finding)))
      .map((finding): FindingChange => ({ change: 'added', finding })),
    ...before
      .filter((finding) => !now.has(keyOf(finding)))
      .map((finding): FindingChange => ({ change: 'removed', finding })),
  ];
}

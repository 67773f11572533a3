// Expectations against what the runs left behind: each asked key becomes one number a run (or over all runs) and is held against its range.
import type { EjectionRecord, RunResult } from '../../models/world.ts';
import type { Diagnostic } from '../diagnostics.ts';
import type { ExpectationReport, Finding } from '../result.ts';
import type { Expectation, Range } from '../scenario.ts';
import {
  addLatency,
  countBy,
  isService,
  latencyAt,
  noLatency,
  type RunNames,
  type Selection,
  selectLoads,
  selectTallies,
  sumOf,
} from './selection.ts';

/** What is known beside the runs. */
export interface ExpectationContext extends RunNames {
  findings: readonly Finding[];
  /** With what the files were refused, where that is expected. */
  refused?: readonly Diagnostic[];
  /** Start and end of a load's arrivals [ns]. */
  loadWindow(load: string): { fromNs: number; toNs: number };
  /** The interval of a cluster's outlier detector [ns]. */
  ejectionIntervalNs(proxy: string, cluster: string): number;
}

/** One thing asked: what, the range, and its value in some runs taken together. */
interface Question {
  what: string;
  range: Range;
  unit: 'count' | 'share' | 'seconds' | 'ratio';
  measure(runs: readonly RunResult[]): number;
}

const EPSILON = 1e-9;
const LABELS = ['workload', 'version', 'cluster', 'region', 'zone', 'pod'];

export function checkExpectations(
  expectations: readonly Expectation[],
  runs: readonly RunResult[],
  context: ExpectationContext,
): ExpectationReport[] {
  return expectations.map((expectation) => check(expectation, runs, context));
}

function check(
  expectation: Expectation,
  runs: readonly RunResult[],
  context: ExpectationContext,
): ExpectationReport {
  const questions = questionsOf(expectation, context);
  const expected: string[] = questions.map((question) => `${question.what} ${question.range.text}`);
  const got: string[] = [];
  let isMet = true;
  if (expectation.in) {
    const good = runs.filter((run) => questions.every((question) => holds(question, [run]))).length;
    const share = runs.length === 0 ? 0 : good / runs.length;
    isMet = share >= expectation.in.least - EPSILON && share <= expectation.in.most + EPSILON;
    expected.push(`in ${expectation.in.text}`);
    for (const question of questions) got.push(`${question.what} ${spread(question, runs)}`);
    got.push(`met in ${good} of ${runs.length} runs`);
  } else {
    for (const question of questions) {
      const value = question.measure(runs);
      isMet &&= isWithin(value, question.range);
      got.push(`${question.what} ${format(value, question.unit)}`);
    }
  }
  if (expectation.refused) {
    expected.push(`refused with ${expectation.refused.join(', ')}`);
    const refusals = (context.refused ?? []).filter(({ code }) => expectation.refused!.includes(code));
    isMet &&= refusals.length > 0;
    got.push(refusals.map(refusalText).join('; ') || 'nothing refuses it');
  }
  for (const missing of missingFindings(expectation, context.findings)) {
    isMet = false;
    got.push(`no finding ${missing}`);
  }
  if (expectation.findings) expected.push(`findings ${expectation.findings.join(', ')}`);
  if (expectation.ejectionDurations) {
    const durations = checkDurations(expectation, runs, context);
    isMet &&= durations.isMet;
    expected.push(`ejectionDurations ${expectation.ejectionDurations.map((s) => `${s}s`).join(', ')}`);
    got.push(`ejectionDurations ${durations.got}`);
  }
  return {
    name: expectation.name,
    ok: isMet,
    expected: expected.join(', '),
    got: got.join(', '),
    file: expectation.origin.file,
    line: expectation.origin.line,
  };
}

const refusalText = ({ code, message, file, line }: Diagnostic): string =>
  `${code} ${message} (${file.replace(/^.*\//, '')}:${line})`;

const holds = (question: Question, runs: readonly RunResult[]) =>
  isWithin(question.measure(runs), question.range);

const isWithin = (value: number, range: Range) =>
  value >= range.least - EPSILON && value <= range.most + EPSILON;

function questionsOf(expectation: Expectation, context: ExpectationContext): Question[] {
  const selection: Selection = {
    of: expectation.of,
    load: expectation.during,
    fromNs: expectation.fromNs,
    toNs: expectation.toNs,
    caller: expectation.caller,
  };
  const tallies = (runs: readonly RunResult[]) =>
    runs.flatMap((run) => selectTallies(run, selection, context));
  /** Of a service as its callers see it, or of the users' requests. */
  const sums = (runs: readonly RunResult[]) =>
    sumOf(
      expectation.of === undefined && expectation.caller === undefined
        ? runs.flatMap((run) => selectLoads(run, selection, context))
        : tallies(runs),
    );
  const questions: Question[] = [];
  const ask = (
    what: string,
    range: Range | undefined,
    unit: Question['unit'],
    measure: Question['measure'],
  ) => {
    if (range) questions.push({ what, range, unit, measure });
  };
  const byName = (runs: readonly RunResult[], key: string, what: 'requests' | 'attempts') =>
    namedCount(tallies(runs), key, what, context);
  for (const [key, range] of Object.entries(expectation.requests ?? {}))
    ask(`${key} answers`, range, 'count', (runs) => byName(runs, key, 'requests') / runs.length);
  for (const [key, range] of Object.entries(expectation.attempts ?? {}))
    ask(`${key} tries`, range, 'count', (runs) => byName(runs, key, 'attempts') / runs.length);
  for (const [key, range] of Object.entries(expectation.share ?? {}))
    ask(`${key} share`, range, 'share', (runs) => {
      const whole = sumOf(tallies(runs)).requests;
      return whole === 0 ? 0 : byName(runs, key, 'requests') / whole;
    });
  for (const [label, range] of Object.entries(expectation.maxShare ?? {}))
    ask(`greatest share of a ${label}`, range, 'share', (runs) => {
      const counts = countBy(tallies(runs), label, 'requests', context);
      const whole = [...counts.values()].reduce((sum, count) => sum + count, 0);
      return whole === 0 ? 0 : Math.max(0, ...[...counts].map(([, count]) => count)) / whole;
    });
  for (const [code, range] of Object.entries(expectation.codes ?? {}))
    ask(`${code} answers`, range, 'count', (runs) => (sums(runs).codes[code] ?? 0) / runs.length);
  for (const [flag, range] of Object.entries(expectation.flags ?? {}))
    ask(`flag ${flag}`, range, range.isShare ? 'share' : 'count', (runs) => {
      const { flags, requests } = sums(runs);
      const count = flags[flag] ?? 0;
      return range.isShare ? (requests === 0 ? 0 : count / requests) : count / runs.length;
    });
  ask('error rate', expectation.errorRate, 'share', (runs) => {
    const { failed, requests } = sums(runs);
    return requests === 0 ? 0 : failed / requests;
  });
  ask('tries per request', expectation.attemptsPerRequest, 'ratio', (runs) => {
    const { attempts, requests } = sums(runs);
    return requests === 0 ? 0 : attempts / requests;
  });
  ask('ejections', expectation.ejections, 'count', (runs) => {
    const found = runs.map((run) => ejectionsOf(expectation, run, context).length);
    return found.reduce((sum, count) => sum + count, 0) / runs.length;
  });
  ask('ejected at once', expectation.activeEjections, 'count', (runs) =>
    runs.reduce((most, run) => Math.max(most, mostAtOnce(ejectionsOf(expectation, run, context))), 0),
  );
  ask('pods that answered', expectation.pods, 'count', (runs) => {
    const distinct = runs.map((run) => {
      const counts = countBy(tallies([run]), 'pod', 'requests', context);
      return [...counts.keys()].filter((pod) => pod !== 'none' && pod !== '').length;
    });
    return distinct.reduce((sum, count) => sum + count, 0) / runs.length;
  });
  ask('connections', expectation.connections, 'count', (runs) => {
    const made = tallies(runs).reduce((sum, row) => sum + (row.connections ?? 0), 0);
    return made / runs.length;
  });
  ask('lines', expectation.lines, 'count', (runs) => {
    const rows = runs.flatMap((run) => selectLoads(run, selection, context));
    return rows.reduce((sum, row) => sum + row.lines, 0) / runs.length;
  });
  for (const [counter, range] of Object.entries(expectation.stats ?? {}))
    ask(counter, range, 'count', (runs) => {
      const counts = runs.map((run) => statOf(expectation, run, counter, context));
      return counts.reduce((sum, count) => sum + count, 0) / runs.length;
    });
  for (const [what, range] of Object.entries(expectation.latency ?? {}))
    ask(`latency ${what}`, range, 'seconds', (runs) => {
      const latency = noLatency();
      const rows =
        expectation.of === undefined && expectation.caller === undefined
          ? runs.flatMap((run) => selectLoads(run, selection, context))
          : tallies(runs);
      for (const row of rows) addLatency(latency, row);
      return latencyAt(latency, what);
    });
  return questions;
}

/** "region=cn-shanghai" names the label; a bare name is looked for as workload, version, cluster, region, zone and pod, in this order. */
function namedCount(
  rows: Parameters<typeof countBy>[0],
  key: string,
  what: 'requests' | 'attempts',
  context: RunNames,
): number {
  const at = key.indexOf('=');
  if (at > 0) return countBy(rows, key.slice(0, at), what, context).get(key.slice(at + 1)) ?? 0;
  if (key === 'none') return countBy(rows, 'workload', what, context).get('none') ?? 0;
  const label =
    LABELS.find((name) => context.serverLabels.some((labels) => labels[name] === key)) ?? 'workload';
  return countBy(rows, label, what, context).get(key) ?? 0;
}

function ejectionsOf(
  expectation: Expectation,
  run: RunResult,
  context: ExpectationContext,
): EjectionRecord[] {
  const window = expectation.during === undefined ? null : context.loadWindow(expectation.during);
  const fromNs = Math.max(expectation.fromNs ?? 0, window?.fromNs ?? 0);
  const toNs = Math.min(
    expectation.toNs ?? Number.POSITIVE_INFINITY,
    window?.toNs ?? Number.POSITIVE_INFINITY,
  );
  return run.ejections.filter(
    (record) =>
      record.atNs >= fromNs &&
      record.atNs < toNs &&
      (expectation.of === undefined || isService(record.cluster.split('|')[3] ?? '', expectation.of)) &&
      (expectation.caller === undefined ||
        record.proxy === expectation.caller ||
        context.callerWorkloads.get(record.proxy) === expectation.caller),
  );
}

/** Sum of one of Envoy's counters over the proxies and clusters that are meant: "cluster.NAME.COUNTER". */
function statOf(
  expectation: Expectation,
  run: RunResult,
  counter: string,
  context: ExpectationContext,
): number {
  let sum = 0;
  for (const [proxy, table] of Object.entries(run.stats ?? {})) {
    const { caller, of } = expectation;
    if (caller !== undefined && proxy !== caller && context.callerWorkloads.get(proxy) !== caller) continue;
    for (const [key, count] of Object.entries(table)) {
      if (!key.endsWith(`.${counter}`)) continue;
      const cluster = key.slice('cluster.'.length, -counter.length - 1);
      if (of === undefined || isService(cluster.split('|')[3] ?? cluster, of)) sum += count;
    }
  }
  return sum;
}

function mostAtOnce(records: readonly EjectionRecord[]): number {
  const edges = records.flatMap((record) => [
    { atNs: record.atNs, change: 1 },
    { atNs: record.untilNs ?? Number.POSITIVE_INFINITY, change: -1 },
  ]);
  edges.sort((a, b) => a.atNs - b.atNs || a.change - b.change);
  let now = 0;
  let most = 0;
  for (const edge of edges) {
    now += edge.change;
    most = Math.max(most, now);
  }
  return most;
}

/** Per caller and endpoint, in order, each within one interval of what is expected. */
function checkDurations(
  expectation: Expectation,
  runs: readonly RunResult[],
  context: ExpectationContext,
): { isMet: boolean; got: string } {
  const wanted = expectation.ejectionDurations!;
  let isMet = true;
  let shown = 'none';
  for (const run of runs) {
    const byEndpoint = new Map<string, EjectionRecord[]>();
    for (const record of ejectionsOf(expectation, run, context)) {
      const key = `${record.proxy}\n${record.cluster}\n${record.endpoint}`;
      byEndpoint.set(key, [...(byEndpoint.get(key) ?? []), record]);
    }
    if (byEndpoint.size === 0) isMet &&= wanted.length === 0;
    for (const records of byEndpoint.values()) {
      const finished = records.filter((record) => record.untilNs !== null);
      const lasted = finished.map((record) => (record.untilNs! - record.atNs) / 1e9);
      const interval = context.ejectionIntervalNs(records[0]!.proxy, records[0]!.cluster) / 1e9;
      const isGood =
        lasted.length >= wanted.length &&
        wanted.every((seconds, i) => Math.abs(lasted[i]! - seconds) <= interval + EPSILON);
      if (shown === 'none' || (isMet && !isGood))
        shown = lasted.map((seconds) => `${Number(seconds.toFixed(3))}s`).join(', ') || 'none finished';
      isMet &&= isGood;
    }
  }
  return { isMet, got: shown };
}

function missingFindings(expectation: Expectation, findings: readonly Finding[]): string[] {
  return (expectation.findings ?? []).filter((rule) => !findings.some((finding) => finding.rule === rule));
}

/** "7..12 (mean 9.1)" over the runs, or the one value. */
function spread(question: Question, runs: readonly RunResult[]): string {
  const values = runs.map((run) => question.measure([run]));
  // Not Math.min(...values): a function takes no million arguments.
  const least = values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
  const most = values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  if (values.length === 0 || least === most) return format(least, question.unit);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return `${format(least, question.unit)}..${format(most, question.unit)} (mean ${format(mean, question.unit)})`;
}

function format(value: number, unit: Question['unit']): string {
  if (unit === 'share') return `${Number((value * 100).toFixed(3))}%`;
  if (unit === 'seconds') return `${Number((value * 1000).toFixed(2))}ms`;
  return String(Number(value.toFixed(unit === 'ratio' ? 3 : 2)));
}

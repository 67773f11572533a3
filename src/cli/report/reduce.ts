// From saved runs to the page's data, small enough for a page that anybody may attach to a ticket: first fewer and longer bins, then pods with
// little traffic told together, then services that hardly anybody called left out. What was lost is said.
import type { ScenarioResult } from '../../scenarios/result.ts';
import { inertRun } from '../dashboard/inert-run.ts';
import { titleOf } from '../outcome.ts';
import { plural } from '../output/figures.ts';
import type { SavedRun } from '../read-run.ts';
import type { ReportData, ReportRun } from './data.ts';
import { packed } from './pack.ts';
import { type Level, reduceRecord } from './reduce-record.ts';

/** Of the embedded JSON; the page around it takes another 100 KB. */
export const MOST_DATA_BYTES = 280_000;

const LEVELS: readonly Level[] = [
  { bins: 600, most: 500 },
  { bins: 300, most: 500 },
  { bins: 200, most: 200 },
  { bins: 120, most: 100 },
  { bins: 80, most: 60 },
  { bins: 50, most: 30 },
  { bins: 30, most: 16 },
  { bins: 20, most: 8 },
  { bins: 10, most: 4 },
];

export function reportData(saved: readonly SavedRun[]): ReportData {
  const runs = saved.map(inertRun);
  let data: ReportData | undefined;
  for (const level of LEVELS) {
    data = reducedTo(runs, level);
    if (Buffer.byteLength(embedded(data)) <= MOST_DATA_BYTES) return data;
  }
  // Hundreds of variants: the first ones are told, the command line has the rest.
  while (data!.runs.length > 1 && Buffer.byteLength(embedded(data!)) > MOST_DATA_BYTES) {
    const kept = Math.ceil(data!.runs.length / 2);
    data!.runs[0]!.cut.push(`${plural(data!.runs.length - kept, 'variant')}`);
    data!.runs.length = kept;
  }
  return data!;
}

/** JSON that cannot end the element it stands in. */
export const embedded = (data: ReportData): string => JSON.stringify(data, packed).replaceAll('<', '\\u003c');

function reducedTo(runs: readonly SavedRun[], level: Level): ReportData {
  const inputs = new Map(
    runs.flatMap(({ result }) => result.inputs ?? []).map((input) => [input.file, input]),
  );
  return {
    foresail: runs[0]?.result.foresail ?? '',
    runs: runs.map(({ result, record }) => {
      const cut = [...record.cut];
      const time = reduceRecord(record, level, cut);
      return { ...resultPart(result, level, cut), title: titleOf(result), time, cut: [...new Set(cut)] };
    }),
    inputs: [...inputs.values()].slice(0, level.most * 4),
  };
}

function resultPart(
  result: ScenarioResult,
  { most }: Level,
  cut: string[],
): Omit<ReportRun, 'title' | 'time' | 'cut'> {
  const { record: _, inputs: __, variants: ___, ejections: ____, timeline: _____, ...rest } = result;
  const first = <T>(list: readonly T[], what: string, room = most): T[] => {
    if (list.length > room) cut.push(`${list.length - room} ${what}`);
    return list.slice(0, room);
  };
  const few = <T>(named: Record<string, T>, weight: (value: T) => number): Record<string, T> => {
    const entries = Object.entries(named);
    if (entries.length <= most) return named;
    cut.push('the rarest pods in the tables');
    return Object.fromEntries(entries.sort((a, b) => weight(b[1]) - weight(a[1])).slice(0, most));
  };
  return {
    ...rest,
    loads: first(rest.loads, 'loads').map(({ perRun: _, ...load }) => load),
    services: first(
      [...rest.services].sort((a, b) => b.requests - a.requests),
      'services in the tables',
    ).map((service) => ({
      ...service,
      by: mapValues(service.by, (counts) =>
        mapValues(
          few(counts, ({ mean }) => mean),
          ({ perRun: _, ...count }) => mapValues(count, rounded),
        ),
      ),
      // The page shows answers; tries come from the recording.
      attemptsBy: { workload: {}, version: {}, cluster: {}, region: {}, zone: {}, pod: {} },
      reasons: (service.reasons ?? []).slice(0, 5),
    })),
    expectations: first(
      [...rest.expectations].sort((a, b) => Number(a.ok) - Number(b.ok)),
      'expectations',
      most * 2,
    ),
    findings: first(rest.findings, 'findings'),
    notSimulated: first(rest.notSimulated, 'fields that are not simulated'),
    assumptions: first(rest.assumptions ?? [], 'assumptions'),
  };
}

const rounded = (value: number): number => Number(value.toPrecision(6));

function mapValues<K extends string, A, B>(named: Record<K, A>, change: (value: A) => B): Record<K, B> {
  return Object.fromEntries(Object.entries<A>(named).map(([key, value]) => [key, change(value)])) as Record<
    K,
    B
  >;
}

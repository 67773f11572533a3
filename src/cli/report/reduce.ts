// From saved runs to the page's data, small enough for a page that anybody may attach to a ticket: first fewer and longer bins, then pods with
// little traffic told together, then services that hardly anybody called left out. What was lost is said.
import { inert } from '../../scenarios/diagnostics.ts';
import type { ScenarioResult } from '../../scenarios/result.ts';
import { inertRun } from '../dashboard/inert-run.ts';
import { type Outcome, titleOf } from '../outcome.ts';
import { plural } from '../output/figures.ts';
import { withoutRecord } from '../output/json.ts';
import type { SavedRun } from '../read-run.ts';
import type { RefusedData, ReportData, ReportRun } from './data.ts';
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

/** @param outcomes those of them that cannot run are told too */
export function reportData(saved: readonly SavedRun[], outcomes: readonly Outcome[] = []): ReportData {
  const runs = saved.map(inertRun);
  const data = withinLimit(runs, outcomes.flatMap(refusedOf));
  for (const results of [documentsOf(runs), documentsOf(runs).map(withoutRuns)]) {
    const whole = { ...data, results };
    if (Buffer.byteLength(embedded(whole)) <= MOST_DATA_BYTES) return whole;
  }
  return data;
}

function withinLimit(runs: readonly SavedRun[], refused: RefusedData[]): ReportData {
  let data: ReportData | undefined;
  for (const level of LEVELS) {
    data = reducedTo(runs, refused, level);
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

/** Results as they were saved: each base with its variants. */
function documentsOf(runs: readonly SavedRun[]): ScenarioResult[] {
  const documents: ScenarioResult[] = [];
  for (const { result } of runs) {
    const one: ScenarioResult = { ...withoutRecord(result), variants: [] };
    const base = documents.at(-1);
    if (one.scenario.variant !== null && base?.scenario.file === one.scenario.file) base.variants.push(one);
    else documents.push(one);
  }
  return documents;
}

/** Without what single runs and moments were, which is most of a long result. */
function withoutRuns(result: ScenarioResult): ScenarioResult {
  const { ejections: _, timeline: __, ...rest } = result;
  return {
    ...rest,
    ejections: [],
    timeline: [],
    loads: rest.loads.map(({ perRun: _, ...load }) => load),
    services: rest.services.map((service) => ({
      ...service,
      by: mapValues(service.by, (labels) => mapValues(labels, ({ perRun: _, ...count }) => count)),
    })),
    variants: rest.variants.map(withoutRuns),
  };
}

const MOST_DIAGNOSTICS = 100;
const MOST_MESSAGE = 2_000;

function refusedOf({ file, result, diagnostics, lines }: Outcome): RefusedData[] {
  if (result !== null) return [];
  const told = diagnostics.slice(0, MOST_DIAGNOSTICS).map((each) => ({
    ...each,
    message: inert(each.message).slice(0, MOST_MESSAGE),
    ...(each.hint !== undefined && { hint: inert(each.hint).slice(0, MOST_MESSAGE) }),
  }));
  return [
    {
      file: inert(file),
      diagnostics: told,
      lines: [...new Set(told.map(({ file: of, line }) => `${of}:${line}`))].flatMap((key) => {
        const text = lines[key];
        const at = key.lastIndexOf(':');
        if (text === undefined) return [];
        return [{ file: key.slice(0, at), line: Number(key.slice(at + 1)), text: inert(text) }];
      }),
    },
  ];
}

function reducedTo(runs: readonly SavedRun[], refused: RefusedData[], level: Level): ReportData {
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
    refused,
    results: null,
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

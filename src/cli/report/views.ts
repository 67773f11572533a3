// What the charts and their tables show, from the page's data: pure, so that both are drawn from the same numbers.
import type { PodData, TimeData } from './data.ts';

export interface Window {
  from: number;
  to: number;
}

export interface Row {
  name: string;
  counts: number[];
}

export const LABELS = ['workload', 'version', 'pod', 'zone', 'region', 'cluster'] as const;
export type Label = (typeof LABELS)[number];

/** More would be told by colours that nobody can tell apart. */
export const MOST_COLOURS = 8;
export const NOBODY = 'nobody';

export const sum = (counts: readonly number[]): number => counts.reduce((all, count) => all + count, 0);

export function labelOf(pod: PodData | undefined, label: Label): string {
  if (!pod) return NOBODY;
  return (label === 'pod' ? pod.name : pod[label]) || '(none)';
}

/** First and last bin that lie mostly in the window. */
export function binsIn(time: TimeData, { from, to }: Window): [first: number, last: number] {
  const first = Math.max(0, Math.min(time.bins - 1, Math.floor(from / time.binSeconds + 1e-9)));
  const last = Math.max(first, Math.min(time.bins - 1, Math.ceil(to / time.binSeconds - 1e-9) - 1));
  return [first, last];
}

/** Final answers of a service by a label of the pod that gave them, most first; beyond the colours they are "others". */
export function answersBy(time: TimeData, service: number, label: Label): Row[] {
  const rows = new Map<string, number[]>();
  for (const entry of time.traffic) {
    if (entry.service !== service) continue;
    for (const { server, counts } of entry.answers)
      add(rows, labelOf(time.servers[server], label), counts, time.bins);
  }
  return fewest(rows, time.bins);
}

/** Failed calls to a service by Envoy's response flag; "no flag" are answers >= 500 of the application. */
export function failuresBy(time: TimeData, service: number): Row[] {
  const rows = new Map<string, number[]>();
  const failed = new Array<number>(time.bins).fill(0);
  for (const entry of time.traffic) {
    if (entry.service !== service) continue;
    for (const { flag, counts } of entry.flags) add(rows, flag, counts, time.bins);
    for (const [bin, count] of entry.failed.entries()) failed[bin]! += count;
  }
  const flagged = failed.map((_, bin) => sum([...rows.values()].map((counts) => counts[bin]!)));
  const plain = failed.map((count, bin) => Math.max(0, count - flagged[bin]!));
  if (sum(plain) > 0) rows.set('no flag', plain);
  return fewest(rows, time.bins);
}

function add(rows: Map<string, number[]>, name: string, counts: readonly number[], bins: number): void {
  const row = rows.get(name) ?? new Array<number>(bins).fill(0);
  for (const [bin, count] of counts.entries()) row[bin]! += count;
  rows.set(name, row);
}

function fewest(rows: ReadonlyMap<string, number[]>, bins: number): Row[] {
  const all = [...rows]
    .map(([name, counts]) => ({ name, counts }))
    .filter(({ counts }) => sum(counts) > 0)
    .sort((a, b) => sum(b.counts) - sum(a.counts) || (a.name < b.name ? -1 : 1));
  if (all.length <= MOST_COLOURS) return all;
  const rest = new Map<string, number[]>();
  const others = all.slice(MOST_COLOURS - 1);
  for (const { counts } of others) add(rest, '', counts, bins);
  return [...all.slice(0, MOST_COLOURS - 1), { name: `${others.length} others`, counts: rest.get('')! }];
}

export interface GanttRow {
  name: string;
  bars: { at: number; until: number; by: string; reason: string; isOpen: boolean }[];
}

/** Who was ejected when; bars of several proxies lie over each other. */
export function ejectionRows(time: TimeData): GanttRow[] {
  const rows = new Map<string, GanttRow>();
  for (const { at, until, server, endpoint, by, reason } of time.ejections) {
    const name = time.servers[server]?.name ?? endpoint;
    const row = rows.get(name) ?? { name, bars: [] };
    row.bars.push({ at, until: until ?? time.end, by, reason, isOpen: until === null });
    rows.set(name, row);
  }
  return [...rows.values()].sort((a, b) => a.bars[0]!.at - b.bars[0]!.at);
}

export interface ZoneBox {
  cluster: string;
  region: string;
  zone: string;
  pods: { name: string; pods: number; answers: number }[];
  callers: string[];
}

export interface ZoneEdge {
  from: number;
  to: number;
  answers: number;
}

/** Where pods stand, and how many calls go from where to where in the window; -1 = answered by nobody. */
export function topology(
  time: TimeData,
  service: number,
  window: Window,
): { boxes: ZoneBox[]; edges: ZoneEdge[] } {
  const boxes: ZoneBox[] = [];
  const byPlace = new Map<string, number>();
  const boxOf = ({ cluster, region, zone }: Pick<ZoneBox, 'cluster' | 'region' | 'zone'>): number => {
    const key = JSON.stringify([region, cluster, zone]);
    let index = byPlace.get(key);
    if (index === undefined) {
      index = boxes.push({ cluster, region, zone, pods: [], callers: [] }) - 1;
      byPlace.set(key, index);
    }
    return index;
  };
  const [first, last] = binsIn(time, window);
  const used = new Map<number, number>();
  const edges = new Map<string, ZoneEdge>();
  for (const entry of time.traffic) {
    if (entry.service !== service) continue;
    const caller = time.callers[entry.caller]!;
    const from = boxOf(caller);
    const name = caller.name;
    if (!boxes[from]!.callers.includes(name)) boxes[from]!.callers.push(name);
    for (const { server, counts } of entry.answers) {
      const answers = sum(counts.slice(first, last + 1));
      const pod = time.servers[server];
      const to = pod ? boxOf(pod) : -1;
      if (pod) used.set(server, (used.get(server) ?? 0) + answers);
      const key = `${from} ${to}`;
      const edge = edges.get(key) ?? { from, to, answers: 0 };
      edge.answers += answers;
      edges.set(key, edge);
    }
  }
  for (const cluster of time.clusters) {
    if (cluster.service !== service) continue;
    for (const { endpoints } of cluster.versions)
      for (const [server] of endpoints) if (time.servers[server] && !used.has(server)) used.set(server, 0);
  }
  for (const [server, answers] of [...used].sort((a, b) => a[0] - b[0])) {
    const pod = time.servers[server]!;
    boxes[boxOf(pod)]!.pods.push({ name: pod.name, pods: pod.pods, answers });
  }
  return { boxes, edges: [...edges.values()].filter(({ answers }) => answers > 0) };
}

export interface Column {
  first: number;
  last: number;
  from: number;
  to: number;
}

const MOST_COLUMNS = 120;
const FEWEST_COLUMNS = 15;

/** The window's bins in columns wide enough to be seen, and to hold a few requests each. */
export function columnsOf(time: TimeData, window: Window, rows: readonly Row[]): Column[] {
  const [first, last] = binsIn(time, window);
  const requests = sum(rows.map(({ counts }) => sum(counts.slice(first, last + 1))));
  const wanted = Math.max(FEWEST_COLUMNS, Math.min(MOST_COLUMNS, Math.floor(requests / 5)));
  const by = Math.max(1, Math.ceil((last - first + 1) / wanted));
  const columns: Column[] = [];
  for (let bin = first; bin <= last; bin += by) {
    const end = Math.min(last, bin + by - 1);
    columns.push({ first: bin, last: end, from: bin * time.binSeconds, to: (end + 1) * time.binSeconds });
  }
  return columns;
}

export const inColumn = (counts: readonly number[], { first, last }: Column): number =>
  sum(counts.slice(first, last + 1));

/** The highest of the bins that had requests; null without any. */
export function highest(values: readonly number[], { first, last }: Column): number | null {
  const found = values.slice(first, last + 1).filter((value) => value > 0);
  return found.length > 0 ? Math.max(...found) : null;
}

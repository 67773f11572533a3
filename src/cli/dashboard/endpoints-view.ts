// View 2: the endpoints of one service as one caller's proxies see them: priority, weight, health, failures in a row, ejections, share.
import { count, percent } from '../output/figures.ts';
import type { Glyphs } from './glyphs.ts';
import { cell, highlighted, type Line, type Segment, say, strong, toHeight } from './line.ts';
import {
  chosenCluster,
  clusterRows,
  type EndpointRow,
  endpointRows,
  priorityLoads,
  SORTS,
  selectedRow,
} from './rows.ts';
import { shortName } from './run-in-time.ts';
import { barText, secondsLabel } from './scale.ts';
import { type State, savedRun } from './state.ts';

const DETAIL_LINES = 6;

export function endpointsView(state: State, width: number, height: number, glyphs: Glyphs): Line[] {
  const { record } = savedRun(state);
  const cluster = chosenCluster(state);
  if (!cluster) return toHeight([[say(' No caller with a proxy called a service.')]], height);
  const rows = endpointRows(state);
  const caller = record.callers[cluster.caller]!;
  const clusters = clusterRows(state);
  const head: Line[] = [
    [
      strong(` ENDPOINTS of ${shortName(record.services[cluster.service]!)}`),
      say(cluster.subset ? ` subset ${cluster.subset}` : ''),
      say(` from ${caller.name}`),
      say(
        `  ${clusters.indexOf(cluster) + 1} of ${clusters.length}${clusters.length > 1 ? ', c next' : ''}`,
        'dim',
      ),
      say(`  ${[caller.zone, caller.cluster].filter(Boolean).join(', ')}`, 'dim'),
    ],
    policyLine(cluster, rows),
    [],
  ];
  const table = tableOf(rows, selectedRow(state), SORTS[state.sort % SORTS.length]!, width, glyphs);
  const room = Math.max(2, height - head.length - DETAIL_LINES);
  const chosen = rows[selectedRow(state)];
  return toHeight(
    [
      ...head,
      table[0]!,
      ...visible(table.slice(1), selectedRow(state), room - 1),
      ...(chosen
        ? detail(state, chosen, cluster.name, cluster.caller, glyphs)
        : [[], [say(' No endpoint.')]]),
    ],
    height,
  );
}

/** A part of the list around the chosen row. */
export function visible(lines: readonly Line[], chosen: number, height: number): Line[] {
  const first = Math.max(0, Math.min(chosen - Math.floor(height / 2), lines.length - height));
  return toLength(lines.slice(first, first + height), height);
}

const toLength = (lines: readonly Line[], length: number): Line[] => [
  ...lines,
  ...Array.from({ length: Math.max(0, length - lines.length) }, () => [] as Line),
];

function policyLine(
  cluster: NonNullable<ReturnType<typeof chosenCluster>>,
  rows: readonly EndpointRow[],
): Line {
  const loads = priorityLoads(cluster, rows);
  const percents = loads.healthyLoad.map((load, p) => `P${p} ${load + (loads.degradedLoad[p] ?? 0)}%`);
  const isPanic = loads.panic.some(Boolean);
  const { detector } = cluster;
  const ejected = rows.filter(({ ejectedBy }) => ejectedBy > 0).length;
  const most = detector
    ? `${detector.maxEjectionPercent}% = ${Math.floor((rows.length * detector.maxEjectionPercent) / 100)}`
    : '';
  return [
    say(` ${cluster.lbPolicy}  load ${percents.join(' ') || '-'}  `),
    say(
      detector ? `ejected ${ejected} of ${rows.length}, at most ${most}  ` : 'no outlierDetection  ',
      'dim',
    ),
    isPanic
      ? say('PANIC', 'bad')
      : say(cluster.panicThreshold > 0 ? `panic below ${cluster.panicThreshold}%` : 'never panics', 'dim'),
  ];
}

interface Column {
  title: string;
  width: number;
  align?: 'right';
  of(row: EndpointRow): string | Segment;
}

function columnsFor(width: number, glyphs: Glyphs): Column[] {
  const fixed: Column[] = [
    { title: 'WEIGHT', width: 6, align: 'right', of: ({ endpoint }) => String(endpoint.weight) },
    { title: 'HEALTH', width: 11, of: (row) => healthCell(row, glyphs) },
    { title: 'ROW', width: 4, align: 'right', of: ({ inARow }) => (inARow > 0 ? String(inARow) : '-') },
    { title: 'EJ', width: 3, align: 'right', of: ({ ejections }) => String(ejections) },
    { title: 'UNTIL', width: 7, align: 'right', of: ({ until }) => untilText(until) },
    { title: 'TRIES', width: 7, align: 'right', of: ({ requests }) => count(requests) },
    { title: 'SHARE', width: 6, align: 'right', of: ({ share }) => percent(share) },
  ];
  const rest = width - 4 - fixed.reduce((sum, column) => sum + column.width + 1, 0);
  const bar = rest > 48 ? 10 : 0;
  const name = Math.max(8, Math.floor((rest - bar) * 0.55));
  const locality = Math.max(6, rest - bar - name - 2 - (bar > 0 ? 1 : 0));
  return [
    { title: 'P', width: 1, of: ({ endpoint }) => String(endpoint.priority) },
    { title: 'ENDPOINT', width: name, of: (row) => row.name },
    { title: 'LOCALITY', width: locality, of: ({ endpoint }) => endpoint.locality || '-' },
    ...fixed,
    ...(bar > 0
      ? [{ title: '', width: bar, of: (row: EndpointRow) => say(barText(row.share, bar, glyphs), 'accent') }]
      : []),
  ];
}

function tableOf(
  rows: readonly EndpointRow[],
  chosen: number,
  sort: string,
  width: number,
  glyphs: Glyphs,
): Line[] {
  const columns = columnsFor(width, glyphs);
  const head = columns.map(({ title, width: cells, align }) => cell(title, cells, glyphs.unicode, align));
  return [
    [say(`   ${head.join(' ')}`, 'dim'), say(sort === 'priority' ? '' : `  by ${sort}`, 'dim')],
    ...rows.map((row, index) => {
      const cells = columns.flatMap((column): Segment[] => {
        const content = column.of(row);
        const segment = typeof content === 'string' ? say(content) : content;
        return [
          say(' '),
          { ...segment, text: cell(segment.text, column.width, glyphs.unicode, column.align) },
        ];
      });
      const line = [say(` ${index === chosen ? glyphs.selected : ' '}`), ...cells];
      return index === chosen ? highlighted(line) : line;
    }),
  ];
}

function healthCell(row: EndpointRow, glyphs: Glyphs): Segment {
  if (row.health === 'ok') return say(`${glyphs.up} ok`, 'good');
  if (row.health === 'ejected') return say(`${glyphs.bad} ejected`, 'bad');
  return say(`${glyphs.warn} ${row.health}`, 'warn');
}

const untilText = (until: number | null): string =>
  until === null ? '-' : until === Number.POSITIVE_INFINITY ? 'end' : secondsLabel(Number(until.toFixed(1)));

/** Of the chosen endpoint: where, how it fares, and its ejections. */
function detail(state: State, row: EndpointRow, cluster: string, caller: number, glyphs: Glyphs): Line[] {
  const { record } = savedRun(state);
  const server = record.servers[row.endpoint.server];
  const ejections = record.ejections.filter(
    (entry) =>
      entry.cluster === cluster &&
      entry.caller === caller &&
      entry.endpoint === row.endpoint.address &&
      entry.at <= state.at,
  );
  const origin = record.clusters.find((entry) => entry.name === cluster && entry.caller === caller)?.origin;
  return [
    [],
    [
      strong(` ${row.name}`),
      say(`  ${row.endpoint.address}`),
      say(
        server
          ? `  ${server.workload} ${server.version}  ${server.cluster}`
          : '  not a server of the scenario',
        'dim',
      ),
    ],
    [
      say(` tries ${count(row.requests)}, failed `),
      say(count(row.failed), row.failed > 0 ? 'bad' : undefined),
      say(row.requests > 0 ? ` (${percent(row.failed / row.requests)})` : ''),
      say(origin ? `   policy at ${origin.file}:${origin.line}` : '', 'dim'),
    ],
    ...(ejections.length === 0
      ? [[say(' never ejected so far', 'dim')]]
      : ejections
          .slice(-2)
          .map((entry) => [
            say(` ${glyphs.bad} ejection ${entry.count}`, 'bad'),
            say(
              ` by ${entry.proxy} at ${entry.at.toFixed(3)}s ${entry.until === null ? 'to the end' : `until ${entry.until.toFixed(3)}s`} (${entry.reason})`,
            ),
          ])),
  ];
}

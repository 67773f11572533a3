// The timeline: who answered, what failed, how long it took, who was ejected; faults and pushes stand in all of them.
import { scaleLinear } from 'd3-scale';
import { line } from 'd3-shape';
import { count, duration, percent } from '../../output/figures.ts';
import {
  answersBy,
  columnsOf,
  ejectionRows,
  failuresBy,
  highest,
  inColumn,
  LABELS,
  NOBODY,
  type Row,
  sum,
} from '../views.ts';
import { countTicks, LEFT, time3, timeFrame, timeScale } from './axes.ts';
import { chart, type Drawn } from './charts.ts';
import { h, s, short } from './dom.ts';
import type { State } from './state.ts';
import { TableView } from './table.ts';

const TALL = 150;
const MOST_GANTT = 20;

export function timelineViews(state: State): HTMLElement[] {
  return [
    chart(
      state,
      'shares',
      'Who gave the answers',
      'Shares of the calls to the chosen service. Bars are as wide as the time they cover.',
      () => shares(state),
    ),
    chart(
      state,
      'failures',
      'Failed calls by flag',
      "Envoy's response flags on calls to the chosen service that ended in an error.",
      () => failures(state),
    ),
    chart(
      state,
      'latency',
      'Latency of user requests',
      'The highest percentile within each step of time.',
      () => latency(state),
    ),
    chart(
      state,
      'ejections',
      'Ejected endpoints',
      'By all proxies together; every proxy ejects for itself.',
      () => ejections(state),
    ),
    marks(state),
  ];
}

const classOf = (row: Row, i: number): string => (row.name === NOBODY ? 'nobody' : `c${i}`);

function shares(state: State): Drawn {
  const { time, window, service, label } = state;
  const rows = answersBy(time, service, label);
  const columns = columnsOf(time, window, rows);
  const counts = columns.map((column) => rows.map((row) => inColumn(row.counts, column)));
  const totals = counts.map(sum);
  const inWindow = rows.map((_, i) => sum(counts.map((column) => column[i]!)));
  const all = sum(inWindow);
  const name = time.services[service] ?? '';
  const x = timeScale(window);
  const bars = columns.flatMap((column, at) => {
    let below = 0;
    return rows.flatMap((row, i) => {
      const share = totals[at] ? counts[at]![i]! / totals[at]! : 0;
      if (share === 0) return [];
      const y = TALL - (below + share) * TALL;
      below += share;
      return [
        s(
          'rect',
          {
            class: classOf(row, i),
            x: x(column.from) + 0.5,
            y,
            width: Math.max(1, x(column.to) - x(column.from) - 1),
            height: share * TALL,
            'data-column': at,
            'data-row': row.name,
          },
          s(
            'title',
            {},
            `${time3(column.from)} to ${time3(column.to)}: ${row.name} ${counts[at]![i]} of ${totals[at]} (${percent(share)})`,
          ),
        ),
      ];
    });
  });
  const yTicks = [0, 0.5, 1].map((share) => ({
    y: TALL - share * TALL + (share === 1 ? 4 : 0),
    text: percent(share),
  }));
  return {
    svg:
      all === 0
        ? null
        : timeFrame(
            {
              id: 'shares',
              label: `Shares of the answers of ${name} over time, by ${label}`,
              height: TALL,
              window,
              time,
              yTicks,
            },
            x,
            ...bars,
          ),
    empty: 'No call ended in this span of time.',
    legend:
      all === 0
        ? []
        : rows.map((row, i) => ({
            className: classOf(row, i),
            text: `${row.name} ${percent(inWindow[i]! / all)} (${count(inWindow[i]!)})`,
          })),
    table: () => ({
      name: `answers of ${name} by ${label}`,
      head: ['from', 'to', ...rows.map((row) => row.name), 'all'],
      rows: columns.map((column, at) => [time3(column.from), time3(column.to), ...counts[at]!, totals[at]!]),
    }),
  };
}

function failures(state: State): Drawn {
  const { time, window, service } = state;
  const rows = failuresBy(time, service);
  const columns = columnsOf(time, window, answersBy(time, service, 'region'));
  const counts = columns.map((column) => rows.map((row) => inColumn(row.counts, column)));
  const totals = counts.map(sum);
  const most = Math.max(1, ...totals);
  const y = scaleLinear([0, most], [TALL / 2, 4]);
  const x = timeScale(window);
  const name = time.services[service] ?? '';
  const bars = columns.flatMap((column, at) => {
    let below = 0;
    return rows.flatMap((row, i) => {
      const value = counts[at]![i]!;
      if (value === 0) return [];
      below += value;
      return [
        s(
          'rect',
          {
            class: `c${i}`,
            x: x(column.from) + 0.5,
            y: y(below),
            width: Math.max(1, x(column.to) - x(column.from) - 1),
            height: y(0) - y(value),
            'data-column': at,
            'data-row': row.name,
          },
          s('title', {}, `${time3(column.from)} to ${time3(column.to)}: ${value} ${row.name}`),
        ),
      ];
    });
  });
  return {
    svg:
      sum(totals) === 0
        ? null
        : timeFrame(
            {
              id: 'failures',
              label: `Failed calls to ${name} over time, by flag`,
              height: TALL / 2,
              window,
              time,
              yTicks: countTicks(most, TALL / 2),
            },
            x,
            ...bars,
          ),
    empty: `No call to ${name} failed in this span of time.`,
    legend:
      sum(totals) === 0
        ? []
        : rows.map((row, i) => ({
            className: `c${i}`,
            text: `${row.name} (${count(sum(counts.map((column) => column[i]!)))})`,
          })),
    table: () => ({
      name: `failed calls to ${name} by flag`,
      head: ['from', 'to', ...rows.map((row) => row.name)],
      rows: columns.map((column, at) => [time3(column.from), time3(column.to), ...counts[at]!]),
    }),
  };
}

const QUANTILES = ['p50', 'p95', 'p99'] as const;

function latency(state: State): Drawn {
  const { time, window } = state;
  const load = time.loads[state.load];
  const rows = load ? [{ name: '', counts: load.requests }] : [];
  const columns = columnsOf(time, window, rows);
  const values = QUANTILES.map((quantile) =>
    columns.map((column) => (load ? highest(load[quantile], column) : null)),
  );
  const found = values.flat().filter((value) => value !== null);
  const most = Math.max(0.001, ...found);
  const y = scaleLinear([0, most], [TALL - 30, 4]).nice(4);
  const x = timeScale(window);
  const middle = columns.map(({ from, to }) =>
    x((Math.max(from, window.from) + Math.min(to, window.to)) / 2),
  );
  const lines = QUANTILES.flatMap((quantile, i) => {
    const points = values[i]!.flatMap((value, at) =>
      value === null ? [] : [[middle[at]!, y(value)] as [number, number]],
    );
    return [
      s('path', { class: `line l${i}`, d: line()(points) ?? '', 'data-row': quantile }),
      ...(points.length > 60
        ? []
        : points.map(([cx, cy]) => s('circle', { class: `c${i}`, cx, cy, r: 2.5 }))),
    ];
  });
  return {
    svg:
      found.length === 0
        ? null
        : timeFrame(
            {
              id: 'latency',
              label: `Latency of ${load!.name} over time: median, 95th and 99th percentile`,
              height: TALL - 30,
              window,
              time,
              yTicks: y.ticks(4).map((value) => ({ y: y(value), text: duration(value) })),
            },
            x,
            ...lines,
          ),
    empty: 'No user request ended in this span of time.',
    legend:
      found.length === 0
        ? []
        : QUANTILES.map((quantile, i) => ({ className: `c${i}`, text: `${quantile} of ${load!.name}` })),
    table: () => ({
      name: `latency of ${load?.name ?? 'nobody'}`,
      head: ['from', 'to', ...QUANTILES],
      rows: columns.map(({ from, to }, at) => [
        time3(from),
        time3(to),
        ...values.map((row) => (row[at] === null ? 'no request' : duration(row[at]!))),
      ]),
    }),
  };
}

function ejections(state: State): Drawn {
  const { time, window } = state;
  const rows = ejectionRows(time);
  const seen = rows.filter(({ bars }) =>
    bars.some(({ at, until }) => at <= window.to && until >= window.from),
  );
  const shown = seen.slice(0, MOST_GANTT);
  const x = timeScale(window);
  const height = shown.length * 22 + 4;
  const drawn = shown.flatMap(({ name, bars }, row) => [
    s('text', { class: 'over', x: LEFT + 4, y: row * 22 + 12 }, short(name, 60)),
    ...bars.map(({ at, until, by, reason, isOpen }) =>
      s(
        'rect',
        {
          class: `ejection${isOpen ? ' open' : ''}`,
          x: x(at),
          y: row * 22 + 15,
          width: Math.max(2, x(until) - x(at)),
          height: 7,
          'data-row': name,
        },
        s(
          'title',
          {},
          `${name} ejected by ${by} at ${time3(at)} until ${isOpen ? 'the end' : time3(until)}: ${reason}`,
        ),
      ),
    ),
  ]);
  return {
    svg:
      shown.length === 0
        ? null
        : timeFrame(
            { id: 'ejections', label: 'Ejected endpoints over time', height, window, time },
            x,
            ...drawn,
          ),
    empty: rows.length === 0 ? 'Nothing was ejected.' : 'Nothing was ejected in this span of time.',
    legend:
      shown.length < seen.length
        ? [{ className: 'ejection', text: `${seen.length - shown.length} more endpoints are in the table` }]
        : [],
    table: () => ({
      name: 'ejections',
      head: ['endpoint', 'ejected at', 'until', 'by', 'reason'],
      rows: seen.flatMap(({ name, bars }) =>
        bars
          .filter(({ at, until }) => at <= window.to && until >= window.from)
          .map(({ at, until, by, reason, isOpen }) => [
            name,
            time3(at),
            isOpen ? 'the end' : time3(until),
            by,
            reason,
          ]),
      ),
    }),
  };
}

/** In words: lines over a chart cannot be read aloud. */
function marks(state: State): HTMLElement {
  const list = h('ol', { class: 'marks' });
  const table = new TableView('marks');
  const redraw = () => {
    const faults = state.time.marks.filter(({ kind }) => kind === 'fault');
    list.replaceChildren(
      ...faults.map(({ at, until, text }) =>
        h('li', {}, h('b', {}, time3(at)), until === null ? '' : ` to ${time3(until)}`, ` ${text}`),
      ),
    );
    list.hidden = faults.length === 0;
    table.set(() => ({
      name: 'faults and pushes',
      head: ['at', 'until', 'what', 'text'],
      rows: state.time.marks.map(({ at, until, kind, text }) => [
        time3(at),
        until === null ? '' : time3(until),
        kind,
        text,
      ]),
    }));
  };
  redraw();
  state.onChange((what) => what === 'all' && redraw());
  return h(
    'figure',
    { id: 'chart-marks' },
    h(
      'figcaption',
      {},
      h('h3', {}, 'Faults and pushes'),
      h(
        'p',
        { class: 'note' },
        'Solid lines in the charts are faults, dotted ones are what istiod told the proxies.',
      ),
    ),
    list,
    table.element,
  );
}

export const TIMELINE_LABELS = LABELS;

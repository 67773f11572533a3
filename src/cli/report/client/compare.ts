// Base and variants side by side: the share of each workload, and with several runs the band in which 95 % of them lie.
import type { ServiceReport } from '../../../scenarios/result.ts';
import { count, percent } from '../../output/figures.ts';
import { LEFT, RIGHT, WIDTH } from './axes.ts';
import { chart, type Drawn } from './charts.ts';
import { s, short } from './dom.ts';
import type { State } from './state.ts';

const BAR_LEFT = LEFT + 290;
const MOST_BARS = 60;

export function compareView(state: State): HTMLElement {
  return chart(
    state,
    'compare',
    'Variants and seeds side by side',
    'The share of the requests to the chosen service over the whole run. With several runs, the line is the band in which 95 % of them lie.',
    () => draw(state),
  );
}

interface Bar {
  name: string;
  load: string;
  run: string;
  runs: number;
  index: number;
  mean: number;
  sd: number;
  low: number;
  high: number;
  requests: number;
  share: number;
}

function barsOf(state: State): Bar[] {
  const service = state.time.services[state.service];
  const all = state.data.runs.flatMap((run, index) =>
    run.services
      .filter((one: ServiceReport) => one.service === service)
      .flatMap(({ load, requests, by }) =>
        Object.entries(by.workload).map(
          ([name, { mean, sd, p2_5, p97_5, share }]): Bar => ({
            name,
            load,
            run: run.title,
            runs: run.scenario.runs,
            index,
            mean,
            sd,
            low: p2_5,
            high: p97_5,
            requests,
            share,
          }),
        ),
      ),
  );
  const key = ({ load, name }: Bar) => `${load} ${name}`;
  return all.sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : a.index - b.index));
}

function draw(state: State): Drawn {
  const bars = barsOf(state);
  const shown = bars.slice(0, MOST_BARS);
  let y = 6;
  let before = '';
  const parts: SVGElement[] = [];
  const x = (share: number) => BAR_LEFT + Math.min(1, share) * (RIGHT - BAR_LEFT - 150);
  for (const bar of shown) {
    const group = JSON.stringify([bar.load, bar.name]);
    if (group !== before) {
      y += before === '' ? 10 : 16;
      parts.push(s('text', { class: 'head', x: 4, y: y + 4 }, short(`${bar.name} (load ${bar.load})`, 90)));
      y += 14;
      before = group;
    }
    const label =
      bar.runs > 1
        ? `${percent(bar.share)} (${count(bar.low)} to ${count(bar.high)} of ${count(bar.requests)})`
        : `${percent(bar.share)} (${count(bar.mean)})`;
    const [low, high] = bar.requests > 0 ? [bar.low / bar.requests, bar.high / bar.requests] : [0, 0];
    parts.push(
      s(
        'text',
        { class: 'small', x: BAR_LEFT - 8, y: y + 9, 'text-anchor': 'end' },
        short(bar.run, 46),
        s('title', {}, bar.run),
      ),
      s('rect', { class: 'track', x: x(0), y, width: x(1) - x(0), height: 12 }),
      s('rect', {
        class: bar.index === state.run ? 'c0' : 'c1',
        x: x(0),
        y,
        width: x(bar.share) - x(0),
        height: 12,
        'data-share': bar.share,
        'data-row': bar.name,
      }),
      ...(bar.runs > 1
        ? [
            s('path', {
              class: 'band',
              d: `M${x(low)},${y + 2}v8M${x(low)},${y + 6}H${x(high)}M${x(high)},${y + 2}v8`,
            }),
          ]
        : []),
      s('text', { class: 'small', x: x(1) + 8, y: y + 10 }, label),
    );
    y += 18;
  }
  const name = state.time.services[state.service] ?? '';
  return {
    svg:
      shown.length === 0
        ? null
        : s(
            'svg',
            {
              viewBox: `0 0 ${WIDTH} ${y + 6}`,
              role: 'img',
              'aria-label': `Shares of the workloads of ${name} by variant`,
              'data-chart': 'compare',
            },
            ...parts,
          ),
    empty: 'No request asked for it.',
    legend: [
      { className: 'c0', text: 'the chosen run' },
      ...(state.data.runs.length > 1 ? [{ className: 'c1', text: 'the others' }] : []),
      ...(shown.length < bars.length
        ? [{ className: 'track', text: `${bars.length - shown.length} more are in the table` }]
        : []),
    ],
    table: () => ({
      name: `requests to ${name} by variant`,
      head: ['answered by', 'load', 'run', 'runs', 'mean', 'sd', '2.5 %', '97.5 %', 'share'],
      rows: bars.map((bar) => [
        bar.name,
        bar.load,
        bar.run,
        bar.runs,
        bar.mean,
        bar.sd,
        bar.low,
        bar.high,
        percent(bar.share),
      ]),
    }),
  };
}

// The frame of a chart over time: axes, and marks for faults and pushes.
import { scaleLinear } from 'd3-scale';
import type { TimeData } from '../data.ts';
import type { Window } from '../views.ts';
import { type Child, s } from './dom.ts';

export const WIDTH = 960;
export const LEFT = 64;
export const RIGHT = WIDTH - 16;

export type X = (seconds: number) => number;

export const timeScale = ({ from, to }: Window) => scaleLinear([from, to], [LEFT, RIGHT]);

export interface Frame {
  /** What a screen reader says of it. */
  label: string;
  id: string;
  height: number;
  window: Window;
  time: TimeData;
  yTicks?: { y: number; text: string }[];
}

let clips = 0;

export function timeFrame(
  frame: Frame,
  x: ReturnType<typeof timeScale>,
  ...children: Child[]
): SVGSVGElement {
  const { label, id, height, window, time, yTicks = [] } = frame;
  const clip = `clip${clips++}`;
  const marks = time.marks.filter(({ at }) => at >= window.from && at <= window.to);
  return s(
    'svg',
    { viewBox: `0 0 ${WIDTH} ${height + 24}`, role: 'img', 'aria-label': label, 'data-chart': id },
    s('clipPath', { id: clip }, s('rect', { x: LEFT, y: 0, width: RIGHT - LEFT, height: height + 1 })),
    ...yTicks.map(({ y, text }) =>
      s(
        'g',
        {},
        s('line', { class: 'grid', x1: LEFT, x2: RIGHT, y1: y, y2: y }),
        s('text', { x: LEFT - 6, y: y + 4, 'text-anchor': 'end' }, text),
      ),
    ),
    s('g', { 'clip-path': `url(#${clip})` }, ...children),
    ...marks.map(({ at, kind, text }) =>
      s(
        'line',
        { class: `mark ${kind}`, x1: x(at), x2: x(at), y1: 0, y2: height },
        s('title', {}, `${time3(at)} ${text}`),
      ),
    ),
    ...timeTicks(x, height),
  );
}

export function timeTicks(x: ReturnType<typeof timeScale>, y: number): SVGElement[] {
  return [
    s('line', { class: 'axis', x1: LEFT, x2: RIGHT, y1: y, y2: y }),
    ...x
      .ticks(8)
      .map((at) =>
        s(
          'g',
          {},
          s('line', { class: 'axis', x1: x(at), x2: x(at), y1: y, y2: y + 4 }),
          s('text', { x: x(at), y: y + 18, 'text-anchor': 'middle' }, `${Number(at.toFixed(3))} s`),
        ),
      ),
  ];
}

export const time3 = (seconds: number): string => `${Number(seconds.toFixed(3))} s`;

/** Whole steps from 0 to a round number above `most`. */
export function countTicks(most: number, height: number): { y: number; text: string }[] {
  const scale = scaleLinear([0, Math.max(most, 1)], [height, 4]);
  return scale
    .ticks(4)
    .filter((value) => Number.isInteger(value))
    .map((value) => ({ y: scale(value), text: String(value) }));
}

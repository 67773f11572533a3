// From numbers to cells: time axes, bars and sparklines. d3-scale chooses round ticks and does the arithmetic.
import { scaleLinear, scaleQuantize } from 'd3-scale';
import type { Glyphs } from './glyphs.ts';

/** Seconds on a row of cells. */
export interface TimeAxis {
  from: number;
  to: number;
  width: number;
  /** Cell of a moment, within the row. */
  cellOf(at: number): number;
  /** Where a cell begins. */
  timeOf(cell: number): number;
  ticks: { cell: number; label: string }[];
}

export function timeAxis(from: number, to: number, width: number): TimeAxis {
  const scale = scaleLinear()
    .domain([from, Math.max(to, from + 1e-6)])
    .range([0, Math.max(1, width)]);
  const cellOf = (at: number) => Math.max(0, Math.min(width - 1, Math.floor(scale(at))));
  return {
    from,
    to,
    width,
    cellOf,
    timeOf: (cell) => scale.invert(cell),
    ticks: scale
      .ticks(Math.max(2, Math.floor(width / 12)))
      .map((at) => ({ cell: cellOf(at), label: secondsLabel(at) })),
  };
}

/** "0s", "2.5s", "2m30s". */
export function secondsLabel(at: number): string {
  if (at < 120) return `${Number(at.toFixed(3))}s`;
  const minutes = Math.floor(at / 60);
  const rest = Math.round(at - minutes * 60);
  return rest === 0 ? `${minutes}m` : `${minutes}m${rest}s`;
}

/** The axis as text: labels where the ticks are unless a mark stands there, `fill` between. */
export function axisText(axis: TimeAxis, fill: string, marks: ReadonlySet<number> = new Set()): string {
  const cells = new Array<string>(axis.width).fill(fill);
  let free = 0;
  for (const { cell, label } of axis.ticks) {
    const start = Math.min(cell, axis.width - label.length);
    if (start < free || start < 0) continue;
    if ([...label].some((_, i) => marks.has(start + i))) continue;
    for (let i = 0; i < label.length; i++) cells[start + i] = label[i]!;
    free = start + label.length + 1;
  }
  return cells.join('');
}

/** A share 0..1 as a bar of at most `width` cells; more than nothing shows at least a sliver. */
export function barText(share: number, width: number, glyphs: Glyphs): string {
  const steps = glyphs.blocks.length - 1;
  const cells = scaleLinear()
    .domain([0, 1])
    .range([0, width * steps])
    .clamp(true)(share);
  const filled = share > 0 ? Math.max(1, Math.round(cells)) : 0;
  return glyphs.blocks[steps]!.repeat(Math.floor(filled / steps)) + glyphs.blocks[filled % steps]!;
}

/** One cell per value; the greatest fills its cell, and the least that is not nothing still differs from it. Undefined = not known yet. */
export function sparkText(values: readonly (number | undefined)[], glyphs: Glyphs, most?: number): string {
  const top = most ?? Math.max(0, ...values.map((value) => value ?? 0));
  const [none, ...levels] = glyphs.levels.slice(1);
  const levelOf = scaleQuantize<string>()
    .domain([0, top || 1])
    .range(levels);
  return values.map((value) => (value === undefined ? ' ' : value <= 0 ? none! : levelOf(value))).join('');
}

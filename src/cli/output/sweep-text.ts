// A sweep for people (a table, and a plot with bands), for spreadsheets (CSV) and for programs (JSON).
import type { Bisection } from '../../scenarios/sweep/bisect.ts';
import type { Figure, SweepPoint, SweepResult } from '../../scenarios/sweep/sweep.ts';
import type { Io } from '../io.ts';
import { count, duration, percent, plural } from './figures.ts';
import { clean, displayWidth, padEnd, padStart } from './layout.ts';
import { Page } from './section.ts';
import { terminalOf } from './terminal.ts';

type Unit = SweepResult['measures'][number]['unit'];

const TITLES: Record<string, string> = { errorRate: 'error rate', attemptsPerRequest: 'tries' };
const titleOf = (name: string) => TITLES[name] ?? name;
/** The last step of a path tells the knobs apart. */
const shortName = (name: string) => clean(name.split(/[.:]/).at(-1) || name);

export function sweepText(
  result: SweepResult,
  file: string,
  io: Io,
  options: { color: boolean; quiet?: boolean; verbose?: boolean; plot?: string },
): string {
  const page = new Page(terminalOf(io, options), options.quiet ? -1 : options.verbose ? 1 : 0);
  const { knobs, seeds, points } = result;
  const over = knobs.map(({ name, values }) => `${clean(name)} (${plural(values.length, 'value')})`);
  page.paragraph(
    `${clean(file)}: ${over.length > 0 ? `${over.join(' x ')}, ` : ''}${seeds.length === 1 ? `seed ${seeds[0]}` : `${seeds.length} seeds from ${seeds[0]}`}`,
  );
  page.line();
  const name = options.plot ?? varying(result);
  writeTable(page, result, name);
  if (name !== undefined && page.verbosity >= 0) {
    page.line();
    writePlot(page, result, name);
  }
  for (const point of points)
    if (point.problem)
      page.paragraph(
        `${point.values.join(', ')} cannot run: ${point.problem.message}`,
        `${page.marks.bad} `,
        page.paint.red,
      );
  return page.text();
}

/** Bands of the plotted measure alone, so that the table stays narrow; of all with -v. */
function writeTable(
  page: Page,
  { knobs, measures, seeds, points }: SweepResult,
  plotted: string | undefined,
): void {
  const head = [
    ...knobs.map(({ name }) => shortName(name)),
    ...measures.map(({ name }) => clean(titleOf(name))),
    'met',
  ];
  const rows = points.map((point) => [
    ...point.values.map(clean),
    ...measures.map(({ name, unit }) =>
      cell(point.figures[name], unit, seeds.length > 1 && (name === plotted || page.verbosity > 0)),
    ),
    point.problem
      ? 'cannot run'
      : point.expectations === 0
        ? page.marks.dash
        : `${point.met} of ${point.expectations}`,
  ]);
  const widths = head.map((title, i) =>
    Math.max(displayWidth(title), ...rows.map((row) => displayWidth(row[i]!))),
  );
  const line = (cells: string[]) =>
    `  ${cells.map((text, i) => (i < knobs.length ? padEnd(text, widths[i]!) : padStart(text, widths[i]!))).join('  ')}`.trimEnd();
  page.line(page.paint.dim(line(head)));
  for (const row of rows) page.line(line(row));
}

function cell(figure: Figure | undefined, unit: Unit, hasBand: boolean): string {
  if (!figure) return '';
  const mean = shown(figure.mean, unit);
  const [low, high] = [shown(figure.low, unit), shown(figure.high, unit)];
  return hasBand && low !== high ? `${mean} (${low}..${high})` : mean;
}

function shown(value: number, unit: Unit): string {
  if (unit === 'share') return percent(value);
  if (unit === 'seconds') return duration(value);
  return Number.isInteger(value) ? count(value) : String(Number(value.toPrecision(4)));
}

/** The first measure that is not the same everywhere. */
function varying({ measures, points }: SweepResult): string | undefined {
  return measures.find(({ name, unit }) => {
    const means = points.flatMap((point) => point.figures[name] ?? []).map(({ mean }) => shown(mean, unit));
    return new Set(means).size > 1;
  })?.name;
}

/** Filled up to the band, light within it, a mark at the mean. */
function writePlot(page: Page, { measures, points }: SweepResult, name: string): void {
  const { unit } = measures.find((measure) => measure.name === name)!;
  const labels = points.map(({ values }) => clean(values.join(' ')));
  const widest = Math.max(0, ...labels.map(displayWidth));
  const most = Math.max(...points.map((point) => point.figures[name]?.high ?? 0));
  const width = Math.max(10, Math.min(60, page.width - widest - 16));
  page.line(page.paint.bold(`  ${clean(titleOf(name))}`));
  for (const [i, point] of points.entries()) {
    const figure = point.figures[name];
    const text = figure
      ? `${bandOf(figure, most, width, page.terminal.unicode)} ${shown(figure.mean, unit)}`
      : 'cannot run';
    page.line(`  ${padEnd(labels[i]!, widest)} ${text}`);
  }
}

function bandOf({ mean, low, high }: Figure, most: number, width: number, unicode: boolean): string {
  const place = (value: number) => (most <= 0 ? 0 : Math.round((Math.max(0, value) / most) * width));
  const [full, light, mark] = unicode ? ['█', '░', '┃'] : ['#', '-', '|'];
  const cells = Array.from({ length: width + 1 }, (_, i) =>
    i < place(low) ? full : i < place(high) ? light : ' ',
  );
  if (place(high) > place(low)) cells[Math.min(width, place(mean))] = mark;
  return cells.join('').padEnd(width + 1);
}

export function sweepCsv({ knobs, measures, points }: SweepResult): string {
  const head = [
    ...knobs.map(({ name }) => name),
    ...measures.flatMap(({ name }) => [name, `${name}_low`, `${name}_high`]),
    'expectations_met',
    'expectations',
  ];
  const rows: (string | number)[][] = points.map((point: SweepPoint) => [
    ...point.values,
    ...measures.flatMap(({ name }): (string | number)[] => {
      const figure = point.figures[name];
      return figure ? [figure.mean, figure.low, figure.high] : ['', '', ''];
    }),
    point.met,
    point.expectations,
  ]);
  return `${[head, ...rows].map((row) => row.map(csvCell).join(',')).join('\r\n')}\r\n`;
}

/** RFC 4180; a text that a spreadsheet would take for a formula is marked as text. */
function csvCell(value: string | number): string {
  if (typeof value === 'number') return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function sweepJson(result: SweepResult, file: string, version: string): string {
  return `${JSON.stringify({ foresail: version, file, ...result }, null, 2)}\n`;
}

export function bisectionText(
  result: Bisection,
  io: Io,
  options: { color: boolean; quiet?: boolean; verbose?: boolean },
): string {
  const page = new Page(terminalOf(io, options), options.quiet ? -1 : options.verbose ? 1 : 0);
  page.paragraph(bisectionWords(result), `${page.mark(result.outcome !== 'none')} `, page.paint.bold);
  if (page.verbosity < 0) return page.text();
  page.line();
  const widest = Math.max(...result.tried.map(({ value }) => displayWidth(clean(value))));
  for (const { value, keeps, got, kept } of result.tried) {
    const seeds = result.seeds > 1 ? ` (kept in ${kept} of ${result.seeds} seeds)` : '';
    page.paragraph(`${got}${seeds}`, `  ${page.mark(keeps)} ${padEnd(clean(value), widest)}  `);
  }
  return page.text();
}

function bisectionWords({ knob, keep, outcome, value, breaks, tried }: Bisection): string {
  const what = `${knob} that keeps ${keep}`;
  if (outcome === 'all')
    return `both ends of ${knob} keep ${keep}: ${tried[0]!.value} and ${tried.at(-1)!.value}`;
  if (outcome === 'none') return `neither end of ${knob} keeps ${keep}`;
  return `${outcome} ${what}: ${value} (${breaks} does not)`;
}

export function bisectionJson(result: Bisection, file: string, version: string): string {
  return `${JSON.stringify({ foresail: version, file, ...result }, null, 2)}\n`;
}

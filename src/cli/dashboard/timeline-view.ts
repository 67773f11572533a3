// View 3: what happened to whom when: a bar for every server and fault over one time axis, with rate, errors and latency below.
import { count, duration } from '../output/figures.ts';
import { visible } from './endpoints-view.ts';
import type { Glyphs } from './glyphs.ts';
import { cell, headOf, type Line, type Segment, say, strong, toHeight } from './line.ts';
import { selectedRow, timelineRows } from './rows.ts';
import { Moment, stateAt } from './run-in-time.ts';
import { axisText, sparkText, type TimeAxis, timeAxis } from './scale.ts';
import { type State, savedRun } from './state.ts';

export function timelineView(state: State, width: number, height: number, glyphs: Glyphs): Line[] {
  const now = new Moment(savedRun(state), state.at);
  const { record } = now;
  const nameWidth = Math.min(32, Math.max(12, Math.floor(width * 0.25)));
  const axis = axisOf(state, width - nameWidth - 3);
  const nowCell = axis.cellOf(state.at);
  const row = (name: string, cells: Line, isChosen = false): Line => [
    say(` ${isChosen ? glyphs.selected : ' '}`),
    isChosen ? strong(cell(name, nameWidth, glyphs.unicode)) : say(cell(name, nameWidth, glyphs.unicode)),
    ...cells,
  ];
  const ruler = axisText(axis, glyphs.rule);
  const head: Line[] = [
    [
      strong(' TIMELINE'),
      say(
        `  ${glyphs.ejected} ejected  x down or faulty  ${glyphs.lasting} well  (z closer, Z wider)`,
        'dim',
      ),
    ],
    row('', [
      say(ruler.slice(0, nowCell), 'dim'),
      { text: glyphs.wall, tone: 'accent', isBold: true },
      say(ruler.slice(nowCell + 1), 'dim'),
    ]),
  ];
  const faults = record.faults
    .filter(({ at, until }) => at <= state.at && at < axis.to && (until ?? record.end) >= axis.from)
    .map((fault) =>
      row(headOf(`${glyphs.fault} ${fault.text}`, nameWidth), [
        say(faultCells(fault, state, axis, glyphs), 'warn'),
      ]),
    );
  const pushes = record.pushes.filter(({ at }) => at <= state.at && at >= axis.from && at < axis.to);
  const pushRow =
    pushes.length > 0
      ? [
          row('istiod pushes', [
            say(
              marks(
                pushes.map(({ at }) => at),
                axis,
                glyphs.fault,
              ),
              'accent',
            ),
          ]),
        ]
      : [];
  const curves = curvesOf(now, axis, nameWidth, glyphs, row);
  const servers = timelineRows(state);
  const chosen = selectedRow(state);
  const rows = servers.map((server, index) =>
    row(record.servers[server]!.name, serverCells(now, server, axis, glyphs), index === chosen),
  );
  const shownFaults = toHeight(
    [...faults, ...pushRow],
    Math.min(faults.length + pushRow.length, Math.max(2, Math.floor(height / 4))),
  );
  const room = Math.max(1, height - head.length - shownFaults.length - curves.length);
  return toHeight(
    [
      ...head,
      ...shownFaults,
      ...(rows.length > room ? visible(rows, chosen, room) : toHeight(rows, room)),
      ...curves,
    ],
    height,
  );
}

/** The whole run, or a part of it around the present moment. */
export function axisOf(state: State, width: number): TimeAxis {
  const { end } = savedRun(state).record;
  const span = end / 2 ** state.zoom;
  const from = Math.max(0, Math.min(end - span, state.at - span / 2));
  return timeAxis(from, from + span, Math.max(10, width));
}

function serverCells(now: Moment, server: number, axis: TimeAxis, glyphs: Glyphs): Line {
  const ejections = now.record.ejections.filter((entry) => entry.server === server && entry.at <= now.at);
  const segments: Segment[] = [];
  const put = (text: string, tone: Segment['tone']) => {
    const last = segments.at(-1);
    if (last && last.tone === tone) last.text += text;
    else segments.push(tone ? { text, tone } : { text });
  };
  for (let index = 0; index < axis.width; index++) {
    const [from, to] = [axis.timeOf(index), axis.timeOf(index + 1)];
    if (from > now.at) break;
    const begun = ejections.find((entry) => entry.at >= from && entry.at < to);
    const out = ejections.some((entry) => entry.at < to && (entry.until === null || entry.until > from));
    const state = stateAt(now.record, server, Math.min(now.at, to - 1e-9));
    if (begun) put(glyphs.unicode ? glyphs.bad : 'X', 'bad');
    else if (out) put(glyphs.ejected, 'bad');
    else if (state === 'absent') put(' ', undefined);
    else if (state !== 'ok') put('x', 'warn');
    else put(glyphs.lasting, 'good');
  }
  return segments;
}

function faultCells(
  fault: { at: number; until: number | null },
  state: State,
  axis: TimeAxis,
  glyphs: Glyphs,
): string {
  const start = axis.cellOf(Math.max(axis.from, fault.at));
  const end = axis.cellOf(Math.min(axis.to, state.at, fault.until ?? Number.POSITIVE_INFINITY));
  const isOver = fault.until !== null && fault.until <= state.at;
  const length = Math.max(1, end - start + 1);
  const first = glyphs.ends[0];
  if (length === 1) return ' '.repeat(start) + glyphs.fault;
  return `${' '.repeat(start)}${first}${glyphs.lasting.repeat(length - 2)}${isOver ? (glyphs.unicode ? '┤' : '|') : glyphs.ends[1]}`;
}

function marks(times: readonly number[], axis: TimeAxis, sign: string): string {
  const cells = new Array<string>(axis.width).fill(' ');
  for (const at of times) cells[axis.cellOf(at)] = sign;
  return cells.join('').trimEnd();
}

function curvesOf(
  now: Moment,
  axis: TimeAxis,
  nameWidth: number,
  glyphs: Glyphs,
  row: (name: string, cells: Line) => Line,
): Line[] {
  const { record } = now;
  const spans = Array.from({ length: axis.width }, (_, index) => {
    const from = Math.floor(axis.timeOf(index) / record.binSeconds);
    const to = Math.max(from + 1, Math.floor(axis.timeOf(index + 1) / record.binSeconds));
    return from >= now.bins ? undefined : { from, to: Math.min(to, now.bins) };
  });
  const values = (of: (span: { from: number; to: number }) => number) =>
    spans.map((span) => (span ? of(span) : undefined));
  const most = (list: readonly (number | undefined)[]) => Math.max(0, ...list.map((value) => value ?? 0));
  const rate = values((span) => now.perSecond(now.user('requests', span), span));
  const errors = values((span) => now.perSecond(now.user('failed', span), span));
  const p95 = values((span) =>
    now.worstLatency(
      record.loads.map(({ series }) => series),
      'p95',
      span,
    ),
  );
  const named = (name: string, figure: string) =>
    `${cell(name, Math.max(6, nameWidth - figure.length - 2), glyphs.unicode)} ${figure}`;
  return [
    row(named('rate', `max ${count(most(rate))}/s`), [say(sparkText(rate, glyphs), 'accent')]),
    row(named('errors', `max ${count(most(errors))}/s`), [say(sparkText(errors, glyphs), 'bad')]),
    row(named('p95', `max ${duration(most(p95))}`), [say(sparkText(p95, glyphs), 'warn')]),
  ];
}

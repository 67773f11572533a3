// The whole screen for a state and a size: title, one view, the time ruler, the keys. Exactly `rows` lines of exactly `columns` cells.
import { titleOf } from '../outcome.ts';
import { padEnd } from '../output/layout.ts';
import { endpointsView } from './endpoints-view.ts';
import { expectationsView } from './expectations-view.ts';
import { explainView } from './explain-view.ts';
import type { Glyphs } from './glyphs.ts';
import { KEY_HELP } from './keys.ts';
import { cell, cutTo, type Line, type Segment, say, spread, strong, toHeight } from './line.ts';
import { overview } from './overview.ts';
import { requestsView } from './requests-view.ts';
import { axisText, secondsLabel, timeAxis } from './scale.ts';
import { SPEEDS, type State, savedRun, VIEWS } from './state.ts';
import { timelineView } from './timeline-view.ts';

export interface Size {
  columns: number;
  rows: number;
}

type ViewOf = (state: State, width: number, height: number, glyphs: Glyphs) => Line[];
const VIEW: Record<State['view'], ViewOf> = {
  overview,
  endpoints: endpointsView,
  timeline: timelineView,
  requests: requestsView,
  expectations: expectationsView,
};

export function frame(state: State, { columns, rows }: Size, glyphs: Glyphs): Line[] {
  const rule: Line = [say(glyphs.rule.repeat(columns), 'dim')];
  const height = Math.max(1, rows - 5);
  const body = state.isHelpShown
    ? help(state, height)
    : state.explained !== null
      ? explainView(state, columns, height, glyphs)
      : VIEW[state.view](state, columns, height, glyphs);
  const lines = [
    title(state, columns, glyphs),
    rule,
    ...toHeight(body, height),
    ruler(state, columns, glyphs),
    rule,
    footer(state, columns),
  ];
  return toHeight(lines.slice(0, rows), rows).map((line) => cutTo(line, columns, glyphs.cut));
}

function title(state: State, columns: number, glyphs: Glyphs): Line {
  const { result, record } = savedRun(state);
  const { scenario, expectations, findings } = result;
  const bad = expectations.filter(({ ok }) => !ok).length;
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const warnings = findings.filter(({ severity }) => severity === 'warning').length;
  const clock = `t ${state.at.toFixed(1)}s / ${record.end.toFixed(1)}s ${glyphs.times}${SPEEDS[state.speed]} `;
  const right: Line = [
    strong(clock),
    say(state.isPlaying ? glyphs.playing : glyphs.paused, state.isPlaying ? 'good' : 'warn'),
    say(state.isPlaying ? ' replay' : state.at >= record.end ? ' at end' : ' paused', 'dim'),
    say('  '),
    say(
      `${bad > 0 ? glyphs.bad : glyphs.ok} EXPECT ${expectations.length - bad}/${expectations.length}`,
      bad > 0 ? 'bad' : 'good',
    ),
    ...(errors + warnings > 0 && columns >= 100
      ? [say(`  LINT ${errors}${glyphs.bad} ${warnings}${glyphs.warn}`, errors > 0 ? 'bad' : 'warn')]
      : []),
    say(' '),
  ];
  const used = right.reduce((sum, { text }) => sum + text.length, 0);
  const more = columns >= 100 ? `  istio ${scenario.istioVersion}  seed ${scenario.seed}` : '';
  const room = Math.max(8, columns - used - 12 - more.length);
  return spread(
    [say(' foresail ', 'accent'), strong(cell(titleOf(result), room, glyphs.unicode)), say(more, 'dim')],
    right,
    columns,
  );
}

/** The run from its start to its end, with faults and ejections so far, and where we are. */
function ruler(state: State, columns: number, glyphs: Glyphs): Line {
  const { record } = savedRun(state);
  const axis = timeAxis(0, record.end, Math.max(10, columns - 2));
  const marks = [
    ...record.faults.map(({ at }) => at),
    ...record.ejections.filter(({ at }) => at <= state.at).map(({ at }) => at),
    state.at,
  ].map((at) => axis.cellOf(at));
  const cells: Segment[] = [...axisText(axis, glyphs.rule, new Set(marks))].map((char) => say(char, 'dim'));
  for (const { at } of record.faults) cells[axis.cellOf(at)] = say(glyphs.fault, 'warn');
  for (const { at } of record.ejections) if (at <= state.at) cells[axis.cellOf(at)] = say(glyphs.bad, 'bad');
  cells[axis.cellOf(state.at)] = { text: glyphs.now, tone: 'accent', isBold: true };
  return [say(' '), ...joined(cells)];
}

/** Neighbours of one look become one segment. */
function joined(cells: readonly Segment[]): Line {
  const line: Line = [];
  for (const one of cells) {
    const last = line.at(-1);
    if (last && last.tone === one.tone && last.isBold === one.isBold) last.text += one.text;
    else line.push({ ...one });
  }
  return line;
}

function footer(state: State, columns: number): Line {
  if (state.isTyping)
    return [
      strong(' filter: '),
      say(state.filter),
      say('_', 'accent'),
      say('  enter keeps it, esc clears it', 'dim'),
    ];
  const views: Line = VIEWS.flatMap((view, index) => [
    { ...say(`${index + 1} ${columns < 120 ? SHORT[view] : view}`), isInverse: view === state.view },
    say(' '),
  ]);
  const filter: Line = state.filter ? [say(` /${state.filter}`, 'warn')] : [];
  const keys =
    columns >= 104
      ? 'space pause  ←→ seek  +- speed  enter /  ? help  q quit '
      : columns >= 90
        ? 'space ←→ +- enter /  ? help  q quit '
        : '? help  q quit ';
  return spread([say(' '), ...views, ...filter], [say(keys, 'dim')], columns);
}

const SHORT: Record<State['view'], string> = {
  overview: 'overview',
  endpoints: 'endpoints',
  timeline: 'timeline',
  requests: 'requests',
  expectations: 'expect',
};

function help(state: State, height: number): Line[] {
  const lines: Line[] = [
    [strong(' KEYS'), say('  ? or esc back', 'dim')],
    ...KEY_HELP.map(([keys, text]): Line => [say(` ${padEnd(keys, 16)} `, 'accent'), say(text)]),
    [],
    [say(' The run was simulated before; this replays its recording in simulated time.')],
    [
      say(
        ` Rates, shares and latency are those of the last ${secondsLabel(5)}; P95 is that of the worst bin.`,
      ),
    ],
    [
      say(' Signs: ', 'dim'),
      say('● well  ◐ in part  ○ down  ✗ failed or ejected  ▲ fault or push  x faulty'),
    ],
  ];
  const first = Math.min(state.scroll, Math.max(0, lines.length - height));
  return toHeight(lines.slice(first), height);
}

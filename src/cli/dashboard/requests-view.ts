// View 4: the sampled requests, newest at the bottom, and the way of each through the mesh; enter explains one.
import type { RecordedRequest, Recording } from '../../scenarios/record/recording.ts';
import { count, duration } from '../output/figures.ts';
import { visible } from './endpoints-view.ts';
import type { Glyphs } from './glyphs.ts';
import { cell, highlighted, type Line, say, strong, toHeight } from './line.ts';
import { requestRows, selectedRow } from './rows.ts';
import { type State, savedRun } from './state.ts';

export function requestsView(state: State, width: number, height: number, glyphs: Glyphs): Line[] {
  const { record } = savedRun(state);
  const rows = requestRows(state);
  const chosen = selectedRow(state);
  const loadWidth = Math.min(14, Math.max(4, ...record.loads.map(({ name }) => name.length)));
  const before = 4 + 11 + loadWidth + 1 + 7 + 5 + 9 + 9 + 6;
  const wayWidth = Math.max(10, width - before);
  const choices = choiceOf(record);
  const head: Line[] = [
    [
      strong(' REQUESTS'),
      say(
        `  ${count(rows.length)} so far; ${count(record.requests.length)} of the run's ${count(record.requestsSeen)} are told`,
        'dim',
      ),
    ],
    [
      say(
        `    ${'TIME'.padStart(10)} ${cell('LOAD', loadWidth, true)} ${'#'.padStart(6)} ${'CODE'.padStart(4)} ${cell('FLAGS', 8, true)} ${'LATENCY'.padStart(8)} ${'TRIES'.padStart(5)} WAY`,
        'dim',
      ),
    ],
  ];
  const lines = rows.map((index, position): Line => {
    const request = record.requests[index]!;
    const isDone = request.end <= state.at;
    const hasFailed = isDone && (request.status >= 500 || request.status === 0);
    const tries = request.hops.reduce((sum, hop) => sum + hop.attempts.length, 0);
    const line: Line = [
      say(` ${position === chosen ? glyphs.selected : ' '} `),
      say(hasFailed ? glyphs.bad : ' ', 'bad'),
      say(`${`${request.at.toFixed(3)}s`.padStart(10)} ${cell(request.load, loadWidth, glyphs.unicode)} `),
      say(`${String(request.index + 1).padStart(6)} `),
      say(
        `${(isDone ? statusText(request) : '...').padStart(4)} `,
        hasFailed ? 'bad' : isDone ? 'good' : 'dim',
      ),
      say(`${cell(isDone ? request.flags.join(',') : '', 8, glyphs.unicode)} `),
      say(`${(isDone ? duration(request.end - request.at) : '').padStart(8)} ${String(tries).padStart(5)} `),
      say(cell(wayOf(request, record, glyphs, choices), wayWidth, glyphs.unicode), 'dim'),
    ];
    return position === chosen ? highlighted(line) : line;
  });
  if (lines.length === 0)
    lines.push([say(state.filter ? ` None contains "${state.filter}".` : ' None has begun yet.')]);
  return toHeight([...head, ...visible(lines, chosen, height - head.length)], height);
}

export const statusText = (request: { status: number }): string =>
  request.status === 0 ? 'none' : String(request.status);

/** Clusters in which there is something to choose, or was, or will be. */
export const choiceOf = (record: Recording): ReadonlySet<string> =>
  new Set(
    record.clusters
      .filter(({ versions }) => versions.length > 1 || versions.some(({ endpoints }) => endpoints.length > 1))
      .map(({ name }) => name),
  );

/** Who answered, hop after hop: those hops where somebody else could have, or all. */
export function wayOf(
  request: RecordedRequest,
  record: Recording,
  glyphs: Glyphs,
  choices: ReadonlySet<string>,
): string {
  const chosen = request.hops.filter(
    (hop) => choices.has(hop.cluster ?? '') || hop.status >= 500 || hop.status === 0,
  );
  const names = (chosen.length > 0 ? chosen : request.hops).map((hop) => {
    const last = hop.attempts.at(-1);
    if (!last) return hop.host;
    const name = record.servers[last.server]?.name ?? last.endpoint;
    const isAnswered = /^\d+$/.test(last.outcome);
    return `${name}${isAnswered ? '' : ` (${last.outcome || 'no answer'})`}`;
  });
  return names.join(` ${glyphs.arrow} `);
}

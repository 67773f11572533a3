// For screen readers: nothing is drawn or redrawn. Keys move the simulated time, and what there is to tell is added as lines.
import { EXIT } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { titleOf } from '../outcome.ts';
import { explained } from './explain-view.ts';
import { glyphsFor } from './glyphs.ts';
import { KEY_HELP, type Key, wishOf } from './keys.ts';
import { textOf } from './line.ts';
import { endpointLines, figuresAt } from './plain.ts';
import { choiceOf, wayOf } from './requests-view.ts';
import { requestRows, selectedRow } from './rows.ts';
import { type Action, reduce, SPEEDS, type State, savedRun } from './state.ts';

/** A second of the reader's time between looks at the clock [ms]. */
const TICK_MS = 1000;

const NAMED: Readonly<Record<string, Key>> = {
  '\r': { return: true },
  '\n': { return: true },
  '\u001b': { escape: true },
  '\t': { tab: true },
  '\u001b[Z': { tab: true, shift: true },
  '\u007f': { backspace: true },
  '\u001b[A': { upArrow: true },
  '\u001b[B': { downArrow: true },
  '\u001b[C': { rightArrow: true },
  '\u001b[D': { leftArrow: true },
  '\u0003': { ctrl: true },
};

export async function listen(first: State, io: Io): Promise<number> {
  let state: State = { ...first, isPlaying: false };
  const say = (lines: readonly string[]) => io.out(lines.map((line) => `${line}\r\n`).join(''));
  say([
    `${titleOf(savedRun(state).result)}, ${savedRun(state).record.end.toFixed(1)} simulated seconds, paused at ${state.at.toFixed(1)} seconds.`,
    'Space goes on, n is the next event, 1 to 5 are the views, question mark lists the keys, q ends.',
  ]);
  const { stdin } = process;
  stdin.setRawMode?.(true);
  stdin.setEncoding('utf8');
  return await new Promise<number>((resolve) => {
    const finish = (code: number) => {
      clearInterval(clock);
      stdin.off('data', pressed);
      for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.off(signal, onSignal);
      stdin.setRawMode?.(false);
      stdin.pause();
      resolve(code);
    };
    const onSignal = () => finish(EXIT.interrupted);
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, onSignal);
    const act = (action: Action) => {
      const before = state;
      state = reduce(state, action);
      say(told(before, state, action));
    };
    const pressed = (text: string) => {
      for (const [one] of text.matchAll(/\u001b\[[A-Z]|[\s\S]/gu)) press(one);
    };
    const press = (text: string) => {
      const key = NAMED[text] ?? {};
      const wish = wishOf(text === '\u0003' ? 'c' : text in NAMED ? '' : text, key, state);
      if (wish === null) return;
      if (wish.kind === 'quit') return finish(EXIT.ok);
      if (wish.kind === 'interrupt') return finish(EXIT.interrupted);
      if (wish.kind !== 'suspend') act(wish);
    };
    const clock = setInterval(() => {
      if (state.isPlaying) act({ kind: 'tick', seconds: TICK_MS / 1000 });
    }, TICK_MS);
    stdin.on('data', pressed);
    stdin.resume();
  });
}

/** What an action changed, in sentences. */
export function told(before: State, state: State, action: Action): string[] {
  const saved = savedRun(state);
  const { record, result } = saved;
  const between = result.timeline
    .filter(({ at }) => at > before.at && at <= state.at)
    .map(({ at, text }) => `${at.toFixed(3)}s ${text}`);
  switch (action.kind) {
    case 'tick':
      return state.isPlaying ? between : [...between, `The end, at ${state.at.toFixed(1)} seconds.`];
    case 'toggle':
      return [
        state.isPlaying
          ? `Going on at ${SPEEDS[state.speed]} times.`
          : `Paused at ${state.at.toFixed(1)} seconds.`,
      ];
    case 'seek':
    case 'jump':
      return [...between, `At ${state.at.toFixed(1)} seconds: ${figuresAt(saved, state.at)}`];
    case 'faster':
      return [`${SPEEDS[state.speed]} simulated seconds per second.`];
    case 'variant':
      return [titleOf(result)];
    case 'help':
      return state.isHelpShown ? KEY_HELP.map(([keys, text]) => `${keys}: ${text}`) : [];
    case 'filter':
      return ['Filter, then enter:'];
    case 'type':
    case 'erase':
      return [];
    case 'view':
    case 'turn':
    case 'cycle':
    case 'sort':
      return viewTold(state);
    case 'move':
    case 'enter':
    case 'back': {
      const request = record.requests[state.explained ?? -1];
      if (request && before.explained !== state.explained)
        return explained(request, record, glyphsFor(false))
          .map(textOf)
          .filter((line) => line.trim() !== '');
      return viewTold(state);
    }
    case 'zoom':
      return [];
  }
}

function viewTold(state: State): string[] {
  const saved = savedRun(state);
  const { record, result } = saved;
  switch (state.view) {
    case 'overview':
      return [`Overview at ${state.at.toFixed(1)} seconds: ${figuresAt(saved, state.at)}`];
    case 'endpoints':
      return [...endpointLines(saved, state.at)];
    case 'timeline':
      return [
        `Timeline, ${result.timeline.filter(({ at }) => at <= state.at).length} events so far.`,
        ...result.timeline
          .filter(({ at }) => at <= state.at)
          .map(({ at, text }) => `${at.toFixed(3)}s ${text}`),
      ];
    case 'requests': {
      const rows = requestRows(state);
      const request = record.requests[rows[selectedRow(state)] ?? -1];
      if (!request) return ['Requests: none.'];
      return [
        `Request ${selectedRow(state) + 1} of ${rows.length}: ${request.load} ${request.index + 1} at ${request.at.toFixed(3)}s, ${request.status} ${request.flags.join(' ')}, ${wayOf(request, record, glyphsFor(false), choiceOf(record))}`,
      ];
    }
    case 'expectations':
      return result.expectations.map(({ ok, name, got }) => `${ok ? 'ok' : 'FAILED'} ${name}: got ${got}`);
  }
}

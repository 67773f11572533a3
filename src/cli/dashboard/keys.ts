// Which key does what: one table for the keyboard, the help and the documentation. Vim's letters and arrows both work.
import type { Action, State } from './state.ts';
import { VIEWS } from './state.ts';

/** What a terminal library tells of a key. */
export interface Key {
  upArrow?: boolean;
  downArrow?: boolean;
  leftArrow?: boolean;
  rightArrow?: boolean;
  pageUp?: boolean;
  pageDown?: boolean;
  home?: boolean;
  end?: boolean;
  return?: boolean;
  escape?: boolean;
  tab?: boolean;
  shift?: boolean;
  backspace?: boolean;
  delete?: boolean;
  ctrl?: boolean;
  meta?: boolean;
}

export type Wish = Action | { kind: 'quit' } | { kind: 'interrupt' } | { kind: 'suspend' };

export const KEY_HELP: readonly [string, string][] = [
  ['1 2 3 4 5', 'overview, endpoints, timeline, requests, expectations'],
  ['tab  shift-tab', 'next view, previous view'],
  ['space', 'pause, go on; at the end: from the start again'],
  ['left right  h l', 'seek back, forward (pauses)'],
  ['H L', 'seek ten times as far'],
  ['n p', 'to the next, to the previous event'],
  ['0 $  home end', 'to the start, to the end'],
  ['+ -', 'faster, slower'],
  ['up down  k j', 'choose a service, an endpoint, a request; scroll'],
  ['pgup pgdn', 'ten rows at once'],
  ['enter', 'explain the request that is chosen'],
  ['/', 'filter: part of a name, a status, a flag; esc clears it'],
  ['c C', 'endpoints: of the next, of the previous caller and service'],
  ['s', 'endpoints: sort by priority, share, name'],
  ['z Z', 'timeline: closer around the present moment, wider'],
  ['v V', 'next, previous variant of the scenario'],
  ['esc', 'back'],
  ['ctrl-z', 'to the shell and, with fg, back'],
  ['q  ctrl-c', 'quit'],
];

const LETTERS: Readonly<Record<string, Wish>> = {
  q: { kind: 'quit' },
  ' ': { kind: 'toggle' },
  h: { kind: 'seek', steps: -1 },
  l: { kind: 'seek', steps: 1 },
  H: { kind: 'seek', steps: -10 },
  L: { kind: 'seek', steps: 10 },
  j: { kind: 'move', by: 1 },
  k: { kind: 'move', by: -1 },
  n: { kind: 'jump', to: 'next' },
  p: { kind: 'jump', to: 'previous' },
  '0': { kind: 'jump', to: 'start' },
  g: { kind: 'jump', to: 'start' },
  $: { kind: 'jump', to: 'end' },
  G: { kind: 'jump', to: 'end' },
  '+': { kind: 'faster', by: 1 },
  '=': { kind: 'faster', by: 1 },
  '-': { kind: 'faster', by: -1 },
  '/': { kind: 'filter' },
  '?': { kind: 'help' },
  c: { kind: 'cycle', by: 1 },
  C: { kind: 'cycle', by: -1 },
  s: { kind: 'sort' },
  z: { kind: 'zoom', by: 1 },
  Z: { kind: 'zoom', by: -1 },
  v: { kind: 'variant', by: 1 },
  V: { kind: 'variant', by: -1 },
};

export function wishOf(input: string, key: Key, state: Pick<State, 'isTyping'>): Wish | null {
  if (key.ctrl && input === 'c') return { kind: 'interrupt' };
  if (key.ctrl && input === 'z') return { kind: 'suspend' };
  if (key.escape) return { kind: 'back' };
  if (key.return) return { kind: 'enter' };
  if (state.isTyping) {
    if (key.backspace || key.delete) return { kind: 'erase' };
    if (key.ctrl || key.meta || key.tab || input === '') return null;
    return { kind: 'type', text: input.replace(/[^\P{C}]/gu, '') };
  }
  if (key.tab) return { kind: 'turn', by: key.shift ? -1 : 1 };
  if (key.leftArrow) return { kind: 'seek', steps: key.shift ? -10 : -1 };
  if (key.rightArrow) return { kind: 'seek', steps: key.shift ? 10 : 1 };
  if (key.upArrow) return { kind: 'move', by: -1 };
  if (key.downArrow) return { kind: 'move', by: 1 };
  if (key.pageUp) return { kind: 'move', by: -10 };
  if (key.pageDown) return { kind: 'move', by: 10 };
  if (key.home) return { kind: 'jump', to: 'start' };
  if (key.end) return { kind: 'jump', to: 'end' };
  if (key.ctrl || key.meta) return null;
  const view = VIEWS[Number(input) - 1];
  if (/^[1-9]$/.test(input) && view) return { kind: 'view', view };
  return Object.hasOwn(LETTERS, input) ? LETTERS[input]! : null;
}

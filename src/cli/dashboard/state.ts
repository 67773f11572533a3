// The dashboard's state and how it changes: by keys and by the clock, by nothing else. Pure.
import type { SavedRun } from '../read-run.ts';
import {
  clusterRows,
  endpointRows,
  requestRows,
  rowCount,
  selectedRow,
  serviceRows,
  timelineRows,
} from './rows.ts';

export const VIEWS = ['overview', 'endpoints', 'timeline', 'requests', 'expectations'] as const;
export type View = (typeof VIEWS)[number];

/** Simulated seconds per second. */
export const SPEEDS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000] as const;

export interface State {
  /** Base and variants; every name in them is inert already. */
  runs: readonly SavedRun[];
  run: number;
  /** Simulated seconds. */
  at: number;
  isPlaying: boolean;
  /** Index into SPEEDS. */
  speed: number;
  view: View;
  /** What a list shows contains it. */
  filter: string;
  /** Keys go into the filter. */
  isTyping: boolean;
  isHelpShown: boolean;
  /** A request is explained: index into record.requests. */
  explained: number | null;
  /** Selected row by view; requests: -1 = the newest. */
  selected: Record<View, number>;
  /** First line of what scrolls: explanation, help. */
  scroll: number;
  /** Which of the clusters the endpoints view shows. */
  cluster: number;
  sort: number;
  /** The timeline shows 1 / 2^zoom of the run. */
  zoom: number;
}

export type Action =
  | { kind: 'tick'; seconds: number }
  | { kind: 'toggle' }
  | { kind: 'seek'; steps: number }
  | { kind: 'jump'; to: 'start' | 'end' | 'next' | 'previous' }
  | { kind: 'faster'; by: 1 | -1 }
  | { kind: 'view'; view: View }
  | { kind: 'turn'; by: 1 | -1 }
  | { kind: 'move'; by: number }
  | { kind: 'cycle'; by: 1 | -1 }
  | { kind: 'variant'; by: 1 | -1 }
  | { kind: 'sort' }
  | { kind: 'zoom'; by: 1 | -1 }
  | { kind: 'help' }
  | { kind: 'enter' }
  | { kind: 'back' }
  | { kind: 'filter' }
  | { kind: 'type'; text: string }
  | { kind: 'erase' };

/** A whole run should take about so long [s]. */
const PATIENCE = 45;

export function initialState(runs: readonly SavedRun[], changes: Partial<State> = {}): State {
  const { end } = runs[changes.run ?? 0]!.record;
  const speed = SPEEDS.findIndex((value) => value >= Math.min(1000, end / PATIENCE));
  return {
    runs,
    run: 0,
    at: 0,
    isPlaying: true,
    speed: Math.max(0, speed),
    view: 'overview',
    filter: '',
    isTyping: false,
    isHelpShown: false,
    explained: null,
    selected: { overview: 0, endpoints: 0, timeline: 0, requests: -1, expectations: 0 },
    scroll: 0,
    cluster: 0,
    sort: 0,
    zoom: 0,
    ...changes,
  };
}

export const savedRun = (state: State): SavedRun => state.runs[state.run]!;

const MOST_FILTER = 60;

export function reduce(state: State, action: Action): State {
  const { end } = savedRun(state).record;
  const clamp = (at: number) => Math.max(0, Math.min(end, at));
  switch (action.kind) {
    case 'tick': {
      if (!state.isPlaying) return state;
      const at = clamp(state.at + action.seconds * SPEEDS[state.speed]!);
      return { ...state, at, isPlaying: at < end };
    }
    case 'toggle':
      if (!state.isPlaying && state.at >= end) return { ...state, at: 0, isPlaying: true };
      return { ...state, isPlaying: !state.isPlaying };
    case 'seek':
      return { ...state, at: clamp(snapped(state.at, action.steps, seekStep(state))), isPlaying: false };
    case 'jump':
      return { ...state, at: clamp(jumpTarget(state, action.to)), isPlaying: false };
    case 'faster':
      return { ...state, speed: Math.max(0, Math.min(SPEEDS.length - 1, state.speed + action.by)) };
    case 'view':
      return { ...state, view: action.view, explained: null, isHelpShown: false, scroll: 0 };
    case 'turn': {
      const next = (VIEWS.indexOf(state.view) + action.by + VIEWS.length) % VIEWS.length;
      return reduce(state, { kind: 'view', view: VIEWS[next]! });
    }
    case 'move':
      return moved(state, action.by);
    case 'cycle':
      return { ...state, cluster: state.cluster + action.by, selected: { ...state.selected, endpoints: 0 } };
    case 'variant': {
      const run = (state.run + action.by + state.runs.length) % state.runs.length;
      return { ...initialState(state.runs, { run }), view: state.view, speed: state.speed };
    }
    case 'sort':
      return { ...state, sort: state.sort + 1 };
    case 'zoom':
      return { ...state, zoom: Math.max(0, Math.min(6, state.zoom + action.by)) };
    case 'help':
      return { ...state, isHelpShown: !state.isHelpShown, scroll: 0 };
    case 'enter':
      return entered(state);
    case 'back':
      if (state.isTyping) return { ...state, isTyping: false, filter: '' };
      if (state.isHelpShown) return { ...state, isHelpShown: false, scroll: 0 };
      if (state.explained !== null) return { ...state, explained: null, scroll: 0 };
      return { ...state, filter: '' };
    case 'filter':
      return { ...state, isTyping: true, isHelpShown: false };
    case 'type':
      return { ...state, filter: (state.filter + action.text).slice(0, MOST_FILTER) };
    case 'erase':
      return { ...state, filter: [...state.filter].slice(0, -1).join('') };
  }
}

function moved(state: State, by: number): State {
  if (state.isHelpShown || state.explained !== null)
    return { ...state, scroll: Math.max(0, state.scroll + by) };
  const last = rowCount(state) - 1;
  const to = Math.max(0, Math.min(last, selectedRow(state) + by));
  // At its end the list of requests follows the clock again.
  const row = state.view === 'requests' && to === last && by > 0 ? -1 : to;
  return { ...state, selected: { ...state.selected, [state.view]: row } };
}

/** Deeper into what is chosen: a service's endpoints, an endpoint's requests, a request's explanation. */
function entered(state: State): State {
  if (state.isTyping) return { ...state, isTyping: false };
  if (state.isHelpShown || state.explained !== null) return state;
  const { record } = savedRun(state);
  const row = selectedRow(state);
  const requestsOf = (name: string | undefined): State =>
    name === undefined ? state : { ...state, view: 'requests', filter: name };
  switch (state.view) {
    case 'overview': {
      const service = serviceRows(state)[row];
      const cluster = clusterRows(state).findIndex((entry) => entry.service === service);
      return cluster < 0 ? state : { ...state, view: 'endpoints', cluster, filter: '' };
    }
    case 'endpoints':
      return requestsOf(endpointRows(state)[row]?.name);
    case 'timeline':
      return requestsOf(record.servers[timelineRows(state)[row] ?? -1]?.name);
    case 'requests': {
      const explained = requestRows(state)[row];
      return explained === undefined ? state : { ...state, explained, isPlaying: false, scroll: 0 };
    }
    case 'expectations':
      return state;
  }
}

/** A fiftieth of the run, rounded to 1, 2 or 5 [s]. */
export function seekStep(state: State): number {
  const raw = Math.max(0.001, savedRun(state).record.end / 50);
  const power = 10 ** Math.floor(Math.log10(raw));
  const digit = raw / power;
  return (digit < 1.5 ? 1 : digit < 3.5 ? 2 : digit < 7.5 ? 5 : 10) * power;
}

/** To the next multiple of the step. */
function snapped(at: number, steps: number, step: number): number {
  const on = at / step;
  const next = steps > 0 ? Math.floor(on + 1e-9) + steps : Math.ceil(on - 1e-9) + steps;
  return Number((next * step).toFixed(9));
}

function jumpTarget(state: State, to: 'start' | 'end' | 'next' | 'previous'): number {
  const { record, result } = savedRun(state);
  if (to === 'start') return 0;
  if (to === 'end') return record.end;
  const times = [
    ...result.timeline.map(({ at }) => at),
    ...record.faults.map(({ at }) => at),
    ...record.loads.map(({ from }) => from),
  ].sort((a, b) => a - b);
  return to === 'next'
    ? (times.find((at) => at > state.at + 1e-6) ?? record.end)
    : (times.findLast((at) => at < state.at - 1e-6) ?? 0);
}

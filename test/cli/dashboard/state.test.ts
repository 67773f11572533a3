import { describe, expect, it } from 'vitest';
import { wishOf } from '../../../src/cli/dashboard/keys.ts';
import { requestRows, selectedRow } from '../../../src/cli/dashboard/rows.ts';
import type { Action, State } from '../../../src/cli/dashboard/state.ts';
import { initialState, reduce, SPEEDS, seekStep } from '../../../src/cli/dashboard/state.ts';
import { ejecting, recordedFailover } from './recorded.ts';

const runs = recordedFailover();
const { end } = runs[0]!.record;
const start = (changes: Partial<State> = {}) => initialState(runs, changes);
const after = (state: State, ...actions: Action[]) => actions.reduce(reduce, state);
const press = (state: State, ...inputs: string[]) =>
  inputs.reduce((now, input) => {
    const wish = wishOf(input, {}, now);
    return wish && wish.kind !== 'quit' && wish.kind !== 'interrupt' && wish.kind !== 'suspend'
      ? reduce(now, wish)
      : now;
  }, state);

describe('the clock', () => {
  it('moves simulated time by the speed, and stops at the end', () => {
    const fast = start({ speed: SPEEDS.indexOf(10) });
    const later = after(fast, { kind: 'tick', seconds: 0.5 });
    expect([later.at, later.isPlaying]).toEqual([5, true]);
    const over = after(later, { kind: 'tick', seconds: 100 });
    expect([over.at, over.isPlaying]).toEqual([end, false]);
  });

  it('stands still while paused, and begins again when it goes on at the end', () => {
    const paused = press(start(), ' ');
    expect(after(paused, { kind: 'tick', seconds: 9 })).toBe(paused);
    expect(press(start({ at: end, isPlaying: false }), ' ')).toMatchObject({ at: 0, isPlaying: true });
  });

  it('chooses a speed at which the whole run takes less than a minute', () => {
    for (const { record } of runs) expect(record.end / SPEEDS[start().speed]!).toBeLessThan(60);
    const long = [{ ...runs[0]!, record: { ...runs[0]!.record, end: 3600 } }];
    expect(3600 / SPEEDS[initialState(long).speed]!).toBeLessThan(60);
  });

  it('goes faster and slower within its speeds', () => {
    expect(press(start({ speed: 3 }), '+', '+', '-').speed).toBe(4);
    expect(press(start({ speed: 0 }), '-').speed).toBe(0);
    expect(press(start({ speed: SPEEDS.length - 1 }), '+').speed).toBe(SPEEDS.length - 1);
  });
});

describe('seeking', () => {
  it('goes to the next multiple of a round step, and pauses', () => {
    expect(seekStep(start())).toBe(0.5);
    expect(press(start({ at: 7.3 }), 'l')).toMatchObject({ at: 7.5, isPlaying: false });
    expect(press(start({ at: 7.3 }), 'h').at).toBe(7);
    expect(press(start({ at: 7.5 }), 'h').at).toBe(7);
    expect(press(start({ at: 7 }), 'L').at).toBe(12);
    expect(press(start({ at: 1 }), 'H').at).toBe(0);
    expect(press(start({ at: end - 0.1 }), 'l').at).toBe(end);
  });

  it('finds events, the start and the end', () => {
    expect(press(start({ at: 3 }), 'n').at).toBe(15);
    expect(press(start({ at: 15 }), 'n').at).toBe(15.11);
    expect(press(start({ at: 15.05 }), 'p').at).toBe(15);
    expect(press(start({ at: 15.05 }), '$').at).toBe(end);
    expect(press(start({ at: 15.05 }), '0').at).toBe(0);
  });
});

describe('keys', () => {
  it('are the same for vim and for arrows', () => {
    const pairs: [string, object][] = [
      ['h', { leftArrow: true }],
      ['l', { rightArrow: true }],
      ['j', { downArrow: true }],
      ['k', { upArrow: true }],
    ];
    for (const [letter, key] of pairs)
      expect(wishOf('', key, { isTyping: false })).toEqual(wishOf(letter, {}, { isTyping: false }));
  });

  it('choose views by number and in turn', () => {
    expect(press(start(), '3').view).toBe('timeline');
    expect(press(start(), '7').view).toBe('overview');
    expect(reduce(start(), wishOf('', { tab: true }, start()) as Action).view).toBe('endpoints');
    expect(reduce(start(), wishOf('', { tab: true, shift: true }, start()) as Action).view).toBe(
      'expectations',
    );
  });

  it('quit by q and ctrl-c, but not while a filter is typed', () => {
    expect(wishOf('q', {}, { isTyping: false })).toEqual({ kind: 'quit' });
    expect(wishOf('q', {}, { isTyping: true })).toEqual({ kind: 'type', text: 'q' });
    expect(wishOf('c', { ctrl: true }, { isTyping: true })).toEqual({ kind: 'interrupt' });
  });

  it('know nothing of names that objects have by nature', () => {
    expect(wishOf('constructor', {}, { isTyping: false })).toBeNull();
    expect(wishOf('\u0007', {}, { isTyping: true })).toEqual({ kind: 'type', text: '' });
  });
});

describe('lists', () => {
  it('follow the newest request until another is chosen, and again from their end on', () => {
    const state = start({ at: 5.5, view: 'requests' });
    expect(selectedRow(state)).toBe(5);
    expect(selectedRow({ ...state, at: 8.5 })).toBe(8);
    const up = press(state, 'k');
    expect(selectedRow(up)).toBe(4);
    expect(selectedRow({ ...up, at: 8.5 })).toBe(4);
    expect(selectedRow({ ...press(up, 'j', 'j'), at: 8.5 })).toBe(8);
  });

  it('do not leave their ends', () => {
    const many = Array.from({ length: 50 }, () => 'j');
    const down = press(start({ view: 'timeline' }), ...many);
    expect(selectedRow(down)).toBe(4);
    expect(selectedRow(press(down, 'k'))).toBe(3);
  });

  it('are filtered by any part of a request', () => {
    const state = start({ at: end, isPlaying: false, view: 'requests' });
    expect(requestRows(press(state, '/', 'R', 'eviews-v2', 'x'))).toEqual([]);
    const typed = press(state, '/', 'r', 'eviews-v2');
    expect(requestRows(typed)).toHaveLength(10);
    expect(reduce(typed, { kind: 'enter' })).toMatchObject({ isTyping: false, filter: 'reviews-v2' });
    expect(reduce(typed, { kind: 'back' })).toMatchObject({ isTyping: false, filter: '' });
    expect(reduce(typed, { kind: 'erase' }).filter).toBe('reviews-v');
  });
});

describe('enter', () => {
  it('leads from a service to its endpoints, to the requests of one, to the explanation of one', () => {
    const run = ejecting(runs);
    const overview = start({ run, at: 24, isPlaying: false });
    const endpoints = reduce(overview, { kind: 'enter' });
    expect(endpoints.view).toBe('endpoints');
    const requests = reduce(endpoints, { kind: 'enter' });
    expect(requests).toMatchObject({ view: 'requests', filter: 'reviews-v1-0' });
    const explained = reduce(requests, { kind: 'enter' });
    expect(runs[run]!.record.requests[explained.explained!]!.at).toBeCloseTo(20, 2);
    expect(reduce(explained, { kind: 'back' }).explained).toBeNull();
  });

  it('does nothing where there is nothing', () => {
    const empty = start({ at: 0, view: 'requests', filter: 'no such thing' });
    expect(reduce(empty, { kind: 'enter' }).explained).toBeNull();
  });
});

it('goes through the variants and begins each anew', () => {
  const next = press(start({ at: 12, view: 'timeline' }), 'v');
  expect(next).toMatchObject({ run: 1, at: 0, view: 'timeline' });
  expect(press(start(), 'V').run).toBe(runs.length - 1);
});

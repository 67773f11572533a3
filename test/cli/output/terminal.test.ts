import { expect, it } from 'vitest';
import { terminalOf } from '../../../src/cli/output/terminal.ts';
import { anIo } from '../io.ts';

const color = (env: Record<string, string>, isOutTty: boolean, flag = true) =>
  terminalOf(anIo({ env, isOutTty }), { color: flag }).color;

it('decides about colour by --no-color, then NO_COLOR, then FORCE_COLOR, then the terminal', () => {
  expect(color({}, true)).toBe(true);
  expect(color({}, false)).toBe(false);
  expect(color({ TERM: 'dumb' }, true)).toBe(false);
  expect(color({ FORCE_COLOR: '1' }, false)).toBe(true);
  expect(color({ FORCE_COLOR: '0' }, true)).toBe(false);
  expect(color({ NO_COLOR: '1', FORCE_COLOR: '1' }, true)).toBe(false);
  expect(color({ FORCE_COLOR: '1' }, true, false)).toBe(false);
});

it('uses Unicode only where the locale is UTF-8 and the terminal not dumb', () => {
  const unicode = (env: Record<string, string>, platform = 'linux') =>
    terminalOf(anIo({ env, platform }), { color: true }).unicode;
  expect(unicode({ LANG: 'C.UTF-8' })).toBe(true);
  expect(unicode({ LANG: 'C.UTF-8', LC_ALL: 'C' })).toBe(false);
  expect(unicode({})).toBe(false);
  expect(unicode({ LANG: 'en_US.utf8', TERM: 'dumb' })).toBe(false);
  expect(unicode({ LANG: 'C.UTF-8' }, 'win32')).toBe(false);
});

it('writes 80 columns where there is no terminal, and never more than can be read', () => {
  const columns = (io: Parameters<typeof anIo>[0]) => terminalOf(anIo(io), { color: true }).columns;
  expect(columns({ isOutTty: false, columns: 200 })).toBe(80);
  expect(columns({ isOutTty: false, env: { COLUMNS: '100' } })).toBe(100);
  expect(columns({ isOutTty: true, columns: 200 })).toBe(120);
  expect(columns({ isOutTty: true, columns: 20 })).toBe(70);
});

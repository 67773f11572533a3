import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { nodeFiles } from '../../../src/scenarios/files.ts';
import { loadScenario } from '../../../src/scenarios/load.ts';
import { runLoaded } from '../../../src/scenarios/run.ts';
import { buildForTests } from '../built.ts';
import { FAILOVER } from './recorded.ts';
import { TerminalSession } from './terminal-session.ts';

const { main, folder } = buildForTests();
const run = join(folder, 'run.json');
const dash = (flags: string) => `exec node ${main} dash ${run} ${flags}`;
const EJECTING = '--variant refuse-and-eject-all';
let session: TerminalSession;

beforeAll(() => {
  const result = runLoaded(loadScenario(FAILOVER, nodeFiles()), { record: true });
  writeFileSync(run, JSON.stringify(result));
});
afterEach(() => session.end());

/** The shell's own screen is back, with what stood there before. */
const expectRestored = async (code: number) => {
  expect(await session.ended()).toEqual({ code, isCooked: true });
  const { screen } = session;
  expect([screen.isAlternate, screen.isCursorShown, screen.wraps]).toEqual([false, true, true]);
  expect(screen.text).toMatch(/BEFORE/);
  expect(screen.text).not.toMatch(/TOPOLOGY/);
};

describe.runIf(process.platform === 'linux')('a session in a terminal', () => {
  it('shows every view, obeys keys, and leaves the terminal as it was', async () => {
    session = new TerminalSession(dash(`${EJECTING} --at 24s`));
    await session.shows(/SHARE of reviews/);
    expect(session.screen.isAlternate).toBe(true);
    expect(session.screen.isCursorShown).toBe(false);
    // At most rows - 1 lines: a full screen would scroll in some terminals.
    expect(session.screen.lines[23]).toBe('');
    session.press('2');
    await session.shows(/ENDPOINTS of reviews.*[\s\S]*✗ ejected/);
    session.press('3');
    await session.shows(/▸reviews-v1-0 +─+x+✗━/);
    session.press('4');
    await session.shows(/REQUESTS +15 so far/);
    session.press('/refuse');
    await session.shows(/filter: refuse_/);
    session.press('\r');
    await session.shows(/REQUESTS +1 so far/);
    session.press('\r');
    await session.shows(/REQUEST 1 of after at 20\.000s/);
    session.press('5');
    await session.shows(/EXPECTATIONS +3 of 3 met/);
    session.press('?');
    await session.shows(/KEYS/);
    session.press('?1h');
    await session.shows(/t 23\.5s/);
    session.press('\u001b[C');
    await session.shows(/t 24\.0s/);
    session.press('q');
    await expectRestored(0);
  });

  it('runs by itself at the speed that was asked for, ten frames a second at most, without erasing', async () => {
    session = new TerminalSession(dash('--speed 20'));
    await session.shows(/×20 ▶ replay/);
    await session.shows(/at end/);
    expect(session.screen.text).toMatch(/requests 20, failed 0/);
    // 29 simulated seconds take 1.5; the first erasure is that of the fresh screen.
    expect(session.screen.erased).toBe(1);
    expect(session.screen.frames).toBeGreaterThan(5);
    expect(session.screen.frames).toBeLessThan(40);
    session.press('q');
    await expectRestored(0);
  });

  it('ends with 130 on ctrl-c', async () => {
    session = new TerminalSession(dash(''));
    await session.shows(/SHARE of reviews/);
    session.press('\u0003');
    await expectRestored(130);
  });

  it.each([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('gives the terminal back on %s', async (signal, code) => {
    session = new TerminalSession(dash(''));
    await session.shows(/SHARE of reviews/);
    session.signal(signal);
    await expectRestored(code);
  });

  it('gives the terminal back when it breaks, and says why', async () => {
    session = new TerminalSession('exec node --import tsx test/cli/dashboard/crash.ts');
    await session.shows(/SHARE of reviews/);
    session.press('2');
    await expectRestored(70);
    expect(session.screen.text).toMatch(/caught: broken on purpose/);
  });

  it('follows the size of the terminal', async () => {
    session = new TerminalSession(
      `tty=$(tty); ( sleep 4; stty rows 24 cols 60 < $tty ) & ${dash(`${EJECTING} --at 24s`)}`,
    );
    await session.shows(/TOPOLOGY/);
    // Narrower than two panels: one is left, and no line is longer than the terminal.
    await session.until(
      () => !/TOPOLOGY/.test(session.screen.text) && /SHARE of reviews/.test(session.screen.text),
      'one panel',
    );
    expect(Math.max(...session.screen.lines.map((line) => line.length))).toBeLessThanOrEqual(60);
    session.press('q');
    await expectRestored(0);
  });

  it('simulates a scenario first', async () => {
    session = new TerminalSession(`exec node ${main} dash ${FAILOVER} --seed 7`);
    await session.shows(/SHARE of reviews/);
    session.press('q');
    await expectRestored(0);
  });

  it('answers a screen reader with lines, and never draws', async () => {
    session = new TerminalSession(dash(`${EJECTING} --screen-reader`), { columns: 120, rows: 60 });
    await session.shows(/paused at 0\.0 seconds/);
    session.press('n');
    await session.shows(/15\.000s reviews-v1 refuses connections/);
    // The second load begins, then its first request fails.
    session.press('nn');
    await session.shows(/20\.007s productpage-v1 ejects reviews-v1-0/);
    session.press('2');
    await session.shows(/reviews-v1-0: priority 0, cn-hangzhou\/cn-hangzhou-h, ejected/);
    session.press('q');
    expect(await session.ended()).toEqual({ code: 0, isCooked: true });
    expect(session.raw.slice(0, session.raw.indexOf('CODE='))).not.toContain('\u001b[');
  });

  it('uses no colour when NO_COLOR is set, and signs in any case', async () => {
    session = new TerminalSession(dash(`${EJECTING} --at 24s`), undefined, { NO_COLOR: '1' });
    await session.shows(/SHARE of reviews/);
    expect(session.raw).not.toMatch(/\u001b\[(3[0-7]|9[0-7]|7|2|1)m/);
    session.press('q');
    await expectRestored(0);
  });
});

// One session at the terminal: the clock, the keys, the screen, and every way out of it.

import { EXIT } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import type { Terminal } from '../output/terminal.ts';
import { frame } from './frame.ts';
import { glyphsFor } from './glyphs.ts';
import { type Key, wishOf } from './keys.ts';
import { AlternateScreen, FrameStream, processTty } from './screen.ts';
import { reduce, type State } from './state.ts';

/** Between two frames [ms]: ten a second at most. */
const FRAME_MS = 100;

/** Keys of their own, as they stand in a text. */
const NAMED_KEYS: Readonly<Record<string, Key>> = {
  '\r': { return: true },
  '\n': { return: true },
  '\t': { tab: true },
  '\u007f': { backspace: true },
  '\b': { backspace: true },
};

const SIGNALS = ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT'] as const;

export async function replay(first: State, terminal: Terminal, io: Io): Promise<number> {
  // React's development build would keep every frame for its tools; ink draws nothing where it believes to be in CI.
  process.env['NODE_ENV'] ??= 'production';
  process.env['CI'] = 'false';
  const [{ render }, { createElement }, { App }] = await Promise.all([
    import('ink'),
    import('react'),
    import('./app.tsx'),
  ]);
  const glyphs = glyphsFor(terminal.unicode);
  const tty = processTty();
  const screen = new AlternateScreen(tty);
  let state = first;
  let timer: NodeJS.Timeout | undefined;
  let lastPaint = 0;

  return await new Promise<number>((resolve, reject) => {
    const size = () => ({ columns: tty.columns, rows: Math.max(2, tty.rows - 1) });
    const stream = new FrameStream(tty, (text) => screen.paint(text));
    const element = () =>
      createElement(App, { lines: frame(state, size(), glyphs), hasColor: terminal.color, onKey });
    const guarded = (act: () => void) => () => {
      try {
        act();
      } catch (error) {
        close();
        reject(error);
      }
    };
    const paint = guarded(() => {
      timer = undefined;
      lastPaint = performance.now();
      ink.rerender(element());
    });
    const wantPaint = () => {
      timer ??= setTimeout(paint, Math.max(0, FRAME_MS - (performance.now() - lastPaint)));
    };
    function onKey(input: string, key: Key): void {
      if (input.length < 2 || key.ctrl || key.meta) return press(input, key);
      // A paste or a fast hand: several keys at once.
      for (const char of input) press(char in NAMED_KEYS ? '' : char, NAMED_KEYS[char] ?? {});
    }
    const press = (input: string, key: Key) => {
      const wish = wishOf(input, key, state);
      if (wish === null) return;
      if (wish.kind === 'quit') return finish(EXIT.ok);
      if (wish.kind === 'interrupt') return finish(EXIT.interrupted);
      if (wish.kind === 'suspend') return suspend();
      state = reduce(state, wish);
      wantPaint();
    };
    const suspend = () => {
      if (io.platform === 'win32') return;
      screen.leave();
      process.stdin.setRawMode?.(false);
      process.once('SIGCONT', () => {
        process.stdin.setRawMode?.(true);
        screen.enter();
        lastTick = performance.now();
        screen.paint(stream.last);
      });
      process.kill(process.pid, 'SIGTSTP');
    };
    const resized = guarded(() => {
      screen.forget();
      stream.emit('resize');
      ink.rerender(element());
    });
    let lastTick = performance.now();
    const clock = setInterval(
      guarded(() => {
        const now = performance.now();
        const next = reduce(state, { kind: 'tick', seconds: Math.min(1, (now - lastTick) / 1000) });
        lastTick = now;
        if (next === state) return;
        state = next;
        wantPaint();
      }),
      FRAME_MS,
    );
    const close = () => {
      clearInterval(clock);
      clearTimeout(timer);
      process.stdout.off('resize', resized);
      for (const signal of SIGNALS) process.off(signal, onSignal);
      process.off('uncaughtException', onCrash);
      process.off('exit', leave);
      stream.isClosed = true;
      ink.unmount();
      leave();
    };
    const leave = () => {
      screen.leave();
      process.stdin.setRawMode?.(false);
    };
    const finish = (code: number) => {
      close();
      resolve(code);
    };
    const onSignal = (signal: NodeJS.Signals) => {
      close();
      // Whoever sent it learns that it was obeyed.
      process.kill(process.pid, signal);
    };
    const onCrash = (error: unknown) => {
      close();
      reject(error);
    };
    for (const signal of SIGNALS) process.on(signal, onSignal);
    process.on('uncaughtException', onCrash);
    process.on('exit', leave);
    process.stdout.on('resize', resized);
    screen.enter();
    const ink = render(element(), {
      stdout: stream as unknown as NodeJS.WriteStream,
      stdin: process.stdin,
      debug: true,
      exitOnCtrlC: false,
      patchConsole: false,
    });
  });
}

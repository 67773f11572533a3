// A real session in a pseudo-terminal: util-linux's `script` makes one on any Linux machine. Keys go in, a virtual screen reads what comes out.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { root } from '../built.ts';
import { VirtualScreen } from './virtual-screen.ts';

/** How long a machine under load may take for anything [ms]. */
const PATIENCE_MS = 60_000;

export class TerminalSession {
  readonly screen: VirtualScreen;
  raw = '';
  readonly #child: ChildProcessWithoutNullStreams;

  /** @param command for a shell, with `exec` before what shall get signals */
  constructor(command: string, size = { columns: 80, rows: 24 }, env: Record<string, string> = {}) {
    this.screen = new VirtualScreen(size.columns, size.rows);
    const shell = [
      `stty rows ${size.rows} cols ${size.columns}`,
      // Before the dashboard takes the keys over, Ctrl-C is a signal to the whole group: the shell must live to tell the exit code.
      'trap : INT',
      'echo BEFORE',
      `( echo PID=$BASHPID; ${command} )`,
      'echo CODE=$?',
      'stty -a',
      'echo DONE',
    ].join('; ');
    this.#child = spawn('script', ['-qfec', `bash -c '${shell}'`, '/dev/null'], {
      cwd: root,
      env: { PATH: process.env['PATH'], HOME: '/tmp', TERM: 'xterm-256color', LANG: 'C.UTF-8', ...env },
    });
    this.#child.stdout.setEncoding('utf8');
    this.#child.stdout.on('data', (text: string) => {
      this.raw += text;
      this.screen.write(text);
    });
  }

  press(keys: string): void {
    this.#child.stdin.write(keys);
  }

  signal(signal: NodeJS.Signals): void {
    process.kill(Number(/PID=(\d+)/.exec(this.raw)![1]), signal);
  }

  async until(isReached: () => boolean, what: string): Promise<void> {
    for (let waited = 0; waited < PATIENCE_MS; waited += 50) {
      if (isReached()) return;
      await wait(50);
    }
    throw new Error(`never came: ${what}; the screen shows\n${this.screen.text}`);
  }

  shows(pattern: RegExp): Promise<void> {
    return this.until(() => pattern.test(this.screen.text), String(pattern));
  }

  /** After the command: its exit code, and how the terminal was left. */
  async ended(): Promise<{ code: number; isCooked: boolean }> {
    await this.until(() => /\r\nDONE/.test(this.raw), 'the end of the command');
    const after = this.raw.slice(this.raw.lastIndexOf('CODE='));
    return {
      code: Number(/CODE=(\d+)/.exec(after)![1]),
      isCooked: ['icanon', 'echo', 'isig'].every((mode) => new RegExp(`(^|\\s)${mode}\\s`, 'm').test(after)),
    };
  }

  end(): void {
    this.#child.kill('SIGKILL');
  }
}

// The terminal's alternate screen: entered once, painted line by line where something changed, and always given back.
// ink 6.8 has no alternate screen of its own and redraws all lines; here only changed lines are written, at absolute positions.
import { Writable } from 'node:stream';
import { displayWidth } from '../output/layout.ts';

const ENTER = '\u001b[?1049h\u001b[?25l\u001b[?7l\u001b[2J\u001b[H';
const LEAVE = '\u001b[0m\u001b[?7h\u001b[?25h\u001b[?1049l';
/** Colours and the like take no room. */
const SGR = /\u001b\[[\d;]*m/g;
/** Terminals that know it show the whole frame at once; others ignore it. */
const BEGIN_FRAME = '\u001b[?2026h';
const END_FRAME = '\u001b[?2026l';

/** What is written, and where. Tests pass their own. */
export interface Tty {
  write(text: string): void;
  columns: number;
  rows: number;
}

export class AlternateScreen {
  #painted: string[] = [];
  #isEntered = false;

  constructor(readonly tty: Tty) {}

  enter(): void {
    if (this.#isEntered) return;
    this.#isEntered = true;
    this.#painted = [];
    this.tty.write(ENTER);
  }

  leave(): void {
    if (!this.#isEntered) return;
    this.#isEntered = false;
    this.tty.write(LEAVE);
  }

  /** After a resize nothing is where it was. */
  forget(): void {
    this.#painted = [];
    if (this.#isEntered) this.tty.write('\u001b[0m\u001b[2J');
  }

  /** Erases what stood behind a line. Behind a full one that would be its own last character. */
  #rest(line: string): string {
    return displayWidth(line.replace(SGR, '')) < this.tty.columns ? '\u001b[K' : '';
  }

  /** One frame; lines below the last row but one are left out. */
  paint(text: string): void {
    if (!this.#isEntered) return;
    const lines = text.split('\n').slice(0, Math.max(1, this.tty.rows - 1));
    let changes = '';
    for (const [row, line] of lines.entries())
      if (line !== this.#painted[row]) changes += `\u001b[${row + 1};1H${line}\u001b[0m${this.#rest(line)}`;
    for (let row = lines.length; row < this.#painted.length; row++) changes += `\u001b[${row + 1};1H\u001b[K`;
    this.#painted = lines;
    if (changes !== '') this.tty.write(BEGIN_FRAME + changes + END_FRAME);
  }
}

/** Standard output of the process. Writing to a terminal is synchronous in Node, so what is written while it ends arrives too. */
export function processTty(): Tty {
  return {
    write: (text) => void process.stdout.write(text),
    get columns() {
      return process.stdout.columns || 80;
    },
    get rows() {
      return process.stdout.rows || 24;
    },
  };
}

/** What ink takes for its terminal: in debug mode it writes every frame as one whole text. */
export class FrameStream extends Writable {
  readonly isTTY = true;
  /** From now on nothing is painted: ink says good-bye with a last frame. */
  isClosed = false;
  last = '';

  constructor(
    readonly tty: Tty,
    readonly onFrame: (text: string) => void,
  ) {
    super({ decodeStrings: false });
  }

  get columns(): number {
    return this.tty.columns;
  }

  get rows(): number {
    return this.tty.rows;
  }

  override _write(text: string, _encoding: string, done: () => void): void {
    if (!this.isClosed) {
      this.last = String(text);
      this.onFrame(this.last);
    }
    done();
  }
}

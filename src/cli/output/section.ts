// What every section of the text report gets: the page it writes on.
import { clean, wrap } from './layout.ts';
import { type Paint, paintFor, type Terminal } from './terminal.ts';

export class Page {
  readonly lines: string[] = [];
  readonly paint: Paint;
  readonly width: number;
  readonly marks: { ok: string; bad: string; note: string; dash: string };

  constructor(
    readonly terminal: Terminal,
    readonly verbosity: -1 | 0 | 1,
  ) {
    this.paint = paintFor(terminal);
    this.width = terminal.columns;
    this.marks = terminal.unicode
      ? { ok: '✓', bad: '✗', note: '!', dash: '–' }
      : { ok: 'ok  ', bad: 'FAIL', note: '!', dash: '-' };
  }

  line(text = ''): void {
    this.lines.push(text);
  }

  heading(text: string): void {
    if (this.lines.length > 0 && this.lines.at(-1) !== '') this.line();
    this.line(this.paint.bold(text));
  }

  /** A paragraph of a stranger's text; `first` (such as "  why  ") starts its first line. */
  paragraph(text: string, first = '', paint: (line: string) => string = (line) => line): void {
    for (const line of wrap(clean(text), this.width, first)) this.line(paint(line));
  }

  mark(isOk: boolean): string {
    return isOk ? this.paint.green(this.marks.ok) : this.paint.red(this.marks.bad);
  }

  text(): string {
    return `${this.lines.join('\n')}\n`;
  }
}

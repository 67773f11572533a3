// Text in columns: widths as terminals count them, cutting, filling, wrapping. Strangers' names pass through `clean` first.
import { inert } from '../../scenarios/diagnostics.ts';

/** One line, and nothing in it that a terminal would obey. */
export function clean(text: string): string {
  return inert(text.replace(/[\t\n\r]+/g, ' '));
}

/** Cells that a terminal uses: none for combining marks, two for East Asian wide characters and emoji. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const char of text) width += cellsOf(char.codePointAt(0)!);
  return width;
}

function cellsOf(code: number): number {
  if (code < 0x300) return 1;
  if (
    code <= 0x36f ||
    (code >= 0x200b && code <= 0x200f) ||
    (code >= 0xfe00 && code <= 0xfe0f) ||
    code === 0x2060 ||
    code === 0xfeff
  )
    return 0;
  const isWide =
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0xffe0 && code <= 0xffe6) ||
    (code >= 0x1f300 && code <= 0x1faff) ||
    (code >= 0x20000 && code <= 0x3fffd);
  return isWide ? 2 : 1;
}

export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)));
}

export function padStart(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - displayWidth(text))) + text;
}

/** Cut in the middle: the ends of Kubernetes names are what tells them apart. */
export function fit(text: string, width: number, unicode: boolean): string {
  if (displayWidth(text) <= width) return text;
  const mark = unicode ? '…' : '..';
  const room = Math.max(0, width - mark.length);
  const chars = [...text];
  const head: string[] = [];
  const tail: string[] = [];
  let used = 0;
  for (let i = 0, j = chars.length - 1; i <= j; ) {
    const fromHead = head.length <= tail.length;
    const char = fromHead ? chars[i]! : chars[j]!;
    used += displayWidth(char);
    if (used > room) break;
    if (fromHead) {
      head.push(char);
      i++;
    } else {
      tail.unshift(char);
      j--;
    }
  }
  return head.join('') + mark + tail.join('');
}

/** Words over lines of at most `width`; `first` starts the first line, as many blanks the others. A word that is too long stays whole. */
export function wrap(text: string, width: number, first = ''): string[] {
  const indent = ' '.repeat(displayWidth(first));
  const lines: string[] = [];
  let line = first;
  let isEmpty = true;
  for (const word of text.split(' ')) {
    if (word === '') continue;
    if (!isEmpty && displayWidth(line) + 1 + displayWidth(word) > width) {
      lines.push(line);
      line = indent;
      isEmpty = true;
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  lines.push(line);
  return lines;
}

// A screen as data: lines of segments with a tone. Views make them, the app colours them, tests read their text.
import { displayWidth, fit } from '../output/layout.ts';

/** What a piece of text means; colour follows from it, and never carries a meaning alone. */
export type Tone = 'good' | 'bad' | 'warn' | 'accent' | 'dim';

export interface Segment {
  text: string;
  tone?: Tone;
  isBold?: boolean;
  isInverse?: boolean;
}

export type Line = Segment[];

export const say = (text: string, tone?: Tone): Segment => (tone ? { text, tone } : { text });
export const strong = (text: string): Segment => ({ text, isBold: true });

export const textOf = (line: Line): string => line.map(({ text }) => text).join('');
export const widthOf = (line: Line): number => line.reduce((sum, { text }) => sum + displayWidth(text), 0);

/** Cut at the end, or filled with blanks, to exactly `width` cells. */
export function toWidth(line: Line, width: number): Line {
  const cut: Line = [];
  let left = width;
  for (const segment of line) {
    if (left <= 0) break;
    const text = headOf(segment.text, left);
    left -= displayWidth(text);
    cut.push({ ...segment, text });
  }
  if (left > 0) cut.push({ text: ' '.repeat(left) });
  return cut;
}

/** Cut like that, with a sign that something was cut. */
export function cutTo(line: Line, width: number, mark: string): Line {
  if (widthOf(line) <= width) return toWidth(line, width);
  return [...toWidth(line, width - displayWidth(mark)), say(mark, 'dim')];
}

/** Over several lines, broken between words; the next ones are indented a little more than the first. */
export function wrapped(line: Line, width: number): Line[] {
  if (widthOf(line) <= width) return [line];
  const indent = ' '.repeat(/^ */.exec(textOf(line))![0].length + 2);
  const lines: Line[] = [[]];
  let used = 0;
  for (const segment of line)
    for (const word of segment.text.split(/(?<= )(?=[^ ])/)) {
      const cells = displayWidth(word.trimEnd());
      if (used + cells > width && used > indent.length) {
        lines.push([say(indent)]);
        used = indent.length;
      }
      lines.at(-1)!.push({ ...segment, text: word });
      used += displayWidth(word);
    }
  return lines;
}

/** As many characters from the start as have room. */
export function headOf(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let head = '';
  let used = 0;
  for (const char of text) {
    used += displayWidth(char);
    if (used > width) break;
    head += char;
  }
  return head;
}

/** Two ends of a line; the left one gives way. */
export function spread(left: Line, right: Line, width: number): Line {
  const room = Math.max(0, width - widthOf(right));
  return [...toWidth(left, room), ...right];
}

export const highlighted = (line: Line): Line => line.map((segment) => ({ ...segment, isInverse: true }));

/** A cell of a table. */
export function cell(
  text: string,
  width: number,
  unicode: boolean,
  align: 'left' | 'right' = 'left',
): string {
  const cut = fit(text, width, unicode);
  const blanks = ' '.repeat(Math.max(0, width - displayWidth(cut)));
  return align === 'left' ? cut + blanks : blanks + cut;
}

/** Panels beside each other; each column has its lines cut to its width. */
export function beside(columns: readonly { lines: readonly Line[]; width: number }[], gap: Segment): Line[] {
  const height = Math.max(...columns.map(({ lines }) => lines.length));
  return Array.from({ length: height }, (_, row) =>
    columns.flatMap(({ lines, width }, i) => [...(i > 0 ? [gap] : []), ...toWidth(lines[row] ?? [], width)]),
  );
}

/** Exactly `height` lines; what does not fit is counted in the last one. */
export function toHeight(lines: readonly Line[], height: number): Line[] {
  if (lines.length <= height) return [...lines, ...Array.from({ length: height - lines.length }, () => [])];
  if (height <= 0) return [];
  return [...lines.slice(0, height - 1), [say(`  and ${lines.length - height + 1} more`, 'dim')]];
}

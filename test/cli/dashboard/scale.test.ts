import { expect, it } from 'vitest';
import { glyphsFor } from '../../../src/cli/dashboard/glyphs.ts';
import { axisText, barText, secondsLabel, sparkText, timeAxis } from '../../../src/cli/dashboard/scale.ts';
import { displayWidth } from '../../../src/cli/output/layout.ts';

const unicode = glyphsFor(true);
const ascii = glyphsFor(false);

it('puts round times on an axis, each over its cell', () => {
  const axis = timeAxis(0, 30, 60);
  expect(axisText(axis, '-')).toBe('0s--------5s--------10s-------15s-------20s-------25s----30s');
  expect([0, 15, 30, 99].map(axis.cellOf)).toEqual([0, 30, 59, 59]);
});

it('leaves out a label on which a mark stands', () => {
  expect(axisText(timeAxis(0, 30, 60), '-', new Set([31]))).not.toContain('15s');
});

it.each([
  [0, 1],
  [0, 3600],
  [10, 10],
  [0, 0.02],
])('fills its cells whatever the times are: %d to %d', (from, to) => {
  for (const width of [10, 60, 117]) expect(axisText(timeAxis(from, to, width), '-')).toHaveLength(width);
});

it('names times as people do', () => {
  expect([0, 0.25, 90, 120, 150, 3600].map(secondsLabel)).toEqual([
    '0s',
    '0.25s',
    '90s',
    '2m',
    '2m30s',
    '60m',
  ]);
});

it('draws a share as a bar: nothing for none, a sliver for little, all cells for all', () => {
  expect([0, 0.001, 0.5, 1, 7].map((share) => barText(share, 8, unicode))).toEqual([
    '',
    '▏',
    '████',
    '████████',
    '████████',
  ]);
  expect(barText(0.5, 8, ascii)).toBe('####');
});

it('draws values as a curve against the greatest, unknown ones as blanks', () => {
  expect(sparkText([0, 0.01, 4, 8, undefined], unicode)).toBe('▁▂▅█ ');
  expect(sparkText([0, 0], unicode)).toBe('▁▁');
  expect(sparkText([0.5], unicode, 1)).toBe('▅');
  expect(displayWidth(sparkText([0, 3, 9], ascii))).toBe(3);
});

import { describe, expect, it } from 'vitest';
import { bar, count, duration, percent } from '../../../src/cli/output/figures.ts';
import { displayWidth, fit, padEnd, wrap } from '../../../src/cli/output/layout.ts';

describe('columns', () => {
  it('counts East Asian wide characters as two cells and combining marks as none', () => {
    expect(displayWidth('评论')).toBe(4);
    expect(displayWidth('e\u0301')).toBe(1);
    expect(padEnd('评论', 6)).toBe('评论  ');
  });

  it('cuts long names in the middle, because their ends tell them apart', () => {
    expect(fit('productpage-v1-7c9d5b', 11, true)).toBe('produ…c9d5b');
    expect(displayWidth(fit('评论评论评论评论', 9, true))).toBeLessThanOrEqual(9);
    expect(fit('short', 11, true)).toBe('short');
  });

  it('keeps a word that is too long for the line whole, so that it can be copied', () => {
    expect(wrap('see examples/a-very-long-path.yaml now', 16, '  ')).toEqual([
      '  see',
      '  examples/a-very-long-path.yaml',
      '  now',
    ]);
  });
});

describe('figures', () => {
  it('groups thousands and keeps one decimal of means', () => {
    expect([count(1234567), count(8.94), count(0), count(1e6 + 0.25)]).toEqual([
      '1,234,567',
      '8.9',
      '0',
      '1,000,000.3',
    ]);
  });

  it('never rounds something to nothing or nearly all to all', () => {
    expect([
      percent(0.9),
      percent(0.1386),
      percent(0.0001),
      percent(0.99999),
      percent(1),
      percent(0),
    ]).toEqual(['90%', '13.9%', '<0.1%', '>99.9%', '100%', '0%']);
    expect(bar(0.0001, 10, true)).not.toBe('');
    expect(bar(0, 10, true)).toBe('');
    expect(bar(1, 10, true)).toBe('██████████');
    expect(bar(0.001, 10, false)).toBe('#');
  });

  it('takes the unit that fits', () => {
    expect([duration(0.00003), duration(0.0572), duration(0.9996), duration(30), duration(150)]).toEqual([
      '30 us',
      '57 ms',
      '1 s',
      '30 s',
      '2 min 30 s',
    ]);
  });
});

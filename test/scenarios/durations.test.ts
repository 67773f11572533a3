import { describe, expect, it } from 'vitest';
import {
  contains,
  isMistake,
  overlap,
  parseBandwidth,
  parseCidr,
  parseDuration,
  parseRange,
  parseRate,
  parseRuns,
  parseShare,
  parseSize,
  type RangeUnit,
} from '../../src/scenarios/durations.ts';

const hintOf = (value: unknown) => (isMistake(value) ? (value.hint ?? '') : 'no mistake');

describe('durations', () => {
  it.each([
    ['500ms', 5e8],
    ['30s', 3e10],
    ['1m30s', 9e10],
    ['1.5h', 5.4e12],
    ['100us', 1e5],
    ['100µs', 1e5],
    ['0', 0],
    [0, 0],
    ['.5s', 5e8],
  ])('%s is read as Go reads it', (text, ns) => {
    expect(parseDuration(text)).toBe(ns);
  });

  it.each([
    [60, 'write 60s if seconds are meant'],
    ['60', 'write 60s if seconds are meant'],
    ['5 sec', 'write 5s'],
    ['5min', 'write 5m'],
    ['2d', 'write 48h: days have no unit of their own'],
    ['-1s', 'times count from the start'],
    ['soon', 'write a number and a unit, e.g. 500ms, 30s, 1m30s'],
    ['1s 500ms', 'write a number and a unit, e.g. 500ms, 30s, 1m30s'],
    ['99999h', 'longer runs are not simulated'],
  ])('%s gets the hint that helps', (text, hint) => {
    expect(hintOf(parseDuration(text))).toBe(hint);
  });
});

describe('sizes, rates, shares', () => {
  it.each([
    ['2KiB', 2048],
    ['10Mi', 10 * 1024 ** 2],
    ['1k', 1000],
    ['5MB', 5e6],
    [512, 512],
  ])('%s is a size', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  it.each([
    [100, 100],
    ['100/s', 100],
    ['5k/s', 5000],
    ['300/m', 5],
    ['7200/hour', 2],
    ['50rps', 50],
  ])('%s is a rate', (text, perSecond) => {
    expect(parseRate(text)).toBe(perSecond);
  });

  it.each([
    ['0.1%', 0.001],
    ['100%', 1],
    [0.25, 0.25],
    ['7%', 0.07],
  ])('%s is a share', (text, share) => {
    expect(parseShare(text)).toBe(share);
  });

  it('a share over one asks whether per cent is meant', () => {
    expect(hintOf(parseShare(5))).toBe('write 5% if per cent is meant');
    expect(isMistake(parseShare('120%'))).toBe(true);
  });

  it('bandwidths are bits per second', () => {
    expect(parseBandwidth('10Mbps')).toBe(1e7);
    expect(isMistake(parseBandwidth('0Mbps'))).toBe(true);
    expect(isMistake(parseBandwidth('10MB'))).toBe(true);
  });
});

describe('ranges', () => {
  const cases: [unknown, RangeUnit, number, number][] = [
    [9, 'count', 9, 9],
    ['8..10', 'count', 8, 10],
    ['..20', 'count', 0, 20],
    ['5..', 'count', 5, Number.POSITIVE_INFINITY],
    ['..1%', 'share', 0, 0.01],
    ['99%..', 'share', 0.99, 1],
    ['8%..12%', 'share', 0.08, 0.12],
    ['8..12%', 'share', 0.08, 0.12],
    [1, 'share', 1, 1],
    ['..80ms', 'seconds', 0, 0.08],
    ['1ms..2ms', 'seconds', 0.001, 0.002],
    ['..1.5', 'number', Number.NEGATIVE_INFINITY, 1.5],
  ];
  it.each(cases)('%s as %s', (text, unit, least, most) => {
    expect(parseRange(text, unit)).toEqual({ least, most, text: String(text) });
  });

  it.each([
    ['10..8', 'count'],
    ['..', 'count'],
    ['', 'count'],
    ['-3', 'count'],
    ['10%', 'count'],
    ['90', 'share'],
    ['..80', 'seconds'],
    [null, 'count'],
    ['1...5', 'count'],
  ] as [unknown, RangeUnit][])('%s as %s is a mistake', (text, unit) => {
    expect(isMistake(parseRange(text, unit))).toBe(true);
  });

  it.each([
    ['all runs', 1, 1],
    ['95% of runs', 0.95, 1],
    ['95%.. of runs', 0.95, 1],
    ['40%..70% of runs', 0.4, 0.7],
    ['..5% of the runs', 0, 0.05],
  ])('%s', (text, least, most) => {
    expect(parseRuns(text)).toEqual({ least, most, text });
  });

  it('over runs something else is a mistake', () => {
    expect(isMistake(parseRuns('mostly'))).toBe(true);
  });
});

describe('CIDR blocks', () => {
  const cidr = (text: string) => {
    const parsed = parseCidr(text);
    if (isMistake(parsed)) throw new Error(parsed.message);
    return parsed;
  };

  it('contain and overlap each other', () => {
    expect(contains(cidr('192.168.0.0/16'), cidr('192.168.2.0/24'))).toBe(true);
    expect(contains(cidr('192.168.2.0/24'), cidr('192.168.0.0/16'))).toBe(false);
    expect(contains(cidr('0.0.0.0/0'), cidr('10.0.0.0/8'))).toBe(true);
    expect(overlap(cidr('10.45.0.0/16'), cidr('10.47.0.0/16'))).toBe(false);
    expect(overlap(cidr('10.45.3.0/24'), cidr('10.45.0.0/16'))).toBe(true);
  });

  it.each(['10.45.0.1/16', '10.45.0.0', '300.0.0.0/8', '10.0.0.0/33', 'ten'])('%s is none', (text) => {
    expect(isMistake(parseCidr(text))).toBe(true);
  });
});

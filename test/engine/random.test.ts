import { describe, expect, it } from 'vitest';
import { exponentialNs } from '../../src/engine/exponential.ts';
import { Streams } from '../../src/engine/random.ts';
import { Xoshiro128 } from '../../src/engine/xoshiro.ts';

const first = (stream: { uint32(): number }, count: number) =>
  Array.from({ length: count }, () => stream.uint32());

describe('named random streams', () => {
  it('give the same numbers for the same seed, replication and name', () => {
    expect(first(new Streams(42).stream('lb/gw/0/reviews'), 50)).toEqual(
      first(new Streams('42').stream('lb/gw/0/reviews'), 50),
    );
  });

  it('give other numbers for another name, seed or replication', () => {
    const base = first(new Streams(1).stream('a'), 8);
    expect(first(new Streams(1).stream('b'), 8)).not.toEqual(base);
    expect(first(new Streams(2).stream('a'), 8)).not.toEqual(base);
    expect(first(new Streams(1, 1).stream('a'), 8)).not.toEqual(base);
  });

  it('fill 32 bits evenly: the mean of 100,000 draws is within five standard errors of a half', () => {
    const stream = new Streams(7).stream('mean');
    const draws = 100_000;
    let sum = 0;
    for (let i = 0; i < draws; i++) sum += stream.uint32() / 2 ** 32;
    expect(Math.abs(sum / draws - 0.5)).toBeLessThan(5 * Math.sqrt(1 / 12 / draws));
  });
});

describe('draws that are skipped', () => {
  it.each([0, 1, 2, 3, 14, 15, 16, 17, 999, 1000, 1001, 1015, 1016, 54_321, 3_000_000])(
    '%i of them, as if they had been drawn',
    (draws) => {
      const [skipping, drawing] = [new Streams(5).stream('skip'), new Streams(5).stream('skip')];
      for (const stream of [skipping, drawing]) stream.unit();
      skipping.skip(draws);
      for (let i = 0; i < draws; i++) drawing.unit();
      expect(first(skipping, 10)).toEqual(first(drawing, 10));
    },
  );

  it.each([
    [7, 1, 0, 0],
    [1023, 3, 2, 1],
    [1024, 3, 1, 15],
    [5003, 2, 0, 16],
    [8192, 1, 0, 21],
  ])('into %i cells, one of each %i, number %i, after %i of them', (cells, period, offset, before) => {
    const [filling, drawing] = [new Streams(7).stream('fill'), new Streams(7).stream('fill')];
    expect(first(filling, before)).toEqual(first(drawing, before));
    const filled = new Int32Array(cells);
    filling.fill(filled, period, offset);
    for (let i = 0; i < cells; i++)
      for (let draw = 0; draw < period; draw++) {
        const value = drawing.int32();
        if (draw === offset && filled[i] !== value) expect(filled[i]).toBe(value);
      }
    expect(first(filling, 10)).toEqual(first(drawing, 10));
  });

  it('in two steps as in one, far beyond what can be drawn', () => {
    const [once, twice] = [new Streams(6).stream('far'), new Streams(6).stream('far')];
    once.skip(2 ** 50);
    for (let i = 0; i < 1024; i++) twice.skip(2 ** 40);
    expect(first(once, 10)).toEqual(first(twice, 10));
  });
});

describe('numbers that must never change, because every result would', () => {
  it('of a named stream', () => {
    expect(first(new Streams(1).stream('lb/gw/0/reviews'), 4)).toEqual([
      1830158175, 1555587544, 3079042159, 3173851886,
    ]);
  });

  it('of xoshiro128**', () => {
    expect(first(new Xoshiro128(1), 4)).toEqual([393288148, 2174103013, 3814759091, 2092745082]);
  });

  it('of exponentials: the tables are the same on every machine', () => {
    const random = new Xoshiro128(1);
    let sum = 0;
    for (let i = 0; i < 1_000_000; i++) sum = (Math.imul(sum, 31) + exponentialNs(random, 2e6)) | 0;
    expect(sum >>> 0).toBe(828600680);
  });
});

describe('exponentials', () => {
  it('have the mean, the variance and the tail of the distribution within five standard errors', () => {
    const random = new Streams(3).stream('exponential');
    const draws = 400_000;
    let [sum, squares, beyond] = [0, 0, 0];
    for (let i = 0; i < draws; i++) {
      const x = exponentialNs(random, 1e6) / 1e6;
      sum += x;
      squares += x * x;
      if (x > 5) beyond++;
    }
    expect(Math.abs(sum / draws - 1)).toBeLessThan(5 / Math.sqrt(draws));
    expect(Math.abs(squares / draws - 2)).toBeLessThan(5 * Math.sqrt(20 / draws));
    const share = Math.exp(-5);
    expect(Math.abs(beyond / draws - share)).toBeLessThan(5 * Math.sqrt((share * (1 - share)) / draws));
  });

  it('round down to whole nanoseconds beyond 2^31 too', () => {
    const random = new Streams(4).stream('long');
    const values = Array.from({ length: 1000 }, () => exponentialNs(random, 1e12));
    expect(values.every((value) => Number.isSafeInteger(value) && value >= 0)).toBe(true);
    expect(Math.max(...values)).toBeGreaterThan(2 ** 31);
  });
});

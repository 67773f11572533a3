import { describe, expect, it } from 'vitest';
import { Streams } from '../../src/engine/random.ts';

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

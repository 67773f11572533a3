import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bucketMiddle, bucketOf, Histogram } from '../../src/engine/histogram.ts';

describe('Histogram', () => {
  it('puts every value up to 2^53 into a bucket whose middle is within 0.8 % of it', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (value) => {
        expect(Math.abs(bucketMiddle(bucketOf(value)) - value)).toBeLessThanOrEqual(value * 0.004);
      }),
    );
  });

  it('keeps buckets in the order of values', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.maxSafeNat(), (a, b) => {
        if (a <= b) expect(bucketOf(a)).toBeLessThanOrEqual(bucketOf(b));
      }),
    );
  });

  it('records a value many times as if one by one', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(2 ** 40), fc.nat(9)), { minLength: 1 }), (values) => {
        const [at, each] = [new Histogram(), new Histogram()];
        for (const [value, times] of values) {
          at.recordMany(value, times);
          for (let i = 0; i < times; i++) each.record(value);
        }
        expect([at.toPairs(), at.count, at.sum, at.min, at.max]).toEqual([
          each.toPairs(),
          each.count,
          each.sum,
          each.min,
          each.max,
        ]);
      }),
    );
  });

  it('merges to what one histogram of both halves says', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(2 ** 31 - 1)), fc.array(fc.nat(2 ** 31 - 1)), (left, right) => {
        const [a, b, both] = [new Histogram(), new Histogram(), new Histogram()];
        for (const value of left) a.record(value);
        for (const value of right) b.record(value);
        for (const value of [...left, ...right]) both.record(value);
        a.merge(b);
        expect([a.toPairs(), a.count, a.sum, a.min, a.max, a.percentile(0.5)]).toEqual([
          both.toPairs(),
          both.count,
          both.sum,
          both.min,
          both.max,
          both.percentile(0.5),
        ]);
      }),
    );
  });

  it('gives percentiles of known values', () => {
    const histogram = new Histogram();
    for (let value = 1; value <= 100; value++) histogram.record(value);
    expect([histogram.percentile(0.5), histogram.percentile(0.99), histogram.percentile(1)]).toEqual([
      50, 99, 100,
    ]);
    expect(new Histogram().percentile(0.5)).toBe(0);
  });
});

import { describe, expect, it } from 'vitest';
import { countOf, nearestRank } from '../../../src/scenarios/outcome/statistics.ts';

describe('a count over replications', () => {
  it('has mean, sample deviation, band, range and share', () => {
    expect(countOf([9, 9, 8, 10], 10, false)).toEqual({
      mean: 9,
      sd: Math.sqrt(2 / 3),
      p2_5: 8,
      p97_5: 10,
      min: 8,
      max: 10,
      share: 0.9,
    });
  });

  it('is the count itself after one run, with no deviation', () => {
    expect(countOf([7], 10, true)).toMatchObject({ mean: 7, sd: 0, min: 7, max: 7, share: 0.7, perRun: [7] });
  });

  it('has no share of nothing', () => {
    expect(countOf([0, 0], 0, false).share).toBe(0);
  });
});

describe('nearest rank', () => {
  it('takes the least value at or above the share', () => {
    const values = Array.from({ length: 1000 }, (_, i) => i + 1);
    expect(nearestRank(values, 0.025)).toBe(25);
    expect(nearestRank(values, 0.975)).toBe(975);
    expect(nearestRank([], 0.5)).toBe(0);
  });
});

import { describe, expect, it } from 'vitest';
import { runWorld } from '../../../src/models/run/run-world.ts';
import type { RunResult } from '../../../src/models/world.ts';
import { reviewsEndpoints, twoRegions } from './two-regions.ts';

const reviewsOf = (result: RunResult) =>
  result.tallies.find((row) => row.service === 'reviews.default.svc.cluster.local')!;
const answered = (result: RunResult) => [
  reviewsOf(result).by[1]?.requests ?? 0,
  reviewsOf(result).by[2]?.requests ?? 0,
];

describe('distribution 90/10', () => {
  it('is 9 to 1 in every one of 1,000 seeds over the whole path, and prints two lines', () => {
    for (let seed = 0; seed < 1000; seed++) {
      const result = runWorld(twoRegions({ seed }));
      expect(answered(result)).toEqual([9, 1]);
      expect(result.loads[0]!.lines).toBe(2);
    }
  });

  it('puts the one request at every place of the ten, evenly', () => {
    const places = Array.from({ length: 10 }, () => 0);
    for (let seed = 0; seed < 1000; seed++) {
      const result = runWorld({ ...twoRegions({ seed }), sampleRequests: 10 });
      places[
        result.samples.findIndex((sample) =>
          sample.hops.some((hop) => hop.attempts.some((a) => a.server === 2)),
        )
      ]!++;
    }
    const chi2 = places.reduce((sum, n) => sum + (n - 100) ** 2 / 100, 0);
    expect(chi2).toBeLessThan(27.9); // 9 degrees of freedom, p = 0.001
  });

  it('stays exact behind a kept connection with two workers', () => {
    for (let seed = 0; seed < 200; seed++)
      expect(answered(runWorld(twoRegions({ seed, workers: 2 })))).toEqual([9, 1]);
  });

  it('gives the same bytes for the same seed', () => {
    const [a, b] = [runWorld(twoRegions({ seed: 7 })), runWorld(twoRegions({ seed: 7 }))];
    expect(JSON.stringify(a)).toBe(JSON.stringify(b));
    expect(runWorld(twoRegions({ seed: 8 })).digest).not.toBe(a.digest);
  });
});

describe('failover by outlier detection', () => {
  const failing = (maxEjectionPercent: number) =>
    twoRegions({
      cluster: {
        commonLbConfig: { healthyPanicThreshold: 0 },
        outlierDetection: {
          consecutive5xx: 1,
          interval: '1s',
          baseEjectionTime: '60s',
          maxEjectionPercent,
          enforcingSuccessRate: 0,
        },
      },
      endpoints: reviewsEndpoints([
        { region: 'cn-hangzhou', address: '10.45.0.2' },
        { region: 'cn-shanghai', address: '10.47.0.2', priority: 1 },
      ]),
      reviewsV1: { listening: false },
    });

  it('ejects nothing at the default 10 % of two hosts: every call is refused three times', () => {
    const result = runWorld(failing(10));
    expect(result.ejections).toEqual([]);
    expect(reviewsOf(result)).toMatchObject({
      requests: 10,
      failed: 10,
      attempts: 30,
      none: 10,
      flags: { UF: 10, URX: 10 },
    });
    expect(result.loads[0]!.lines).toBe(0);
  });

  it('moves all ten to the other region at 100 %, with no error: the retry goes there', () => {
    for (let seed = 0; seed < 100; seed++) {
      const result = runWorld({ ...failing(100), seed });
      expect(answered(result)).toEqual([0, 10]);
      expect(result.loads[0]).toMatchObject({ ok: 10, lines: 20 });
      expect(reviewsOf(result).failed).toBe(0);
      expect(result.ejections).toHaveLength(1);
    }
  });
});

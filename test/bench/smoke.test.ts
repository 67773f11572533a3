// Every bench at its smallest size. The sums of W1 and W2 are those of a native program that does the same; it is not part of this repository.
import { describe, expect, it } from 'vitest';
import { bundledCases } from '../../bench/bundled-cases.ts';
import { cases } from '../../bench/cases.ts';
import { des } from '../../bench/kernels/des.ts';
import { full } from '../../bench/kernels/full.ts';
import { route } from '../../bench/kernels/route.ts';
import { routes } from '../../bench/kernels/routes.ts';
import { holdsOfHeap, holdsOfWheel } from '../../bench/kernels/small.ts';

describe('benches', () => {
  it.each(cases.map((entry) => [entry.name, entry] as const))('%s gives the same sums twice', (_, entry) => {
    const once = entry.run(entry.smoke);
    expect(Object.keys(once).length).toBeGreaterThan(0);
    expect(entry.run(entry.smoke)).toEqual(once);
  });

  it('the bundled cases, constants in their places, give the sums of the sources', async () => {
    const bundled = await bundledCases();
    expect(bundled.map(({ name }) => name)).toEqual(cases.map(({ name }) => name));
    for (const [i, { name, run, smoke }] of cases.entries())
      expect(bundled[i]!.run(smoke), name).toEqual(run(smoke));
  });

  it('W1 picks in the order of the native program', () => {
    expect(route(100_000)).toEqual({
      sum: 421490874,
      n5xx: 92,
      ejections: 0,
      counts: [
        2500, 5000, 7500, 10000, 12500, 15000, 17500, 20000, 277, 555, 833, 1111, 1389, 1667, 1945, 2223,
      ],
    });
  });

  it('W1 with a failing endpoint ejects and returns it as the native program does', () => {
    expect(route(100_000, true)).toEqual({
      sum: 4135368221,
      n5xx: 155,
      ejections: 3,
      counts: [
        3209, 6419, 9629, 12840, 16048, 19261, 22471, 126, 276, 555, 832, 1111, 1389, 1667, 1945, 2222,
      ],
    });
    expect(route(3_000_000, true)).toMatchObject({ sum: 191527615, n5xx: 3411, ejections: 14 });
  });

  it.each([
    [16, 40371819, 4.100063, 19],
    [1000, 40284583, 4.005495, 19],
    [10_000, 40272888, 3.998783, 18],
  ])('W2 with %i endpoints has the histogram of the native program', (endpoints, hsum, meanMs, n5xx) => {
    expect(des(20_000, endpoints)).toMatchObject({ hsum, meanMs, n5xx, ejections: 0, events: 80_000 });
  });

  it('both queues hold the same events', () => {
    for (const pending of [1, 280, 20_000])
      expect(holdsOfWheel(50_000, pending)).toEqual(holdsOfHeap(50_000, pending));
  });

  it('the full model draws, picks and orders its events as it always did', () => {
    expect(full(5_000, 16)).toMatchObject({
      attempts: 5007,
      meanMs: 4.344763,
      p99Ms: 11.5015675,
      events: 20383,
      digest: '5486e67eacc746be',
    });
  });

  it('routes alone fall as in a straight run, at once and request by request', () => {
    const straight = routes(100_000, 'no');
    expect(straight.isRouted).toBe(false);
    for (const routing of ['counts', 'walks'] as const)
      expect(routes(100_000, routing)).toEqual({ ...straight, isRouted: true });
    // Within one of W1's: its schedules start elsewhere.
    expect(straight.counts).toEqual([
      2500, 4999, 7499, 10000, 12501, 15001, 17500, 20000, 277, 555, 833, 1112, 1389, 1667, 1945, 2222,
    ]);
  });

  it.each([16, 1000])('the full model answers every request of %i endpoints', (endpoints) => {
    const result = full(5_000, endpoints);
    expect(result).toMatchObject({ requests: 5_000, ok: 5_000, ejections: 0 });
    expect(result.attempts).toBeGreaterThanOrEqual(5_000);
    expect(result.meanMs).toBeGreaterThan(3.9);
  });
});

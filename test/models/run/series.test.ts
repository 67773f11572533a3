import { expect, it } from 'vitest';
import { runWorld } from '../../../src/models/run/run-world.ts';
import { Series } from '../../../src/models/run/series.ts';
import { twoRegions } from './two-regions.ts';

const sum = (counts: readonly number[]) => counts.reduce((all, count) => all + count, 0);

it('doubles and then quintuples its bins when the run outgrows them, and loses no count', () => {
  const clock = { nowNs: 0 };
  const series = new Series(1, 20, clock, (name) => name);
  for (let ms = 0; ms < 150; ms++) {
    clock.nowNs = ms * 1e6;
    series.requestDone(0, ms % 10 === 0 ? 503 : 200, ms % 10 === 0 ? 1 : 0, ms * 1000);
  }
  const result = series.result();
  expect([result.binNs, result.bins]).toEqual([10e6, 15]);
  expect(result.loads[0]!.requests).toEqual(new Array(15).fill(10));
  expect(result.loads[0]!.failed).toEqual(new Array(15).fill(1));
  expect(result.loads[0]!.flags.map(({ counts }) => sum(counts))).toEqual([15]);
  expect(result.loads[0]!.latency.reduce((all, [, , count]) => all + count, 0)).toBe(150);
});

it('keeps the longest row of failures of a bin when bins are folded', () => {
  const clock = { nowNs: 0 };
  const series = new Series(0, 4, clock, () => 'all');
  for (const hasFailed of [true, true, true, false, true]) series.tried('a', 's', 3, hasFailed);
  clock.nowNs = 7e6;
  series.tried('b', 's', 3, true);
  const [row] = series.result().calls;
  expect(row!.caller).toBe('all');
  // Every proxy counts alone: b's first failure is a row of one.
  expect(row!.tries).toEqual([
    { server: 3, counts: [5, 0, 0, 1], failed: [4, 0, 0, 1], inARow: [3, 0, 0, 1] },
  ]);
});

/** One of the two regions answers 503 from the third second on, so that there are tries that fail and calls that are retried. */
const failingAndWell = () => {
  const world = twoRegions({ seed: 3 });
  return {
    ...world,
    actions: [
      ...world.actions,
      { atNs: 3e9, kind: 'serverRespond' as const, servers: [1], status: 503, percentage: 50 },
    ],
  };
};

it('counts over time what the tallies count in all', () => {
  const world = failingAndWell();
  const run = runWorld({ ...world, series: { bins: 50 } });
  const series = run.series!;
  expect(sum(series.loads[0]!.requests)).toBe(sum(run.loads.map((row) => row.requests)));
  for (const row of series.calls) {
    const rows = run.tallies.filter((tally) => tally.caller === row.caller && tally.service === row.service);
    expect(sum(row.requests)).toBe(sum(rows.map((tally) => tally.requests)));
    expect(sum(row.failed)).toBe(sum(rows.map((tally) => tally.failed)));
    for (const { server, counts } of row.answers)
      expect(sum(counts)).toBe(
        sum(rows.map((tally) => (server < 0 ? tally.none : (tally.by[server]?.requests ?? 0)))),
      );
    for (const { server, counts } of row.tries)
      expect(sum(counts)).toBe(sum(rows.map((tally) => tally.by[server]?.attempts ?? 0)));
  }
  const failedTries = series.calls.flatMap((row) => row.tries).map(({ failed }) => sum(failed));
  expect(Math.max(...failedTries)).toBeGreaterThan(0);
});

it('changes nothing of the run', () => {
  const world = failingAndWell();
  const { series: _, ...counted } = runWorld({ ...world, series: { bins: 10 } });
  // A run that is counted over time takes no short cuts, which must not show anywhere else.
  const plain = runWorld(world);
  expect({ ...counted, path: plain.path }).toEqual(plain);
});

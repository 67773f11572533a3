import { describe, expect, it } from 'vitest';
import { bucketOf } from '../../../src/engine/histogram.ts';
import type { EjectionRecord, LoadResult, RunResult, TallyRow } from '../../../src/models/world.ts';
import { checkExpectations, type ExpectationContext } from '../../../src/scenarios/outcome/expect.ts';
import type { Expectation, Range } from '../../../src/scenarios/scenario.ts';

const MS = 1e6;
const latencies = (ns: number, count: number) => ({
  histogram: [[bucketOf(ns), count]] as [number, number][],
  latencySumNs: ns * count,
});

function tally(v1: number, v2: number, extra: Partial<TallyRow> = {}): TallyRow {
  const requests = v1 + v2 + (extra.none ?? 0);
  return {
    segment: 0,
    load: 'curls',
    caller: 'productpage-v1-0',
    service: 'reviews.default.svc.cluster.local',
    requests,
    failed: extra.none ?? 0,
    codes: { 200: v1 + v2 },
    flags: {},
    attempts: requests,
    none: 0,
    by: { 0: { requests: v1, attempts: v1 }, 1: { requests: v2, attempts: v2 } },
    ...latencies(5 * MS, requests),
    ...extra,
  };
}

function load(requests: number, extra: Partial<LoadResult> = {}): LoadResult {
  return {
    load: 'curls',
    segment: 0,
    requests,
    ok: requests,
    codes: { 200: requests },
    flags: {},
    attempts: requests * 2,
    lines: 2,
    latency: { p50: 0, p90: 0, p95: 0, p99: 0, mean: 0, max: 0 },
    latencyMaxNs: 20 * MS,
    ...latencies(20 * MS, requests),
    ...extra,
  };
}

const run = (tallies: TallyRow[], extra: Partial<RunResult> = {}): RunResult => ({
  loads: [load(10)],
  tallies,
  ejections: [],
  timeline: [],
  samples: [],
  endNs: 1e10,
  events: 1,
  digest: '',
  path: 'events',
  ...extra,
});

const context: ExpectationContext = {
  serverLabels: [
    { workload: 'reviews-v1', version: 'v1', region: 'cn-hangzhou', pod: 'reviews-v1-0' },
    { workload: 'reviews-v2', version: 'v2', region: 'cn-shanghai', pod: 'reviews-v2-0' },
  ],
  callerWorkloads: new Map([['productpage-v1-0', 'productpage-v1']]),
  breakpointsNs: [5e9],
  findings: [],
  loadWindow: () => ({ fromNs: 0, toNs: 10e9 }),
  ejectionIntervalNs: () => 1e9,
};

const range = (least: number, most = least): Range => ({ least, most, text: `${least}..${most}` });
const asking = (asked: Partial<Expectation>): Expectation => ({
  name: 'asked',
  origin: { file: 's.yaml', line: 3, col: 1 },
  ...asked,
});
const verdict = (asked: Partial<Expectation>, runs: RunResult[], given = context) =>
  checkExpectations([asking(asked)], runs, given)[0]!;

describe('expectations', () => {
  const nineToOne = run([tally(9, 1)]);

  it('count answers by workload, by label and by nobody', () => {
    const asked = {
      of: 'reviews',
      requests: { 'reviews-v1': range(9), 'region=cn-shanghai': range(1), none: range(0) },
    };
    expect(verdict(asked, [nineToOne]).ok).toBe(true);
    expect(verdict(asked, [run([tally(8, 1, { none: 1 })])]).ok).toBe(false);
  });

  it('count what was reached by nobody as 0', () => {
    expect(verdict({ of: 'reviews', requests: { 'reviews-v9': range(0) } }, [nineToOne]).ok).toBe(true);
  });

  it('take shares of all calls, failed ones included', () => {
    const half = run([tally(4, 1, { none: 5 })]);
    expect(verdict({ of: 'reviews', share: { 'version=v1': range(0.4) } }, [half]).ok).toBe(true);
    expect(verdict({ of: 'reviews', share: { v1: range(0.8) } }, [half])).toMatchObject({
      ok: false,
      got: 'v1 share 40%',
    });
  });

  it('hold for the mean, unless they say in how many runs', () => {
    const runs = [run([tally(8, 2)]), run([tally(10, 0)])];
    expect(verdict({ of: 'reviews', requests: { 'reviews-v1': range(9) } }, runs).ok).toBe(true);
    const inAll = {
      of: 'reviews',
      requests: { 'reviews-v1': range(9) },
      in: { least: 1, most: 1, text: 'all runs' },
    };
    expect(verdict(inAll, runs)).toMatchObject({ ok: false });
    const inHalf = {
      ...inAll,
      requests: { 'reviews-v1': range(8) },
      in: { least: 0.4, most: 0.6, text: '40%..60% of runs' },
    };
    expect(verdict(inHalf, runs).ok).toBe(true);
  });

  it('hold for as many runs as --runs may ask for', () => {
    const runs = new Array<RunResult>(200_000).fill(nineToOne);
    const inAll = { of: 'reviews', requests: { 'reviews-v1': range(9) }, activeEjections: range(0) };
    expect(verdict({ ...inAll, in: { least: 1, most: 1, text: 'all runs' } }, runs)).toMatchObject({
      ok: true,
      got: 'reviews-v1 answers 9, ejected at once 0, met in 200000 of 200000 runs',
    });
    expect(verdict(inAll, runs).ok).toBe(true);
  });

  it('keep to the window between from and to', () => {
    const both = run([tally(9, 1), tally(0, 10, { segment: 1 })]);
    expect(verdict({ of: 'reviews', fromNs: 5e9, share: { v2: range(1) } }, [both]).ok).toBe(true);
    expect(verdict({ of: 'reviews', toNs: 5e9, share: { v2: range(0.1) } }, [both]).ok).toBe(true);
    expect(verdict({ of: 'reviews', share: { v2: range(0.55) } }, [both]).ok).toBe(true);
  });

  it('keep to one caller', () => {
    const two = run([tally(9, 1), tally(0, 10, { caller: 'other' })]);
    expect(verdict({ of: 'reviews', caller: 'productpage-v1', share: { v1: range(0.9) } }, [two]).ok).toBe(
      true,
    );
  });

  it('read errors, tries, codes, flags, latency and lines of the users or of a service', () => {
    const bad = run([tally(8, 0, { none: 2, attempts: 14, codes: { 200: 8, 503: 2 }, flags: { UF: 2 } })]);
    expect(verdict({ of: 'reviews', errorRate: range(0.2), attemptsPerRequest: range(1.4) }, [bad]).ok).toBe(
      true,
    );
    expect(verdict({ of: 'reviews', codes: { 503: range(2) } }, [bad]).ok).toBe(true);
    expect(verdict({ of: 'reviews', flags: { UF: { ...range(0.2), isShare: true } } }, [bad]).ok).toBe(true);
    expect(verdict({ errorRate: range(0), attemptsPerRequest: range(2), lines: range(2) }, [bad]).ok).toBe(
      true,
    );
    expect(verdict({ latency: { p95: range(0.0199, 0.0201) } }, [bad]).ok).toBe(true);
    expect(verdict({ of: 'reviews', latency: { max: range(0, 0.004) } }, [bad]).ok).toBe(false);
  });

  it('count the pods that answered and the greatest share of one', () => {
    expect(verdict({ of: 'reviews', pods: range(2), maxShare: { pod: range(0, 0.9) } }, [nineToOne]).ok).toBe(
      true,
    );
    expect(verdict({ of: 'reviews', maxShare: { pod: range(0, 0.4) } }, [nineToOne]).ok).toBe(false);
  });

  it('count ejections, those at once, and how long they lasted within one interval', () => {
    const ejection = (atNs: number, untilNs: number | null, count = 1): EjectionRecord => ({
      atNs,
      untilNs,
      proxy: 'productpage-v1-0',
      cluster: 'outbound|9080||reviews.default.svc.cluster.local',
      server: 0,
      endpoint: '10.0.0.1:9080',
      reason: 'consecutive_5xx',
      count,
    });
    const ejecting = run([tally(9, 1)], { ejections: [ejection(1e9, 3.5e9), ejection(4e9, 9e9, 2)] });
    const asked = {
      of: 'reviews',
      ejections: range(2),
      activeEjections: range(0, 1),
      ejectionDurations: [2, 4],
    };
    expect(verdict(asked, [ejecting]).ok).toBe(true);
    expect(verdict({ ejectionDurations: [1, 4] }, [ejecting]).ok).toBe(false);
    expect(verdict({ of: 'details', ejections: range(0) }, [ejecting]).ok).toBe(true);
    expect(verdict({ ejectionDurations: [2] }, [nineToOne]).ok).toBe(false);
  });

  it('name the findings that are missing', () => {
    expect(verdict({ findings: ['OD001'] }, [nineToOne])).toMatchObject({
      ok: false,
      got: 'no finding OD001',
    });
  });
});

import { describe, expect, it } from 'vitest';
import { readRun } from '../../../src/cli/read-run.ts';
import { nodeFiles } from '../../../src/scenarios/files.ts';
import { loadScenario } from '../../../src/scenarios/load.ts';
import { MOST_BINS, MOST_BYTES, MOST_REQUESTS } from '../../../src/scenarios/record/limits.ts';
import type { Recording } from '../../../src/scenarios/record/recording.ts';
import { recordingSchema } from '../../../src/scenarios/record/recording.ts';
import type { ScenarioResult } from '../../../src/scenarios/result.ts';
import { runLoaded } from '../../../src/scenarios/run.ts';
import { loadClean } from '../helpers.ts';

const sum = (counts: readonly number[]) => counts.reduce((all, count) => all + count, 0);
const failover = loadScenario('examples/two-regions/failover.yaml', nodeFiles());
const recorded = (variant: string): ScenarioResult & { record: Recording } =>
  runLoaded(failover, { variant, record: true }) as ScenarioResult & { record: Recording };
const base = runLoaded(failover, { variant: '', record: true }) as ScenarioResult & { record: Recording };

describe('a recording', () => {
  it('is there only when asked for, and changes nothing of the result', () => {
    const plain = runLoaded(failover, { variant: '' });
    expect(plain.record).toBeUndefined();
    const { record, ...rest } = base;
    // How the run was worked out may differ: a recorded one takes no short cuts.
    expect({ ...rest, run: { ...rest.run, path: plain.run.path } }).toEqual(plain);
    expect(recordingSchema.safeParse(record).success).toBe(true);
  });

  it('counts over time what the result counts in all', () => {
    const { record } = base;
    for (const [i, load] of record.loads.entries()) {
      expect(sum(load.series.requests)).toBe(base.loads[i]!.requests);
      expect(sum(load.series.failed)).toBe(base.loads[i]!.failed);
    }
    for (const [service, name] of record.services.entries()) {
      const counted = record.traffic.filter((row) => row.service === service);
      const reports = base.services.filter((report) => report.service === name);
      expect(sum(counted.flatMap((row) => row.series.requests))).toBe(
        sum(reports.map((one) => one.requests)),
      );
      for (const workload of Object.keys(reports[0]!.by.workload)) {
        const answers = counted.flatMap((row) =>
          row.answers.filter(({ server }) => record.servers[server]?.workload === workload),
        );
        expect(sum(answers.flatMap(({ counts }) => counts))).toBe(
          sum(reports.map((report) => report.by.workload[workload]?.mean ?? 0)),
        );
      }
    }
  });

  it('tells requests in the bin in which they were answered', () => {
    const { record } = base;
    const after = record.loads.find(({ name }) => name === 'after')!;
    const first = after.series.requests.findIndex((count) => count > 0);
    expect(first * record.binSeconds).toBeGreaterThanOrEqual(20);
    expect(first * record.binSeconds).toBeLessThan(20.3);
    expect(after.series.p95[first]).toBeCloseTo(base.loads[1]!.latency.max, 1);
  });

  it('knows priorities, and what a push made of them', () => {
    const { record } = base;
    const reviews = record.clusters.find(({ name }) => name.includes('reviews'))!;
    expect(
      reviews.versions.map(({ at, endpoints }) => [
        at,
        endpoints.map(({ server, priority }) => [record.servers[server]!.workload, priority]),
      ]),
    ).toEqual([
      [
        0,
        [
          ['reviews-v1', 0],
          ['reviews-v2', 1],
        ],
      ],
      [15.11, [['reviews-v2', 0]]],
    ]);
    expect(record.pushes.map(({ at }) => at)).toEqual([15.11]);
    expect(reviews.detector).toMatchObject({ consecutive5xx: 1, maxEjectionPercent: 10 });
    expect(reviews.origin!.file).toContain('reviews-failover.yaml');
  });

  it('tells faults with the servers they hit, failures in a row, and ejections until the end', () => {
    const { record } = recorded('refuse-and-eject-all');
    const ill = record.servers.findIndex(({ workload }) => workload === 'reviews-v1');
    expect(record.faults).toMatchObject([{ at: 15, until: null, kind: 'refuse', servers: [ill] }]);
    expect(record.servers[ill]!.states).toEqual([
      { at: 0, state: 'ok' },
      { at: 15, state: 'refuse' },
    ]);
    expect(record.ejections).toMatchObject([
      { server: ill, count: 1, until: null, proxy: 'productpage-v1-0' },
    ]);
    expect(Math.max(...record.activeEjections)).toBe(1);
    const tries = record.traffic.flatMap((row) => row.tries).filter(({ server }) => server === ill);
    expect(sum(tries.flatMap(({ failed }) => failed))).toBe(1);
    expect(Math.max(...tries.flatMap(({ inARow }) => inARow))).toBe(1);
  });

  it('keeps what expectations ask of shares and counts as data', () => {
    expect(base.record.wanted[1]).toMatchObject({
      expectation: 1,
      of: 'reviews',
      during: 'after',
      what: 'requests',
      entries: [
        { key: 'reviews-v1', least: 0, most: 0, text: '0' },
        { key: 'reviews-v2', least: 10, most: 10, text: '10' },
      ],
    });
  });
});

describe('a long run', () => {
  const loaded = loadClean(`behavior: { reviews-v1: { latency: 20ms, errorRate: 2% } }
load:
  - { name: busy, from: { workload: front-v1 }, request: GET http://reviews:9080/, executor: constant-rate, rate: 200/s, duration: 200s }
`);
  const { record, loads } = runLoaded(loaded, { record: true });

  it('stays within the limits', () => {
    expect(loads[0]!.requests).toBe(40_000);
    expect(record!.bins).toBeLessThanOrEqual(MOST_BINS);
    expect(record!.bins).toBeGreaterThan(MOST_BINS / 6);
    expect(record!.requests.length).toBeLessThanOrEqual(MOST_REQUESTS);
    expect(JSON.stringify(record).length).toBeLessThanOrEqual(MOST_BYTES);
    expect(sum(record!.loads[0]!.series.requests)).toBe(40_000);
  });

  it('tells requests from its whole length, and failures more often than their share', () => {
    const times = record!.requests.map(({ at }) => at);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    for (let from = 0; from < 200; from += 20)
      expect(times.filter((at) => at >= from && at < from + 20).length).toBeGreaterThan(30);
    const failed = record!.requests.filter(({ status }) => status >= 500).length;
    expect(failed / record!.requests.length).toBeGreaterThan(0.05);
  });

  it('gets smaller still when it shares a file', () => {
    const small = runLoaded(loaded, { record: 150_000 }).record!;
    expect(JSON.stringify(small).length).toBeLessThanOrEqual(150_000);
    expect(small.requests.length).toBeGreaterThan(50);
    expect(small.cut.join()).toMatch(/of the sampled requests/);
  });
});

describe('a saved run, read back', () => {
  const saved = JSON.stringify(base);

  it('is what was written', () => {
    const read = readRun(saved, 'run.json');
    expect('runs' in read && read.runs[0]!.record).toEqual(base.record);
  });

  it('is refused in a sentence when it is something else', () => {
    const problem = (text: string) => {
      const read = readRun(text, 'run.json');
      return 'problem' in read ? read.problem : null;
    };
    expect(problem('{')).toMatch(/run.json is not JSON/);
    expect(problem('[]')).toMatch(/has no record; foresail run SCENARIO --out run.json writes one/);
    expect(problem('{"a":1}')).toMatch(/is not a run of foresail/);
    expect(problem(JSON.stringify({ ...base, record: undefined }))).toMatch(/has no record/);
    const broken = structuredClone(base);
    broken.record.traffic[0]!.answers[0]!.server = 99;
    expect(problem(JSON.stringify(broken))).toMatch(/an index points nowhere/);
    const short = structuredClone(base);
    short.record.loads[0]!.series.requests.pop();
    expect(problem(JSON.stringify(short))).toMatch(/a series has not 292 bins/);
  });
});

it('a crash lasts until what it took has been restarted and has started', () => {
  const { record } = runLoaded(
    loadClean(`faults: [{ at: 2s, crash: { workload: reviews-v1 } }]
load:
  - { name: curls, from: { workload: front-v1 }, request: GET http://reviews:9080/, executor: iterations, iterations: 20, pace: 1s }
`),
    { record: true },
  );
  expect(record!.faults).toMatchObject([{ at: 2, until: 17, kind: 'crash', text: 'crash reviews-v1' }]);
});

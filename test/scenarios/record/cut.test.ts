import { expect, it } from 'vitest';
import { cutClusters, cutTraffic } from '../../../src/scenarios/record/cut.ts';
import { MOST_ENDPOINTS, MOST_SERIES_NUMBERS } from '../../../src/scenarios/record/limits.ts';
import type { RecordedCluster, RecordedTraffic, Recording } from '../../../src/scenarios/record/recording.ts';
import { runLoaded } from '../../../src/scenarios/run.ts';
import { LOAD, loadClean } from '../helpers.ts';

const { record } = runLoaded(loadClean(LOAD), { record: true });
const traffic = (service: number, requests: number): RecordedTraffic => {
  const perBin = () => new Array<number>(600).fill(0);
  const counts = perBin();
  counts[0] = requests;
  return {
    caller: 0,
    service,
    series: { requests: counts, failed: perBin(), flags: [], p50: perBin(), p95: perBin(), p99: perBin() },
    answers: [],
    tries: [],
  };
};
const cluster = (service: number, pushes: number): RecordedCluster => ({
  ...record!.clusters[0]!,
  service,
  versions: Array.from({ length: pushes }, (_, at) => ({
    at,
    endpoints: new Array(20).fill(record!.clusters[0]!.versions[0]!.endpoints[0]!),
  })),
});

it('keeps the series of the callers and services with most requests, and says what went', () => {
  const many: Recording = {
    ...record!,
    bins: 600,
    cut: [],
    traffic: Array.from({ length: 200 }, (_, i) => traffic(i, (i * 7) % 200)),
  };
  cutTraffic(many);
  const kept = many.traffic.map(({ series }) => series.requests[0]!);
  expect(kept).toHaveLength(Math.floor(MOST_SERIES_NUMBERS / (5 * 600)));
  expect(Math.min(...kept)).toBe(100);
  expect(many.cut).toEqual(['the series of 100 pairs of caller and service with few requests']);
});

it('keeps the first and the last push of clusters, then the clusters that were used', () => {
  const many: Recording = {
    ...record!,
    cut: [],
    traffic: [traffic(299, 1)],
    clusters: Array.from({ length: 300 }, (_, service) => ({ ...cluster(service, 5), caller: 0 })),
  };
  cutClusters(many);
  expect(many.clusters[0]!.service).toBe(299);
  expect(many.clusters[0]!.versions.map(({ at }) => at)).toEqual([0, 4]);
  expect(many.clusters.length * 2 * 21).toBeLessThanOrEqual(MOST_ENDPOINTS);
  expect(many.cut).toEqual([
    'pushes between the first and the last',
    `the endpoints of ${300 - many.clusters.length} clusters`,
  ]);
});

it('cuts nothing of a small run', () => {
  expect(record!.cut).toEqual([]);
});

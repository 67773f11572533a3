// A recording with fewer, longer bins and with the pods that hardly anybody called told together.
import type { RecordedTraffic, Recording } from '../../scenarios/record/recording.ts';
import { plural } from '../output/figures.ts';
import type { ClusterData, PodData, TimeData, TrafficData } from './data.ts';
import { sum } from './views.ts';

export interface Level {
  bins: number;
  /** Entries in each list: pods, pairs of caller and service, ejections, findings. */
  most: number;
}

export function reduceRecord(record: Recording, { bins: mostBins, most }: Level, cut: string[]): TimeData {
  const by = Math.max(1, Math.ceil(record.bins / mostBins));
  const bins = Math.ceil(record.bins / by);
  if (by > 1) cut.push(`moments shorter than ${Number((record.binSeconds * by).toPrecision(3))} s`);
  const traffic = [...record.traffic]
    .sort((a, b) => sum(b.series.requests) - sum(a.series.requests))
    .slice(0, most);
  if (traffic.length < record.traffic.length)
    cut.push(
      `${plural(record.traffic.length - traffic.length, 'pair')} of caller and service with few calls`,
    );
  const { servers, indexOf } = podsOf(record, traffic, most, cut);
  const localities: string[] = [];
  const joined = (counts: readonly number[]) => joinedBy(counts, by, (a, b) => a + b);
  const worst = (counts: readonly number[]) => joinedBy(counts, by, Math.max);
  const seriesOf = ({ requests, failed, flags }: RecordedTraffic['series']) => ({
    requests: joined(requests),
    failed: joined(failed),
    flags: flags.map(({ flag, counts }) => ({ flag, counts: joined(counts) })),
  });
  const ejections = record.ejections.slice(0, most * 2);
  if (ejections.length < record.ejections.length)
    cut.push(`${plural(record.ejections.length - ejections.length, 'ejection')}`);
  return {
    end: record.end,
    bins,
    binSeconds: record.binSeconds * by,
    servers,
    callers: record.callers.map(({ pods: _, ...caller }) => caller),
    services: record.services,
    localities,
    loads: record.loads.slice(0, most).map(({ name, from, to, series }) => ({
      name,
      from,
      to,
      ...seriesOf(series),
      p50: worst(series.p50),
      p95: worst(series.p95),
      p99: worst(series.p99),
    })),
    traffic: traffic.map(
      ({ caller, service, series, answers, tries }): TrafficData => ({
        caller,
        service,
        ...seriesOf(series),
        answers: merged(answers, indexOf).map(({ server, rows }) => ({
          server,
          counts: joined(added(rows, 'counts')),
        })),
        tries: merged(tries, indexOf).map(({ server, rows }) => ({
          server,
          counts: joined(added(rows, 'counts')),
          failed: joined(added(rows, 'failed')),
        })),
      }),
    ),
    clusters: clustersOf(record, traffic, indexOf, localities),
    ejections: ejections.map(({ at, until, proxy, server, endpoint, reason }) => ({
      at,
      until,
      server: indexOf(server),
      endpoint,
      by: proxy,
      reason,
    })),
    activeEjections: worst(record.activeEjections),
    marks: [
      ...record.faults
        .slice(0, most)
        .map(({ at, until, text }) => ({ at, until, kind: 'fault' as const, text })),
      ...record.pushes
        .slice(0, most)
        .map(({ at, text }) => ({ at, until: null, kind: 'push' as const, text })),
    ].sort((a, b) => a.at - b.at),
  };
}

function podsOf(record: Recording, traffic: readonly RecordedTraffic[], most: number, cut: string[]) {
  const tries = new Map<number, number>();
  const note = (server: number, count: number) => {
    if (server >= 0) tries.set(server, (tries.get(server) ?? 0) + count);
  };
  for (const entry of traffic)
    for (const { server, counts } of [...entry.tries, ...entry.answers]) note(server, sum(counts));
  const isKept = new Set(traffic.map(({ caller, service }) => `${caller} ${service}`));
  for (const { caller, service, versions } of record.clusters)
    if (isKept.has(`${caller} ${service}`))
      for (const { endpoints } of versions) for (const { server } of endpoints) note(server, 0);
  for (const { server } of record.ejections) note(server, 0);
  const single = new Set(
    [...tries]
      .sort((a, b) => b[1] - a[1])
      .slice(0, most)
      .map(([server]) => server),
  );
  const servers: PodData[] = [];
  const index = new Map<number, number>();
  const groups = new Map<string, number>();
  for (const [server, { name, workload, version, cluster, region, zone }] of record.servers.entries()) {
    if (!tries.has(server)) continue;
    const pod: PodData = { name, workload, version, cluster, region, zone, pods: 1 };
    const key = JSON.stringify([workload, version, cluster, region, zone]);
    const group = single.has(server) ? undefined : groups.get(key);
    if (group === undefined) {
      index.set(server, servers.push(pod) - 1);
      if (!single.has(server)) groups.set(key, servers.length - 1);
      continue;
    }
    index.set(server, group);
    const told = servers[group]!;
    told.pods++;
    told.name = `${workload} (${told.pods} pods, ${zone || cluster})`;
  }
  if (groups.size > 0) cut.push('the names of pods with few calls');
  return { servers, indexOf: (server: number): number => index.get(server) ?? -1 };
}

function merged<T extends { server: number }>(list: readonly T[], indexOf: (server: number) => number) {
  const rows = new Map<number, T[]>();
  for (const entry of list) {
    const server = indexOf(entry.server);
    rows.set(server, [...(rows.get(server) ?? []), entry]);
  }
  return [...rows].map(([server, entries]) => ({ server, rows: entries }));
}

function added<K extends string>(rows: readonly Record<K, number[]>[], key: K): number[] {
  if (rows.length === 1) return rows[0]![key];
  return rows[0]![key].map((_, bin) => sum(rows.map((row) => row[key][bin]!)));
}

function joinedBy(counts: readonly number[], by: number, both: (a: number, b: number) => number): number[] {
  if (by === 1) return [...counts];
  const joined = new Array<number>(Math.ceil(counts.length / by)).fill(0);
  for (const [bin, count] of counts.entries()) {
    const to = Math.floor(bin / by);
    joined[to] = both(joined[to]!, count);
  }
  return joined;
}

function clustersOf(
  record: Recording,
  traffic: readonly RecordedTraffic[],
  indexOf: (server: number) => number,
  localities: string[],
): ClusterData[] {
  const localityOf = (text: string): number => {
    const known = localities.indexOf(text);
    return known >= 0 ? known : localities.push(text) - 1;
  };
  const isKept = new Set(traffic.map(({ caller, service }) => `${caller} ${service}`));
  const sampled = sampledTries(record, indexOf);
  return record.clusters
    .filter(({ caller, service }) => isKept.has(`${caller} ${service}`))
    .map(({ caller, service, name, versions }) => ({
      caller,
      service,
      name,
      versions: versions.map(({ at, endpoints }) => {
        const seen = new Map<string, [number, number, number]>();
        for (const { server, priority, locality } of endpoints) {
          const entry: [number, number, number] = [indexOf(server), priority, localityOf(locality)];
          if (entry[0] >= 0) seen.set(entry.join(' '), entry);
        }
        return { at, endpoints: [...seen.values()] };
      }),
      sampled: [...(sampled.get(JSON.stringify([caller, name])) ?? [])],
    }));
}

/** By caller and cluster, then by server. */
function sampledTries(
  record: Recording,
  indexOf: (server: number) => number,
): Map<string, Map<number, number>> {
  const callerOf = new Map(
    record.callers.flatMap(({ pods }, caller) => pods.map((pod) => [pod, caller] as const)),
  );
  const all = new Map<string, Map<number, number>>();
  for (const { hops } of record.requests)
    for (const { proxy, cluster, attempts } of hops) {
      if (proxy === null || cluster === null) continue;
      const key = JSON.stringify([callerOf.get(proxy) ?? -1, cluster]);
      const tries = all.get(key) ?? new Map<number, number>();
      all.set(key, tries);
      for (const { server } of attempts) tries.set(indexOf(server), (tries.get(indexOf(server)) ?? 0) + 1);
    }
  return all;
}

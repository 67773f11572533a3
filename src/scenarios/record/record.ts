// Makes the recording of a run: asks the run for more than the result needs, and brings what it left into the recorded form and size.
import type { EjectionRecord, RunResult, WorldSpec } from '../../models/world.ts';
import { serviceName } from '../outcome/selection.ts';
import type { Plan } from '../plan/plan.ts';
import type { Scenario } from '../scenario.ts';
import { Callers } from './callers.ts';
import { clustersOf } from './clusters.ts';
import { cutClusters, cutRequests, cutTraffic } from './cut.ts';
import { faultsOf, statesOf } from './faults.ts';
import * as limits from './limits.ts';
import type { RecordedTraffic, Recording } from './recording.ts';
import { chooseRequests, requestOf } from './requests.ts';
import { seconds } from './seconds.ts';
import { joinedBy, joinMost, joinSums, seriesOf } from './time-bins.ts';
import { wantedOf } from './wanted.ts';

/** Requests that are told with all hops, before the best of them are chosen. */
const SAMPLES = 20_000;
/** In a mesh with more servers than this the run itself counts in fewer bins, to spare memory. */
const MANY_SERVERS = 1_000;

export type RecordSettings = Pick<WorldSpec, 'series' | 'sampleRequests' | 'isSampleSpread'>;

/** What a run must be asked for so that it can be recorded. */
export function recordSettings(plan: Plan): RecordSettings {
  const callers = new Callers(plan);
  return {
    series: {
      bins: plan.world.servers.length > MANY_SERVERS ? limits.MOST_BINS / 5 : limits.MOST_BINS,
      groupOf: (name) => String(callers.of(name)),
    },
    sampleRequests: SAMPLES,
    isSampleSpread: true,
  };
}

/** @param run of the first replication, simulated with recordSettings */
export function recordingOf(
  scenario: Scenario,
  plan: Plan,
  run: RunResult,
  mostBytes = limits.MOST_BYTES,
): Recording {
  const counted = run.series ?? { binNs: 1e9, bins: 1, loads: [], calls: [] };
  const by = joinedBy(counted, limits.MOST_SERIES_NUMBERS);
  const callers = new Callers(plan);
  const services: string[] = [];
  const serviceOf = (host: string): number => {
    const name = serviceName(host);
    const index = services.indexOf(name);
    return index >= 0 ? index : services.push(name) - 1;
  };
  const traffic = counted.calls.flatMap((row): RecordedTraffic[] => {
    const caller = Number(row.caller);
    if (caller < 0) return [];
    return [
      {
        caller,
        service: serviceOf(row.service),
        series: seriesOf(row, by),
        answers: row.answers.map(({ server, counts }) => ({ server, counts: joinSums(counts, by) })),
        tries: row.tries.map(({ server, counts, failed, inARow }) => ({
          server,
          counts: joinSums(counts, by),
          failed: joinSums(failed, by),
          inARow: joinMost(inARow, by),
        })),
      },
    ];
  });
  const bins = Math.ceil(counted.bins / by);
  const recording: Recording = {
    version: 1,
    end: seconds(run.endNs),
    bins,
    binSeconds: (counted.binNs * by) / 1e9,
    servers: plan.world.servers.map(({ name, place, labels, addresses }, server) => ({
      name: titleOf(name, labels, addresses),
      pod: labels['pod'] ?? name,
      workload: labels['workload'] ?? name,
      version: labels['version'] ?? '',
      cluster: labels['cluster'] ?? place.cluster,
      region: labels['region'] ?? place.region,
      zone: labels['zone'] ?? place.zone,
      states: statesOf(plan, server),
    })),
    callers: callers.all,
    services,
    loads: plan.world.loads.map((load, i) => {
      const window = plan.loadWindows.get(load.name);
      const row = counted.loads[i] ?? { requests: [], failed: [], flags: [], latency: [] };
      const from =
        'proxy' in load.from
          ? plan.world.proxies[load.from.proxy]?.name
          : plan.world.servers[load.from.servers[0] ?? -1]?.name;
      return {
        name: load.name,
        caller: from === undefined ? -1 : callers.of(from),
        from: seconds(window?.fromNs ?? load.startNs),
        to: window && Number.isFinite(window.toNs) ? seconds(window.toNs) : null,
        series: seriesOf(row, by),
      };
    }),
    traffic,
    clusters: clustersOf(
      plan,
      callers,
      run.samples.flatMap(({ hops }) => hops),
      serviceOf,
    ),
    ejections: run.ejections.slice(0, limits.MOST_ENTRIES).map((record) => ({
      at: seconds(record.atNs),
      until: record.untilNs === null ? null : seconds(record.untilNs),
      caller: callers.of(record.proxy),
      proxy: record.proxy,
      cluster: record.cluster,
      service: serviceOf(record.cluster.split('|')[3] ?? record.cluster),
      server: record.server,
      endpoint: record.endpoint,
      reason: record.reason,
      count: record.count,
      ...(record.hasLeft && { hasLeft: true }),
    })),
    activeEjections: activeEjections(run.ejections, bins, counted.binNs * by),
    faults: faultsOf(scenario, plan).slice(0, limits.MOST_ENTRIES),
    pushes: run.timeline
      .filter(({ kind }) => kind === 'push')
      .slice(0, limits.MOST_ENTRIES)
      .map(({ atNs, text }) => ({ at: seconds(atNs), text })),
    requests: chooseRequests(run.samples, limits.MOST_REQUESTS).map(requestOf),
    requestsSeen: run.loads.reduce((sum, load) => sum + load.requests, 0),
    wanted: wantedOf(scenario.expect),
    cut: [],
  };
  if (run.ejections.length > limits.MOST_ENTRIES)
    recording.cut.push(`${run.ejections.length - limits.MOST_ENTRIES} of the ejections`);
  cutTraffic(recording);
  cutClusters(recording);
  cutRequests(recording, mostBytes);
  return recording;
}

/** Hosts that are out over all proxies, at most within each bin. */
function activeEjections(records: readonly EjectionRecord[], bins: number, binNs: number): number[] {
  const changes = records
    .flatMap(({ atNs, untilNs }) => [
      { atNs, by: 1 },
      ...(untilNs === null ? [] : [{ atNs: untilNs, by: -1 }]),
    ])
    .sort((a, b) => a.atNs - b.atNs || a.by - b.by);
  const most = new Array<number>(bins).fill(0);
  let now = 0;
  let next = 0;
  for (let bin = 0; bin < bins; bin++) {
    most[bin] = now;
    while (next < changes.length && (changes[next]!.atNs < (bin + 1) * binNs || bin === bins - 1)) {
      now += changes[next++]!.by;
      most[bin] = Math.max(most[bin]!, now);
    }
  }
  return most;
}

/** A host of a config dump is called by its address; its workload tells more. */
function titleOf(
  name: string,
  { workload = '' }: Record<string, string>,
  addresses: readonly { address: string; port: number }[],
): string {
  const isAddress = addresses.some(({ address, port }) => name === `${address}:${port}`);
  return isAddress && workload !== '' && workload !== name ? `${workload} ${name}` : name;
}

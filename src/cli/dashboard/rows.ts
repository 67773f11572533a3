// What each view lists, in order, with the filter applied: for drawing and for moving the selection. Pure.

import { priorityLoad } from '../../models/envoy/priority-load.ts';
import type {
  RecordedCluster,
  RecordedEndpoint,
  RecordedRequest,
  Recording,
} from '../../scenarios/record/recording.ts';
import { countIn, Moment, mostIn } from './run-in-time.ts';
import { type State, savedRun } from './state.ts';

const has = (filter: string, ...texts: string[]): boolean =>
  filter === '' || texts.some((text) => text.toLowerCase().includes(filter.toLowerCase()));

/** Services that were called, those with the most destinations first: there is something to see. */
export function serviceRows(state: State): number[] {
  const { record } = savedRun(state);
  return [...new Set(record.traffic.map(({ service }) => service))]
    .filter((service) => has(state.filter, record.services[service]!))
    .map((service) => ({ service, kinds: destinations(record, service) }))
    .sort((a, b) => b.kinds - a.kinds || a.service - b.service)
    .map(({ service }) => service);
}

const destinations = (record: Recording, service: number): number =>
  new Set(
    record.traffic
      .filter((row) => row.service === service)
      .flatMap((row) => row.answers.map(({ server }) => record.servers[server]?.workload ?? 'none')),
  ).size;

/** Clusters that were sent something, in the order of their services. */
export function clusterRows(state: State): RecordedCluster[] {
  const { record } = savedRun(state);
  const order = serviceRows({ ...state, filter: '' });
  const isUsed = new Set(record.traffic.map(({ caller, service }) => `${caller} ${service}`));
  return record.clusters
    .filter(({ caller, service }) => isUsed.has(`${caller} ${service}`))
    .sort((a, b) => order.indexOf(a.service) - order.indexOf(b.service) || a.caller - b.caller);
}

export function chosenCluster(state: State): RecordedCluster | undefined {
  const clusters = clusterRows(state);
  return clusters[((state.cluster % clusters.length) + clusters.length) % clusters.length];
}

export interface EndpointRow {
  endpoint: RecordedEndpoint;
  name: string;
  /** ok, or what is wrong with it. */
  health: string;
  /** Proxies of the caller that have it ejected. */
  ejectedBy: number;
  until: number | null;
  /** Times it has been ejected so far. */
  ejections: number;
  inARow: number;
  requests: number;
  /** Of all tries that this caller sent to the service. */
  share: number;
  failed: number;
}

export const SORTS = ['priority', 'share', 'name'] as const;

export function endpointRows(state: State): EndpointRow[] {
  const cluster = chosenCluster(state);
  if (!cluster) return [];
  const now = new Moment(savedRun(state), state.at);
  const { record } = now;
  const version = cluster.versions.findLast(({ at }) => at <= state.at) ?? cluster.versions[0];
  const traffic = record.traffic.find(
    (row) => row.caller === cluster.caller && row.service === cluster.service,
  );
  const all = (traffic?.tries ?? []).reduce((sum, { counts }) => sum + countIn(counts, now.total), 0);
  const rows = (version?.endpoints ?? []).map((endpoint): EndpointRow => {
    const tries = traffic?.tries.find(({ server }) => server === endpoint.server);
    const requests = tries ? countIn(tries.counts, now.total) : 0;
    const mine = record.ejections.filter(
      (entry) =>
        entry.cluster === cluster.name &&
        entry.endpoint === endpoint.address &&
        entry.caller === cluster.caller &&
        entry.at <= state.at,
    );
    const out = mine.filter(({ until }) => until === null || until > state.at);
    const server = record.servers[endpoint.server];
    return {
      endpoint,
      name: server?.name ?? endpoint.address,
      health: healthOf(out.length, endpoint, endpoint.server >= 0 ? now.stateOf(endpoint.server) : 'ok'),
      ejectedBy: out.length,
      until: out.length === 0 ? null : Math.max(...out.map(({ until }) => until ?? Number.POSITIVE_INFINITY)),
      ejections: mine.length,
      inARow: tries ? mostIn(tries.inARow, lastBinWithTries(tries.counts, now.bins)) : 0,
      requests,
      share: all > 0 ? requests / all : 0,
      failed: tries ? countIn(tries.failed, now.total) : 0,
    };
  });
  return rows
    .filter((row) => has(state.filter, row.name, row.endpoint.address, row.endpoint.locality, row.health))
    .sort(comparisons[state.sort % SORTS.length]!);
}

const byName = (a: EndpointRow, b: EndpointRow) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
const comparisons: ((a: EndpointRow, b: EndpointRow) => number)[] = [
  (a, b) => a.endpoint.priority - b.endpoint.priority || byName(a, b),
  (a, b) => b.share - a.share || byName(a, b),
  byName,
];

function healthOf(ejectedBy: number, endpoint: RecordedEndpoint, state: string): string {
  if (ejectedBy > 0) return 'ejected';
  if (endpoint.health !== 'HEALTHY' && endpoint.health !== 'UNKNOWN') return endpoint.health.toLowerCase();
  return state;
}

/** The last bin in which it was tried: that is how its row of failures stands. */
function lastBinWithTries(counts: readonly number[], bins: number) {
  for (let bin = bins - 1; bin >= 0; bin--) if (counts[bin]! > 0) return { from: bin, to: bin + 1 };
  return { from: 0, to: 0 };
}

/** What Envoy makes of it: percent per priority, and panic. Ejected by one of several proxies counts as ejected. */
export function priorityLoads(cluster: RecordedCluster, rows: readonly EndpointRow[]) {
  const levels = Math.max(0, ...rows.map(({ endpoint }) => endpoint.priority + 1));
  const hosts = Array.from({ length: levels }, (_, priority) => {
    const level = rows.filter(({ endpoint }) => endpoint.priority === priority);
    const isHealthy = (row: EndpointRow) =>
      row.ejectedBy === 0 && ['HEALTHY', 'UNKNOWN'].includes(row.endpoint.health);
    return {
      hosts: level.length,
      healthy: level.filter(isHealthy).length,
      degraded: level.filter(({ endpoint }) => endpoint.health === 'DEGRADED').length,
      excluded: 0,
    };
  });
  return priorityLoad(hosts, { overprovisioningFactor: 140, panicThreshold: cluster.panicThreshold });
}

/** Servers with something to show come first: ejections, faults, changes of state. */
export function timelineRows(state: State): number[] {
  const { record } = savedRun(state);
  const weight = (server: number) =>
    (record.ejections.some((entry) => entry.server === server) ? 4 : 0) +
    (record.faults.some((entry) => entry.servers.includes(server)) ? 2 : 0) +
    (record.servers[server]!.states.length > 1 ? 1 : 0);
  return record.servers
    .map((server, index) => ({ server, index, weight: weight(index) }))
    .filter(({ server }) => has(state.filter, server.name, server.workload, server.region, server.zone))
    .sort((a, b) => b.weight - a.weight || a.index - b.index)
    .map(({ index }) => index);
}

/** Indexes of requests that had begun by now. */
export function requestRows(state: State): number[] {
  const { record } = savedRun(state);
  return record.requests.flatMap((request, index) =>
    request.at <= state.at && has(state.filter, ...wordsOf(request, record)) ? [index] : [],
  );
}

function* wordsOf(request: RecordedRequest, record: Recording): Generator<string> {
  yield request.load;
  yield `#${request.index + 1}`;
  yield String(request.status);
  yield* request.flags;
  for (const hop of request.hops) {
    yield hop.caller;
    yield hop.host + hop.path;
    yield* hop.flags;
    for (const attempt of hop.attempts) {
      yield attempt.endpoint;
      yield attempt.locality;
      yield attempt.outcome;
      const server = record.servers[attempt.server];
      if (server) yield server.name;
    }
  }
}

export function rowCount(state: State): number {
  switch (state.view) {
    case 'overview':
      return serviceRows(state).length;
    case 'endpoints':
      return endpointRows(state).length;
    case 'timeline':
      return timelineRows(state).length;
    case 'requests':
      return requestRows(state).length;
    case 'expectations':
      return savedRun(state).result.expectations.length;
  }
}

/** The chosen row within the list; the newest request unless one was chosen. */
export function selectedRow(state: State): number {
  const chosen = state.selected[state.view];
  const last = rowCount(state) - 1;
  return chosen < 0 ? last : Math.min(chosen, last);
}

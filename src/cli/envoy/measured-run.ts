// What was seen of a world acted out, as a run's result: who answered whom, by which tries, with which flags; ejections; counters.

import { serviceOf } from '../../models/run/service-name.ts';
import type {
  EjectionRecord,
  HealthEventRecord,
  HopSample,
  LoadResult,
  RequestSample,
  RunResult,
  TallyRow,
  WorldSpec,
} from '../../models/world.ts';
import {
  type AccessLine,
  type HostEvent,
  readAccessLog,
  readHealthLog,
  readOutlierLog,
} from './envoy-logs.ts';
import type { LabProxy } from './lab-proxy.ts';
import type { Stub } from './stub.ts';

type World = Omit<WorldSpec, 'seed' | 'replication'>;

export interface RequestRecord {
  load: number;
  index: number;
  turn: number | undefined;
  startMs: number;
  endMs: number;
  status: number;
  calls: CallRecord[];
  lines: number;
  hasCookie: boolean;
}

export interface CallRecord {
  id: string;
  request: number;
  caller: string;
  depth: number;
  host: string;
  path: string;
  proxy: number;
  startMs: number;
  endMs: number;
  status: number;
  server: number;
  location: string | undefined;
}

export interface Recording {
  requests: RequestRecord[];
  calls: Map<string, CallRecord>;
  hits: { server: number; request: string; call: string; isMirrored: boolean; atMs: number }[];
  checks: { server: number; atMs: number }[];
  marks: { name: string; atMs: number }[];
  lost: number[];
}

interface Seen {
  proxies: Map<number, LabProxy>;
  stubs: Stub[];
  stats: NonNullable<RunResult['stats']>;
  epochMs: number;
  endMs: number;
}

const ns = (ms: number) => Math.round(ms * 1e6);

export function measuredRun(world: World, recording: Recording, seen: Seen): RunResult {
  const lines = new Map<string, AccessLine>();
  for (const proxy of seen.proxies.values())
    for (const [call, line] of readAccessLog(proxy.accessLog)) lines.set(call, line);
  const byAddress = new Map<string, number>();
  for (const [index, server] of world.servers.entries())
    for (const { address, port } of server.addresses) byAddress.set(`${address}:${port}`, index);
  const hits = new Map<string, Recording['hits']>();
  for (const hit of recording.hits)
    if (!hit.isMirrored) hits.set(hit.call, [...(hits.get(hit.call) ?? []), hit]);
  const hopOf = (call: CallRecord) =>
    hop(world, call, lines.get(call.id), hits.get(call.id) ?? [], byAddress);
  const samples = recording.requests.map((request): RequestSample => {
    const hops = request.calls.map(hopOf);
    return {
      load: world.loads[request.load]!.name,
      index: request.index,
      ...(request.turn !== undefined && { turn: request.turn }),
      startNs: ns(request.startMs),
      endNs: ns(request.endMs),
      status: request.status,
      flags: hops[0]?.flags ?? [],
      hops,
    };
  });
  const segmentOf = (atMs: number) => world.breakpointsNs.filter((at) => at <= ns(atMs)).length;
  return {
    loads: loadResults(world, recording, samples, segmentOf),
    tallies: tallies(recording, samples, segmentOf),
    ejections: ejectionsOf(seen, byAddress),
    healthEvents: healthEventsOf(seen, byAddress),
    timeline: recording.marks.map(({ name, atMs }) => ({ atNs: ns(atMs), kind: 'mark', text: name })),
    samples,
    serverFigures: seen.stubs.map((stub, server) => ({
      connections: stub.accepted,
      maxActive: stub.maxActive,
      healthChecks: Array.from(
        { length: world.breakpointsNs.length + 1 },
        (_, segment) =>
          recording.checks.filter((check) => check.server === server && segmentOf(check.atMs) === segment)
            .length,
      ),
      mirrored: recording.hits.filter((hit) => hit.server === server && hit.isMirrored).length,
    })),
    stats: seen.stats,
    maxActive: mostAtOnce(recording),
    endNs: ns(seen.endMs),
    events: 0,
    digest: '',
    path: 'envoy',
  };
}

/** No healthy host, no route, no cluster. */
const NOBODY = new Set(['UH', 'NR', 'NC']);

/** The tries that reached a stub came there; what the log counts beyond them went to the host it names last. */
function hop(
  world: World,
  call: CallRecord,
  line: AccessLine | undefined,
  hits: Recording['hits'],
  byAddress: Map<string, number>,
): HopSample {
  const attempts: HopSample['attempts'] = hits.map((hit) => ({
    atNs: ns(hit.atMs),
    endNs: ns(hit.atMs),
    priority: 0,
    locality: '',
    endpoint: endpointOf(world, hit.server),
    server: hit.server,
    outcome: 'no answer',
    isSent: true,
  }));
  const host = line?.host ?? '';
  // Envoy counts it as a try when there is nobody to try.
  const isNobody = host === '' && (line?.flags ?? []).some((flag) => NOBODY.has(flag));
  for (let unseen = isNobody ? 0 : (line?.attempts ?? 0) - hits.length; unseen > 0; unseen--)
    attempts.push({
      atNs: ns(call.endMs),
      endNs: ns(call.endMs),
      priority: 0,
      locality: '',
      endpoint: host,
      server: byAddress.get(host) ?? -1,
      outcome: host === '' || line?.flags.includes('UO') ? 'overflow' : 'connection failed',
      isSent: false,
    });
  if (call.server >= 0) {
    // Who answered comes last, whatever order they were seen in.
    const at = attempts.map((attempt) => attempt.server).lastIndexOf(call.server);
    const [answered] = at < 0 ? [] : attempts.splice(at, 1);
    if (answered) attempts.push({ ...answered, outcome: String(call.status) });
  }
  return {
    depth: call.depth,
    caller: call.caller,
    proxy: call.proxy < 0 ? null : world.proxies[call.proxy]!.name,
    worker: 0,
    host: call.host,
    path: call.path,
    route: line?.route || null,
    cluster: line?.cluster || null,
    attempts,
    status: call.status,
    flags: line?.flags ?? [],
    ...(call.location !== undefined && { location: call.location }),
  };
}

function endpointOf(world: World, server: number): string {
  const { address, port } = world.servers[server]!.addresses[0] ?? { address: '', port: 0 };
  return `${address}:${port}`;
}

/** Requests under way at all stubs together: arrivals up, ends of their calls down. */
function mostAtOnce(recording: Recording): number {
  const steps = recording.hits.flatMap((hit) => {
    const call = recording.calls.get(hit.call);
    return call ? [[hit.atMs, 1] as const, [call.endMs, -1] as const] : [];
  });
  steps.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  let [now, most] = [0, 0];
  for (const [, step] of steps) {
    now += step;
    most = Math.max(most, now);
  }
  return most;
}

const isFailed = (status: number) => status === 0 || status >= 500;
const add = (counts: Record<string, number>, key: string, by = 1) => {
  counts[key] = (counts[key] ?? 0) + by;
};

function loadResults(
  world: World,
  recording: Recording,
  samples: RequestSample[],
  segmentOf: (atMs: number) => number,
): LoadResult[] {
  const rows = new Map<string, LoadResult>();
  for (const [i, request] of recording.requests.entries()) {
    const segment = segmentOf(request.startMs);
    const load = world.loads[request.load]!.name;
    const key = `${segment}/${load}`;
    if (!rows.has(key))
      rows.set(key, {
        load,
        segment,
        requests: 0,
        ok: 0,
        codes: {},
        flags: {},
        attempts: 0,
        lines: 0,
        setCookies: 0,
        latency: { p50: 0, p90: 0, p95: 0, p99: 0, mean: 0, max: 0 },
        histogram: [],
        latencySumNs: 0,
        latencyMaxNs: 0,
      });
    const row = rows.get(key)!;
    const sample = samples[i]!;
    row.requests++;
    if (!isFailed(request.status)) row.ok++;
    add(row.codes, String(request.status));
    for (const flag of sample.flags) add(row.flags, flag);
    row.attempts += sample.hops.reduce((sum, each) => sum + each.attempts.length, 0);
    row.lines += request.lines;
    row.setCookies! += request.hasCookie ? 1 : 0;
    row.latencySumNs += ns(request.endMs - request.startMs);
    row.latencyMaxNs = Math.max(row.latencyMaxNs, ns(request.endMs - request.startMs));
  }
  return [...rows.values()];
}

function tallies(
  recording: Recording,
  samples: RequestSample[],
  segmentOf: (atMs: number) => number,
): TallyRow[] {
  const rows = new Map<string, TallyRow>();
  for (const [i, request] of recording.requests.entries()) {
    const segment = segmentOf(request.startMs);
    for (const each of samples[i]!.hops) {
      const service = each.cluster ? serviceOf(each.cluster) : each.host.replace(/:\d+$/, '');
      const { load } = samples[i]!;
      const caller =
        each.depth === 0 && each.proxy !== null && each.caller === load ? each.proxy : each.caller;
      const key = [segment, load, caller, service].join('\n');
      if (!rows.has(key))
        rows.set(key, {
          segment,
          load,
          caller,
          service,
          requests: 0,
          failed: 0,
          codes: {},
          flags: {},
          attempts: 0,
          none: 0,
          by: {},
          latencySumNs: 0,
          histogram: [],
        });
      const row = rows.get(key)!;
      row.requests++;
      if (isFailed(each.status)) row.failed++;
      add(row.codes, String(each.status));
      for (const flag of each.flags) add(row.flags, flag);
      row.attempts += each.attempts.length;
      const last = each.attempts.at(-1);
      const who = last && Number(last.outcome) >= 100 ? last.server : -1;
      if (who < 0) row.none++;
      for (const attempt of each.attempts) {
        if (attempt.server < 0) continue;
        row.by[attempt.server] ??= { requests: 0, attempts: 0 };
        row.by[attempt.server]!.attempts++;
      }
      if (who >= 0) row.by[who]!.requests++;
    }
  }
  return [...rows.values()];
}

const timeOf = (event: HostEvent, epochMs: number) => ns(event.atMs - epochMs);

function ejectionsOf(seen: Seen, byAddress: Map<string, number>): EjectionRecord[] {
  const records: EjectionRecord[] = [];
  for (const proxy of seen.proxies.values())
    for (const event of readOutlierLog(proxy.outlierLog).sort((a, b) => a.atMs - b.atMs)) {
      const atNs = timeOf(event, seen.epochMs);
      if (event.action === 'EJECT')
        records.push({
          atNs,
          untilNs: null,
          proxy: proxy.spec.name,
          cluster: event.cluster,
          server: byAddress.get(event.host) ?? -1,
          endpoint: event.host,
          reason: event.type,
          count: event.count,
        });
      else
        for (const record of records)
          if (record.endpoint === event.host && record.cluster === event.cluster)
            if (record.proxy === proxy.spec.name && record.untilNs === null) record.untilNs = atNs;
    }
  return records;
}

const CHECK_KINDS = { OUT: 'out', IN: 'in', DEGRADED: 'degraded', NOT_DEGRADED: 'notDegraded' } as const;

function healthEventsOf(seen: Seen, byAddress: Map<string, number>): HealthEventRecord[] {
  return [...seen.proxies.values()].flatMap((proxy) =>
    readHealthLog(proxy.healthLog).flatMap((event): HealthEventRecord[] => {
      const kind = CHECK_KINDS[event.action as keyof typeof CHECK_KINDS];
      return [
        {
          atNs: timeOf(event, seen.epochMs),
          proxy: proxy.spec.name,
          cluster: event.cluster,
          server: byAddress.get(event.host) ?? -1,
          endpoint: event.host,
          kind,
          isFirst: event.isFirst,
        },
      ];
    }),
  );
}

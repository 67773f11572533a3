// A measured case as a world: Envoys with their configuration, backends, script.
import { Streams } from '../../../src/engine/random.ts';
import type {
  ActionSpec,
  ProxySpec,
  ServerBehaviour,
  ServerMode,
  WorldSpec,
} from '../../../src/models/world.ts';
import { type Addresses, assignmentOf, BACKEND_PORT, backendAddress, clusterOf } from './clusters.ts';
import { type Json, onlyKeys } from './json.ts';
import { listenerOf } from './routes.ts';
import { latencyOf, type Script, scriptOf } from './script.ts';

/** From the start of an Envoy to the start of the load, without any pause asked for: ticks of recorded runs stand 15 to 20 ms early. */
const STARTUP_NS = 18e6;
/** What an exchange over loopback costs beside the latency asked for; recorded requests without latency take 0.3 to 1 ms. */
const OVERHEAD_NS = 150e3;
/** And how much more at most. */
const OVERHEAD_SPREAD_NS = 450e3;
/** Client and backends are one process, so every further client of a closed loop slows all answers. */
const OVERHEAD_PER_CLIENT_NS = 30e3;
/** What a client that does not think needs between an answer and its next request. */
const CLIENT_NS = 1200e3;
/** The machine is not equally fast in all runs: these costs vary by up to this share, up or down. */
const SPEED_SPREAD = 0.45;
/** Timers of a real process fire at whole milliseconds and a little late. */
const TIMER_JITTER_NS = 500e3;
const ONE_WAY_NS = 100e3;

const CASE_KEYS =
  'name asks runs jobs concurrency backends clusters route listeners envoys load settle settle_random poll_s bin_s ' +
  'vary_addresses compare figures stat_figures node_locality local_cluster limit_s';
const BACKEND_KEYS = 'id weight port behaviour call http2 h2_max_streams hash_key hostname figures';
const BEHAVIOUR_KEYS =
  't0 t1 status latency mode error_rate error_every error_status pattern hc_status hc_mode hc_headers';

export interface CaseWorld {
  world: WorldSpec;
  script: Script;
  /** When the load begins [ns]. */
  startNs: number;
}

const PLACE = { cluster: 'oracle', region: '', zone: '', node: '' };

const MODES: Record<string, ServerMode> = {
  ok: 'ok',
  down: 'refuse',
  reset: 'reset',
  rst_accept: 'resetOnAccept',
  blackhole: 'hang',
};

function modeOf(name: string | undefined): ServerMode {
  const mode = MODES[name ?? 'ok'];
  if (!mode) throw new Error(`behaviour: unknown mode "${name}"`);
  return mode;
}

export function worldOfCase(given: Json, replication: number): CaseWorld {
  onlyKeys(given, CASE_KEYS, 'case');
  const draw = new Streams(given.name, replication).stream('case');
  const slot = given.vary_addresses ? replication % 60 : replication % (given.jobs ?? 1);
  const net = `127.${64 + slot}`;
  const backends = new Map<string, Json>(given.backends.map((entry: Json) => [entry.id, entry]));
  const addresses: Addresses = { net, backends };
  const indexOf = (id: string) => {
    const index = [...backends.keys()].indexOf(id);
    if (index < 0) throw new Error(`no backend "${id}"`);
    return index;
  };
  const startNs =
    STARTUP_NS +
    Math.round(((given.settle ?? 0) + (given.settle_random ? given.settle_random * draw.unit() : 0)) * 1e9);

  const listeners: Json[] = given.listeners ?? [{ name: 'main', route: given.route }];
  const envoys: Json[] = given.envoys ?? [
    {
      listeners: listeners.map((entry) => entry.name),
      clusters: given.clusters.map((entry: Json) => entry.name),
      concurrency: given.concurrency ?? 1,
    },
  ];
  const clusters = new Map<string, Json>(given.clusters.map((entry: Json) => [entry.name, entry]));
  const proxies = envoys.map((envoy, index): ProxySpec => {
    onlyKeys(envoy, 'listeners clusters concurrency', 'envoys');
    const [region = '', zone = '', subZone = ''] = String(given.node_locality ?? '').split('/');
    return {
      name: `envoy-${index}`,
      place: PLACE,
      concurrency: envoy.concurrency ?? 1,
      timerJitterNs: TIMER_JITTER_NS,
      config: {
        node: { id: 'oracle', ...(given.node_locality && { locality: { region, zone, subZone } }) },
        listeners: envoy.listeners.map((name: string) => {
          const at = listeners.findIndex((entry) => entry.name === name);
          onlyKeys(listeners[at], 'name route', 'listener');
          return listenerOf(name, 10000 + at, listeners[at].route, given.clusters[0].name);
        }),
        routeConfigurations: [],
        clusters: envoy.clusters.map((name: string) => clusterOf(clusters.get(name))),
        endpoints: envoy.clusters.map((name: string) =>
          assignmentOf(clusters.get(name), clusters.get(name).localities, addresses),
        ),
        ...(given.local_cluster && { localClusterName: given.local_cluster }),
      },
    };
  });
  const listenerAt = (name: string | undefined) => {
    const at = name === undefined ? 0 : listeners.findIndex((entry) => entry.name === name);
    const proxy = envoys.findIndex((envoy) => envoy.listeners.includes(listeners[at]?.name));
    if (at < 0 || proxy < 0) throw new Error(`no listener "${name}"`);
    return { proxy, port: 10000 + at };
  };

  const slowness = 1 + SPEED_SPREAD * (2 * draw.unit() - 1);
  const setting = {
    listenerAt,
    overheadNs: slowness * (OVERHEAD_NS + OVERHEAD_PER_CLIENT_NS * mostClients(given.load)),
  };
  const timetable: ActionSpec[] = [];
  const servers = given.backends.map((spec: Json, index: number) => {
    onlyKeys(spec, BACKEND_KEYS, `backend ${spec.id}`);
    const entries: Json[] = spec.behaviour ?? [];
    const at = (seconds: number) => entryAt(entries, seconds);
    const first = at(0);
    if (modeOf(first.mode) !== 'ok' && modeOf(first.mode) !== 'refuse')
      timetable.push({ atNs: 0, kind: 'serverMode', servers: [index], mode: modeOf(first.mode) });
    const times = entries.flatMap((entry) => [entry.t0, entry.t1]).filter((t) => t !== undefined && t > 0);
    for (const time of [...new Set<number>(times)].sort((a, b) => a - b))
      for (const action of behave(spec, index, at(time), setting))
        timetable.push({ ...action, atNs: startNs + Math.round(time * 1e9), isTimetable: true });
    return {
      name: spec.id,
      place: PLACE,
      addresses: [{ address: backendAddress(net, index), port: spec.port ?? BACKEND_PORT }],
      labels: { id: spec.id },
      behaviour: behaviourOf(spec, first, setting),
      listening: modeOf(first.mode) !== 'refuse',
      ...(spec.call && { sidecar: listenerAt(spec.call.listener).proxy }),
    };
  });

  const script = scriptOf(given.load, {
    startNs,
    net,
    clientNs: slowness * CLIENT_NS,
    draw,
    listener: listenerAt,
    behave: (id, entry) => behave(backends.get(id), indexOf(id), entry, setting),
    push: (name, localities) => [
      {
        atNs: 0,
        kind: 'endpoints',
        proxies: envoys.flatMap((envoy, index) => (envoy.clusters.includes(name) ? [index] : [])),
        assignments: [assignmentOf(clusters.get(name), localities, addresses)],
      },
    ],
  });
  return {
    script,
    startNs,
    world: {
      seed: given.name,
      replication,
      proxies,
      servers,
      loads: script.loads,
      actions: [...timetable, ...script.actions],
      breakpointsNs: [startNs],
      oneWayDelayNs: () => ({ delayNs: ONE_WAY_NS }),
      sampleRequests: Number.POSITIVE_INFINITY,
    },
  };
}

/** The last entry that covers the time. */
function entryAt(entries: Json[], seconds: number): Json {
  let current: Json = {};
  for (const entry of entries)
    if ((entry.t0 ?? -1e9) <= seconds && seconds < (entry.t1 ?? 1e9)) current = entry;
  return current;
}

interface Setting {
  listenerAt(name: string | undefined): { proxy: number; port: number };
  overheadNs: number;
}

/** Clients of the greatest closed loop. */
function mostClients(steps: Json[]): number {
  return Math.max(
    0,
    ...steps.map((step) =>
      step.par || step.steps
        ? mostClients(step.par ?? step.steps)
        : step.mode === 'closed'
          ? step.concurrency
          : 0,
    ),
  );
}

function behave(spec: Json, index: number, entry: Json, setting: Setting): ActionSpec[] {
  const servers = [index];
  return [
    { atNs: 0, kind: 'serverMode', servers, mode: modeOf(entry.mode) },
    { atNs: 0, kind: 'serverBehaviour', servers, behaviour: behaviourOf(spec, entry, setting) },
  ];
}

function behaviourOf(spec: Json, entry: Json, { listenerAt, overheadNs }: Setting): ServerBehaviour {
  onlyKeys(entry, BEHAVIOUR_KEYS, `behaviour of ${spec.id}`);
  const latency = latencyOf(entry.latency);
  const call = spec.call;
  if (call) onlyKeys(call, 'listener path propagate', 'call');
  return {
    latency:
      latency.dist === 'fixed'
        ? {
            dist: 'uniform',
            minNs: latency.ns + overheadNs,
            maxNs: latency.ns + overheadNs + OVERHEAD_SPREAD_NS,
          }
        : latency,
    status: entry.status ?? 200,
    ...(entry.pattern !== undefined && { pattern: entry.pattern }),
    ...(entry.pattern === undefined && entry.error_every !== undefined && { errorEvery: entry.error_every }),
    ...(entry.pattern === undefined &&
      entry.error_every === undefined &&
      entry.error_rate !== undefined && { errorRate: entry.error_rate }),
    errorStatus: entry.error_status ?? 503,
    ...(call && {
      script: [
        {
          call: {
            method: 'GET',
            host: 'o',
            path: call.path ?? '/',
            headers: {},
            port: listenerAt(call.listener).port,
          },
        },
      ],
      onCallFailure: call.propagate ? 'propagate' : 'ignore',
    }),
    ...(spec.http2 && {
      http2: { ...(spec.h2_max_streams && { maxConcurrentStreams: spec.h2_max_streams }) },
    }),
    healthCheck: {
      status: entry.hc_status ?? 200,
      mode: modeOf(entry.hc_mode ?? entry.mode),
      headers: entry.hc_headers ?? {},
    },
  };
}

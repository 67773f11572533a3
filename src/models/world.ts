// What a run is made of, after the control plane has done its work: proxies with Envoy configuration, servers, loads, and timed
// actions that were all worked out beforehand (faults, pushes). models/compile.ts turns it into typed arrays; scenarios/ makes it
// from YAML, test/conformance makes it from measured cases, a config dump can make it too. All times are integer nanoseconds.
import type { ClusterLoadAssignment, EnvoyConfig } from './envoy/config.ts';

export interface WorldSpec {
  seed: string | number;
  /** Counts from 0; part of every random stream's name. */
  replication: number;
  proxies: ProxySpec[];
  servers: ServerSpec[];
  loads: LoadSpec[];
  actions: ActionSpec[];
  /** Sorted times that cut the run into segments 0..n; every tally says in which segment the user's request STARTED. */
  breakpointsNs: number[];
  /** One-way delay between two places; absent = 0. Called once per pair while compiling. */
  oneWayDelayNs?: (from: Place, to: Place) => LinkSpec;
  /** Stop at this simulated time even if loads are unfinished; absent = when all loads are done (in-flight answers included). */
  untilNs?: number;
  /** Keep up to this many sampled requests with every hop (first ones of each load, then a reservoir). 0 = none. */
  sampleRequests?: number;
  /** Count over time as well, in at most this many bins; callers of one group (absent: each its own) share their rows. Absent = not. */
  series?: { bins: number; groupOf?: (caller: string) => string };
  /** Requests before this number (from 0) of their load, or before this time, are not sampled. Absent = all may be. */
  sampleFrom?: { index?: number; ns?: number };
  /** Not the first ones, but some of the whole run: every n-th of a load, n doubling when there are too many. Absent = false. */
  isSampleSpread?: boolean;
}

/** One direction between two places. */
export interface LinkSpec {
  delayNs: number;
  jitterNs?: number;
  loss?: number;
  /** No connection can be opened in this direction: its first packets are dropped. What runs over connections of the other direction passes. */
  isBlocked?: boolean;
  /** The same for single ports of whoever is there. */
  closedPorts?: readonly number[];
  /** A line of limited width: messages of all places that name it pass one after the other, in the order in which they come. */
  queue?: { name: string; bitsPerSecond: number };
}

/** Where something runs; strings are compared for equality only. */
export interface Place {
  cluster: string;
  region: string;
  zone: string;
  node: string;
  network?: string;
  /** Part of the cluster that the network treats apart from the rest. */
  segment?: string;
}

export interface ProxySpec {
  name: string;
  place: Place;
  /** Worker threads; at least 1. */
  concurrency: number;
  /** Without any listener or cluster = istiod has not configured it yet: it accepts nothing. */
  config: EnvoyConfig;
  /** Time the proxy was created (clusters' outlier timers run from here); may be negative. Absent = 0. */
  startNs?: number;
  /** The outlier timer's first tick is uniformly random within one interval after the start. Absent = false. */
  randomPhase?: boolean;
  /** Each run of the outlier timer is late by up to this, at random; the next one is not moved by it. Absent = 0. */
  timerJitterNs?: number;
}

/** One process that answers at address:port (a pod's container port set, or a measured case's backend). */
export interface ServerSpec {
  name: string;
  place: Place;
  addresses: { address: string; port: number }[];
  /** Free labels for tallies and expectations: workload, version, cluster, region, zone, pod, service account... */
  labels: Record<string, string>;
  behaviour: ServerBehaviour;
  /** Index into proxies of its own sidecar: its calls go out through it. Absent = no sidecar: calls are kube-proxy's. */
  sidecar?: number;
  /** A gateway between networks: connections to it go on to an endpoint that one of these proxies (taken in turn) picks by server name. */
  forwards?: { proxies: number[] };
  /** False = starts as not listening (refused) until an action says otherwise. Absent = true. */
  listening?: boolean;
}

/** Service time [ns]. lognormal is given by its median and 99th percentile. */
export type LatencySpec =
  | { dist: 'fixed'; ns: number }
  | { dist: 'uniform'; minNs: number; maxNs: number }
  | { dist: 'exponential'; meanNs: number }
  | { dist: 'normal'; meanNs: number; sdNs: number }
  | { dist: 'lognormal'; p50Ns: number; p99Ns: number };

export interface ServerBehaviour {
  latency: LatencySpec;
  /** Requests served at once; the rest waits first-in first-out. Absent = unlimited. */
  concurrency?: number;
  /** Share 0..1 of own answers that are errors, and their status (default 500). */
  errorRate?: number;
  errorStatus?: number;
  /** Status of a good answer; default 200. */
  status?: number;
  /** Statuses of the answers in turn, counted from when this behaviour took effect; in place of status and errors. */
  pattern?: number[];
  /** Every n-th answer, counted likewise, is errorStatus. */
  errorEvery?: number;
  responseHeaders?: Record<string, string>;
  script?: StepSpec[];
  /** Status answered when a call of the script failed (>= 500 or no answer) and onCallFailure is 'fail'. Default 500. */
  failStatus?: number;
  /** Default 'fail'. 'propagate' answers with the failed call's own status. */
  onCallFailure?: 'fail' | 'ignore' | 'propagate';
  /** Lines printed on a good answer; lines of good answers of calls are added to them. */
  prints?: string[];
  /** Connections that it keeps to its own sidecar, used in turn; each stays with one worker. Absent = 1. */
  connections?: number | 'new';
  /** Size of an answer on the wire; counts where the way is narrow. Absent = 2 KiB. */
  responseBytes?: number;
  /** Speaks HTTP/2; its SETTINGS limit of streams. */
  http2?: { maxConcurrentStreams?: number };
  /** Answer to active health checks; absent = as ordinary requests with status 200. */
  healthCheck?: { status?: number; mode?: ServerMode; headers?: Record<string, string> };
}

export type StepSpec = { sleepNs: number } | { call: CallSpec } | { parallel: CallSpec[] };

export interface CallSpec {
  method: string;
  /** Host header as the application writes it, e.g. "reviews:9080". */
  host: string;
  path: string;
  headers: Record<string, string>;
  /** Destination port (chooses the sidecar's outbound listener). */
  port: number;
  /** Candidates when the caller has no sidecar (kube-proxy) : indexes into servers; a timed action can replace them by name. */
  kubeProxy?: string;
  /** The name does not resolve in the caller's cluster: the application fails before any proxy sees the call. */
  isUnresolved?: boolean;
  onFailure?: 'fail' | 'ignore';
}

/** ok | refuse: port closed | reset: accepts, resets the request | resetOnAccept | hang: accepts, never answers | blackhole: SYNs vanish. */
export type ServerMode = 'ok' | 'refuse' | 'reset' | 'resetOnAccept' | 'hang' | 'blackhole';

export interface LoadSpec {
  name: string;
  /** Through a proxy's listener (gateway, or a measured case's listener), or from applications through their own sidecars. */
  from:
    | {
        proxy: number;
        port: number;
        /** Further proxies, all alike (replicas of a gateway): connections go to them in turn, the first one included. */
        proxies?: number[];
      }
    | { servers: number[] };
  request: {
    method: string;
    host: string;
    path: string;
    headers: Record<string, string>;
    port: number;
    kubeProxy?: string;
  };
  /** No way leads there (a gateway without an address): every request fails at once, without an answer. */
  isUnanswered?: boolean;
  /** Taken in turn, request by request; each replaces/extends the request. (keys, source addresses, clients with a cookie jar) */
  rotate?: { headers?: Record<string, string>; sourceAddress?: string; client?: string }[];
  startNs: number;
  arrivals: /** One at a time: next start = max(previous start + paceNs, previous answer + gapNs). */
    | {
        kind: 'iterations';
        count: number;
        paceNs: number;
        gapNs?: number;
        durationNs?: number;
        /** Each start is late by up to this, at random; the schedule is not moved by it. */
        jitterNs?: number;
      }
    /** Open loop; stages are linear ramps of the rate per second; one stage with equal ends = constant. */
    | {
        kind: 'open';
        stages: { durationNs: number; fromPerSecond: number; toPerSecond: number }[];
        poisson: boolean;
        count?: number;
      }
    /** Closed loop of users. */
    | { kind: 'closed'; users: number; think: LatencySpec; durationNs?: number; count?: number };
  /** 'new' = a connection (so a worker) per request; n = that many kept connections used in turn (closed: one per user). */
  connections: 'new' | number;
  /** Keep Set-Cookie per user / rotated client. */
  cookies?: boolean;
  /** Regular expression source; the run counts printed lines of answers that match. */
  grep?: string;
  /** Starts when the named loads have all finished (startNs is then a delay after that). */
  after?: string | string[];
  /** Not before this absolute time, whatever it comes after. */
  notBeforeNs?: number;
  /** It ends only when its next request would have begun, not with its last answer. */
  lingers?: boolean;
  /** Goes on (iterations only; one at a time) until so many hosts were ejected, or returned, in the whole run. */
  until?: { event: 'ejection' | 'return'; count: number; seenAfterNs?: number };
}

export type ActionSpec = {
  atNs: number;
  /** For the timeline. */
  label?: string;
  /** When the named loads have all finished; atNs is then a delay after that. */
  after?: string | string[];
  /** A server's behaviour that was planned by the clock: void once another action has set it. */
  isTimetable?: boolean;
} & (
  | { kind: 'serverMode'; servers: number[]; mode: ServerMode; percentage?: number }
  | { kind: 'serverRespond'; servers: number[]; status: number | null; percentage?: number }
  | { kind: 'serverSlow'; servers: number[]; byNs: number; percentage?: number }
  | { kind: 'serverBehaviour'; servers: number[]; behaviour: ServerBehaviour }
  /** EDS: these assignments replace those of the same name in these proxies, at once. */
  | { kind: 'endpoints'; proxies: number[]; assignments: ClusterLoadAssignment[] }
  /** LDS/RDS/CDS/EDS: a whole new configuration. Clusters that did not change keep their state. */
  | { kind: 'config'; proxies: number[]; config: EnvoyConfig }
  /** kube-proxy's candidates of a name, seen from a cluster ("cluster/host"): indexes into servers. */
  | { kind: 'kubeProxy'; name: string; servers: number[] }
  | { kind: 'restartProxy'; proxies: number[] }
  /** Nothing passes between places of the two names (cluster, region, zone, node or network), or again does. */
  | { kind: 'partition'; between: [string, string]; isOn: boolean }
  /** The process is gone: its connections are closed. */
  | { kind: 'serverLost'; servers: number[] }
  | { kind: 'mark'; name: string }
);

// ------------------------------------------------------------------------------------------------------------------- results
/** Response flags as Envoy writes them; index in this list = bit. */
export const RESPONSE_FLAGS = [
  'UH',
  'UF',
  'UO',
  'NR',
  'NC',
  'UT',
  'UR',
  'LR',
  'UC',
  'URX',
  'DC',
  'FI',
  'DI',
  'RL',
  'SI',
  'UPE',
  'UMSDR',
  'DPE',
  'DO',
  'OM',
] as const;

/** Everything one replication leaves behind. Plain data: can be posted to another thread. */
export interface RunResult {
  loads: LoadResult[];
  /** Logical calls per (segment, load, caller, service); see TallyRow. */
  tallies: TallyRow[];
  ejections: EjectionRecord[];
  timeline: { atNs: number; kind: string; text: string }[];
  samples: RequestSample[];
  /** Simulated end. */
  endNs: number;
  /** Events handled; stretches of routing alone have none. */
  events: number;
  /** What active health checks found out. */
  healthEvents?: HealthEventRecord[];
  /** By index into servers. */
  serverFigures?: ServerFigures[];
  /** Envoy's counters that are not 0, by proxy: "cluster.NAME.upstream_rq_retry_overflow". */
  stats?: Record<string, Record<string, number>>;
  /** Requests under way at all servers together, at most. */
  maxActive?: number;
  /** When it was asked for. */
  series?: RunSeries;
  /** Hash of (kind, time, argument) of all events, hex; of stretches of routing alone, of their ends and counts. */
  digest: string;
  /** What the product's run chose to do, for the report: 'events' or the name of a fast path. */
  path: string;
}

/** Numbers per user request of one load and segment. */
export interface LoadResult {
  load: string;
  segment: number;
  requests: number;
  ok: number;
  codes: Record<string, number>;
  flags: Record<string, number>;
  /** All tries in the mesh made for these requests. */
  attempts: number;
  lines: number;
  /** Answers that came with Set-Cookie. */
  setCookies?: number;
  /** Latency in seconds. */
  latency: { p50: number; p90: number; p95: number; p99: number; mean: number; max: number };
  /** Log-linear buckets, mergeable: pairs [index, count]. */
  histogram: [number, number][];
  latencySumNs: number;
  latencyMaxNs: number;
}

export interface TallyRow {
  segment: number;
  load: string;
  /** ServerSpec.name, proxy name, or load name that called. */
  caller: string;
  /** Host of the Envoy cluster ("reviews.default.svc.cluster.local"), or the host asked for when there was no cluster. */
  service: string;
  /** Logical calls; their sum over `by` and `none` is `requests`. */
  requests: number;
  failed: number;
  codes: Record<string, number>;
  flags: Record<string, number>;
  attempts: number;
  /** Answered nobody (local answer). */
  none: number;
  /** Index into servers -> logical calls that it finally answered, and tries that reached it (arrived at the server, or were refused by it). */
  by: Record<number, { requests: number; attempts: number }>;
  /** Upstream connections made for these calls. */
  connections?: number;
  latencySumNs: number;
  histogram: [number, number][];
}

/** Counts by the time at which things ended. */
export interface RunSeries {
  binNs: number;
  bins: number;
  /** By index of the load. */
  loads: SeriesRow[];
  calls: (SeriesRow & {
    /** Group of the callers. */
    caller: string;
    service: string;
    /** Final answers by server; -1 = nobody. */
    answers: { server: number; counts: number[] }[];
    /** Tries that ended; inARow = the longest row of failures that one proxy saw within the bin. */
    tries: { server: number; counts: number[]; failed: number[]; inARow: number[] }[];
  })[];
}

export interface SeriesRow {
  requests: number[];
  failed: number[];
  flags: { flag: string; counts: number[] }[];
  /** [bin, bucket, count], in order; buckets as of engine/histogram.ts, coarsened. */
  latency: [number, number, number][];
}

export interface EjectionRecord {
  atNs: number;
  /** null = still out at the end. */
  untilNs: number | null;
  proxy: string;
  cluster: string;
  /** Index into servers, -1 if the address has none; and the address. */
  server: number;
  endpoint: string;
  reason: string;
  /** How many times it had been ejected before, plus one. */
  count: number;
  /** It ended because the host left the cluster. */
  hasLeft?: boolean;
}

export interface HealthEventRecord {
  atNs: number;
  proxy: string;
  cluster: string;
  /** Index into servers, -1 if the address has none; and the address. */
  server: number;
  endpoint: string;
  kind: 'out' | 'in' | 'degraded' | 'notDegraded';
  /** By the host's first check ever. */
  isFirst: boolean;
}

export interface ServerFigures {
  /** Connections accepted. */
  connections: number;
  /** Requests under way at once, at most. */
  maxActive: number;
  /** Active checks that arrived, by segment. */
  healthChecks: number[];
  /** Mirrored copies that arrived. */
  mirrored: number;
}

export interface RequestSample {
  load: string;
  index: number;
  /** Which entry of the load's `rotate` it took. */
  turn?: number;
  startNs: number;
  endNs: number;
  status: number;
  flags: string[];
  hops: HopSample[];
}

export interface HopSample {
  depth: number;
  caller: string;
  proxy: string | null;
  worker: number;
  host: string;
  path: string;
  /** Route name or 'default', and cluster; null = none found. */
  route: string | null;
  cluster: string | null;
  attempts: {
    atNs: number;
    endNs: number;
    priority: number;
    locality: string;
    endpoint: string;
    server: number;
    outcome: string;
    /** It had a connection, so it got to the server. */
    isSent?: boolean;
  }[];
  status: number;
  flags: string[];
  /** Of a redirect. */
  location?: string;
}

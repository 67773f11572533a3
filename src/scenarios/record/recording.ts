// The recording of a run: what report, dash and explain replay. It travels as `record` beside the result in `--out run.json`.
// Plain JSON, versioned, additions only, bounded (limits.ts). It tells the first replication. Times are seconds of the simulation, from 0.
// Everything that is named by strangers is listed, never used as a key; `server`, `caller` and `service` are indexes into the lists here.
import * as z from 'zod';

const text = z.string();
const seconds = z.number();
const index = z.int().min(0);
/** -1 = none (nobody answered, or an address that is no server). */
const indexOrNone = z.int().min(-1);
/** One number per time bin; bin i covers [i, i + 1) * binSeconds. */
const perBin = z.array(z.number());

/** Requests by the bin in which they ended (answered, or given up). */
export const seriesSchema = z.object({
  requests: perBin,
  /** Answers >= 500, and none. */
  failed: perBin,
  /** Envoy's response flags, only those that occurred. */
  flags: z.array(z.object({ flag: text, counts: perBin })),
  /** Seconds, at most 6 % off; 0 in a bin without requests. */
  p50: perBin,
  p95: perBin,
  p99: perBin,
});

const server = z.object({
  /** Unique in the run. */
  name: text,
  pod: text,
  workload: text,
  version: text,
  cluster: text,
  region: text,
  zone: text,
  /** From when on it was how: ok, refuse, reset, hang, blackhole, absent; "respond 503", "slow 200 ms" beside it. In order of time. */
  states: z.array(z.object({ at: seconds, state: text })),
});

/** Callers of one workload (or gateway) in one zone: their proxies are configured alike. */
const caller = z.object({
  name: text,
  kind: z.enum(['workload', 'gateway']),
  cluster: text,
  region: text,
  zone: text,
  /** Names of the pods or gateway proxies. */
  pods: z.array(text),
});

const load = z.object({
  name: text,
  /** Who sends it: index into callers, -1 when nobody was asked. */
  caller: indexOrNone,
  from: seconds,
  /** Its end as far as the scenario says; null = only the run knows. */
  to: seconds.nullable(),
  series: seriesSchema,
});

/** Logical calls of one caller to one service; tries are what its proxies sent (retries included). */
const traffic = z.object({
  caller: index,
  service: index,
  series: seriesSchema,
  /** Who gave the final answers; server -1 = nobody. */
  answers: z.array(z.object({ server: indexOrNone, counts: perBin })),
  /** Tries that ended in the bin: all, those that failed (>= 500, reset, refused, timed out), and the longest row of failures one proxy saw. */
  tries: z.array(z.object({ server: indexOrNone, counts: perBin, failed: perBin, inARow: perBin })),
});

const endpoint = z.object({
  address: text,
  server: indexOrNone,
  /** Envoy knows 128 of them. */
  priority: z.int().min(0).max(127),
  weight: z.number(),
  /** Of its locality within the priority; null = none is set. */
  localityWeight: z.number().nullable(),
  /** "region/zone/subzone" */
  locality: text,
  /** As istiod says it: HEALTHY, UNHEALTHY, DRAINING, DEGRADED. */
  health: text,
});

const detector = z.object({
  consecutive5xx: z.number(),
  consecutiveGatewayFailure: z.number(),
  intervalSeconds: seconds,
  baseEjectionSeconds: seconds,
  maxEjectionPercent: z.number(),
});

/** A cluster as the proxies of a caller hold it. */
const cluster = z.object({
  caller: index,
  service: index,
  /** Envoy's name: "outbound|9080|v1|reviews.default.svc.cluster.local". */
  name: text,
  subset: text,
  lbPolicy: text,
  /** Percent of healthy hosts below which all are used; 0 = never. */
  panicThreshold: z.number(),
  /** null = no outlierDetection. */
  detector: detector.nullable(),
  /** Of the policy in the user's files. */
  origin: z.object({ file: text, line: z.number() }).nullable(),
  /** What was pushed when; the first entry is the start. */
  versions: z.array(z.object({ at: seconds, endpoints: z.array(endpoint) })),
});

const ejection = z.object({
  at: seconds,
  /** null = still out at the end. */
  until: seconds.nullable(),
  caller: indexOrNone,
  /** The proxy whose detector did it. */
  proxy: text,
  cluster: text,
  service: indexOrNone,
  server: indexOrNone,
  endpoint: text,
  reason: text,
  /** How many times it had been ejected before, plus one. */
  count: z.number(),
  /** It ended because the host left the cluster. */
  hasLeft: z.boolean().optional(),
});

const fault = z.object({
  at: seconds,
  /** null = it lasts to the end, or is over at once. A crash is over when all it took run again. */
  until: seconds.nullable(),
  kind: text,
  text,
  /** Servers that it hit. */
  servers: z.array(index),
  origin: z.object({ file: text, line: z.number() }).nullable(),
});

const attempt = z.object({
  at: seconds,
  end: seconds,
  priority: z.number(),
  locality: text,
  endpoint: text,
  server: indexOrNone,
  /** "200", or words: refused, connect timeout, reset, try timeout, overflow, no answer, request overflow. */
  outcome: text,
  /** It had a connection. */
  isSent: z.boolean().optional(),
});

const hop = z.object({
  depth: z.number(),
  caller: text,
  proxy: text.nullable(),
  worker: z.number(),
  host: text,
  path: text,
  route: text.nullable(),
  cluster: text.nullable(),
  status: z.number(),
  flags: z.array(text),
  location: text.optional(),
  attempts: z.array(attempt),
});

/** A user's request with all that was called for it, in the order of its hops; depth 0 is the request itself. */
const request = z.object({
  load: text,
  /** Counts from 0 within its load. */
  index: z.number(),
  at: seconds,
  end: seconds,
  status: z.number(),
  flags: z.array(text),
  hops: z.array(hop),
});

/** What an expectation asks of shares or counts; its verdict is at the same index in the result's `expectations`. */
const wanted = z.object({
  expectation: index,
  of: text.nullable(),
  during: text.nullable(),
  from: seconds.nullable(),
  to: seconds.nullable(),
  caller: text.nullable(),
  what: z.enum(['requests', 'attempts', 'share', 'maxShare']),
  /** Keys and ranges as written: "reviews-v1", "region=cn-shanghai"; most null = no limit. */
  entries: z.array(z.object({ key: text, least: z.number(), most: z.number().nullable(), text })),
});

export const recordingSchema = z.object({
  version: z.literal(1),
  /** Simulated end. */
  end: seconds,
  bins: z.int().min(1),
  binSeconds: z.number().positive(),
  servers: z.array(server),
  callers: z.array(caller),
  /** "reviews.default", or a host that is no Kubernetes Service. */
  services: z.array(text),
  loads: z.array(load),
  traffic: z.array(traffic),
  clusters: z.array(cluster),
  ejections: z.array(ejection),
  /** Ejected hosts over all proxies, at most within the bin. */
  activeEjections: perBin,
  faults: z.array(fault),
  /** What istiod told proxies, and when. */
  pushes: z.array(z.object({ at: seconds, text })),
  requests: z.array(request),
  /** How many user requests there were in all; `requests` is a part: failures first, then evenly over time. */
  requestsSeen: z.number(),
  wanted: z.array(wanted),
  /** What was cut to stay within the limits, in words. */
  cut: z.array(text),
});

export type Recording = z.infer<typeof recordingSchema>;
export type Series = z.infer<typeof seriesSchema>;
export type RecordedServer = z.infer<typeof server>;
export type RecordedCaller = z.infer<typeof caller>;
export type RecordedLoad = z.infer<typeof load>;
export type RecordedTraffic = z.infer<typeof traffic>;
export type RecordedCluster = z.infer<typeof cluster>;
export type RecordedEndpoint = z.infer<typeof endpoint>;
export type RecordedEjection = z.infer<typeof ejection>;
export type RecordedFault = z.infer<typeof fault>;
export type RecordedRequest = z.infer<typeof request>;
export type RecordedHop = z.infer<typeof hop>;
export type RecordedAttempt = z.infer<typeof attempt>;
export type RecordedWanted = z.infer<typeof wanted>;

// A scenario after reading: defaults filled in, durations in integer nanoseconds, shares 0..1, every part with its place in the file.
// scenarios/schema.ts describes the file that people write; scenarios/load.ts makes this from it; plan.ts and expect.ts read it.
import type { Origin } from '../models/envoy/config.ts';
import type { ManifestObject } from '../models/kube/model.ts';
import type { Cen, NetworkCluster, SecurityGroup, TopologyPath, Vpc } from '../models/network/plan.ts';
import type { LatencySpec } from '../models/world.ts';
import type { Diagnostic } from './diagnostics.ts';
import type { EnvoyDump } from './envoy-dump/read-dump.ts';
import type { NotSimulated } from './result.ts';

export interface LoadedScenario {
  base: Scenario;
  /** In file order; each is the base with its `set` merged in. */
  variants: Scenario[];
  diagnostics: Diagnostic[];
  /** file -> text, for code frames. */
  sources: Map<string, string>;
}

export interface Scenario {
  file: string;
  name: string;
  /** null = the base. */
  variant: string | null;
  istioVersion: string;
  seed: string | number;
  runs: number;
  manifests: ManifestSet[];
  /** Config dumps of running Envoys, in place of manifests. */
  envoy?: EnvoyDump[];
  /** Given with the command, in place of manifests; what the load calls its proxy does not matter. */
  givenDump?: EnvoyDump;
  topology: Topology;
  /** By workload name, optionally "namespace/workload". Presets are expanded. */
  behavior: Record<string, Behaviour>;
  load: Load[];
  faults: Fault[];
  expect: Expectation[];
  /** Raw `properties:` for `check`. */
  properties: unknown[];
  notSimulated: NotSimulated[];
  /** Errors of loading that it expects: there is nothing to run. */
  refused?: Diagnostic[];
  /** `lint:`: severities of rules, by id. */
  lint?: LintSettings;
  /** file -> text of everything that was read. */
  sources?: ReadonlyMap<string, string>;
}

export type LintSettings = Record<string, 'error' | 'warning' | 'info' | 'off'>;

/** Objects of one cluster, or of the mesh (cluster null). */
export interface ManifestSet {
  cluster: string | null;
  objects: ManifestObject[];
}

export interface Topology {
  /** provider asm switches on the ASM checks; settings are MeshConfig fields in Istio's spelling that win over the manifests'. */
  mesh: {
    provider?: string;
    version?: string;
    exposePilot?: boolean;
    exposeApiServer?: boolean;
    meshConfig: Record<string, unknown>;
  };
  clusters: (NetworkCluster & { origin?: Origin })[];
  gateways: {
    name: string;
    cluster: string;
    clusterIds: string[];
    /** `clusterIds` if the file has them: the clusters that it serves. Absent = all. */
    servedClusters?: string[];
    loadBalancer?: string;
    serviceType?: string;
    replicas: number;
    labels?: Record<string, string>;
    namespace: string;
    zone?: string;
    origin?: Origin;
  }[];
  /** Between two names of zones, regions or clusters; both ways. */
  links: {
    between: [string, string];
    rttNs: number;
    jitterNs: number;
    loss: number;
    /** Per direction [bit/s]; absent = wide enough for everything. */
    bandwidth?: number;
    origin?: Origin;
  }[];
  /** Worker threads per proxy: by workload or gateway name; `default` = 2. */
  proxies: Record<string, { concurrency?: number }>;
  /** Nobody wrote `default`: a config dump that says its own knows better. */
  assumesConcurrency?: boolean;
  vpcs?: Record<string, Vpc>;
  securityGroups?: Record<string, SecurityGroup>;
  cen?: Cen;
  /** Place of a path below `topology`, or of what holds it. */
  originOf?: (path: TopologyPath) => Origin;
}

export interface Behaviour {
  latency?: LatencySpec;
  concurrency?: number;
  errorRate?: number;
  errorStatus?: number;
  status?: number;
  script?: BehaviourStep[];
  failStatus?: number;
  onCallFailure?: 'fail' | 'ignore' | 'propagate';
  prints?: string[];
  responseHeaders?: Record<string, string>;
  /** Bytes of an answer on the wire. */
  responseSize?: number;
  startupNs?: number;
  /** To its own sidecar; default 1. */
  connections?: number | 'new';
  http2?: boolean;
  origin?: Origin;
}

export interface BehaviourCall {
  /** As the application writes it: "reviews", "reviews:9080", "reviews.default.svc.cluster.local:9080". */
  call: string;
  method: string;
  path: string;
  headers: Record<string, string>;
  onFailure?: 'fail' | 'ignore';
  origin?: Origin;
}
export type BehaviourStep = { sleepNs: number } | BehaviourCall | { parallel: BehaviourCall[] };

export interface Load {
  name: string;
  from: /** `proxy:` of the file too: the proxy of an Envoy config dump, with its listener's port. */
    | { gateway: string; cluster?: string; port?: number }
    | { pod: string; cluster?: string; namespace?: string }
    | { workload: string; cluster?: string; namespace?: string };
  request: { method: string; host: string; path: string; headers: Record<string, string>; port?: number };
  executor: 'iterations' | 'constant-rate' | 'ramping-rate' | 'poisson' | 'closed-loop';
  iterations?: number;
  paceNs: number;
  startNs: number;
  durationNs?: number;
  /** Per second: constant-rate, poisson. */
  ratePerSecond?: number;
  /** ramping-rate: linear from the previous target (first: 0 or `ratePerSecond`). */
  stages?: { durationNs: number; targetPerSecond: number }[];
  users?: number;
  thinkTime?: LatencySpec;
  connections: 'new' | number;
  cookies: boolean;
  grep?: string;
  origin?: Origin;
}

/** What a fault is aimed at; exactly one of the names, narrowed by cluster and namespace. */
export interface Target {
  kind: 'pod' | 'workload' | 'deployment' | 'service' | 'zone' | 'region' | 'cluster';
  /** A pod may be "reviews-v1[0]". */
  name: string;
  cluster?: string;
  namespace?: string;
}

export type Fault = { atNs: number; forNs?: number; origin?: Origin } & (
  | { kind: 'scale'; target: Target; replicas: number }
  | { kind: 'refuse' | 'crash' | 'reset' | 'hang' | 'blackhole'; target: Target; percentage: number }
  | { kind: 'respond'; target: Target; status: number; percentage: number }
  | { kind: 'slow'; target: Target; byNs: number; percentage: number }
  | { kind: 'zoneDown' | 'regionDown' | 'clusterDown'; target: Target }
  | { kind: 'partition'; between: [string, string] }
  | { kind: 'apply'; objects: ManifestObject[]; cluster: string | null; text: string }
  | { kind: 'delete'; objectKind: string; name: string; namespace?: string; cluster: string | null }
  | { kind: 'rollout' | 'restartProxy'; target: Target }
  | { kind: 'istiodDown' }
);

/** least <= x <= most; `exact` when written as one number. */
export interface Range {
  least: number;
  most: number;
  /** As written, for the report. */
  text: string;
}

export interface Expectation {
  /** As written, one line, for the report. */
  name: string;
  origin: Origin;
  of?: string;
  during?: string;
  fromNs?: number;
  toNs?: number;
  caller?: string;
  /** "label=value" or a bare workload/version/... name -> counts. */
  requests?: Record<string, Range>;
  attempts?: Record<string, Range>;
  share?: Record<string, Range>;
  maxShare?: Record<string, Range>;
  codes?: Record<string, Range>;
  /** A count, or a share when the text ends in %. */
  flags?: Record<string, Range & { isShare: boolean }>;
  errorRate?: Range;
  attemptsPerRequest?: Range;
  ejections?: Range;
  activeEjections?: Range;
  /** Seconds, per endpoint in order. */
  ejectionDurations?: number[];
  pods?: Range;
  connections?: Range;
  findings?: string[];
  /** Codes of the errors with which loading must refuse the files. */
  refused?: string[];
  lines?: Range;
  /** Envoy counters of the clusters of `of`, or of all, over the whole run. */
  stats?: Record<string, Range>;
  /** p50, p90, p95, p99, mean, max -> seconds. */
  latency?: Record<string, Range>;
  /** Over replications; absent = the mean. */
  in?: { least: number; most: number; text: string };
}

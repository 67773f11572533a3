// DestinationRule: its traffic policy, the merge of top level, port and subset, and of several rules for one host.
// Source: istio/istio pilot/pkg/networking/util/util.go MergeSubsetTrafficPolicy, pilot/pkg/model/destination_rule.go (1.31). Rules DR-3, DR-10, DR-11.
import type { LocalityLbSetting } from './locality-lb.ts';
import type { OutlierDetectionSpec } from './outlier-policy.ts';

export interface TrafficPolicy {
  loadBalancer?: LoadBalancerSpec;
  connectionPool?: ConnectionPoolSpec;
  outlierDetection?: OutlierDetectionSpec & { outlierDetectionHttpErrorCodes?: number[] };
  tls?: { mode?: string };
  retryBudget?: { percent?: number; minRetryConcurrency?: number };
  /** Not acted on; carried through merges. */
  tunnel?: object;
  proxyProtocol?: object;
  portLevelSettings?: (TrafficPolicy & { port: { number: number } })[];
}

export interface LoadBalancerSpec {
  simple?: 'UNSPECIFIED' | 'LEAST_CONN' | 'RANDOM' | 'PASSTHROUGH' | 'ROUND_ROBIN' | 'LEAST_REQUEST';
  consistentHash?: {
    httpHeaderName?: string;
    httpCookie?: { name: string; path?: string; ttl?: string };
    useSourceIp?: boolean;
    httpQueryParameterName?: string;
    minimumRingSize?: number;
    ringHash?: { minimumRingSize?: number };
    maglev?: { tableSize?: number };
  };
  localityLbSetting?: LocalityLbSetting;
  zoneAwareLbSetting?: LocalityLbSetting;
  warmup?: { duration: string; minimumPercent?: number; aggression?: number };
  warmupDurationSecs?: string;
}

export interface ConnectionPoolSpec {
  tcp?: {
    maxConnections?: number;
    connectTimeout?: string;
    idleTimeout?: string;
    maxConnectionDuration?: string;
  };
  http?: {
    http1MaxPendingRequests?: number;
    http2MaxRequests?: number;
    maxRequestsPerConnection?: number;
    maxRetries?: number;
    idleTimeout?: string;
    h2UpgradePolicy?: 'DEFAULT' | 'DO_NOT_UPGRADE' | 'UPGRADE';
    useClientProtocol?: boolean;
    maxConcurrentStreams?: number;
  };
}

export interface DestinationRuleSpec {
  host: string;
  trafficPolicy?: TrafficPolicy;
  subsets?: { name: string; labels?: Record<string, string>; trafficPolicy?: TrafficPolicy }[];
  exportTo?: string[];
  workloadSelector?: { matchLabels?: Record<string, string> };
}

/** What a port entry holds. */
const PORT_BLOCKS = ['loadBalancer', 'connectionPool', 'outlierDetection', 'tls'] as const;
/** What only a whole policy holds; port entries neither have nor clear these. */
const OTHER_BLOCKS = ['retryBudget', 'tunnel', 'proxyProtocol'] as const;
type Blocks = Pick<TrafficPolicy, (typeof PORT_BLOCKS)[number] | (typeof OTHER_BLOCKS)[number]>;

function present(policy: TrafficPolicy, blocks: readonly (keyof Blocks)[]): Blocks {
  return Object.fromEntries(
    blocks
      .filter((block) => policy[block] !== undefined && policy[block] !== null)
      .map((block) => [block, policy[block]]),
  );
}

const ALL_BLOCKS = [...PORT_BLOCKS, ...OTHER_BLOCKS];

const portEntry = (policy: TrafficPolicy | null | undefined, port: number) =>
  policy?.portLevelSettings?.find((entry) => entry.port?.number === port);

/** The policy of a service port: a port entry stands for the whole policy, what it leaves unset included (DR-10). null = none anywhere. */
export function policyOfPort(policy: TrafficPolicy | null | undefined, port: number): Blocks | null {
  if (!policy) return null;
  const entry = portEntry(policy, port);
  return entry ? present(entry, PORT_BLOCKS) : present(policy, ALL_BLOCKS);
}

/** Subset over top level, block by block; a subset's port entry replaces the four blocks that it can hold (DR-11). */
export function mergeSubsetPolicy(
  top: TrafficPolicy | null | undefined,
  subset: TrafficPolicy | null | undefined,
  port: number,
): Blocks | null {
  const base = policyOfPort(top, port);
  if (!subset) return base;
  const entry = portEntry(subset, port);
  if (!entry) return { ...base, ...present(subset, ALL_BLOCKS) };
  return { ...(base && present(base, OTHER_BLOCKS)), ...present(entry, PORT_BLOCKS) };
}

/** Several rules for one host with equal exportTo, oldest first: the first policy stays whole, subsets are united by name (DR-3). */
export function mergeDestinationRules(rules: readonly DestinationRuleSpec[]): DestinationRuleSpec {
  const [first, ...rest] = rules;
  if (!first) throw new RangeError('no rule to merge');
  const merged: DestinationRuleSpec = { ...first, subsets: [...(first.subsets ?? [])] };
  for (const rule of rest) {
    merged.trafficPolicy ??= rule.trafficPolicy;
    for (const subset of rule.subsets ?? []) {
      if (!merged.subsets!.some((known) => known.name === subset.name)) merged.subsets!.push(subset);
    }
  }
  return merged;
}

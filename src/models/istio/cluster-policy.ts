// An effective traffic policy -> the policy fields of an Envoy cluster.
// Source: istio/istio pilot/pkg/networking/core/cluster_traffic_policy.go (1.31). Rules LB-3, LB-4, CP-1, EP-23, FO-6, section "load balancer".
import type { Cluster } from '../envoy/config.ts';
import type { ConnectionPoolSpec, LoadBalancerSpec, TrafficPolicy } from './destination-rule.ts';
import { protoDuration } from './duration.ts';
import { effectiveLbSetting, type SettingSources } from './effective-setting.ts';
import { translateOutlierDetection } from './outlier-policy.ts';
import type { IstioProfile } from './profile.ts';

/** "Unlimited", Istio's default for every circuit breaker threshold. */
export const UNLIMITED = 4294967295;

export interface ClusterPolicyContext
  extends Pick<SettingSources, 'trafficDistribution' | 'meshLocality' | 'meshZoneAware'> {
  profile: IstioProfile;
  /** MeshConfig.connectTimeout; Istio's default is 10s. */
  connectTimeout?: string;
  /** MeshConfig.defaultTrafficPolicy (1.31): fills blocks that are unset (DR-12). */
  defaultTrafficPolicy?: Pick<TrafficPolicy, 'connectionPool' | 'outlierDetection'>;
}

/** @param policy after mergeSubsetPolicy(); null = no DestinationRule */
export function clusterPolicy(
  policy: TrafficPolicy | null,
  context: ClusterPolicyContext,
): Omit<Cluster, 'name'> {
  const defaults = context.profile.minor >= 31 ? context.defaultTrafficPolicy : undefined;
  const pool = policy?.connectionPool ?? defaults?.connectionPool;
  const outlier = policy?.outlierDetection ?? defaults?.outlierDetection;
  const cluster: Omit<Cluster, 'name'> = {
    type: 'EDS',
    connectTimeout: protoDuration(pool?.tcp?.connectTimeout ?? context.connectTimeout ?? '10s'),
    circuitBreakers: {
      thresholds: [thresholds(pool, context.profile.minor >= 27 ? policy?.retryBudget : undefined)],
    },
    commonLbConfig: { healthyPanicThreshold: context.profile.minor >= 31 ? 0 : 50 },
    ...httpOptions(pool),
    ...loadBalancing(policy?.loadBalancer),
  };
  if (outlier) {
    const translated = translateOutlierDetection(outlier, context.profile, protoDuration);
    cluster.outlierDetection = translated.outlierDetection;
    cluster.commonLbConfig!.healthyPanicThreshold = translated.healthyPanicThreshold;
  }
  const setting = effectiveLbSetting(
    { destinationRuleLoadBalancer: policy?.loadBalancer, ...context },
    context.profile,
  );
  if (setting?.forcesFailover) cluster.commonLbConfig!.healthyPanicThreshold = 0;
  if (
    setting?.kind === 'locality' &&
    isLocalityWeighted(
      setting.setting,
      policy?.outlierDetection !== undefined || setting.forcesFailover,
      context.profile,
    )
  ) {
    cluster.commonLbConfig!.localityWeightedLbConfig = {};
  }
  return cluster;
}

/** FO-6: since 1.24 only with distribute, or with a failover list that is in force; before, with any setting at all. */
function isLocalityWeighted(
  setting: NonNullable<SettingSources['meshLocality']>,
  failoverEnabled: boolean,
  profile: IstioProfile,
): boolean {
  if (profile.minor < 24) return true;
  if (setting.distribute?.length) return true;
  return failoverEnabled && Boolean(setting.failover?.length || setting.failoverPriority?.length);
}

function thresholds(pool: ConnectionPoolSpec | undefined, budget: TrafficPolicy['retryBudget']) {
  return {
    maxConnections: pool?.tcp?.maxConnections || UNLIMITED,
    maxPendingRequests: pool?.http?.http1MaxPendingRequests || UNLIMITED,
    maxRequests: pool?.http?.http2MaxRequests || UNLIMITED,
    maxRetries: pool?.http?.maxRetries || UNLIMITED,
    ...(budget && {
      retryBudget: {
        budgetPercent: budget.percent ?? 20,
        minRetryConcurrency: budget.minRetryConcurrency ?? 3,
      },
    }),
  };
}

function httpOptions(pool: ConnectionPoolSpec | undefined): Partial<Cluster> {
  const idle = pool?.http?.idleTimeout ?? pool?.tcp?.idleTimeout;
  const perConnection = pool?.http?.maxRequestsPerConnection;
  const options: Partial<Cluster> = {};
  if (idle !== undefined || perConnection) {
    options.commonHttpProtocolOptions = {
      ...(idle !== undefined && { idleTimeout: protoDuration(idle) }),
      ...(perConnection && { maxRequestsPerConnection: perConnection }),
    };
  }
  if (pool?.http?.h2UpgradePolicy === 'UPGRADE') {
    options.http2ProtocolOptions = pool.http.maxConcurrentStreams
      ? { maxConcurrentStreams: pool.http.maxConcurrentStreams }
      : {};
  }
  return options;
}

function loadBalancing(spec: LoadBalancerSpec | undefined): Partial<Cluster> {
  const hash = spec?.consistentHash;
  if (hash?.maglev)
    return {
      lbPolicy: 'MAGLEV',
      ...(hash.maglev.tableSize && { maglevLbConfig: { tableSize: hash.maglev.tableSize } }),
    };
  if (hash)
    return {
      lbPolicy: 'RING_HASH',
      ringHashLbConfig: { minimumRingSize: (hash.ringHash?.minimumRingSize ?? hash.minimumRingSize) || 1024 },
    };
  if (spec?.simple === 'PASSTHROUGH') return { lbPolicy: 'CLUSTER_PROVIDED', type: 'ORIGINAL_DST' };
  if (spec?.simple === 'RANDOM') return { lbPolicy: 'RANDOM' };
  const duration = spec?.warmup?.duration ?? spec?.warmupDurationSecs;
  const slowStart = duration !== undefined && {
    slowStartConfig: {
      slowStartWindow: protoDuration(duration),
      aggression: spec?.warmup?.aggression ?? 1,
      minWeightPercent: spec?.warmup?.minimumPercent ?? 10,
    },
  };
  if (spec?.simple === 'ROUND_ROBIN')
    return { lbPolicy: 'ROUND_ROBIN', ...(slowStart && { roundRobinLbConfig: slowStart }) };
  return { lbPolicy: 'LEAST_REQUEST', ...(slowStart && { leastRequestLbConfig: slowStart }) };
}

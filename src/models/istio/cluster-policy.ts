// An effective traffic policy -> the policy fields of an Envoy cluster.
// Source: istio/istio pilot/pkg/networking/core/cluster_traffic_policy.go (1.31). Rules LB-3, LB-4, CP-1, EP-23, FO-6, section "load balancer".
import type { Cluster } from '../envoy/config.ts';
import type { ConnectionPoolSpec, LoadBalancerSpec, TrafficPolicy } from './destination-rule.ts';
import { protoDuration } from './duration.ts';
import { effectiveLbSetting, type SettingSources } from './effective-setting.ts';
import type { Protocol } from './model.ts';
import { translateOutlierDetection } from './outlier-policy.ts';
import type { IstioProfile } from './profile.ts';
import { isKnownDistribution } from './traffic-distribution.ts';

/** "Unlimited", Istio's default for every circuit breaker threshold. */
export const UNLIMITED = 4294967295;

export interface ClusterPolicyContext
  extends Pick<SettingSources, 'trafficDistribution' | 'meshLocality' | 'meshZoneAware'> {
  profile: IstioProfile;
  /** MeshConfig.connectTimeout; Istio's default is 10s. */
  connectTimeout?: string;
  /** MeshConfig.defaultTrafficPolicy (1.31): fills blocks that are unset (DR-12). */
  defaultTrafficPolicy?: Pick<TrafficPolicy, 'connectionPool' | 'outlierDetection'> | null;
  /** Of the service port; absent = HTTP. */
  protocol?: Protocol;
  /** MeshConfig.h2UpgradePolicy; absent = DO_NOT_UPGRADE. */
  h2UpgradePolicy?: 'DO_NOT_UPGRADE' | 'UPGRADE';
  /** How Envoy finds the endpoints; absent = EDS. */
  type?: Cluster['type'];
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
    type: context.type ?? 'EDS',
    connectTimeout: protoDuration(pool?.tcp?.connectTimeout ?? context.connectTimeout ?? '10s'),
    circuitBreakers: { thresholds: [thresholds(pool, policy?.retryBudget, context.profile)] },
    commonLbConfig: { healthyPanicThreshold: context.profile.minor >= 31 ? 0 : 50 },
    ...httpOptions(pool, context),
    ...loadBalancing(policy?.loadBalancer, context),
  };
  const common = cluster.commonLbConfig!;
  if (outlier) {
    const translated = translateOutlierDetection(outlier, context.profile, protoDuration);
    cluster.outlierDetection = translated.outlierDetection;
    common.healthyPanicThreshold = translated.healthyPanicThreshold;
    if (outlier.outlierDetectionHttpErrorCodes?.length && context.profile.minor >= 32)
      cluster.outlierErrorStatusCodes = outlier.outlierDetectionHttpErrorCodes;
  }
  // TD-1: a service with trafficDistribution has its unready endpoints sent, so panic is off whatever the rule says.
  if (isKnownDistribution(context.trafficDistribution, context.profile)) common.healthyPanicThreshold = 0;
  const setting = effectiveLbSetting(
    { destinationRuleLoadBalancer: policy?.loadBalancer, ...context },
    context.profile,
  );
  if (setting?.kind === 'zone') {
    common.zoneAwareLbConfig = {
      routingEnabled: setting.setting.enabled === false ? 0 : 100,
      ...(setting.setting.minClusterSize && { minClusterSize: setting.setting.minClusterSize }),
    };
  } else if (
    setting &&
    isLocalityWeighted(setting.setting, outlier !== undefined || setting.forcesFailover, context.profile)
  ) {
    common.localityWeightedLbConfig = {};
  }
  return cluster;
}

/** FO-6: since 1.24 only with distribute, or with a failover list that is in force; before, with any setting at all. */
function isLocalityWeighted(
  setting: NonNullable<SettingSources['meshLocality']>,
  failoverEnabled: boolean,
  profile: IstioProfile,
): boolean {
  // Before 1.9 weights came into force with outlier detection only.
  if (profile.minor < 9) return failoverEnabled;
  if (profile.minor < 24) return true;
  if (setting.distribute?.length) return true;
  return failoverEnabled && Boolean(setting.failover?.length || setting.failoverPriority?.length);
}

function thresholds(
  pool: ConnectionPoolSpec | undefined,
  budget: TrafficPolicy['retryBudget'],
  profile: IstioProfile,
) {
  return {
    maxConnections: pool?.tcp?.maxConnections || UNLIMITED,
    maxPendingRequests: pool?.http?.http1MaxPendingRequests || UNLIMITED,
    maxRequests: pool?.http?.http2MaxRequests || UNLIMITED,
    maxRetries: pool?.http?.maxRetries || UNLIMITED,
    ...(budget &&
      profile.minor >= 27 && {
        retryBudget: {
          // Until 1.29 the default was written as a fraction where Envoy reads percent (istio/istio 59504).
          budgetPercent: budget.percent ?? (profile.minor >= 30 ? 20 : 0.2),
          minRetryConcurrency: budget.minRetryConcurrency || 3,
        },
      }),
  };
}

function httpOptions(pool: ConnectionPoolSpec | undefined, context: ClusterPolicyContext): Partial<Cluster> {
  const idle = pool?.http?.idleTimeout ?? pool?.tcp?.idleTimeout;
  const perConnection = pool?.http?.maxRequestsPerConnection;
  const maxDuration = pool?.tcp?.maxConnectionDuration;
  const options: Partial<Cluster> = {};
  if (idle !== undefined || perConnection || maxDuration !== undefined) {
    options.commonHttpProtocolOptions = {
      ...(idle !== undefined && { idleTimeout: protoDuration(idle) }),
      ...(perConnection && { maxRequestsPerConnection: perConnection }),
      ...(maxDuration !== undefined && { maxConnectionDuration: protoDuration(maxDuration) }),
    };
  }
  if (pool?.http?.useClientProtocol) options.useDownstreamProtocol = true;
  else if (isHttp2(pool?.http?.h2UpgradePolicy, context)) {
    options.http2ProtocolOptions = pool?.http?.maxConcurrentStreams
      ? { maxConcurrentStreams: pool.http.maxConcurrentStreams }
      : {};
  }
  return options;
}

/** Ports that say so, and HTTP ports that the rule or the mesh upgrades. A rule may upgrade any port: its writer must know. */
function isHttp2(
  upgrade: NonNullable<ConnectionPoolSpec['http']>['h2UpgradePolicy'],
  { protocol = 'HTTP', h2UpgradePolicy }: ClusterPolicyContext,
): boolean {
  if (protocol === 'HTTP2' || protocol === 'GRPC') return true;
  if (upgrade === 'UPGRADE') return true;
  if (upgrade === 'DO_NOT_UPGRADE') return false;
  return protocol === 'HTTP' && h2UpgradePolicy === 'UPGRADE';
}

/** LB-3, LB-4. Until 1.13 the default was ROUND_ROBIN. */
function loadBalancing(spec: LoadBalancerSpec | undefined, context: ClusterPolicyContext): Partial<Cluster> {
  if (context.type === 'ORIGINAL_DST') return { lbPolicy: 'CLUSTER_PROVIDED' };
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
  const isDefault = spec?.simple === undefined || spec.simple === 'UNSPECIFIED';
  // Up to 1.14 the default policy was built without looking at the warm-up.
  const isWarmedUp = duration !== undefined && !(isDefault && context.profile.minor < 15);
  const slowStart = isWarmedUp && {
    slowStartConfig: {
      slowStartWindow: protoDuration(duration),
      aggression: spec?.warmup?.aggression ?? 1,
      minWeightPercent: spec?.warmup?.minimumPercent ?? 10,
    },
  };
  if (spec?.simple === 'ROUND_ROBIN' || (isDefault && context.profile.minor < 14))
    return { lbPolicy: 'ROUND_ROBIN', ...(slowStart && { roundRobinLbConfig: slowStart }) };
  return { lbPolicy: 'LEAST_REQUEST', ...(slowStart && { leastRequestLbConfig: slowStart }) };
}

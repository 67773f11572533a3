// The clusters and endpoints of a measured case as the product's Envoy configuration.
import type { Cluster, ClusterLoadAssignment, LbEndpoint } from '../../../src/models/envoy/config.ts';
import { camel, camelWithDurations, duration, type Json, onlyKeys } from './json.ts';

export const BACKEND_PORT = 18080;
const UNLIMITED = 4294967295;

export interface Addresses {
  /** First two bytes, e.g. "127.64". */
  net: string;
  /** Backends of the case, by id. */
  backends: Map<string, Json>;
}

export const backendAddress = (net: string, index: number) => `${net}.1.${index + 1}`;

const CLUSTER_KEYS =
  'name lb_policy localities locality_weighted panic overprovisioning_factor update_merge_window outlier circuit_breakers ' +
  'max_requests_per_connection connect_timeout ring_hash_lb_config maglev_lb_config least_request_lb_config ' +
  'round_robin_lb_config static extra weighted_priority_health health_check zone_aware common_lb http';

const OUTLIER_DURATIONS = ['interval', 'base_ejection_time', 'max_ejection_time', 'max_ejection_time_jitter'];
const isCheckDuration = (key: string) => /(interval|timeout|_jitter)$/.test(key);

export function clusterOf(given: Json): Cluster {
  onlyKeys(given, CLUSTER_KEYS, `cluster ${given.name}`);
  const http = given.http ?? {};
  onlyKeys(http, 'h2 max_concurrent_streams max_requests_per_connection idle_timeout', 'http');
  const perConnection =
    given.http === undefined ? given.max_requests_per_connection : http.max_requests_per_connection;
  const cluster: Cluster = {
    name: given.name,
    type: given.static ? 'STATIC' : 'EDS',
    connectTimeout: duration(given.connect_timeout ?? 10),
    lbPolicy: given.lb_policy ?? 'ROUND_ROBIN',
    commonLbConfig: {
      ...(given.panic !== undefined && given.panic !== null && { healthyPanicThreshold: given.panic }),
      ...(given.locality_weighted && { localityWeightedLbConfig: {} }),
      ...(given.update_merge_window !== undefined && {
        updateMergeWindow: duration(given.update_merge_window),
      }),
      ...(given.zone_aware !== undefined && { zoneAwareLbConfig: camel(given.zone_aware) }),
      ...camel(given.common_lb ?? {}),
    },
    circuitBreakers: {
      thresholds: [
        {
          maxConnections: UNLIMITED,
          maxPendingRequests: UNLIMITED,
          maxRequests: UNLIMITED,
          maxRetries: UNLIMITED,
          ...camel(given.circuit_breakers ?? {}),
        },
      ],
    },
    commonHttpProtocolOptions: {
      ...(http.idle_timeout !== undefined && { idleTimeout: duration(http.idle_timeout) }),
      ...(perConnection !== undefined && { maxRequestsPerConnection: perConnection }),
    },
    ...(http.h2 && {
      http2ProtocolOptions: {
        ...(http.max_concurrent_streams !== undefined && {
          maxConcurrentStreams: http.max_concurrent_streams,
        }),
      },
    }),
    ...(given.outlier != null && {
      outlierDetection: camelWithDurations(given.outlier, (key) => OUTLIER_DURATIONS.includes(key)),
    }),
    ...(given.health_check && {
      healthChecks: [
        { httpHealthCheck: { path: '/hc' }, ...camelWithDurations(given.health_check, isCheckDuration) },
      ],
    }),
    ...(given.ring_hash_lb_config && { ringHashLbConfig: camel(given.ring_hash_lb_config) }),
    ...(given.maglev_lb_config && { maglevLbConfig: camel(given.maglev_lb_config) }),
    ...(given.least_request_lb_config && { leastRequestLbConfig: camel(given.least_request_lb_config) }),
    ...(given.round_robin_lb_config && { roundRobinLbConfig: camel(given.round_robin_lb_config) }),
  };
  return { ...cluster, ...extraOf(given.extra ?? {}, cluster) };
}

const EXTRA_KEYS =
  'load_balancing_policy lb_policy lb_subset_config common_lb_config circuit_breakers outlier_detection health_checks ' +
  'ignore_health_on_host_removal close_connections_on_host_health_failure preconnect_policy max_requests_per_connection ' +
  'common_http_protocol_options http2_protocol_options connect_timeout ring_hash_lb_config maglev_lb_config ' +
  'least_request_lb_config round_robin_lb_config type';

/** Fields of Envoy's Cluster that lie over the finished one. */
function extraOf(extra: Json, cluster: Cluster): Partial<Cluster> {
  onlyKeys(extra, EXTRA_KEYS, 'extra');
  const { load_balancing_policy: policy, common_lb_config: common, ...rest } = extra;
  return {
    ...camel(rest),
    ...(common && { commonLbConfig: camel(common) }),
    ...(policy && typedPolicy(policy, cluster)),
  };
}

/** Envoy's newer spelling of a policy, as the older fields. */
function typedPolicy(policy: Json, cluster: Cluster): Partial<Cluster> {
  const entry = policy.policies[0].typed_extension_config;
  const kind = String(entry.typed_config?.['@type'] ?? entry.name)
    .split('.')
    .pop();
  const {
    locality_lb_config: locality,
    consistent_hashing_lb_config: hashing,
    ...typed
  } = entry.typed_config ?? {};
  const config = camel(typed);
  const { healthyPanicThreshold, updateMergeWindow } = cluster.commonLbConfig ?? {};
  const commonLbConfig = {
    ...(healthyPanicThreshold !== undefined && { healthyPanicThreshold }),
    ...(updateMergeWindow !== undefined && { updateMergeWindow }),
    ...(locality?.locality_weighted_lb_config && { localityWeightedLbConfig: {} }),
    ...(locality?.zone_aware_lb_config && { zoneAwareLbConfig: camel(locality.zone_aware_lb_config) }),
    ...(hashing && { consistentHashingLbConfig: camel(hashing) }),
  };
  switch (kind) {
    case 'RoundRobin':
    case 'round_robin':
      return { lbPolicy: 'ROUND_ROBIN', roundRobinLbConfig: config, commonLbConfig };
    case 'LeastRequest':
    case 'least_request':
      return { lbPolicy: 'LEAST_REQUEST', leastRequestLbConfig: config, commonLbConfig };
    case 'Random':
    case 'random':
      return { lbPolicy: 'RANDOM', commonLbConfig };
    case 'RingHash':
    case 'ring_hash':
      return { lbPolicy: 'RING_HASH', ringHashLbConfig: config, commonLbConfig };
    case 'Maglev':
    case 'maglev':
      return { lbPolicy: 'MAGLEV', maglevLbConfig: config, commonLbConfig };
    default:
      throw new Error(`load_balancing_policy: unknown policy "${kind}"`);
  }
}

export function assignmentOf(given: Json, localities: Json, where: Addresses): ClusterLoadAssignment {
  return {
    clusterName: given.name,
    endpoints: localities.map((group: Json) => {
      onlyKeys(group, 'locality weight priority backends', `localities of ${given.name}`);
      const [region = '', zone = '', subZone = ''] = String(group.locality ?? '').split('/');
      return {
        locality: { region, zone, subZone },
        lbEndpoints: group.backends.map((entry: Json) => endpointOf(entry, where)),
        ...(group.weight != null && { loadBalancingWeight: group.weight }),
        ...(group.priority && { priority: group.priority }),
      };
    }),
    policy: {
      ...(given.overprovisioning_factor && { overprovisioningFactor: given.overprovisioning_factor }),
      ...(given.weighted_priority_health && { weightedPriorityHealth: true }),
    },
  };
}

function endpointOf(given: Json, { net, backends }: Addresses): LbEndpoint {
  const entry = typeof given === 'string' ? { id: given } : given;
  onlyKeys(entry, 'id weight health fake', 'backends');
  if (entry.fake !== undefined)
    return { endpoint: { address: `${net}.4.${entry.fake}`, port: BACKEND_PORT } };
  const spec = backends.get(entry.id);
  if (!spec) throw new Error(`backends: no backend "${entry.id}"`);
  const index = [...backends.keys()].indexOf(entry.id);
  const weight = entry.weight ?? spec.weight;
  return {
    endpoint: {
      address: backendAddress(net, index),
      port: spec.port ?? BACKEND_PORT,
      ...(spec.hostname && { hostname: spec.hostname }),
    },
    ...(entry.health && { healthStatus: entry.health }),
    ...(weight != null && { loadBalancingWeight: weight }),
    ...(spec.hash_key && { metadata: { hash_key: spec.hash_key } }),
  };
}

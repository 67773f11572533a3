// Clusters and endpoints of a config dump as the product's. Source: envoyproxy/envoy api/envoy/config/{cluster,endpoint}/v3 (1.40).
import type {
  Cluster,
  ClusterLoadAssignment,
  HealthCheck,
  LbPolicy,
  Locality,
} from '../../models/envoy/config.ts';
import {
  arrayOf,
  isPresent,
  type Json,
  numberOf,
  pick,
  recordOf,
  recordsOf,
  textOf,
  textsOf,
  wrapped,
} from './json.ts';

/** Tells what is read but not simulated: the thing, and why. */
export type Notes = (what: string, why: string) => void;

const HTTP_OPTIONS = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';
const TYPES = ['STATIC', 'STRICT_DNS', 'LOGICAL_DNS', 'EDS', 'ORIGINAL_DST'];
const POLICIES = ['ROUND_ROBIN', 'LEAST_REQUEST', 'RANDOM', 'RING_HASH', 'MAGLEV', 'CLUSTER_PROVIDED'];

export function readCluster(given: Json, notes: Notes): Cluster {
  const name = textOf(given['name']);
  const type = textOf(given['type']) || 'STATIC';
  if (isPresent(given['clusterType']))
    notes(`cluster ${name}: cluster_type`, 'custom cluster types are not simulated');
  const options = recordOf(recordOf(given['typedExtensionProtocolOptions'])[HTTP_OPTIONS]);
  const explicit = recordOf(options['explicitHttpConfig']);
  const http2 = explicit['http2ProtocolOptions'] ?? given['http2ProtocolOptions'];
  const common = recordOf(options['commonHttpProtocolOptions'] ?? given['commonHttpProtocolOptions']);
  const policy = policyOf(given, notes, name);
  const eds = recordOf(given['edsClusterConfig']);
  return {
    name,
    type: (TYPES.includes(type) ? type : 'STATIC') as NonNullable<Cluster['type']>,
    ...(isPresent(given['edsClusterConfig']) && {
      edsClusterConfig: textOf(eds['serviceName']) === '' ? {} : { serviceName: textOf(eds['serviceName']) },
    }),
    ...(isPresent(given['loadAssignment']) && {
      loadAssignment: readAssignment(recordOf(given['loadAssignment']), name),
    }),
    ...pick(given, 'connectTimeout', 'ignoreHealthOnHostRemoval', 'closeConnectionsOnHostHealthFailure'),
    ...pick(given, 'dnsRefreshRate', 'respectDnsTtl', 'preconnectPolicy', 'maxRequestsPerConnection'),
    ...policy,
    ...(isPresent(given['outlierDetection']) && {
      outlierDetection: recordOf(given['outlierDetection']) as NonNullable<Cluster['outlierDetection']>,
    }),
    ...(isPresent(given['circuitBreakers']) && {
      circuitBreakers: breakersOf(recordOf(given['circuitBreakers'])),
    }),
    ...(arrayOf(given['healthChecks']).length > 0 && {
      healthChecks: recordsOf(given['healthChecks']).map((check) => healthCheckOf(check, name, notes)),
    }),
    ...(Object.keys(common).length > 0 && {
      commonHttpProtocolOptions: pick(
        common,
        'idleTimeout',
        'maxRequestsPerConnection',
        'maxConnectionDuration',
      ),
    }),
    ...(isPresent(http2) && { http2ProtocolOptions: pick(http2, 'maxConcurrentStreams') }),
    ...(isPresent(options['useDownstreamProtocolConfig']) && { useDownstreamProtocol: true }),
  };
}

function policyOf(given: Json, notes: Notes, name: string): Partial<Cluster> {
  const typed = recordsOf(recordOf(given['loadBalancingPolicy'])['policies'])[0];
  const common = recordOf(given['commonLbConfig']);
  const base = {
    commonLbConfig: {
      ...pick(common, 'localityWeightedLbConfig', 'updateMergeWindow', 'ignoreNewHostsUntilFirstHc'),
      ...pick(common, 'consistentHashingLbConfig'),
      ...healthyPanic(common),
      ...zoneAware(common),
    } as NonNullable<Cluster['commonLbConfig']>,
    ...(isPresent(given['lbSubsetConfig']) && {
      lbSubsetConfig: { subsetSelectors: [], ...recordOf(given['lbSubsetConfig']) } as NonNullable<
        Cluster['lbSubsetConfig']
      >,
    }),
  };
  if (!typed) {
    const lbPolicy = textOf(given['lbPolicy']) || 'ROUND_ROBIN';
    const isKnown = POLICIES.includes(lbPolicy);
    if (!isKnown)
      notes(`cluster ${name}: lb_policy ${lbPolicy}`, 'this policy is not simulated, ROUND_ROBIN is');
    return {
      ...base,
      lbPolicy: (isKnown ? lbPolicy : 'ROUND_ROBIN') as LbPolicy,
      ...configOf('leastRequestLbConfig', given['leastRequestLbConfig']),
      ...configOf('roundRobinLbConfig', given['roundRobinLbConfig']),
      ...configOf('ringHashLbConfig', given['ringHashLbConfig']),
      ...configOf('maglevLbConfig', given['maglevLbConfig']),
    };
  }
  return {
    ...base,
    ...typedPolicy(recordOf(typed['typedExtensionConfig']), base.commonLbConfig, notes, name),
  };
}

const TYPED = {
  RoundRobin: ['ROUND_ROBIN', 'roundRobinLbConfig'],
  LeastRequest: ['LEAST_REQUEST', 'leastRequestLbConfig'],
  Random: ['RANDOM', null],
  RingHash: ['RING_HASH', 'ringHashLbConfig'],
  Maglev: ['MAGLEV', 'maglevLbConfig'],
} as const;

/** The newer spelling: load_balancing_policy. */
function typedPolicy(
  extension: Json,
  common: NonNullable<Cluster['commonLbConfig']>,
  notes: Notes,
  name: string,
): Partial<Cluster> {
  const config = recordOf(extension['typedConfig']);
  const kind = textOf(config['@type']).split('.').at(-1) ?? '';
  const known = Object.hasOwn(TYPED, kind) ? TYPED[kind as keyof typeof TYPED] : undefined;
  if (!known) {
    notes(`cluster ${name}: load_balancing_policy ${kind}`, 'this policy is not simulated, ROUND_ROBIN is');
    return { lbPolicy: 'ROUND_ROBIN' };
  }
  const locality = recordOf(config['localityLbConfig']);
  return {
    lbPolicy: known[0],
    ...(known[1] && configOf(known[1], config)),
    commonLbConfig: {
      ...common,
      ...pick(locality, 'localityWeightedLbConfig'),
      ...zoneAware(locality),
      ...pick(config, 'consistentHashingLbConfig'),
    },
  };
}

function healthyPanic(common: Json) {
  const percent = wrapped(common['healthyPanicThreshold']);
  // {} is what proto3 JSON makes of 0 %.
  if (percent === undefined && !isPresent(common['healthyPanicThreshold'])) return {};
  return { healthyPanicThreshold: percent ?? 0 };
}

function zoneAware(common: Json) {
  if (!isPresent(common['zoneAwareLbConfig'])) return {};
  const given = recordOf(common['zoneAwareLbConfig']);
  const routingEnabled = wrapped(given['routingEnabled']);
  const minClusterSize = numberOf(given['minClusterSize']);
  return {
    zoneAwareLbConfig: {
      ...pick(given, 'failTrafficOnPanic', 'forceLocalityDirectRouting', 'forceLocalZone', 'localityBasis'),
      ...(routingEnabled !== undefined && { routingEnabled }),
      ...(minClusterSize !== undefined && { minClusterSize }),
    },
  };
}

/** Sizes are 64-bit numbers, slow start and bias have wrappers. */
function configOf(field: string, value: unknown): Partial<Cluster> {
  if (!isPresent(value)) return {};
  const given = recordOf(value);
  const slow = recordOf(given['slowStartConfig']);
  const config: Json = {};
  for (const name of ['choiceCount', 'minimumRingSize', 'maximumRingSize', 'tableSize'])
    if (numberOf(given[name]) !== undefined) config[name] = numberOf(given[name]);
  if (isPresent(given['activeRequestBias']))
    config['activeRequestBias'] = wrapped(given['activeRequestBias']) ?? 0;
  for (const name of ['selectionMethod', 'hashFunction'])
    if (isPresent(given[name])) config[name] = given[name];
  if (isPresent(given['slowStartConfig']))
    config['slowStartConfig'] = {
      ...pick(slow, 'slowStartWindow'),
      ...(wrapped(slow['aggression']) !== undefined && { aggression: wrapped(slow['aggression']) }),
      ...(wrapped(slow['minWeightPercent']) !== undefined && {
        minWeightPercent: wrapped(slow['minWeightPercent']),
      }),
    };
  return { [field]: config };
}

function breakersOf(given: Json): NonNullable<Cluster['circuitBreakers']> {
  const threshold = (entry: Json) => {
    const budget = recordOf(entry['retryBudget']);
    return {
      ...pick(
        entry,
        'priority',
        'maxConnections',
        'maxPendingRequests',
        'maxRequests',
        'maxRetries',
        'trackRemaining',
      ),
      ...pick(entry, 'maxConnectionPools'),
      ...(isPresent(entry['retryBudget']) && {
        retryBudget: {
          ...pick(budget, 'minRetryConcurrency'),
          ...(wrapped(budget['budgetPercent']) !== undefined && {
            budgetPercent: wrapped(budget['budgetPercent']),
          }),
        },
      }),
    };
  };
  return {
    thresholds: recordsOf(given['thresholds']).map(threshold) as never,
    ...(isPresent(given['perHostThresholds']) && {
      perHostThresholds: recordsOf(given['perHostThresholds']).map(threshold) as never,
    }),
  };
}

function healthCheckOf(given: Json, cluster: string, notes: Notes): HealthCheck {
  if (!isPresent(given['httpHealthCheck']) && !isPresent(given['tcpHealthCheck']))
    notes(`cluster ${cluster}: health_checks`, 'only HTTP and TCP checks are simulated');
  return {
    timeout: '1s',
    interval: '1s',
    unhealthyThreshold: 1,
    healthyThreshold: 1,
    ...pick(given, 'timeout', 'interval', 'initialJitter', 'intervalJitter', 'intervalJitterPercent'),
    ...pick(given, 'unhealthyThreshold', 'healthyThreshold', 'reuseConnection'),
    ...pick(given, 'noTrafficInterval', 'noTrafficHealthyInterval'),
    ...pick(given, 'unhealthyInterval', 'unhealthyEdgeInterval', 'healthyEdgeInterval'),
    // Their headers are the user's own, and change nothing here.
    ...(isPresent(given['httpHealthCheck']) && {
      httpHealthCheck: {
        path: '/',
        ...pick(given['httpHealthCheck'], 'path', 'host', 'expectedStatuses', 'retriableStatuses'),
      },
    }),
    ...(isPresent(given['tcpHealthCheck']) && { tcpHealthCheck: {} }),
  };
}

export function readAssignment(given: Json, fallbackName: string): ClusterLoadAssignment {
  const policy = recordOf(given['policy']);
  const factor = numberOf(policy['overprovisioningFactor']);
  return {
    clusterName: textOf(given['clusterName']) || fallbackName,
    endpoints: recordsOf(given['endpoints']).map((group) => {
      const weight = numberOf(group['loadBalancingWeight']);
      return {
        ...(isPresent(group['locality']) && { locality: localityOf(group['locality']) }),
        lbEndpoints: recordsOf(group['lbEndpoints']).map(endpointOf),
        ...(weight !== undefined && { loadBalancingWeight: weight }),
        priority: numberOf(group['priority']) ?? 0,
      };
    }),
    ...(isPresent(given['policy']) && {
      policy: {
        ...(factor !== undefined && { overprovisioningFactor: factor }),
        ...pick(policy, 'weightedPriorityHealth', 'dropOverloads'),
      },
    }),
  };
}

export const localityOf = (value: unknown): Locality => pick(value, 'region', 'zone', 'subZone');

/** Where an endpoint is: an IP address and port; a pipe or an internal listener has its name for an address. */
export function addressOf(value: unknown): { address: string; port: number } {
  const socket = recordOf(recordOf(value)['socketAddress']);
  const internal = recordOf(recordOf(value)['envoyInternalAddress']);
  const pipe = recordOf(recordOf(value)['pipe']);
  return {
    address: textOf(socket['address']) || textOf(internal['serverListenerName']) || textOf(pipe['path']),
    port: numberOf(socket['portValue']) ?? 0,
  };
}

function endpointOf(given: Json): ClusterLoadAssignment['endpoints'][number]['lbEndpoints'][number] {
  const endpoint = recordOf(given['endpoint']);
  const metadata = recordOf(recordOf(given['metadata'])['filterMetadata']);
  const lb = textsOf(metadata['envoy.lb']);
  const hostname = textOf(endpoint['hostname']);
  const weight = numberOf(given['loadBalancingWeight']);
  const status = textOf(given['healthStatus']);
  return {
    endpoint: { ...addressOf(endpoint['address']), ...(hostname !== '' && { hostname }) },
    ...(weight !== undefined && { loadBalancingWeight: weight }),
    ...(STATUSES.includes(status) && { healthStatus: status as never }),
    ...(Object.keys(lb).length > 0 && { metadata: lb }),
  };
}

const STATUSES = ['HEALTHY', 'UNHEALTHY', 'DRAINING', 'TIMEOUT', 'DEGRADED'];

/** Istio's label of an endpoint: "workload;namespace;service;version;cluster". */
export function workloadOf(given: Json): string[] {
  const metadata = recordOf(recordOf(given['metadata'])['filterMetadata']);
  return textOf(recordOf(metadata['istio'])['workload']).split(';');
}

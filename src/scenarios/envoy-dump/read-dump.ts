// An Envoy's own account of itself, /config_dump?include_eds, as the configuration of one proxy; /clusters?format=json adds the health and
// weights that its hosts have now. Source: envoyproxy/envoy api/envoy/admin/v3/{config_dump,clusters}.proto (1.40).
import type {
  Cluster,
  ClusterLoadAssignment,
  EnvoyConfig,
  HealthStatus,
  Listener,
  LocalityLbEndpoints,
  RouteConfiguration,
} from '../../models/envoy/config.ts';
import { camelCase, isPresent, type Json, numberOf, recordOf, recordsOf, textOf } from './json.ts';
import { addressOf, localityOf, readAssignment, readCluster, workloadOf } from './read-clusters.ts';
import { readListener, readRoutes } from './read-routes.ts';

/** Plain data: can be posted to a worker. */
export interface EnvoyDump {
  config: EnvoyConfig;
  notSimulated: { what: string; why: string }[];
  /** "address:port" -> what Istio calls it: workload, namespace, service, version, cluster. */
  workloads: Record<string, string[]>;
  assumptions: string[];
  /** Where it was read. */
  file?: string;
  /** As Istio says them in the node's metadata. */
  workload?: string;
  istioVersion?: string;
  /** Worker threads. */
  concurrency?: number;
}

export interface DumpProblem {
  problem: string;
}

export const readEnvoyDump = (dump: unknown, clusters?: unknown): EnvoyDump | DumpProblem =>
  readCamelDump(camelCase(dump), clusters === undefined ? undefined : camelCase(clusters));

/** Of documents whose names are in camel case already. */
export function readCamelDump(dump: unknown, clusters: unknown): EnvoyDump | DumpProblem {
  const configs = recordsOf(recordOf(dump)['configs']);
  if (configs.length === 0)
    return {
      problem:
        'it is no config dump: it has no list "configs" (take /config_dump?include_eds of the admin port)',
    };
  const ofType = (name: string) => configs.filter((config) => textOf(config['@type']).endsWith(`.${name}`));
  const told = new Map<string, string>();
  const notes = (what: string, why: string) => void told.set(what, why);
  const bootstrap = recordOf(ofType('BootstrapConfigDump')[0]?.['bootstrap']);
  const node = recordOf(bootstrap['node']);
  const localClusterName = textOf(recordOf(bootstrap['clusterManager'])['localClusterName']);
  const listeners = ofType('ListenersConfigDump').flatMap((part) => listenersOf(part, notes));
  const found = ofType('ClustersConfigDump').flatMap((part) => clustersOf(part, notes));
  const raw = [
    ...ofType('EndpointsConfigDump').flatMap(endpointConfigs),
    ...inlineAssignments(ofType('ClustersConfigDump')),
  ];
  const endpoints = raw
    .map((assignment) => readAssignment(assignment, ''))
    .filter((entry, i, all) => all.findIndex(({ clusterName }) => clusterName === entry.clusterName) === i);
  if (listeners.length === 0 && found.length === 0)
    return { problem: 'it has neither listeners nor clusters: was it taken from an Envoy that is running?' };
  const assumptions: string[] = [];
  const read: EnvoyConfig = {
    node: {
      id: textOf(node['id']) || 'envoy',
      ...(isPresent(node['locality']) && { locality: localityOf(node['locality']) }),
    },
    listeners,
    routeConfigurations: ofType('RoutesConfigDump').flatMap((part) => routesOf(part, notes)),
    clusters: found,
    endpoints,
    ...(localClusterName !== '' && { localClusterName }),
  };
  const config = clusters === undefined ? read : withStatuses(read, clusters, assumptions);
  if (config === null)
    return { problem: 'the clusters are no answer of /clusters?format=json: there is no "cluster_statuses"' };
  const withoutEndpoints = config.clusters.filter(
    (cluster) =>
      cluster.type === 'EDS' &&
      !config.endpoints.some(({ clusterName }) => clusterName === nameOfEndpoints(cluster)),
  );
  if (withoutEndpoints.length > 0)
    assumptions.push(
      `${withoutEndpoints.length} EDS cluster(s) have no endpoints in the dump, such as ${withoutEndpoints[0]!.name}: was it taken with ?include_eds?`,
    );
  return {
    ...nodeFacts(recordOf(node['metadata'])),
    config,
    notSimulated: [...told].map(([what, why]) => ({ what, why })),
    workloads: workloadsIn(raw),
    assumptions,
  };
}

/** What Istio's agent wrote into the node's metadata. */
function nodeFacts(metadata: Json): Pick<EnvoyDump, 'workload' | 'istioVersion' | 'concurrency'> {
  const workload = textOf(metadata['WORKLOAD_NAME']);
  const istioVersion = textOf(metadata['ISTIO_VERSION']);
  const proxyConfig = recordOf(metadata['PROXY_CONFIG']);
  const concurrency = numberOf(proxyConfig['concurrency']) ?? 0;
  return {
    ...(workload !== '' && { workload }),
    ...(istioVersion !== '' && { istioVersion }),
    // 0 = as many as the machine has.
    ...(Number.isInteger(concurrency) && concurrency > 0 && concurrency <= MOST_WORKERS && { concurrency }),
  };
}

const MOST_WORKERS = 1024;

const nameOfEndpoints = (cluster: Cluster) => cluster.edsClusterConfig?.serviceName || cluster.name;

function clustersOf(part: Json, notes: (what: string, why: string) => void): Cluster[] {
  return [...recordsOf(part['staticClusters']), ...recordsOf(part['dynamicActiveClusters'])].map((entry) =>
    readCluster(recordOf(entry['cluster']), notes),
  );
}

function listenersOf(part: Json, notes: (what: string, why: string) => void): Listener[] {
  return [
    ...recordsOf(part['staticListeners']),
    ...recordsOf(part['dynamicListeners']).flatMap((entry) =>
      isPresent(entry['activeState']) ? [recordOf(entry['activeState'])] : [],
    ),
  ].map((entry) => readListener(recordOf(entry['listener']), notes));
}

function routesOf(part: Json, notes: (what: string, why: string) => void): RouteConfiguration[] {
  return [...recordsOf(part['staticRouteConfigs']), ...recordsOf(part['dynamicRouteConfigs'])].map((entry) =>
    readRoutes(recordOf(entry['routeConfig']), notes),
  );
}

const endpointConfigs = (part: Json): Json[] =>
  [...recordsOf(part['dynamicEndpointConfigs']), ...recordsOf(part['staticEndpointConfigs'])].map((entry) =>
    recordOf(entry['endpointConfig']),
  );

/** What stands in static clusters themselves. */
const inlineAssignments = (parts: Json[]): Json[] =>
  parts
    .flatMap((part) => [...recordsOf(part['staticClusters']), ...recordsOf(part['dynamicActiveClusters'])])
    .flatMap((entry) => {
      const cluster = recordOf(entry['cluster']);
      if (!isPresent(cluster['loadAssignment'])) return [];
      return [{ ...recordOf(cluster['loadAssignment']), clusterName: textOf(cluster['name']) }];
    });

function workloadsIn(assignments: Json[]): Record<string, string[]> {
  const workloads: Record<string, string[]> = {};
  for (const assignment of assignments)
    for (const group of recordsOf(assignment['endpoints']))
      for (const entry of recordsOf(group['lbEndpoints'])) {
        const names = workloadOf(entry);
        const { address, port } = addressOf(recordOf(entry['endpoint'])['address']);
        if (names.length === 5) workloads[`${address}:${port}`] = names;
      }
  return workloads;
}

const EDS_STATUSES = ['HEALTHY', 'UNHEALTHY', 'DRAINING', 'TIMEOUT', 'DEGRADED'];

/** Hosts as /clusters shows them: where the dump has them too, their health and weight; else the whole assignment. */
function withStatuses(config: EnvoyConfig, given: unknown, assumptions: string[]): EnvoyConfig | null {
  const root = recordOf(given);
  if (!Array.isArray(root['clusterStatuses'])) return null;
  const known = new Map(config.endpoints.map((entry) => [entry.clusterName, entry]));
  const ejected: string[] = [];
  for (const status of recordsOf(root['clusterStatuses'])) {
    const name = textOf(status['name']);
    const cluster = config.clusters.find((entry) => entry.name === name);
    if (!cluster) continue;
    const hosts = recordsOf(status['hostStatuses']).map(hostOf);
    for (const host of hosts) if (host.isEjected) ejected.push(`${host.address}:${host.port} of ${name}`);
    const key = nameOfEndpoints(cluster);
    known.set(key, mergedAssignment(key, known.get(key), hosts));
  }
  if (ejected.length > 0)
    assumptions.push(
      `${ejected.length} host(s) were ejected when the dump was taken (${ejected.slice(0, 3).join(', ')}): the run begins with all of them back`,
    );
  return { ...config, endpoints: [...known.values()] };
}

type Host = ReturnType<typeof hostOf>;

function hostOf(given: Json) {
  const health = recordOf(given['healthStatus']);
  const eds = textOf(health['edsHealthStatus']);
  const isFailing = health['failedActiveHealthCheck'] === true;
  return {
    ...addressOf(given['address']),
    healthStatus: (isFailing ? 'UNHEALTHY' : EDS_STATUSES.includes(eds) ? eds : 'UNKNOWN') as HealthStatus,
    isEjected: health['failedOutlierCheck'] === true,
    weight: numberOf(given['weight']) ?? 1,
    priority: numberOf(given['priority']) ?? 0,
    locality: localityOf(given['locality']),
    hostname: textOf(given['hostname']),
  };
}

function mergedAssignment(
  clusterName: string,
  before: ClusterLoadAssignment | undefined,
  hosts: Host[],
): ClusterLoadAssignment {
  const find = (address: string, port: number) =>
    hosts.find((host) => host.address === address && host.port === port);
  if (before?.endpoints.some((group) => group.lbEndpoints.length > 0))
    return {
      ...before,
      endpoints: before.endpoints.map((group) => ({
        ...group,
        lbEndpoints: group.lbEndpoints.map((entry) => {
          const host = find(entry.endpoint.address, entry.endpoint.port);
          if (!host) return entry;
          return { ...entry, healthStatus: host.healthStatus, loadBalancingWeight: host.weight };
        }),
      })),
    };
  const groups = new Map<string, LocalityLbEndpoints>();
  for (const host of hosts) {
    const key = JSON.stringify([host.priority, host.locality]);
    const group = groups.get(key) ?? { locality: host.locality, priority: host.priority, lbEndpoints: [] };
    groups.set(key, group);
    group.lbEndpoints.push({
      endpoint: {
        address: host.address,
        port: host.port,
        ...(host.hostname !== '' && { hostname: host.hostname }),
      },
      healthStatus: host.healthStatus,
      loadBalancingWeight: host.weight,
    });
  }
  return { clusterName, endpoints: [...groups.values()] };
}

// Where a proxy's configuration sends a request, without running anything: listener, virtual host, route, clusters with their weights.
// Source: Envoy listener_manager, config_impl.cc (1.40). A route that is drawn by chance (runtime fraction) is taken as hit.
import type {
  Cluster,
  ClusterLoadAssignment,
  EnvoyConfig,
  Listener,
  Route,
  RouteConfiguration,
  VirtualHost,
} from './config.ts';
import { findRoute, findVirtualHost, type RequestView } from './route-match.ts';

export interface Resolution {
  listener: Listener | null;
  table: RouteConfiguration | null;
  virtualHost: VirtualHost | null;
  route: Route | null;
  /** Shares sum to 1; empty = answered locally, or not at all. */
  targets: { cluster: string; share: number }[];
}

/** The listener of a port; with several (TCP by address) the one without an address of its own. */
export function listenerOf(config: EnvoyConfig, port: number): Listener | null {
  const fitting = config.listeners.filter(
    (entry) => entry.address.port === port && entry.trafficDirection !== 'INBOUND',
  );
  return fitting.find((entry) => entry.address.address === '0.0.0.0') ?? fitting[0] ?? null;
}

export function resolveRoute(config: EnvoyConfig, port: number, request: RequestView): Resolution {
  const found: Resolution = { listener: null, table: null, virtualHost: null, route: null, targets: [] };
  found.listener = listenerOf(config, port);
  const chain =
    found.listener?.filterChains.find((entry) => entry.httpConnectionManager || entry.tcpProxy) ??
    found.listener?.defaultFilterChain;
  if (!chain) return found;
  if (chain.tcpProxy) {
    found.targets = sharesOf(
      chain.tcpProxy.weightedClusters?.clusters ?? [{ name: chain.tcpProxy.cluster ?? '', weight: 1 }],
    );
    return found;
  }
  const manager = chain.httpConnectionManager;
  found.table =
    manager?.routeConfig ??
    config.routeConfigurations.find((table) => table.name === manager?.routeConfigName) ??
    null;
  found.virtualHost = found.table && findVirtualHost(found.table, request.host);
  found.route = (found.virtualHost && findRoute(found.virtualHost.routes, request, () => true)) ?? null;
  const action = found.route?.route;
  if (action)
    found.targets = sharesOf(
      action.weightedClusters?.clusters ?? [{ name: action.cluster ?? '', weight: 1 }],
    );
  return found;
}

function sharesOf(clusters: readonly { name: string; weight: number }[]): Resolution['targets'] {
  const whole = clusters.reduce((sum, entry) => sum + entry.weight, 0);
  return clusters
    .filter((entry) => entry.weight > 0)
    .map((entry) => ({ cluster: entry.name, share: entry.weight / whole }));
}

export const clusterNamed = (config: EnvoyConfig, name: string): Cluster | undefined =>
  named(clusters, config.clusters, name, nameOfCluster);

/** What EDS says of a cluster, else what stands in the cluster itself. */
export function assignmentOf(config: EnvoyConfig, cluster: Cluster): ClusterLoadAssignment {
  const name = cluster.edsClusterConfig?.serviceName ?? cluster.name;
  return (
    named(assignments, config.endpoints, name, nameOfAssignment) ??
    cluster.loadAssignment ?? { clusterName: name, endpoints: [] }
  );
}

/** By list: its entries by name, the first one of each, and how many there were. */
type Index<T> = WeakMap<readonly T[], { length: number; byName: Map<string, T> }>;
const clusters: Index<Cluster> = new WeakMap();
const assignments: Index<ClusterLoadAssignment> = new WeakMap();
const nameOfCluster = (cluster: Cluster) => cluster.name;
const nameOfAssignment = (assignment: ClusterLoadAssignment) => assignment.clusterName;

/** Proxies share lists of thousands, and every one of them is asked for. */
function named<T>(
  index: Index<T>,
  list: readonly T[],
  name: string,
  nameOf: (entry: T) => string,
): T | undefined {
  let known = index.get(list);
  if (known?.length !== list.length) {
    known = { length: list.length, byName: new Map() };
    for (const entry of list) if (!known.byName.has(nameOf(entry))) known.byName.set(nameOf(entry), entry);
    index.set(list, known);
  }
  return known.byName.get(name);
}

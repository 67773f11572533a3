// Envoy's clusters as the proxies of each caller hold them, with what was pushed when: those that its requests are sent to.
import type { Cluster, ClusterLoadAssignment, EnvoyConfig } from '../../models/envoy/config.ts';
import { parseDurationNs } from '../../models/envoy/duration.ts';
import { assignmentOf, clusterNamed, resolveRoute } from '../../models/envoy/resolve-route.ts';
import type { HopSample } from '../../models/world.ts';
import { configAt, type Plan } from '../plan/plan.ts';
import type { Callers } from './callers.ts';
import type { RecordedCluster, RecordedEndpoint } from './recording.ts';
import { seconds } from './seconds.ts';

export function clustersOf(
  plan: Plan,
  callers: Callers,
  hops: Iterable<HopSample>,
  serviceOf: (host: string) => number,
): RecordedCluster[] {
  const servers = new Map(
    plan.world.servers.flatMap(({ addresses }, index) =>
      addresses.map(({ address, port }) => [`${address}:${port}`, index] as const),
    ),
  );
  const tried = triedClusters(callers, hops);
  return callers.all.flatMap((_, caller) => {
    const proxy = callers.proxies[caller]!;
    if (proxy < 0) return [];
    const times = pushTimes(plan, proxy);
    const configs = times.map((atNs) => ({ atNs, config: configAt(plan.world, proxy, atNs) }));
    const names = new Set([...routedClusters(plan, callers, caller, configs), ...(tried.get(caller) ?? [])]);
    return [...names].flatMap((name) => {
      const first = configs.map(({ config }) => clusterNamed(config, name)).find((found) => found);
      if (!first) return [];
      const versions: RecordedCluster['versions'] = [];
      let before = '';
      for (const { atNs, config } of configs) {
        const cluster = clusterNamed(config, name);
        const endpoints = cluster ? endpointsOf(assignmentOf(config, cluster), servers) : [];
        const now = JSON.stringify(endpoints);
        if (now !== before) versions.push({ at: seconds(atNs), endpoints });
        before = now;
      }
      return [{ caller, service: serviceOf(name.split('|')[3] ?? name), ...policyOf(first), versions }];
    });
  });
}

function pushTimes(plan: Plan, proxy: number): number[] {
  const times = plan.world.actions.flatMap((action) =>
    (action.kind === 'config' || action.kind === 'endpoints') && action.proxies.includes(proxy)
      ? [action.atNs]
      : [],
  );
  return [...new Set([0, ...times])].sort((a, b) => a - b);
}

function* routedClusters(
  plan: Plan,
  callers: Callers,
  caller: number,
  configs: readonly { config: EnvoyConfig }[],
): Generator<string> {
  for (const site of plan.callSites) {
    if (site.proxy < 0 || callers.of(site.caller) !== caller) continue;
    for (const { config } of configs)
      for (const { cluster } of resolveRoute(config, site.port, site.request).targets) yield cluster;
  }
}

function triedClusters(callers: Callers, hops: Iterable<HopSample>): Map<number, Set<string>> {
  const tried = new Map<number, Set<string>>();
  for (const { proxy, cluster } of hops) {
    if (proxy === null || cluster === null) continue;
    const caller = callers.of(proxy);
    const names = tried.get(caller) ?? new Set();
    tried.set(caller, names.add(cluster));
  }
  return tried;
}

function policyOf(cluster: Cluster): Omit<RecordedCluster, 'caller' | 'service' | 'versions'> {
  const outlier = cluster.outlierDetection;
  const origin = cluster.outlierOrigin ?? cluster.origin;
  return {
    name: cluster.name,
    subset: cluster.name.split('|')[2] ?? '',
    lbPolicy: cluster.lbPolicy ?? 'ROUND_ROBIN',
    panicThreshold: cluster.commonLbConfig?.healthyPanicThreshold ?? 50,
    // Defaults of envoy/config/cluster/v3/outlier_detection.proto.
    detector: outlier
      ? {
          consecutive5xx: outlier.consecutive5xx ?? 5,
          consecutiveGatewayFailure: outlier.consecutiveGatewayFailure ?? 5,
          intervalSeconds: seconds(parseDurationNs(outlier.interval, 10e9)),
          baseEjectionSeconds: seconds(parseDurationNs(outlier.baseEjectionTime, 30e9)),
          maxEjectionPercent: outlier.maxEjectionPercent ?? 10,
        }
      : null,
    origin: origin ? { file: origin.file, line: origin.line } : null,
  };
}

function endpointsOf(
  assignment: ClusterLoadAssignment,
  servers: ReadonlyMap<string, number>,
): RecordedEndpoint[] {
  return assignment.endpoints.flatMap((group) =>
    group.lbEndpoints.map((entry) => {
      const address = `${entry.endpoint.address}:${entry.endpoint.port}`;
      const { region = '', zone = '', subZone = '' } = group.locality ?? {};
      return {
        address,
        server: servers.get(address) ?? -1,
        priority: group.priority ?? 0,
        weight: entry.loadBalancingWeight ?? 1,
        localityWeight: group.loadBalancingWeight ?? null,
        locality: [region, zone, subZone].join('/').replace(/\/+$/, ''),
        health: entry.healthStatus ?? 'HEALTHY',
      };
    }),
  );
}

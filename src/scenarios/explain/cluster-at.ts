// A cluster in one proxy at one time: its hosts with the health that EDS and the outlier detector give them, and what the balancer makes of
// that. Read back from the planned pushes and the recorded ejections; worker threads may see it some microseconds later.
import type { Cluster, ClusterLoadAssignment, HealthStatus } from '../../models/envoy/config.ts';
import { type ExpectedShares, expectedShares } from '../../models/envoy/expected-share.ts';
import { FAILED_OUTLIER, HostSet } from '../../models/envoy/host-set.ts';
import { type PriorityLoad, priorityLoad } from '../../models/envoy/priority-load.ts';
import { assignmentOf } from '../../models/envoy/resolve-route.ts';
import type { EjectionRecord } from '../../models/world.ts';
import type { Scene } from './scene.ts';

export interface HostAt {
  /** "address:port" */
  address: string;
  pod: string;
  workload: string | undefined;
  locality: string;
  priority: number;
  weight: number;
  health: HealthStatus | undefined;
  ejection: EjectionRecord | undefined;
  isHealthy: boolean;
}

export interface ClusterAt {
  cluster: Cluster;
  hosts: HostAt[];
  load: PriorityLoad;
  /** Percent; 0 = panic is off. */
  panicThreshold: number;
  /** Of each host while everything stays so; null = no closed form. */
  shares: ExpectedShares | null;
}

export function clusterAt(scene: Scene, proxy: number, cluster: Cluster, atNs: number): ClusterAt {
  const config = scene.configOf(proxy, atNs);
  const assignment = assignmentOf(config, cluster);
  const ejected = ejectedAt(scene, proxy, cluster.name, atNs);
  const set = HostSet.forCluster(cluster, config.node.locality);
  set.assign(assignment);
  for (const host of set.address.keys())
    if (ejected.has(set.address[host]!)) set.health[host] = set.health[host]! | FAILED_OUTLIER;
  set.refresh();
  const panicThreshold = cluster.commonLbConfig?.healthyPanicThreshold ?? 50;
  const load = priorityLoad(
    set.counts(),
    {
      overprovisioningFactor: set.overprovisioningFactor,
      panicThreshold,
      weightedPriorityHealth: set.weightedPriorityHealth,
    },
    { healthyLoad: [], degradedLoad: [], panic: [] },
  );
  const statuses = new Map(
    assignment.endpoints.flatMap((group) =>
      group.lbEndpoints.map((entry) => [
        `${entry.endpoint.address}:${entry.endpoint.port}`,
        entry.healthStatus,
      ]),
    ),
  );
  return {
    cluster,
    hosts: set.address.map((address, host) => ({
      address,
      pod: scene.podAt(address),
      workload: scene.workloadAt(address),
      locality: set.locality[host]! || 'no locality',
      priority: set.priority[host]!,
      weight: set.weight[host]!,
      health: statuses.get(address),
      ejection: ejected.get(address),
      isHealthy: set.isHealthy(host),
    })),
    load,
    panicThreshold,
    shares: expectedShares(cluster, withoutEjected(assignment, ejected)),
  };
}

/** By address. An ejection that begins at this very moment is the answer to what is explained, not its cause. */
export function ejectedAt(
  scene: Scene,
  proxy: number,
  cluster: string,
  atNs: number,
): Map<string, EjectionRecord> {
  const name = scene.plan.world.proxies[proxy]?.name;
  return new Map(
    scene.run.ejections
      .filter(
        (record) =>
          record.proxy === name &&
          record.cluster === cluster &&
          record.atNs < atNs &&
          (record.untilNs === null || record.untilNs > atNs),
      )
      .map((record) => [record.endpoint, record]),
  );
}

/** An ejected host counts like one that EDS calls unhealthy. */
function withoutEjected(
  assignment: ClusterLoadAssignment,
  ejected: ReadonlyMap<string, unknown>,
): ClusterLoadAssignment {
  if (ejected.size === 0) return assignment;
  return {
    ...assignment,
    endpoints: assignment.endpoints.map((group) => ({
      ...group,
      lbEndpoints: group.lbEndpoints.map((entry) =>
        ejected.has(`${entry.endpoint.address}:${entry.endpoint.port}`)
          ? { ...entry, healthStatus: 'UNHEALTHY' as const }
          : entry,
      ),
    })),
  };
}

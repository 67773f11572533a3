// The share of a cluster's requests that each host gets while its health stays as it is: priorities, localities and weights in closed
// form, no draws. Policies with a hash have none. Source: Envoy load_balancer_impl.cc (1.40), by the functions that the simulation uses.
import type { Cluster, ClusterLoadAssignment } from './config.ts';
import { HostSet } from './host-set.ts';
import { priorityLoad } from './priority-load.ts';

export interface ExpectedShares {
  /** "address:port" -> share; sums to 1, or empty when no host can be chosen. */
  byAddress: Map<string, number>;
  /** How it comes about, for people. */
  words: string;
}

/** null = no closed form: hashing, subsets, zone-aware routing, slow start, original destination. */
export function expectedShares(cluster: Cluster, assignment: ClusterLoadAssignment): ExpectedShares | null {
  const policy = cluster.lbPolicy ?? 'ROUND_ROBIN';
  if (policy === 'RING_HASH' || policy === 'MAGLEV' || policy === 'CLUSTER_PROVIDED') return null;
  if (cluster.lbSubsetConfig || cluster.roundRobinLbConfig?.slowStartConfig) return null;
  if (cluster.leastRequestLbConfig?.slowStartConfig) return null;
  const set = new HostSet();
  set.assign(assignment);
  const counts = set.counts();
  const none = { healthyLoad: [], degradedLoad: [], panic: [] };
  const load = priorityLoad(
    counts,
    {
      overprovisioningFactor: set.overprovisioningFactor,
      panicThreshold: cluster.commonLbConfig?.healthyPanicThreshold ?? 50,
      weightedPriorityHealth: set.weightedPriorityHealth,
    },
    none,
  );
  const byAddress = new Map<string, number>();
  const words: string[] = [];
  const give = (hosts: readonly number[], share: number) => {
    const weights = hosts.map((host) => (policy === 'RANDOM' ? 1 : set.weight[host]!));
    const whole = weights.reduce((sum, weight) => sum + weight, 0);
    for (const [i, host] of hosts.entries()) {
      const address = set.address[host]!;
      byAddress.set(address, (byAddress.get(address) ?? 0) + (share * weights[i]!) / whole);
    }
  };
  for (const [priority, level] of set.priorities.entries()) {
    if (load.panic[priority] && level.hosts.length > 0) {
      give(level.hosts, load.healthyLoad[priority]! / 100);
      words.push(`priority ${priority} is in panic: all ${level.hosts.length} hosts`);
      continue;
    }
    for (const isDegraded of [false, true]) {
      const share = (isDegraded ? load.degradedLoad : load.healthyLoad)[priority]! / 100;
      const hosts = isDegraded ? level.degraded : level.healthy;
      if (share === 0 || hosts.length === 0) continue;
      const localities = level.localities
        .map((locality) => {
          const eligible = isDegraded ? locality.degraded : locality.healthy;
          const whole = locality.hosts.length - locality.excluded;
          const factor =
            whole <= 0 ? 0 : Math.min(1, ((set.overprovisioningFactor / 100) * eligible.length) / whole);
          return { name: locality.name || 'no locality', eligible, weight: locality.weight * factor };
        })
        .filter((locality) => locality.weight > 0);
      const isWeighted =
        cluster.commonLbConfig?.localityWeightedLbConfig !== undefined && localities.length > 0;
      if (isWeighted) {
        const whole = localities.reduce((sum, locality) => sum + locality.weight, 0);
        for (const locality of localities) give(locality.eligible, (share * locality.weight) / whole);
        words.push(
          localities.length === 1
            ? `only ${localities[0]!.name} has hosts${priorityWords(priority, set)}`
            : `locality weights ${localities.map((entry) => `${entry.name} ${round(entry.weight)}`).join(' : ')}${priorityWords(priority, set)}`,
        );
      } else {
        give(hosts, share);
        const where = [...new Set(hosts.map((host) => set.locality[host]!))].filter((name) => name !== '');
        words.push(
          `${hosts.length} ${hosts.length === 1 ? 'host' : 'hosts'}${where.length > 0 && where.length < 4 ? ` in ${where.join(', ')}` : ''}${priorityWords(priority, set)}`,
        );
      }
    }
  }
  return { byAddress, words: words.join('; ') || 'no host that can be chosen' };
}

const round = (value: number) => Number(value.toFixed(2));

function priorityWords(priority: number, set: HostSet): string {
  return set.priorities.length > 1 ? ` (priority ${priority} of ${set.priorities.length})` : '';
}

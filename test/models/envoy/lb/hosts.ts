// Small clusters for balancer tests: localities in order, each with a weight, a priority and some hosts.
import { Streams } from '../../../../src/engine/random.ts';
import type { Cluster, HealthStatus } from '../../../../src/models/envoy/config.ts';
import { HostSet } from '../../../../src/models/envoy/host-set.ts';
import { LoadBalancer } from '../../../../src/models/envoy/lb/balancer.ts';

export interface Group {
  hosts: number | { weight?: number; health?: HealthStatus }[];
  weight?: number;
  priority?: number;
}

/** Hosts are numbered through all groups in order. */
export function hostSet(groups: Group[]): HostSet {
  const hosts = new HostSet();
  hosts.assign({ clusterName: 'c', endpoints: endpointsOf(groups) });
  return hosts;
}

export function endpointsOf(groups: Group[]) {
  return groups.map((group, g) => ({
    locality: { region: `r${g}` },
    priority: group.priority,
    loadBalancingWeight: group.weight,
    lbEndpoints: (typeof group.hosts === 'number'
      ? Array.from({ length: group.hosts }, () => ({}))
      : group.hosts
    ).map((host: { weight?: number; health?: HealthStatus }, i) => ({
      endpoint: { address: `10.${g}.0.${i}`, port: 80 },
      loadBalancingWeight: host.weight,
      healthStatus: host.health,
    })),
  }));
}

export function balancer(hosts: HostSet, cluster: Partial<Cluster>, seed: number | string = 1): LoadBalancer {
  return new LoadBalancer({ name: 'c', ...cluster }, hosts, new Streams(seed).stream('lb'));
}

/** How often each host is chosen; requests are never in flight. */
export function pickCounts(lb: LoadBalancer, picks: number): number[] {
  const counts = lb.hosts.address.map(() => 0);
  for (let i = 0; i < picks; i++) {
    const host = lb.chooseHost();
    if (host >= 0) counts[host]! += 1;
  }
  return counts;
}

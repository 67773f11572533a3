import { describe, expect, it } from 'vitest';
import { Streams } from '../../../../src/engine/random.ts';
import type { Cluster, CommonLbConfig } from '../../../../src/models/envoy/config.ts';
import { FAILED_OUTLIER, HostSet, NO_HOST } from '../../../../src/models/envoy/host-set.ts';
import { LoadBalancer } from '../../../../src/models/envoy/lb/balancer.ts';
import { pickCounts } from './hosts.ts';

/** Hosts by zone, in the eyes of a proxy in zone A. */
function zones(counts: Record<string, number>, weight = 1): HostSet {
  const hosts = new HostSet({ localLocality: 'r/A' });
  hosts.assign({
    clusterName: 'c',
    endpoints: Object.entries(counts).map(([zone, count], z) => ({
      locality: { region: 'r', zone },
      lbEndpoints: Array.from({ length: count }, (_, i) => ({
        endpoint: { address: `10.${z}.0.${i}`, port: 80 },
        loadBalancingWeight: weight,
      })),
    })),
  });
  return hosts;
}

function shares(
  upstream: HostSet,
  localHosts: HostSet,
  zoneAwareLbConfig: CommonLbConfig['zoneAwareLbConfig'] = {},
  cluster: Partial<Cluster> = {},
) {
  const config = { name: 'c', ...cluster, commonLbConfig: { zoneAwareLbConfig, ...cluster.commonLbConfig } };
  const lb = new LoadBalancer(config, upstream, new Streams(1).stream('lb'), { localHosts });
  const counts = pickCounts(lb, 40_000);
  const byZone = upstream.priorities[0]!.localities.map(
    (locality) => locality.hosts.reduce((sum, host) => sum + counts[host]!, 0) / 40_000,
  );
  return { byZone, lb };
}

describe('zone-aware routing', () => {
  it('keeps what fits at home and sends the rest where capacity is left: 37.5/24/24/14.4 % (measured on Envoy 1.40)', () => {
    const { byZone } = shares(zones({ A: 1, C: 3, D: 3, E: 1 }), zones({ A: 2, B: 2, C: 1, D: 1 }));
    for (const [i, share] of [0.375, 0.24, 0.24, 0.144].entries())
      expect(Math.abs(byZone[i]! - share)).toBeLessThan(0.012);
  });

  it('sends nothing to a zone that has no more than its own callers need', () => {
    const { byZone } = shares(zones({ A: 1, B: 2, C: 3 }), zones({ A: 1, B: 1, C: 1 }));
    expect(Math.abs(byZone[0]! - 0.5)).toBeLessThan(0.015);
    expect(byZone[1]).toBe(0);
  });

  it('keeps all at home when the own zone has its fair share', () => {
    const { byZone, lb } = shares(zones({ A: 3, B: 3 }), zones({ A: 1, B: 1 }));
    expect(byZone).toEqual([1, 0]);
    expect(lb.stats.lb_zone_routing_all_directly).toBe(40_000);
  });

  it('is off in a cluster smaller than min_cluster_size, which is 6 when not given', () => {
    const { byZone, lb } = shares(zones({ A: 3, B: 2 }), zones({ A: 1, B: 1 }));
    expect(byZone).toEqual([0.6, 0.4]);
    expect(lb.stats.lb_zone_cluster_too_small).toBeGreaterThan(0);
    expect(shares(zones({ A: 3, B: 2 }), zones({ A: 1, B: 1 }), { minClusterSize: 3 }).byZone).toEqual([
      1, 0,
    ]);
  });

  it('can be forced to stay at home while enough own hosts are healthy', () => {
    const local = zones({ A: 3, B: 1 });
    const forced = { minClusterSize: 1, forceLocalZone: { minSize: 2 } };
    expect(shares(zones({ A: 2, B: 6 }), local, forced).byZone).toEqual([1, 0]);
    expect(shares(zones({ A: 1, B: 6 }), local, forced).byZone[0]).toBeLessThan(0.5);
  });

  it('turns itself off, or fails, when the local cluster is in panic', () => {
    const local = zones({ A: 2, B: 2 });
    for (const host of [1, 2, 3]) local.health[host] = FAILED_OUTLIER;
    local.refresh();
    const upstream = () => zones({ A: 4, B: 4 });
    expect(shares(upstream(), local).byZone).toEqual([0.5, 0.5]);
    expect(shares(upstream(), local).lb.stats.lb_local_cluster_not_ok).toBe(40_000);
    const { lb } = shares(upstream(), local, { failTrafficOnPanic: true });
    expect(lb.chooseHost()).toBe(NO_HOST);
  });

  it('weighs zones by their hosts weights when told so', () => {
    const heavy = zones({ A: 1, B: 1 }, 3);
    const config = { minClusterSize: 1, localityBasis: 'HEALTHY_HOSTS_WEIGHT' as const };
    expect(shares(heavy, zones({ A: 1, B: 1 }), config).byZone).toEqual([1, 0]);
    const uneven = zones({ A: 1, B: 1 });
    uneven.weight[1] = 3;
    const { byZone } = shares(uneven, zones({ A: 1, B: 1 }), config);
    expect(Math.abs(byZone[0]! - 0.5)).toBeLessThan(0.015);
  });

  it('follows the local cluster as it changes', () => {
    const local = zones({ A: 1, B: 1 });
    const { lb } = shares(zones({ A: 3, B: 3 }), local);
    const before = lb.stats.lb_zone_routing_all_directly;
    local.assign({ clusterName: 'local', endpoints: [] });
    lb.localClusterChanged();
    pickCounts(lb, 10);
    expect(lb.stats.lb_zone_routing_all_directly).toBe(before);
  });
});

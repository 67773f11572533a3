// Rings and Maglev tables: what a real Envoy 1.40 did with the keys k0 to k999, and the rules around the tables.
import { describe, expect, it } from 'vitest';
import type { Cluster } from '../../../../src/models/envoy/config.ts';
import { hash64, xxHash64Text } from '../../../../src/models/envoy/hash64.ts';
import { FAILED_OUTLIER, HostSet, NO_HOST } from '../../../../src/models/envoy/host-set.ts';
import { balancer, hostSet } from './hosts.ts';

/** Hosts h1 to hN by metadata hash_key. */
function keyedHosts(weights: number[]): HostSet {
  const hosts = new HostSet();
  const lbEndpoints = weights.map((loadBalancingWeight, i) => ({
    endpoint: { address: '10.0.0.1', port: 80 + i },
    loadBalancingWeight,
    metadata: { hash_key: `h${i + 1}.example` },
  }));
  hosts.assign({ clusterName: 'c', endpoints: [{ lbEndpoints }] });
  return hosts;
}

function keyContext(key: string) {
  xxHash64Text(key);
  return { hasHash: true, hashHi: hash64.hi, hashLo: hash64.lo, nowNs: 0 };
}

function pickKeys(hosts: HostSet, cluster: Partial<Cluster>) {
  const lb = balancer(hosts, cluster);
  const picks = Array.from({ length: 1000 }, (_, i) => lb.chooseHost(null, keyContext(`k${i}`)));
  return {
    counts: hosts.address.map((_, host) => picks.filter((pick) => pick === host).length),
    first: picks
      .slice(0, 64)
      .map((host) => 'ABCDE'[host])
      .join(''),
  };
}

describe('the keys k0 to k999, as measured', () => {
  it.each<[string, Partial<Cluster>, number[], number[]]>([
    ['MAGLEV, five hosts', { lbPolicy: 'MAGLEV' }, [1, 1, 1, 1, 1], [206, 197, 202, 210, 185]],
    ['MAGLEV, 1:2:5', { lbPolicy: 'MAGLEV' }, [1, 2, 5], [128, 275, 597]],
    ['RING_HASH, five hosts', { lbPolicy: 'RING_HASH' }, [1, 1, 1, 1, 1], [239, 199, 190, 194, 178]],
    ['RING_HASH, 1:2:5', { lbPolicy: 'RING_HASH' }, [1, 2, 5], [135, 265, 600]],
    [
      'RING_HASH, at least 64 places',
      { lbPolicy: 'RING_HASH', ringHashLbConfig: { minimumRingSize: 64 } },
      [1, 1, 1, 1, 1],
      [298, 186, 169, 169, 178],
    ],
  ])('%s', (_, cluster, weights, counts) => {
    expect(pickKeys(keyedHosts(weights), cluster).counts).toEqual(counts);
  });

  it('the first 64 of MAGLEV one by one', () => {
    expect(pickKeys(keyedHosts([1, 1, 1, 1, 1]), { lbPolicy: 'MAGLEV' }).first).toBe(
      'CACAECABECBCCDBCEDCBADBEEDBBADDAAECACADAAAAABBABAACBBBAACBEBABBA',
    );
  });
});

describe('a table', () => {
  it('is empty when all locality weights are zero, and then nobody is found', () => {
    const cluster: Partial<Cluster> = {
      lbPolicy: 'RING_HASH',
      commonLbConfig: { localityWeightedLbConfig: {} },
    };
    expect(balancer(hostSet([{ hosts: 2, weight: 0 }]), cluster).chooseHost()).toBe(NO_HOST);
  });

  it('takes locality weights as they are: half of the hosts out, the share stays', () => {
    const hosts = hostSet([
      { hosts: 4, weight: 1 },
      { hosts: 4, weight: 1 },
    ]);
    for (const host of [0, 1, 2]) hosts.health[host] = FAILED_OUTLIER;
    hosts.refresh();
    const lb = balancer(hosts, {
      lbPolicy: 'MAGLEV',
      maglevLbConfig: { tableSize: 1009 },
      commonLbConfig: { localityWeightedLbConfig: {}, healthyPanicThreshold: 0 },
    });
    const places = Array.from(lb.tablePlaces(0));
    expect(Math.abs(places.filter((host) => host === 3).length - 1009 / 2)).toBeLessThan(3);
  });

  it('uses the host name when told so, and the address otherwise', () => {
    const named = (hostname: string, useHostnameForHashing: boolean) => {
      const hosts = new HostSet();
      const lbEndpoints = [1, 2].map((i) => ({
        endpoint: { address: '10.0.0.1', port: 80 + i, hostname: `${hostname}${i}` },
      }));
      hosts.assign({ clusterName: 'c', endpoints: [{ lbEndpoints }] });
      const commonLbConfig = { consistentHashingLbConfig: { useHostnameForHashing } };
      const lb = balancer(hosts, { lbPolicy: 'MAGLEV', maglevLbConfig: { tableSize: 101 }, commonLbConfig });
      return Array.from(lb.tablePlaces(0));
    };
    expect(named('a', true)).not.toEqual(named('b', true));
    expect(named('a', false)).toEqual(named('b', false));
  });
});

describe('bounded load', () => {
  it('passes the requests of one hot key on, a host holding one more than its slots (measured: 6:6:4:0)', () => {
    const hosts = keyedHosts([1, 1, 1, 1]);
    const lb = balancer(hosts, {
      lbPolicy: 'RING_HASH',
      commonLbConfig: { consistentHashingLbConfig: { hashBalanceFactor: 125 } },
    });
    for (let i = 0; i < 16; i++) hosts.activeRequests[lb.chooseHost(null, keyContext('hot'))]!++;
    expect([...hosts.activeRequests].sort((a, b) => b - a)).toEqual([6, 6, 4, 0]);
  });

  it('leaves all on one host without it', () => {
    const hosts = keyedHosts([1, 1, 1, 1]);
    const lb = balancer(hosts, { lbPolicy: 'RING_HASH' });
    for (let i = 0; i < 16; i++) hosts.activeRequests[lb.chooseHost(null, keyContext('hot'))]!++;
    expect(Math.max(...hosts.activeRequests)).toBe(16);
  });
});

import { describe, expect, it } from 'vitest';
import { FAILED_OUTLIER } from '../../../../src/models/envoy/host-set.ts';
import { lbProblem } from '../../../../src/models/envoy/lb/balancer.ts';
import { balancer, endpointsOf, type Group, hostSet, pickCounts } from './hosts.ts';

const weighted = { localityWeightedLbConfig: {} };
const within = (value: number, share: number, picks: number) =>
  Math.abs(value - share * picks) <= 5 * Math.sqrt(picks * share * (1 - share)) + 1e-9;

describe('localities by weight', () => {
  it('keep their share whatever the number of endpoints: 80/15/5 of 400', () => {
    const groups: Group[] = [
      { hosts: 1, weight: 80 },
      { hosts: 7, weight: 15 },
      { hosts: 3, weight: 5 },
    ];
    const lb = balancer(hostSet(groups), { lbPolicy: 'LEAST_REQUEST', commonLbConfig: weighted });
    const counts = pickCounts(lb, 400);
    expect([
      counts[0],
      counts.slice(1, 8).reduce((a, b) => a + b),
      counts.slice(8).reduce((a, b) => a + b),
    ]).toEqual([320, 60, 20]);
  });

  it('drop out without endpoints, and the others share all', () => {
    const lb = balancer(
      hostSet([
        { hosts: 0, weight: 80 },
        { hosts: 1, weight: 20 },
      ]),
      { commonLbConfig: weighted },
    );
    expect(pickCounts(lb, 30)).toEqual([30]);
  });

  it.each([
    [2, 1, 730, [630, 100]],
    [3, 1, 940, [840, 100]],
    [4, 1, 940, [846, 94]],
  ])(
    'of %i endpoints with %i out carry 1.4 x healthy/total of their weight (measured on Envoy 1.40)',
    (size, out, picks, expected) => {
      const hosts = hostSet([
        { hosts: size, weight: 90 },
        { hosts: 1, weight: 10 },
      ]);
      for (let host = 0; host < out; host++) hosts.health[host] = FAILED_OUTLIER;
      hosts.refresh();
      const lb = balancer(hosts, { commonLbConfig: { ...weighted, healthyPanicThreshold: 0 } });
      const counts = pickCounts(lb, picks);
      const first = counts.slice(0, size).reduce((a, b) => a + b);
      expect(Math.abs(first - expected[0]!)).toBeLessThanOrEqual(1);
      expect(first + counts[size]!).toBe(picks);
    },
  );

  it('are ignored without locality_weighted_lb_config', () => {
    const counts = pickCounts(
      balancer(
        hostSet([
          { hosts: 1, weight: 90 },
          { hosts: 1, weight: 10 },
        ]),
        {},
      ),
      100,
    );
    expect(counts).toEqual([50, 50]);
  });
});

describe('priorities', () => {
  const withOut = (size: number, out: number) => {
    const hosts = hostSet([{ hosts: size }, { hosts: size, priority: 1 }]);
    for (let host = 0; host < out; host++) hosts.health[host] = FAILED_OUTLIER;
    hosts.refresh();
    return hosts;
  };

  it.each([
    [4, 3, 0.35],
    [4, 2, 0.7],
    [5, 2, 0.84],
    [4, 1, 1],
  ])('%i hosts with %i out keep their part of the traffic', (size, out, share) => {
    const counts = pickCounts(balancer(withOut(size, out), {}, 3), 20_000);
    const first = counts.slice(0, size).reduce((a, b) => a + b);
    expect(within(first, share, 20_000)).toBe(true);
  });

  it('panic only when healthy hosts are below the threshold: 25 % at 25 not, at 26 yes', () => {
    const hosts = hostSet([{ hosts: 4 }]);
    for (const host of [0, 1, 2]) hosts.health[host] = FAILED_OUTLIER;
    hosts.refresh();
    const at = (healthyPanicThreshold: number) =>
      pickCounts(balancer(hosts, { commonLbConfig: { healthyPanicThreshold } }), 40);
    expect(at(25)).toEqual([0, 0, 0, 40]);
    expect(at(26)).toEqual([10, 10, 10, 10]);
  });

  it('leave DRAINING hosts out of the denominator, UNHEALTHY ones not', () => {
    const p0Share = (health: 'DRAINING' | 'UNHEALTHY') => {
      const hosts = hostSet([{ hosts: [{}, {}, { health }, { health }] }, { hosts: 4, priority: 1 }]);
      const counts = pickCounts(balancer(hosts, {}, 5), 20_000);
      return counts.slice(0, 4).reduce((a, b) => a + b);
    };
    expect(p0Share('DRAINING')).toBe(20_000);
    expect(within(p0Share('UNHEALTHY'), 0.7, 20_000)).toBe(true);
  });
});

describe('host weights', () => {
  it('ROUND_ROBIN 1:2:5 is always a rotation of ABCCCBCC', () => {
    for (let seed = 0; seed < 100; seed++) {
      const lb = balancer(hostSet([{ hosts: [{ weight: 1 }, { weight: 2 }, { weight: 5 }] }]), {}, seed);
      const picks = Array.from({ length: 8 }, () => 'ABC'[lb.chooseHost()]).join('');
      expect('ABCCCBCCABCCCBCC').toContain(picks);
    }
  });

  it('RANDOM ignores 1:2:5', () => {
    const lb = balancer(hostSet([{ hosts: [{ weight: 1 }, { weight: 2 }, { weight: 5 }] }]), {
      lbPolicy: 'RANDOM',
    });
    for (const count of pickCounts(lb, 30_000)) expect(within(count, 1 / 3, 30_000)).toBe(true);
  });

  it('LEAST_REQUEST 1:2:5 without load is exactly 12.5/25/62.5 %', () => {
    const lb = balancer(hostSet([{ hosts: [{ weight: 1 }, { weight: 2 }, { weight: 5 }] }]), {
      lbPolicy: 'LEAST_REQUEST',
    });
    expect(pickCounts(lb, 80)).toEqual([10, 20, 50]);
  });
});

describe('LEAST_REQUEST with equal weights', () => {
  it('still gives the busier of two hosts a quarter: the same host may be drawn twice', () => {
    const hosts = hostSet([{ hosts: 2 }]);
    hosts.activeRequests[0] = 9;
    expect(
      within(pickCounts(balancer(hosts, { lbPolicy: 'LEAST_REQUEST' }), 20_000)[0]!, 1 / 4, 20_000),
    ).toBe(true);
  });

  it('never picks the busier one with a full scan', () => {
    const hosts = hostSet([{ hosts: 3 }]);
    hosts.activeRequests[0] = 1;
    const counts = pickCounts(
      balancer(hosts, { lbPolicy: 'LEAST_REQUEST', leastRequestLbConfig: { selectionMethod: 'FULL_SCAN' } }),
      20_000,
    );
    expect(counts[0]).toBe(0);
    expect(within(counts[1]!, 1 / 2, 20_000)).toBe(true);
  });
});

describe('membership', () => {
  it('goes on with the rotation after a host came, modulo the new length', () => {
    const hosts = hostSet([{ hosts: 3 }]);
    const lb = balancer(hosts, {});
    const next = lb.chooseHost();
    hosts.assign({ clusterName: 'c', endpoints: endpointsOf([{ hosts: 4 }]) });
    lb.update();
    expect(pickCounts(lb, 8)).toEqual([2, 2, 2, 2]);
    expect(next).toBeLessThan(3);
  });

  it('forgets an ejection when the address leaves and comes back', () => {
    const hosts = hostSet([{ hosts: 2 }]);
    hosts.health[1] = FAILED_OUTLIER;
    expect(hosts.assign({ clusterName: 'c', endpoints: endpointsOf([{ hosts: 1 }]) })).toMatchObject({
      added: [],
      removed: [1],
    });
    const { added } = hosts.assign({ clusterName: 'c', endpoints: endpointsOf([{ hosts: 2 }]) });
    expect(added.map((host) => hosts.isHealthy(host))).toEqual([true]);
    expect(hosts.memberCount).toBe(2);
  });
});

it('refuses what Envoy rejects or what is not simulated, by name', () => {
  const one = hostSet([{ hosts: 1 }]);
  expect(lbProblem({ name: 'c' })).toBeNull();
  const tooLarge = { minimumRingSize: 8_388_609 };
  expect(lbProblem({ name: 'c', lbPolicy: 'RING_HASH', ringHashLbConfig: tooLarge })).toContain('at most');
  expect(() => balancer(one, { lbPolicy: 'CLUSTER_PROVIDED' })).toThrow('CLUSTER_PROVIDED');
  expect(() => balancer(one, { lbPolicy: 'MAGLEV', maglevLbConfig: { tableSize: 8 } })).toThrow('prime');
  const ring = { minimumRingSize: 20, maximumRingSize: 10 };
  expect(() => balancer(one, { lbPolicy: 'RING_HASH', ringHashLbConfig: ring })).toThrow(
    'minimum_ring_size (20) > maximum_ring_size (10)',
  );
});

// What every load-balancing policy promises, as one suite. Policies that hash keep shares only as exactly as their tables do.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEGRADED_EDS, FAILED_OUTLIER, NO_HOST } from '../../../../src/models/envoy/host-set.ts';
import type { LbPolicyDefinition } from '../../../../src/models/envoy/lb/policy.ts';
import { balancer, endpointsOf, hostSet, pickCounts } from './hosts.ts';

/** @param looseness how far a share of all picks may be from the even one, beyond five standard errors of chance */
export function describeLbPolicy(policy: LbPolicyDefinition, { looseness }: { looseness: number }): void {
  const lbPolicy = policy.name;
  const isNear = (count: number, share: number, picks: number) =>
    Math.abs(count - share * picks) <= 5 * Math.sqrt(picks * share * (1 - share)) + looseness * picks + 1e-9;

  describe(`${lbPolicy}, as every policy`, () => {
    it('finds nobody in an empty cluster', () => {
      expect(balancer(hostSet([]), { lbPolicy }).chooseHost()).toBe(NO_HOST);
    });

    it('never picks an ejected host outside panic, whatever is out', () => {
      fc.assert(
        fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 12 }), fc.nat(), (isOut, seed) => {
          const hosts = hostSet([{ hosts: isOut.length }]);
          for (const [host, out] of isOut.entries()) hosts.health[host] = out ? FAILED_OUTLIER : 0;
          hosts.refresh();
          const lb = balancer(
            hosts,
            { ...small(lbPolicy), commonLbConfig: { healthyPanicThreshold: 0 } },
            seed,
          );
          const counts = pickCounts(lb, 50);
          expect(counts.every((count, host) => count === 0 || !isOut[host])).toBe(true);
          expect(counts.reduce((a, b) => a + b, 0)).toBe(isOut.every(Boolean) ? 0 : 50);
        }),
        { numRuns: 60 },
      );
    });

    it('picks ill hosts too in panic, and counts it', () => {
      const hosts = hostSet([{ hosts: 4 }]);
      for (const host of [0, 1, 2]) hosts.health[host] = FAILED_OUTLIER;
      hosts.refresh();
      const lb = balancer(hosts, { lbPolicy });
      const counts = pickCounts(lb, 8000);
      for (const count of counts) expect(isNear(count, 1 / 4, 8000)).toBe(true);
      expect(lb.stats.lb_healthy_panic).toBe(8000);
    });

    it('gives equal hosts equal shares', () => {
      const counts = pickCounts(balancer(hostSet([{ hosts: 4 }]), { lbPolicy }), 40_000);
      for (const count of counts) expect(isNear(count, 1 / 4, 40_000)).toBe(true);
    });

    it('permutes shares when hosts of equal weight are permuted', () => {
      const shares = (order: number[]) => {
        const hosts = hostSet([]);
        const [group] = endpointsOf([{ hosts: 5 }]);
        const lbEndpoints = order.map((i) => group!.lbEndpoints[i]!);
        hosts.assign({ clusterName: 'c', endpoints: [{ ...group!, lbEndpoints }] });
        const counts = pickCounts(balancer(hosts, { lbPolicy }), 20_000);
        return new Map(hosts.address.map((address, host) => [address, counts[host]!]));
      };
      const straight = shares([0, 1, 2, 3, 4]);
      for (const [address, count] of shares([3, 1, 4, 0, 2]))
        expect(Math.abs(count - straight.get(address)!)).toBeLessThanOrEqual(
          5 * Math.sqrt(2 * 20_000 * 0.16),
        );
    });

    it('picks the same sequence for the same seed', () => {
      const sequence = () => {
        const lb = balancer(hostSet([{ hosts: [{ weight: 3 }, {}, {}] }]), { lbPolicy }, 7);
        return Array.from({ length: 100 }, () => lb.chooseHost());
      };
      expect(sequence()).toEqual(sequence());
    });

    it('shares 70/30 between a priority at half health and the next', () => {
      const hosts = hostSet([{ hosts: 4 }, { hosts: 4, priority: 1 }]);
      hosts.health[0] = FAILED_OUTLIER;
      hosts.health[1] = FAILED_OUTLIER;
      hosts.refresh();
      const counts = pickCounts(balancer(hosts, { lbPolicy }), 20_000);
      const first = counts.slice(0, 4).reduce((a, b) => a + b);
      expect(Math.abs(first - 14_000)).toBeLessThanOrEqual(5 * Math.sqrt(20_000 * 0.21));
    });

    it('looks for another host on a retry, and takes the last one all the same', () => {
      const lb = balancer(hostSet([{ hosts: 2 }]), { lbPolicy });
      let escaped = 0;
      for (let i = 0; i < 1000; i++)
        if (lb.chooseHost({ maxAttempts: 5, isRejected: (host) => host === 0 }) === 1) escaped++;
      expect(escaped).toBeGreaterThan(950);
      expect(lb.chooseHost({ maxAttempts: 5, isRejected: () => true })).not.toBe(NO_HOST);
    });

    if (policy.family === 'scheduled') {
      it('splits localities 90/10 exactly in any ten picks, in every one of 1,000 seeds', () => {
        const groups = [
          { hosts: 1, weight: 90 },
          { hosts: 1, weight: 10 },
        ];
        for (let seed = 0; seed < 1000; seed++) {
          const common = { commonLbConfig: { localityWeightedLbConfig: {} } };
          expect(pickCounts(balancer(hostSet(groups), { lbPolicy, ...common }, seed), 10)).toEqual([9, 1]);
        }
      });

      it('gives degraded hosts what the healthy ones cannot carry', () => {
        const hosts = hostSet([{ hosts: 4 }]);
        for (const host of [1, 2, 3]) hosts.health[host] = DEGRADED_EDS;
        hosts.refresh();
        const counts = pickCounts(balancer(hosts, { lbPolicy }), 20_000);
        expect(isNear(counts[0]!, 0.35, 20_000)).toBe(true);
      });

      it('follows the loads of a retry plug-in instead of its own', () => {
        const lb = balancer(hostSet([{ hosts: 2 }, { hosts: 2, priority: 1 }]), { lbPolicy });
        const retryLoads = { healthyLoad: [0, 100], degradedLoad: [0, 0] };
        const context = { hasHash: false, hashHi: 0, hashLo: 0, retryLoads, nowNs: 0 };
        for (let i = 0; i < 100; i++) expect(lb.chooseHost(null, context)).toBeGreaterThanOrEqual(2);
      });
    } else {
      it('keeps degraded hosts out of its table', () => {
        const hosts = hostSet([{ hosts: 4 }]);
        hosts.health[3] = DEGRADED_EDS;
        hosts.refresh();
        expect(new Set(Array.from(balancer(hosts, { lbPolicy }).tablePlaces(0)))).toEqual(new Set([0, 1, 2]));
      });

      it('sends a hash to the same host always, in every worker', () => {
        const hosts = hostSet([{ hosts: 5 }]);
        const workers = [balancer(hosts, { lbPolicy }, 1), balancer(hosts, { lbPolicy }, 2)];
        fc.assert(
          fc.property(fc.nat(0xffffffff), fc.nat(0xffffffff), (hashHi, hashLo) => {
            const context = { hasHash: true, hashHi, hashLo, nowNs: 0 };
            const chosen = [...workers, ...workers].map((lb) => lb.chooseHost(null, context));
            expect(new Set(chosen).size).toBe(1);
          }),
        );
      });

      it('keeps a key on its host when others leave, but for what its tables are known to move', () => {
        const hosts = hostSet([{ hosts: 5 }]);
        const lb = balancer(hosts, { lbPolicy });
        const keys = Array.from({ length: 4000 }, (_, i) => ({
          hasHash: true,
          hashHi: Math.imul(i, 0x9e3779b1) >>> 0,
          hashLo: Math.imul(i, 0x85ebca77) >>> 0,
          nowNs: 0,
        }));
        const before = keys.map((key) => lb.chooseHost(null, key));
        hosts.health[2] = FAILED_OUTLIER;
        hosts.refresh();
        lb.update();
        const without = keys.map((key) => lb.chooseHost(null, key));
        const moved = without.filter((host, i) => before[i] !== 2 && host !== before[i]).length;
        // Measured on Envoy 1.40: a ring moves 30 % of all keys where 20 % would do (points grow), Maglev 0.1 % needlessly.
        expect(moved / keys.length).toBeLessThan(lbPolicy === 'MAGLEV' ? 0.02 : 0.14);
        expect(without).not.toContain(2);
        hosts.health[2] = 0;
        hosts.refresh();
        lb.update();
        expect(keys.map((key) => lb.chooseHost(null, key))).toEqual(before);
      });
    }
  });
}

/** Small tables where many are built. */
function small(lbPolicy: LbPolicyDefinition['name']) {
  return { lbPolicy, maglevLbConfig: { tableSize: 251 }, ringHashLbConfig: { minimumRingSize: 128 } };
}

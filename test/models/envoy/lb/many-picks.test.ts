// Many picks at once leave what the same picks one by one leave: counts, and every pick after them.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Cluster } from '../../../../src/models/envoy/config.ts';
import { balancer, type Group, hostSet } from './hosts.ts';

const group: fc.Arbitrary<Group> = fc.record({
  hosts: fc.array(
    fc.record({
      weight: fc.constantFrom(1, 1, 1, 2, 5),
      health: fc.constantFrom(
        'HEALTHY' as const,
        'HEALTHY' as const,
        'DEGRADED' as const,
        'UNHEALTHY' as const,
      ),
    }),
    { minLength: 1, maxLength: 4 },
  ),
  weight: fc.integer({ min: 0, max: 9 }),
  priority: fc.constantFrom(0, 0, 1),
});
const worlds = fc.record({
  groups: fc.array(group, { minLength: 1, maxLength: 3 }),
  lbPolicy: fc.constantFrom<NonNullable<Cluster['lbPolicy']>[]>(
    'ROUND_ROBIN',
    'LEAST_REQUEST',
    'RANDOM',
    'RING_HASH',
  ),
  isLocalityWeighted: fc.boolean(),
  isFullScan: fc.boolean(),
  panic: fc.constantFrom(0, 50),
  before: fc.nat(5),
  picks: fc.constantFrom(0, 1, 7, 100, 2500, 20_000),
});

describe('many picks at once', () => {
  it('fall as one by one, and so do those after them', () => {
    let inTurn = 0;
    fc.assert(
      fc.property(worlds, ({ groups, lbPolicy, isLocalityWeighted, isFullScan, panic, before, picks }) => {
        const first = groups.findIndex((entry) => entry.priority === 0);
        const hosts = hostSet(first < 0 ? groups.map((entry) => ({ ...entry, priority: 0 })) : groups);
        const cluster: Partial<Cluster> = {
          lbPolicy,
          commonLbConfig: {
            healthyPanicThreshold: panic,
            ...(isLocalityWeighted && { localityWeightedLbConfig: {} }),
          },
          ...(isFullScan && { leastRequestLbConfig: { selectionMethod: 'FULL_SCAN' as const } }),
        };
        const [many, each] = [balancer(hosts, cluster), balancer(hosts, cluster)];
        for (let i = 0; i < before; i++) expect(many.chooseHost()).toBe(each.chooseHost());
        const [counts, expected] = [hosts.address.map(() => 0), hosts.address.map(() => 0)];
        const columns = new Float64Array(counts);
        many.chooseMany(picks, columns);
        for (let i = 0; i < picks; i++) {
          const host = each.chooseHost();
          if (host >= 0) expected[host]!++;
        }
        for (let i = 0; i < before; i++) expect(many.chooseTimelessly()).toBe(each.chooseHost());
        many.drawOwed();
        expect([...columns]).toEqual(expected);
        expect(many.healthyPanic).toBe(each.healthyPanic);
        const reach = many.reach()!;
        for (const [host, count] of expected.entries()) if (count > 0) expect(reach).toContain(host);
        for (let i = 0; i < 20; i++) expect(many.chooseHost()).toBe(each.chooseHost());
        const gap = many.longestGap();
        if (gap === Number.POSITIVE_INFINITY) return;
        inTurn++;
        for (let round = 0; round < 3; round++) {
          const seen = new Set(Array.from({ length: gap }, () => many.chooseHost()));
          expect([...seen].sort()).toEqual([...reach].sort());
        }
      }),
      { numRuns: 300 },
    );
    expect(inTurn).toBeGreaterThan(50);
  });

  it('reach only hosts that are chosen: no locality without weight, no later priority', () => {
    const hosts = hostSet([
      { hosts: 2, weight: 1 },
      { hosts: 2, weight: 0 },
      { hosts: 2, weight: 1, priority: 1 },
    ]);
    const lb = balancer(hosts, { commonLbConfig: { localityWeightedLbConfig: {} } });
    expect(lb.reach()).toEqual([0, 1]);
  });

  it('say when time matters: while a host may be in slow start', () => {
    const lb = balancer(hostSet([{ hosts: 2 }]), {
      lbPolicy: 'ROUND_ROBIN',
      roundRobinLbConfig: { slowStartConfig: { slowStartWindow: '10s' } },
    });
    expect([lb.isTimeless(5e9), lb.isTimeless(10.1e9)]).toEqual([false, true]);
  });
});

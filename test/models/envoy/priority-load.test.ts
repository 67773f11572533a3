import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { choosePriority, priorityLoad } from '../../../src/models/envoy/priority-load.ts';

const recorded = ['priority_load', 'panic'].flatMap(
  (name) =>
    JSON.parse(readFileSync(new URL(`../../recordings/envoy-cases/${name}.json`, import.meta.url), 'utf8'))
      .cases,
);

describe('priority loads and panic agree with the numbers of Envoy 1.40', () => {
  const cases = recorded.filter((entry) => entry.kind === 'priority_load');
  it('has cases to agree with', () => expect(cases.length).toBeGreaterThan(20));
  it.each(cases.map((entry) => [entry.id, entry]))('%s', (_, entry) => {
    const { priorities, overprovisioning_factor, panic_threshold, weighted_priority_health } = entry.input;
    const got = priorityLoad(
      priorities.map((p: Record<string, number>) => ({
        hosts: p.hosts ?? 0,
        healthy: p.healthy ?? 0,
        degraded: p.degraded ?? 0,
        excluded: p.excluded ?? 0,
        weightTotal: p.weight_hosts ?? p.weight_total,
        weightHealthy: p.weight_healthy,
        weightDegraded: p.weight_degraded,
        weightExcluded: p.weight_excluded,
      })),
      {
        overprovisioningFactor: overprovisioning_factor ?? 140,
        panicThreshold: panic_threshold ?? 50,
        weightedPriorityHealth: weighted_priority_health,
      },
    );
    const within = entry.tolerance ?? 0;
    for (const [key, list] of [
      ['healthy_load', got.healthyLoad],
      ['degraded_load', got.degradedLoad],
    ] as const) {
      for (const [i, value] of (entry.expect[key] ?? []).entries())
        expect(Math.abs(list[i]! - value)).toBeLessThanOrEqual(within);
    }
    if (entry.expect.panic) expect(got.panic).toEqual(entry.expect.panic);
  });

  it.each(recorded.filter((entry) => entry.kind === 'choose_priority').map((entry) => [entry.id, entry]))(
    '%s',
    (_, entry) => {
      const chosen = choosePriority(entry.input.random, entry.input.healthy_load, entry.input.degraded_load);
      expect([chosen >> 1, chosen & 1 ? 'degraded' : 'healthy']).toEqual([
        entry.expect.priority,
        entry.expect.availability,
      ]);
    },
  );
});

it('loads sum to 100 whatever the health of any priorities', () => {
  const level = fc
    .tuple(fc.nat(20), fc.nat(20), fc.nat(20))
    .map(([healthy, degraded, bad]) => ({ hosts: healthy + degraded + bad, healthy, degraded, excluded: 0 }));
  fc.assert(
    fc.property(
      fc.array(level, { minLength: 1, maxLength: 5 }),
      fc.nat(100),
      (priorities, panicThreshold) => {
        const { healthyLoad, degradedLoad } = priorityLoad(priorities, {
          overprovisioningFactor: 140,
          panicThreshold,
        });
        expect([...healthyLoad, ...degradedLoad].reduce((a, b) => a + b, 0)).toBe(100);
      },
    ),
  );
});

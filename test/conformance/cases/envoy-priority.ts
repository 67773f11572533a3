// Priority loads and panic: cases of the kinds priority_load and choose_priority.
import { choosePriority, priorityLoad } from '../../../src/models/envoy/priority-load.ts';
import { compareKeys, type Family, type Json } from './registry.ts';
import { rawDraw } from './tape.ts';

export const envoyPriority: Family = {
  priority_load({ input, expect, tolerance }) {
    const got = priorityLoad(
      input.priorities.map((level: Json) => ({
        hosts: level.hosts ?? 0,
        healthy: level.healthy ?? 0,
        degraded: level.degraded ?? 0,
        excluded: level.excluded ?? 0,
        weightTotal: level.weight_total ?? level.weight_hosts,
        weightHealthy: level.weight_healthy,
        weightDegraded: level.weight_degraded,
        weightExcluded: level.weight_excluded,
      })),
      {
        overprovisioningFactor: input.overprovisioning_factor ?? 140,
        panicThreshold: input.panic_threshold ?? 50,
        weightedPriorityHealth: input.weighted_priority_health ?? false,
      },
    );
    const byKey = { healthy_load: got.healthyLoad, degraded_load: got.degradedLoad, panic: got.panic };
    return compareKeys(byKey, expect, tolerance);
  },

  choose_priority({ input, expect }) {
    const chosen = choosePriority(rawDraw(input.random), input.healthy_load, input.degraded_load ?? []);
    return compareKeys({ priority: chosen >> 1, availability: chosen & 1 ? 'degraded' : 'healthy' }, expect);
  },
};

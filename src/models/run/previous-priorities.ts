// Envoy's previous_priorities: a retry leaves out the priority levels that earlier tries of the request went to.
// Source: Envoy source/extensions/retry/priority/previous_priorities/previous_priorities.cc (1.40).
import type { PriorityHosts } from '../envoy/priority-load.ts';

export interface RetryLoads {
  healthyLoad: Float64Array;
  degradedLoad: Float64Array;
}

/** Percent of a level's need that its hosts cover, as the balancer counts it. */
const availability = (part: number, level: PriorityHosts, factor: number): number => {
  const whole = level.hosts - level.excluded;
  return whole <= 0 ? 0 : Math.min(100, Math.floor((factor * part) / whole));
};

/**
 * Fills `loads` with the shares of the levels that are not excluded (bits).
 * @returns false when nothing is left to be asked: then the exclusions are to be forgotten
 */
export function loadsWithout(
  excluded: number,
  levels: readonly PriorityHosts[],
  overprovisioningFactor: number,
  loads: RetryLoads,
): boolean {
  const count = levels.length;
  let sum = 0;
  for (let i = 0; i < count; i++) {
    if ((excluded >>> i) & 1) continue;
    const level = levels[i]!;
    sum += availability(level.healthy, level, overprovisioningFactor);
    sum += availability(level.degraded, level, overprovisioningFactor);
  }
  const total = Math.min(100, sum);
  if (total === 0) return false;
  loads.healthyLoad.fill(0);
  loads.degradedLoad.fill(0);
  // Rounding leaves a rest: it goes round again, to the first level that has anything.
  for (let rest = 100; rest > 0; ) {
    for (const isDegraded of [false, true]) {
      const target = isDegraded ? loads.degradedLoad : loads.healthyLoad;
      for (let i = 0; i < count; i++) {
        if ((excluded >>> i) & 1) continue;
        const level = levels[i]!;
        const part = availability(isDegraded ? level.degraded : level.healthy, level, overprovisioningFactor);
        const share = Math.min(rest, Math.floor((part * 100) / total));
        target[i]! += share;
        rest -= share;
      }
    }
  }
  return true;
}

/** What a request remembers: levels asked (bits), how many hosts were, levels left out (bits). */
export interface AskedPriorities {
  asked: number;
  count: number;
  excluded: number;
}

/**
 * Moves on to the next try. @returns true when `loads` are to be used, false = the balancer's own
 */
export function nextRetryLoads(
  state: AskedPriorities,
  updateFrequency: number,
  levels: readonly PriorityHosts[],
  overprovisioningFactor: number,
  loads: RetryLoads,
): boolean {
  if (state.count < updateFrequency) return false;
  if (state.count % updateFrequency === 0) state.excluded |= state.asked;
  if (loadsWithout(state.excluded, levels, overprovisioningFactor, loads)) return true;
  state.asked = 0;
  state.count = 0;
  state.excluded = 0;
  return loadsWithout(0, levels, overprovisioningFactor, loads);
}

// How much of the traffic each priority level carries, and which levels panic: whole percents, every division truncates.
// Source: Envoy load_balancer_impl.cc recalculatePerPriorityState, recalculatePerPriorityPanic, recalculateLoadInTotalPanic (1.40).
import { remainder } from './draw.ts';

/** Host counts of one priority; the weight sums count only with weightedPriorityHealth. */
export interface PriorityHosts {
  hosts: number;
  healthy: number;
  degraded: number;
  excluded: number;
  weightTotal?: number;
  weightHealthy?: number;
  weightDegraded?: number;
  weightExcluded?: number;
}

export interface PriorityLoad {
  /** Percent per priority; healthy and degraded together are 100. */
  healthyLoad: number[];
  degradedLoad: number[];
  panic: boolean[];
}

export interface PriorityLoadOptions {
  /** Whole percent; default 140. */
  overprovisioningFactor: number;
  /** Whole percent; default 50. */
  panicThreshold: number;
  weightedPriorityHealth?: boolean;
}

/** @param previous the loads to keep when nothing is available and panic is switched off */
export function priorityLoad(
  priorities: readonly PriorityHosts[],
  options: PriorityLoadOptions,
  previous?: PriorityLoad,
): PriorityLoad {
  const factor = options.overprovisioningFactor;
  const available = (part: number, whole: number) =>
    whole <= 0 ? 0 : Math.min(100, Math.floor((factor * part) / whole));
  const healthy: number[] = [];
  const degraded: number[] = [];
  for (const level of priorities) {
    if (options.weightedPriorityHealth) {
      const whole = (level.weightTotal ?? 0) - (level.weightExcluded ?? 0);
      healthy.push(available(level.weightHealthy ?? 0, whole));
      degraded.push(available(level.weightDegraded ?? 0, whole));
    } else {
      healthy.push(available(level.healthy, level.hosts - level.excluded));
      degraded.push(available(level.degraded, level.hosts - level.excluded));
    }
  }
  const sum = (list: number[]) => list.reduce((total, value) => total + value, 0);
  const norm = Math.min(100, sum(healthy) + sum(degraded));
  let healthyLoad = priorities.map((_, i) => previous?.healthyLoad[i] ?? 0);
  let degradedLoad = priorities.map((_, i) => previous?.degradedLoad[i] ?? 0);
  if (norm > 0) {
    let rest = 100;
    const distribute = (availability: number) => {
      const load = Math.min(rest, Math.floor((availability * 100) / norm));
      rest -= load;
      return load;
    };
    healthyLoad = healthy.map(distribute);
    degradedLoad = degraded.map(distribute);
    if (rest > 0) {
      const first = healthy.findIndex((value) => value > 0);
      if (first >= 0) healthyLoad[first]! += rest;
      else degradedLoad[degraded.findIndex((value) => value > 0)]! += rest;
    }
  }
  const threshold = Math.min(100, Math.round(options.panicThreshold));
  if (threshold === 0) {
    if (norm === 0 && healthyLoad.length > 0) healthyLoad[0] = 100;
    return { healthyLoad, degradedLoad, panic: priorities.map(() => false) };
  }
  const panic = priorities.map((level) => norm < 100 && isInPanic(level, threshold));
  if (panic.every(Boolean)) {
    const all = priorities.reduce((total, level) => total + level.hosts, 0);
    healthyLoad = priorities.map((level) => (all === 0 ? 0 : Math.floor((100 * level.hosts) / all)));
    degradedLoad = priorities.map(() => 0);
    const first = priorities.findIndex((level) => level.hosts > 0);
    if (healthyLoad.length > 0) healthyLoad[Math.max(0, first)]! += 100 - sum(healthyLoad);
  }
  return { healthyLoad, degradedLoad, panic };
}

/** Fewer good hosts than the threshold [percent]; always host counts, never weights. Source: LoadBalancerBase::isHostSetInPanic. */
export function isInPanic(level: PriorityHosts, panicThreshold: number): boolean {
  const whole = level.hosts - level.excluded;
  const good = whole <= 0 ? 0 : (100 * level.healthy) / whole + (100 * level.degraded) / whole;
  return good < Math.min(100, Math.round(panicThreshold));
}

/** Walks the loads with h = draw mod 100 + 1. @returns priority * 2 + (1 when degraded) */
export function choosePriority(
  draw: number,
  healthyLoad: ArrayLike<number>,
  degradedLoad: ArrayLike<number>,
): number {
  const h = remainder(draw, 100) + 1;
  let reached = 0;
  for (let i = 0; i < healthyLoad.length; i++) {
    reached += healthyLoad[i]!;
    if (reached >= h) return i * 2;
  }
  for (let i = 0; i < degradedLoad.length; i++) {
    reached += degradedLoad[i]!;
    if (reached >= h) return i * 2 + 1;
  }
  return 0;
}

/** What choosePriority() says for every draw, because one level has all of the traffic; -1 = it depends on the draw. */
export function onlyChoice({ healthyLoad, degradedLoad }: PriorityLoad): number {
  const healthy = healthyLoad.indexOf(100);
  if (healthy >= 0 && healthyLoad.every((load, i) => i === healthy || load === 0)) return healthy * 2;
  const degraded = degradedLoad.indexOf(100);
  return degraded >= 0 && healthyLoad.every((load) => load === 0) ? degraded * 2 + 1 : -1;
}

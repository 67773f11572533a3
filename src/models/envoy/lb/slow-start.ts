// Slow start: a host that became healthy takes part with a growing share of its weight for one window. There is no timer: whether
// any host may be in its window is asked when schedules are made and when a host's weight is read.
// Source: Envoy load_balancer_impl.cc recalculateHostsInSlowStart, noHostsAreInSlowStart, applySlowStartFactor (1.40).
import type { SlowStartConfig } from '../config.ts';
import { parseDurationNs } from '../duration.ts';
import type { HostSet } from '../host-set.ts';

export class SlowStart {
  readonly #windowMs: number;
  /** When the newest host became healthy; at first the time of construction, so that a new balancer takes one window itself. */
  #latestNs: number;
  nowNs: number;

  constructor(
    readonly config: SlowStartConfig,
    readonly hosts: HostSet,
    nowNs: number,
  ) {
    this.#windowMs = Math.floor(parseDurationNs(config.slowStartWindow, 0) / 1e6);
    this.#latestNs = nowNs;
    this.nowNs = nowNs;
  }

  get isEnabled(): boolean {
    return this.#windowMs > 0;
  }

  /** Some host may be in its window. */
  get isActive(): boolean {
    return wholeMs(this.nowNs - this.#latestNs) <= this.#windowMs;
  }

  /** Looks at a list at an update; a healthy host that was never seen starts now. */
  note(list: readonly number[]): void {
    const { lastHcPassNs } = this.hosts;
    for (const host of list) {
      if (!this.hosts.isHealthy(host)) continue;
      if (Number.isNaN(lastHcPassNs[host]!)) lastHcPassNs[host] = this.nowNs;
      const passed = lastHcPassNs[host]!;
      if (passed > this.#latestNs && wholeMs(this.nowNs - passed) <= this.#windowMs) this.#latestNs = passed;
    }
  }

  /** Share of its weight that a host takes part with now. */
  factor(host: number): number {
    if (!this.isActive) return 1;
    const passed = this.hosts.lastHcPassNs[host]!;
    if (Number.isNaN(passed) || !this.hosts.isHealthy(host)) return 1;
    const elapsedMs = wholeMs(this.nowNs - passed);
    if (elapsedMs >= this.#windowMs) return 1;
    return slowStartFactor(elapsedMs, this.#windowMs, this.config.aggression, this.config.minWeightPercent);
  }
}

/** max((max(1 ms, elapsed) / window)^(1/aggression), minWeightPercent / 100) */
export function slowStartFactor(
  elapsedMs: number,
  windowMs: number,
  aggression = 1,
  minWeightPercent = 10,
): number {
  const ratio = Math.max(1, elapsedMs) / windowMs;
  const usable = aggression > 0 ? aggression : 1;
  return Math.max(usable === 1 || ratio === 1 ? ratio : ratio ** (1 / usable), minWeightPercent / 100);
}

function wholeMs(ns: number): number {
  return Math.trunc(ns / 1e6);
}

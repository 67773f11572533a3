// How changes of hosts reach the workers: membership at once, health and weights at once unless the last update of the priority was less
// than the merge window ago; then they wait until one window after the first that had to wait.
// Source: Envoy cluster_manager_impl.cc scheduleUpdate, applyUpdates (1.40).
import type { Simulation } from '../../engine/simulation.ts';
import { MERGE_FLUSH } from './events.ts';

/** Priorities that an event's argument can name. */
export const PRIORITIES = 64;

export class PriorityUpdates {
  /** Last time that an update of a priority went out [ns], and the timer of the one that waits, 0 = none. */
  readonly #lastNs: number[] = [];
  readonly #timers: number[] = [];

  /**
   * @param cluster index for the event's argument  @param windowNs 0 = everything goes out at once
   * @param deliver tells the workers of a priority as it is now
   */
  constructor(
    readonly simulation: Simulation,
    readonly cluster: number,
    readonly windowNs: number,
    readonly deliver: (priority: number) => void,
  ) {}

  /** @param isMergeable no host came or left */
  changed(priority: number, isMergeable: boolean): void {
    const nowNs = this.simulation.nowNs;
    if (this.windowNs > 0) {
      // Envoy compares whole milliseconds.
      const sinceMs = Math.floor((nowNs - (this.#lastNs[priority] ?? Number.NEGATIVE_INFINITY)) / 1e6);
      if (isMergeable && sinceMs <= this.windowNs / 1e6) {
        if (!this.#timers[priority])
          this.#timers[priority] = this.simulation.schedule(
            this.windowNs,
            MERGE_FLUSH,
            this.cluster * PRIORITIES + priority,
          );
        return;
      }
      if (this.#timers[priority]) this.simulation.cancel(this.#timers[priority]!);
      this.#timers[priority] = 0;
      this.#lastNs[priority] = nowNs;
    }
    this.deliver(priority);
  }

  flush(priority: number): void {
    this.#timers[priority] = 0;
    this.#lastNs[priority] = this.simulation.nowNs;
    this.deliver(priority);
  }
}

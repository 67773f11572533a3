// The schedule of a priority's localities by weight, weakened as their hosts fall ill. Source: Envoy locality_wrr.cc (1.40).
import { EdfScheduler } from '../edf.ts';

export interface WeighedLocality {
  weight: number;
  hosts: number;
  /** Healthy hosts, or degraded ones in the schedule for degraded picks. */
  eligible: number;
  excluded: number;
}

export class LocalitySchedule {
  readonly #edf: EdfScheduler;

  /** The only locality, -1 = there are several. */
  readonly #only: number;

  private constructor(
    edf: EdfScheduler,
    /** Indexes of the localities that are chosen at all. */
    readonly chosen: readonly number[],
  ) {
    this.#edf = edf;
    this.#only = edf.size === 1 ? edf.peek() : -1;
  }

  /** @returns null when no locality can be chosen: the pick then falls through to all hosts */
  static create(
    localities: readonly WeighedLocality[],
    overprovisioningFactor: number,
    seed: number,
  ): LocalitySchedule | null {
    const weights = localities.map((locality) => effectiveWeight(locality, overprovisioningFactor));
    const scheduled = [...weights.keys()].filter((i) => weights[i]! > 0);
    if (scheduled.length === 0) return null;
    const weightOf = (i: number) => weights[i]!;
    return new LocalitySchedule(EdfScheduler.createWithPicks(scheduled, weightOf, seed), scheduled);
  }

  /** Index of the next locality; weights are constant until the next rebuild. */
  pick(): number {
    return this.#only >= 0 ? this.#only : this.#edf.pick();
  }

  /** Every locality is among so many picks in a row. */
  get longestGap(): number {
    return this.#only >= 0 ? 1 : this.#edf.longestGap;
  }

  /** So many picks at once. @param counts by locality, added to */
  pickMany(picks: number, counts: Float64Array): void {
    if (this.#only >= 0) counts[this.#only]! += picks;
    else this.#edf.pickCounts(picks, counts);
  }
}

/** weight x min(1, factor x eligible / (hosts - excluded)) */
export function effectiveWeight(locality: WeighedLocality, overprovisioningFactor: number): number {
  const whole = locality.hosts - locality.excluded;
  if (whole <= 0 || locality.weight === 0) return 0;
  return locality.weight * Math.min(1, (overprovisioningFactor / 100) * (locality.eligible / whole));
}

// Bounded load over a ring or table: a host with more than its share of the active requests passes requests on, in an order that the
// hash fixes. Source: Envoy thread_aware_lb_impl.cc BoundedLoadHashingLoadBalancer (1.40).
import { NO_HOST } from '../host-set.ts';
import type { NormalizedWeights } from './hash-weights.ts';
import { MersenneTwister } from './mersenne-twister.ts';
import type { HashTable } from './policy.ts';

export class BoundedLoad implements HashTable {
  readonly #shuffle: HashShuffle;
  readonly #weightOf = new Map<number, number>();

  /**
   * @param overloadOf active requests of a host over its slots, for its normalised weight; above 1 = overloaded
   * @param clusterActive active requests of the whole cluster, asked for once per pick and handed to overloadOf
   */
  constructor(
    readonly table: HashTable,
    readonly weights: NormalizedWeights,
    readonly overloadOf: (host: number, weight: number, clusterActive: number) => number,
    readonly clusterActive: () => number = () => 0,
  ) {
    this.#shuffle = new HashShuffle(weights.hosts.length);
    for (const [i, host] of weights.hosts.entries()) this.#weightOf.set(host, weights.weights[i]!);
  }

  get places(): ArrayLike<number> {
    return this.table.places;
  }

  choose(hashHi: number, hashLo: number, attempt: number): number {
    const { hosts, weights } = this.weights;
    const first = this.table.choose(hashHi, hashLo, attempt);
    if (first === NO_HOST) return NO_HOST;
    const active = this.clusterActive();
    let least = this.overloadOf(first, this.#weightOf.get(first)!, active);
    let best = first;
    if (least <= 1) return first;
    this.#shuffle.start(hashLo);
    for (let i = 0; i < hosts.length; i++) {
      const k = this.#shuffle.next(i);
      const host = hosts[k]!;
      if (host === first) continue;
      const overload = this.overloadOf(host, weights[k]!, active);
      if (overload <= 1) return host;
      if (overload < least) {
        best = host;
        least = overload;
      }
    }
    return best;
  }
}

/** A Fisher-Yates shuffle of 0..n-1, one element at a time. */
export class HashShuffle {
  readonly #order: Uint32Array;
  readonly #random = new MersenneTwister();

  constructor(readonly n: number) {
    this.#order = new Uint32Array(n);
  }

  /** @param seed low half of the hash */
  start(seed: number): void {
    for (let i = 0; i < this.n; i++) this.#order[i] = i;
    this.#random.seed(seed);
  }

  /** The i-th of the shuffled elements; to be asked for in order. */
  next(i: number): number {
    const j = i + this.#below(this.n - i);
    const chosen = this.#order[j]!;
    this.#order[j] = this.#order[i]!;
    this.#order[i] = chosen;
    return chosen;
  }

  /** Uniform in [0, k) by rejection over equal ranges. */
  #below(k: number): number {
    const range = Math.floor(4_294_967_296 / k);
    let value = k;
    while (value >= k) value = Math.floor(this.#random.uint32() / range);
    return value;
  }
}

/** Active requests of a host over the slots that its weight gives it. @param balanceFactor hash_balance_factor [percent] */
export function overloadFactor(
  hostActive: number,
  clusterActive: number,
  weight: number,
  balanceFactor: number,
): number {
  const totalSlots = Math.floor(((clusterActive + 1) * balanceFactor + 99) / 100);
  return hostActive / Math.max(1, Math.ceil(totalSlots * weight));
}

// Balancers with one table per priority, built when hosts change and read by every worker: the hash of the request (or a draw) chooses
// the priority and the place in its table. Source: Envoy thread_aware_lb_impl.cc (1.40).
import type { RandomStream } from '../../../engine/random.ts';
import { modulo64 } from '../hash64.ts';
import { type HostSet, NO_HOST, type PriorityMembers } from '../host-set.ts';
import { choosePriority, type PriorityLoad } from '../priority-load.ts';
import { BoundedLoad, overloadFactor } from './bounded-load.ts';
import { hashKey } from './hash-key.ts';
import { type NormalizedWeights, normalizeWeights } from './hash-weights.ts';
import type { Picker, PickerParts } from './picker.ts';
import type { HashingPolicyDefinition, HashTable, PickContext, Reselection } from './policy.ts';
import { PriorityState } from './priority-state.ts';

/** A table and what it was made of. */
interface BuiltTable {
  cluster: object;
  isInPanic: boolean;
  table: HashTable;
}

/** The workers of a proxy share tables: the lists of a priority are one object for all of them, replaced at every change. */
const built = new WeakMap<PriorityMembers, BuiltTable[]>();

/** The last tables of a cluster by what they were made of: a host that goes and comes back brings the old table back. */
const remembered = new WeakMap<HostSet, Map<string, { cluster: object; table: HashTable }>>();
const MOST_REMEMBERED = 8;

export class HashPicker implements Picker {
  lastPriority = 0;
  readonly #state: PriorityState;
  readonly #draw: RandomStream;
  readonly #keyOf: (host: number) => string;
  readonly #balanceFactor: number;
  #tables: HashTable[] = [];

  constructor(
    readonly definition: HashingPolicyDefinition,
    readonly parts: PickerParts,
  ) {
    const { cluster, hosts, lists, draw } = parts;
    this.#draw = draw;
    this.#state = new PriorityState(cluster, hosts, lists);
    const consistent = cluster.commonLbConfig?.consistentHashingLbConfig;
    const useHostname = consistent?.useHostnameForHashing ?? false;
    this.#keyOf = (host) =>
      hashKey(hosts.address[host]!, hosts.hostname[host] ?? '', hosts.metadata[host], useHostname);
    this.#balanceFactor = consistent?.hashBalanceFactor ?? 0;
    this.update();
  }

  get load(): PriorityLoad {
    return this.#state.load;
  }

  /** The hosts of a priority's table, place by place. */
  places(priority: number): ArrayLike<number> {
    return this.#tables[priority]?.places ?? [];
  }

  update(): void {
    this.#state.update();
    const { panic } = this.#state.load;
    this.#tables = this.parts.lists.priorities.map((members, i) => this.#tableOf(members, panic[i]!));
  }

  localClusterChanged(): void {}

  #tableOf(members: PriorityMembers, isInPanic: boolean): HashTable {
    const { cluster, hosts } = this.parts;
    const known = built.get(members) ?? [];
    built.set(members, known);
    const same = known.find((entry) => entry.cluster === cluster && entry.isInPanic === isInPanic);
    if (same) return same.table;
    const isLocalityWeighted = cluster.commonLbConfig?.localityWeightedLbConfig !== undefined;
    const weights = normalizeWeights(members, hosts.weight, isInPanic, isLocalityWeighted);
    const table = this.#remember(weights);
    known.push({ cluster, isInPanic, table });
    return table;
  }

  #remember(weights: NormalizedWeights): HashTable {
    const { cluster, hosts } = this.parts;
    const tables = remembered.get(hosts) ?? new Map<string, { cluster: object; table: HashTable }>();
    remembered.set(hosts, tables);
    const content = JSON.stringify(
      weights.hosts.map((host, i) => [host, this.#keyOf(host), weights.weights[i]]),
    );
    const known = tables.get(content);
    if (known?.cluster === cluster) return known.table;
    const table = this.#build(weights);
    for (const oldest of tables.keys()) {
      if (tables.size < MOST_REMEMBERED) break;
      tables.delete(oldest);
    }
    tables.set(content, { cluster, table });
    return table;
  }

  #build(weights: NormalizedWeights): HashTable {
    const { cluster, hosts } = this.parts;
    const table = this.definition.buildTable(cluster, weights, this.#keyOf);
    const factor = this.#balanceFactor;
    if (factor === 0) return table;
    return new BoundedLoad(
      table,
      weights,
      (host, weight, active) => overloadFactor(hosts.activeRequests[host]!, active, weight, factor),
      () => sum(hosts.activeRequests),
    );
  }

  choose(reselection: Reselection | null, context: PickContext | null): number {
    let hi: number;
    let lo: number;
    if (context?.hasHash) {
      hi = context.hashHi;
      lo = context.hashLo;
    } else {
      // A 64-bit draw: the low half first.
      lo = this.#draw.uint32();
      hi = this.#draw.uint32();
    }
    const { healthyLoad, degradedLoad, panic } = this.#state.load;
    const priority = choosePriority(modulo64(hi, lo, 100), healthyLoad, degradedLoad) >> 1;
    this.lastPriority = priority;
    const table = this.#tables[priority];
    if (panic[priority]) this.parts.stats.lb_healthy_panic++;
    if (table === undefined) return NO_HOST;
    let host = table.choose(hi, lo, 0);
    if (reselection === null) return host;
    for (
      let attempt = 1;
      attempt <= reselection.maxAttempts && host !== NO_HOST && reselection.isRejected(host);
      attempt++
    )
      host = table.choose(hi, lo, attempt);
    return host;
  }

  /** Without a hash the place is drawn. */
  reach(): number[] {
    const { healthyLoad, degradedLoad } = this.#state.load;
    const tables = this.#tables.filter((_, i) => healthyLoad[i]! + degradedLoad[i]! > 0);
    return [...new Set(tables.flatMap((table) => Array.from(table.places)))];
  }

  isTimeless(): boolean {
    return true;
  }

  drawOwed(): void {}

  longestGap(): number {
    return Number.POSITIVE_INFINITY;
  }

  chooseTimelessly(): number {
    return this.choose(null, null);
  }

  chooseMany(picks: number, counts: Float64Array): void {
    for (let i = 0; i < picks; i++) counts[this.choose(null, null)]!++;
  }

  peekAnother(): number {
    return NO_HOST;
  }
}

function sum(numbers: readonly number[]): number {
  let total = 0;
  for (const value of numbers) total += value;
  return total;
}

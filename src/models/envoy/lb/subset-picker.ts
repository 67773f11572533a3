// Subset load balancing: hosts with equal metadata form subsets, each with a balancer of its own; a request names its subset by the
// route's metadata match, and fallbacks say what happens when there is none. Source: Envoy subset_lb.cc (1.40).
import type { Cluster, LbSubsetConfig } from '../config.ts';
import { NO_HOST } from '../host-set.ts';
import type { PriorityLoad } from '../priority-load.ts';
import type { Picker, PickerParts } from './picker.ts';
import type { PickContext, Reselection } from './policy.ts';
import { SubsetHosts } from './subset-hosts.ts';

type Criteria = Readonly<Record<string, string>>;

interface Subset {
  lists: SubsetHosts;
  /** null = the single host of it is taken as it is, ill or not. */
  picker: Picker | null;
  /** Being filled during an update. */
  filling: Set<number>;
}

interface Selector {
  keys: string[];
  isSingleHost: boolean;
}

interface Fallback {
  policy: string;
  keysSubset: string[];
}

/** Where a metadata match leads: a subset of its own, the selector's fallback (with fewer keys, maybe), or the general one. */
interface Resolution {
  subset: Subset | null;
  fallback: Fallback | null;
  fewer: Criteria | null;
}

export class SubsetPicker implements Picker {
  readonly #selectors: Selector[];
  /** By keys of the selector. */
  readonly #fallbacks = new Map<string, Fallback>();
  /** By keys and values. */
  readonly #subsets = new Map<string, Subset>();
  readonly #any: Subset | null;
  readonly #default: Subset | null;
  readonly #fallback: Subset | null;
  readonly #config: LbSubsetConfig;
  readonly #innerCluster: Cluster;
  #resolved = new Map<Criteria, Resolution>();
  #last: Picker | null = null;
  #nowNs: number;

  constructor(
    readonly parts: PickerParts,
    readonly createPicker: (parts: PickerParts) => Picker,
  ) {
    const { cluster, options } = parts;
    const config = cluster.lbSubsetConfig!;
    this.#config = config;
    this.#nowNs = options.nowNs ?? 0;
    this.#innerCluster = innerClusterOf(cluster);
    this.#selectors = (config.subsetSelectors ?? []).map((selector) => ({
      keys: [...new Set(selector.keys)].sort(),
      isSingleHost: selector.singleHostPerSubset ?? false,
    }));
    this.#readFallbacks(config);
    const policies = [config.fallbackPolicy, ...[...this.#fallbacks.values()].map((entry) => entry.policy)];
    this.#any = config.panicModeAny || policies.includes('ANY_ENDPOINT') ? this.#createSubset(false) : null;
    this.#default = policies.includes('DEFAULT_SUBSET') ? this.#createSubset(false) : null;
    this.#fallback =
      config.fallbackPolicy === 'ANY_ENDPOINT'
        ? this.#any
        : config.fallbackPolicy === 'DEFAULT_SUBSET'
          ? this.#default
          : null;
    this.update(this.#nowNs);
  }

  /** Envoy keeps selectors in a tree of keys and notes a fallback only at a node that it makes: a later prefix of an earlier one has none. */
  #readFallbacks(config: LbSubsetConfig): void {
    const seen = new Set<string>();
    for (const [i, selector] of (config.subsetSelectors ?? []).entries()) {
      const { keys } = this.#selectors[i]!;
      for (let length = 1; length <= keys.length; length++) {
        const path = keyOf(keys.slice(0, length));
        if (seen.has(path)) continue;
        seen.add(path);
        if (length === keys.length)
          this.#fallbacks.set(path, {
            policy: selector.fallbackPolicy ?? 'NOT_DEFINED',
            keysSubset: selector.fallbackKeysSubset ?? [],
          });
      }
    }
  }

  get load(): PriorityLoad {
    return this.#last?.load ?? { healthyLoad: [], degradedLoad: [], panic: [] };
  }

  get lastPriority(): number {
    return this.#last?.lastPriority ?? 0;
  }

  #createSubset(isSingleHost: boolean): Subset {
    const { hosts, draw, options, stats } = this.parts;
    const lists = new SubsetHosts(hosts, this.#config);
    const picker = isSingleHost
      ? null
      : this.createPicker({
          cluster: this.#innerCluster,
          hosts,
          lists,
          draw,
          options: { ...options, nowNs: this.#nowNs },
          stats,
        });
    return { lists, picker, filling: new Set() };
  }

  update(nowNs: number, priority?: number): void {
    this.#nowNs = nowNs;
    for (const i of this.parts.hosts.priorities.keys())
      if (priority === undefined || priority === i) this.#updatePriority(nowNs, i);
    for (const [key, subset] of this.#subsets) {
      if (subset.lists.isActive) continue;
      this.#subsets.delete(key);
      this.parts.stats.lb_subsets_removed++;
    }
    this.#resolved = new Map();
  }

  #updatePriority(nowNs: number, priority: number): void {
    const { hosts, stats } = this.parts;
    const all = hosts.priorities[priority]!.hosts;
    const fixed = [this.#any, this.#default].filter((subset) => subset !== null);
    for (const host of all) {
      this.#any?.filling.add(host);
      if (matches(hosts.metadata[host], this.#config.defaultSubset ?? {})) this.#default?.filling.add(host);
      for (const selector of this.#selectors) {
        const key = valuesKey(selector.keys, hosts.metadata[host]);
        if (key === null) continue;
        let subset = this.#subsets.get(key);
        if (!subset) {
          subset = this.#createSubset(selector.isSingleHost);
          this.#subsets.set(key, subset);
          stats.lb_subsets_created++;
        }
        if (subset.picker !== null || subset.filling.size === 0) subset.filling.add(host);
      }
    }
    for (const subset of [...fixed, ...this.#subsets.values()]) {
      subset.lists.set(priority, subset.filling);
      subset.filling = new Set();
      subset.picker?.update(nowNs, priority);
    }
  }

  localClusterChanged(nowNs: number): void {
    for (const subset of [this.#any, this.#default, ...this.#subsets.values()])
      subset?.picker?.localClusterChanged(nowNs);
  }

  choose(reselection: Reselection | null, context: PickContext | null): number {
    let criteria = context?.metadataMatch ?? null;
    // Each round drops keys or ends.
    while (criteria !== null) {
      const { subset, fallback, fewer } = this.#resolve(criteria);
      if (subset) {
        this.parts.stats.lb_subsets_selected++;
        return this.#chooseFrom(subset, reselection, context);
      }
      if (fallback === null) break;
      if (fallback.policy === 'ANY_ENDPOINT') return this.#chooseFrom(this.#any!, reselection, context);
      if (fallback.policy === 'DEFAULT_SUBSET') return this.#chooseFrom(this.#default!, reselection, context);
      if (fallback.policy !== 'KEYS_SUBSET' || fewer === null) return NO_HOST;
      criteria = fewer;
    }
    return this.#chooseFallback(reselection, context);
  }

  #chooseFallback(reselection: Reselection | null, context: PickContext | null): number {
    const { stats } = this.parts;
    if (this.#fallback === null) return NO_HOST;
    let host = this.#chooseFrom(this.#fallback, reselection, context);
    if (host !== NO_HOST) stats.lb_subsets_fallback++;
    else if (this.#config.panicModeAny) {
      host = this.#chooseFrom(this.#any!, reselection, context);
      if (host !== NO_HOST) stats.lb_subsets_fallback_panic++;
    }
    return host;
  }

  #chooseFrom(subset: Subset, reselection: Reselection | null, context: PickContext | null): number {
    if (subset.picker === null) return subset.lists.firstHost ?? NO_HOST;
    this.#last = subset.picker;
    return subset.picker.choose(reselection, context);
  }

  /** Worked out once per metadata match (an object of the route) and update. */
  #resolve(criteria: Criteria): Resolution {
    const known = this.#resolved.get(criteria);
    if (known) return known;
    const keys = Object.keys(criteria).sort();
    const subset = this.#subsets.get(valuesKey(keys, criteria) ?? '');
    const given = this.#fallbacks.get(keyOf(keys)) ?? null;
    const fallback = given === null || given.policy === 'NOT_DEFINED' ? null : given;
    const kept = keys.filter((key) => fallback?.keysSubset.includes(key));
    const resolution = {
      subset: subset?.lists.isActive ? subset : null,
      fallback,
      fewer:
        fallback && kept.length < keys.length
          ? Object.fromEntries(kept.map((key) => [key, criteria[key]!]))
          : null,
    };
    this.#resolved.set(criteria, resolution);
    return resolution;
  }

  reach(): null {
    return null;
  }

  isTimeless(): boolean {
    return false;
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

/** Without locality_weight_aware, subsets know no locality weights. */
function innerClusterOf(cluster: Cluster): Cluster {
  const { lbSubsetConfig, ...inner } = cluster;
  if (lbSubsetConfig?.localityWeightAware || !inner.commonLbConfig) return inner;
  const { localityWeightedLbConfig: _, ...common } = inner.commonLbConfig;
  return { ...inner, commonLbConfig: common };
}

function keyOf(keys: readonly string[]): string {
  return JSON.stringify(keys);
}

/** null = the host lacks one of the keys. */
function valuesKey(keys: readonly string[], metadata: Criteria | undefined): string | null {
  if (!metadata || keys.length === 0) return null;
  const pairs: [string, string][] = [];
  for (const key of keys) {
    if (!Object.hasOwn(metadata, key)) return null;
    pairs.push([key, metadata[key]!]);
  }
  return JSON.stringify(pairs);
}

function matches(metadata: Criteria | undefined, wanted: Criteria): boolean {
  return Object.entries(wanted).every(
    ([key, value]) => metadata !== undefined && Object.hasOwn(metadata, key) && metadata[key] === value,
  );
}

// One worker's load balancer for one cluster: what a proxy asks for a host. Which kind of balancer answers follows from the cluster.
// Source: Envoy load_balancer_impl.cc, thread_aware_lb_impl.cc, subset_lb.cc (1.40).
import type { RandomStream } from '../../../engine/random.ts';
import type { Cluster } from '../config.ts';
import type { HostSet } from '../host-set.ts';
import type { PriorityLoad } from '../priority-load.ts';
import { HashPicker } from './hash-picker.ts';
import type { Picker, PickerParts } from './picker.ts';
import { type BalancerOptions, LbStats, type PickContext, type Reselection } from './policy.ts';
import { lbPolicies } from './registry.ts';
import { ScheduledPicker } from './scheduled-picker.ts';
import { SubsetPicker } from './subset-picker.ts';

export { type BalancerOptions, LbStats, type PickContext, type Reselection } from './policy.ts';

export class LoadBalancer {
  /** Counters under Envoy's names. */
  readonly stats = new LbStats();
  readonly #picker: Picker;

  /** @throws RangeError where lbProblem() has something to say */
  constructor(
    readonly cluster: Cluster,
    readonly hosts: HostSet,
    readonly draw: RandomStream,
    readonly options: BalancerOptions = {},
  ) {
    const parts: PickerParts = { cluster, hosts, lists: hosts, draw, options, stats: this.stats };
    this.#picker = hasSubsets(cluster) ? new SubsetPicker(parts, createPicker) : createPicker(parts);
  }

  /** Does a pick depend on the time, or on what a request brings? */
  get readsContext(): boolean {
    return !(this.#picker instanceof ScheduledPicker) || this.#picker.hasSlowStart;
  }

  /** Percent of the traffic by priority. */
  get load(): PriorityLoad {
    return this.#picker.load;
  }

  /** Where the last pick was made, for explanations. */
  get lastPriority(): number {
    return this.#picker.lastPriority;
  }

  /** Picks made over all hosts, ill ones too. */
  get healthyPanic(): number {
    return this.stats.lb_healthy_panic;
  }

  /**
   * The worker hears of a change of membership, health or weight.
   * @param priority the level that changed: the schedules of the others stay; absent = all of them
   */
  update(nowNs = 0, priority?: number): void {
    this.#picker.update(nowNs, priority);
  }

  /** The hosts of the local cluster changed. */
  localClusterChanged(nowNs = 0): void {
    this.#picker.localClusterChanged(nowNs);
  }

  /** @returns a host index or NO_HOST; with a reselection the last host is returned even when it is rejected */
  chooseHost(reselection: Reselection | null = null, context: PickContext | null = null): number {
    return this.#picker.choose(reselection, context);
  }

  /** Hosts that may be chosen as long as nothing changes; null = that depends on the request. */
  reach(): readonly number[] | null {
    return this.#picker.reach();
  }

  /** Can picks be made with no regard to time, and to what each request brings? */
  isTimeless(nowNs: number): boolean {
    return this.#picker.isTimeless(nowNs);
  }

  /** Every host in reach is among so many picks in a row, whatever is drawn; Infinity = draws have a say. */
  longestGap(): number {
    return this.#picker.longestGap();
  }

  /** chooseHost() of a timeless balancer, which may owe draws that have no say. */
  chooseTimelessly(): number {
    return this.#picker.chooseTimelessly();
  }

  /** The same so many times. @param counts by host, added to: less than `picks` in all where nobody could be chosen */
  chooseMany(picks: number, counts: Float64Array): void {
    this.#picker.chooseMany(picks, counts);
  }

  /** Makes the draws that are owed; due before chooseHost(). */
  drawOwed(): void {
    this.#picker.drawOwed();
  }

  /** The host that a later pick will choose, for predictive preconnecting; NO_HOST = cannot say. */
  peekAnotherHost(context: PickContext | null = null): number {
    return this.#picker.peekAnother(context);
  }

  /** Hosts of the ring or table of a priority, place by place; empty for policies without one. */
  tablePlaces(priority: number): ArrayLike<number> {
    return this.#picker instanceof HashPicker ? this.#picker.places(priority) : [];
  }
}

/** An lb_subset_config without selectors leaves subset load balancing off. */
function hasSubsets(cluster: Cluster): boolean {
  return (cluster.lbSubsetConfig?.subsetSelectors ?? []).length > 0;
}

/** Why the cluster's load balancing cannot be simulated: Envoy rejects it, or the policy is unknown; null = nothing is wrong. */
export function lbProblem(cluster: Cluster): string | null {
  const name = cluster.lbPolicy ?? 'ROUND_ROBIN';
  const definition = lbPolicies.find((entry) => entry.name === name);
  if (!definition) return `load balancing policy ${name} is not simulated`;
  return definition.family === 'hashing' ? definition.problemOf(cluster) : null;
}

function createPicker(parts: PickerParts): Picker {
  const { cluster } = parts;
  const problem = lbProblem(cluster);
  if (problem !== null) throw new RangeError(`cluster ${cluster.name}: ${problem}`);
  const definition = lbPolicies.find((entry) => entry.name === (cluster.lbPolicy ?? 'ROUND_ROBIN'))!;
  return definition.family === 'scheduled'
    ? new ScheduledPicker(definition, parts)
    : new HashPicker(definition, parts);
}

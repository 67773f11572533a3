// What the three kinds of balancers (scheduled, hashing, by subset) have in common for their owner.
import type { RandomStream } from '../../../engine/random.ts';
import type { Cluster } from '../config.ts';
import type { HostSet } from '../host-set.ts';
import type { PriorityLoad } from '../priority-load.ts';
import type { BalancerOptions, HostLists, LbStats, PickContext, Reselection } from './policy.ts';

export interface Picker {
  readonly load: PriorityLoad;
  /** Where the last pick was made. */
  readonly lastPriority: number;
  /** @param priority the level that changed; absent = all */
  update(nowNs: number, priority?: number): void;
  localClusterChanged(nowNs: number): void;
  /** @returns a host index or NO_HOST */
  choose(reselection: Reselection | null, context: PickContext | null): number;
  /** Hosts that it may choose as long as nothing changes; null = that depends on the request. */
  reach(): readonly number[] | null;
  /** Do picks depend neither on their time nor on what the request brings? */
  isTimeless(nowNs: number): boolean;
  /** Every host in reach is among so many picks in a row, whatever is drawn; Infinity = draws have a say. */
  longestGap(): number;
  /** choose() of a timeless picker, which may owe draws that have no say. */
  chooseTimelessly(): number;
  /** The same so many times. @param counts by host, added to: less than `picks` in all where nobody could be chosen */
  chooseMany(picks: number, counts: Float64Array): void;
  /** Makes the draws that are owed; due before choose(). */
  drawOwed(): void;
  /** Looks ahead at the host that the next pick will choose, for preconnecting. NO_HOST = cannot say. */
  peekAnother(context: PickContext | null): number;
}

/** What a picker is made of. */
export interface PickerParts {
  cluster: Cluster;
  /** Columns by host index. */
  hosts: HostSet;
  /** Which of these hosts. */
  lists: HostLists;
  draw: RandomStream;
  options: BalancerOptions;
  stats: LbStats;
}

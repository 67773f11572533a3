// The contracts inside load balancing. A scheduled policy chooses from one list of hosts after priority, panic and locality are decided;
// a hashing policy makes one table per priority that every worker reads.
import type { IntegerStream } from '../../../engine/random.ts';
import type { Cluster } from '../config.ts';
import type { HostSet, PriorityMembers } from '../host-set.ts';
import type { NormalizedWeights } from './hash-weights.ts';
import type { Schedule } from './schedule.ts';

/** What a request brings to its pick. One object can be reused for every pick; the balancer keeps no reference to it. */
export interface PickContext {
  /** A hash policy of the route produced a hash (see hash-policy.ts); its two 32-bit halves, unsigned. */
  hasHash: boolean;
  hashHi: number;
  hashLo: number;
  /** Route metadata match of the subset load balancer; one object per route, looked up by identity. */
  metadataMatch?: Readonly<Record<string, string>> | undefined;
  /** Loads supplied by a retry-priority plug-in instead of the balancer's own. */
  retryLoads?: { healthyLoad: ArrayLike<number>; degradedLoad: ArrayLike<number> } | null | undefined;
  /** Simulated time [ns]; slow start reads it. */
  nowNs: number;
}

/** How often a retry may look for another host than the rejected ones. */
export interface Reselection {
  maxAttempts: number;
  isRejected: (host: number) => boolean;
}

/** What a balancer is told beside its cluster. */
export interface BalancerOptions {
  /** Time of construction [ns]. Absent = 0. */
  nowNs?: number;
  /** Hosts of the bootstrap's local cluster: switches zone-aware routing on where the policy knows it. */
  localHosts?: HostSet | undefined;
  /** Runtime guard least_request_lb_active_request_bias_forces_weighted; off in 1.40.0 (measured), on after it. */
  biasForcesWeighted?: boolean;
}

/** The lists that a balancer chooses from: a whole cluster's, or those of one subset of it. */
export interface HostLists {
  readonly priorities: readonly PriorityMembers[];
  readonly overprovisioningFactor: number;
  readonly weightedPriorityHealth: boolean;
}

/** One list of hosts that a policy chooses from: all, healthy or degraded hosts of a priority, or those of one locality. */
export interface HostSource {
  hosts: readonly number[];
  /** Round robin's place; survives membership changes. Starts at the balancer's seed. */
  index: number;
  /** Present when host weights differ, a host may be in slow start, or the policy wants it. */
  schedule: Schedule | null;
}

export interface ScheduledPolicyDefinition {
  family: 'scheduled';
  /** Envoy's enum name. */
  name: NonNullable<Cluster['lbPolicy']>;
  /** Weighted schedule when the hosts' weights differ, slow start; takes a seed when it is made. */
  usesWeights: boolean;
  /** The number of draws it takes from the stream is part of its behaviour. */
  create(cluster: Cluster, hosts: HostSet, draw: IntegerStream, options: BalancerOptions): ScheduledPolicy;
}

export interface ScheduledPolicy {
  /** Chooses from a source without a schedule; its list is not empty. `priorityDraw` is the draw that chose the priority, for remainder(). */
  pick(source: HostSource, priorityDraw: number): number;
  /**
   * Draws that a pick from a source without a schedule takes beside the priority draw, where the source is such that none of all these
   * draws has a say; -1 = they have.
   */
  blindDraws(source: HostSource): number;
  /**
   * Which of a pick's draws chooses by its remainder, 0 being the priority draw, where it is as simple as that now for a source without a
   * schedule, however long; else -1.
   */
  decidingDraw(source: HostSource): number;
  /** Draws of such a pick, with the priority draw. */
  drawsOfPick: number;
  /** So many picks at once, where draws have no say; the draws are the caller's. @param counts by host, added to */
  pickBlindly(source: HostSource, picks: number, counts: Float64Array): void;
  /** The host that pick() will choose after `ahead` other picks from the source, without choosing it; NO_HOST = cannot say. */
  peek(source: HostSource, priorityDraw: number, ahead: number): number;
  /** Weight in the schedule before slow start, asked for each time the host is picked. */
  scheduledWeight(host: number): number;
  /** Wants a schedule even for equal weights. */
  forcesSchedule(): boolean;
  /** An update came: settings that runtime may have changed are read again. */
  refresh(): void;
}

/** pickBlindly() of a policy that has no choice but among one. */
export function pickOnly(source: HostSource, picks: number, counts: Float64Array): void {
  counts[source.hosts[0]!]! += picks;
}

export interface HashingPolicyDefinition {
  family: 'hashing';
  name: NonNullable<Cluster['lbPolicy']>;
  /** What Envoy would reject the cluster for; null = nothing. */
  problemOf(cluster: Cluster): string | null;
  buildTable(cluster: Cluster, weights: NormalizedWeights, keyOf: (host: number) => string): HashTable;
}

/** Where a 64-bit hash, given in two halves, leads. */
export interface HashTable {
  /** @param attempt counts from 0; later ones lead elsewhere  @returns NO_HOST when the table is empty */
  choose(hashHi: number, hashLo: number, attempt: number): number;
  /** Host of each place, in order; for explanations. */
  readonly places: ArrayLike<number>;
}

export type LbPolicyDefinition = ScheduledPolicyDefinition | HashingPolicyDefinition;

/** Counters under Envoy's names. */
export class LbStats {
  lb_healthy_panic = 0;
  lb_local_cluster_not_ok = 0;
  lb_recalculate_zone_structures = 0;
  lb_zone_cluster_too_small = 0;
  lb_zone_no_capacity_left = 0;
  lb_zone_routing_all_directly = 0;
  lb_zone_routing_sampled = 0;
  lb_zone_routing_cross_zone = 0;
  lb_subsets_created = 0;
  lb_subsets_removed = 0;
  lb_subsets_selected = 0;
  lb_subsets_fallback = 0;
  lb_subsets_fallback_panic = 0;
}

// One worker's load balancer for one cluster: draws a priority, minds panic, follows the locality schedule, asks the policy.
// Source: Envoy load_balancer_impl.cc chooseHost / hostSourceToUse, locality_wrr.cc (1.40).
import type { RandomStream } from '../../../engine/random.ts';
import type { Cluster } from '../config.ts';
import { EdfScheduler } from '../edf.ts';
import { type HostSet, type LocalityHosts, NO_HOST } from '../host-set.ts';
import { choosePriority, type PriorityLoad, priorityLoad } from '../priority-load.ts';
import { type HostSource, type LbPolicy, scheduleFor } from './policy.ts';
import { lbPolicies } from './registry.ts';

/** Kinds of sources of one priority; locality i adds 2i. */
const ALL = 0;
const HEALTHY = 1;
const DEGRADED = 2;
const FIRST_LOCALITY = 3;

/** The weights are constants until the next rebuild. */
interface LocalitySchedule {
  edf: EdfScheduler;
  weightOf: (locality: number) => number;
}

/** What a request brings to its pick. One object can be reused for every pick; the balancer keeps no reference to it. */
export interface PickContext {
  /** A hash policy of the route produced a hash (see hash-policy.ts); its two 32-bit halves, unsigned. */
  hasHash: boolean;
  hashHi: number;
  hashLo: number;
  /** Route metadata match of the subset load balancer. */
  metadataMatch?: Record<string, string> | undefined;
  /** Loads supplied by a retry-priority plug-in instead of the balancer's own. */
  retryLoads?: { healthyLoad: ArrayLike<number>; degradedLoad: ArrayLike<number> } | null | undefined;
  /** Simulated time [ns]; slow start reads it. */
  nowNs: number;
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

/** How often a retry may look for another host than the rejected ones. */
export interface Reselection {
  maxAttempts: number;
  isRejected: (host: number) => boolean;
}

export class LoadBalancer {
  readonly #seed: number;
  readonly #policy: LbPolicy;
  readonly #sources = new Map<number, HostSource>();
  #localitySchedules: { healthy: LocalitySchedule | null; degraded: LocalitySchedule | null }[] = [];
  load: PriorityLoad = { healthyLoad: [], degradedLoad: [], panic: [] };
  /** Where the last pick was made, for explanations. */
  lastPriority = 0;
  /** Picks made over all hosts, ill ones too. Envoy's counter lb_healthy_panic. */
  healthyPanic = 0;

  /** @throws RangeError for a policy that is not in the registry */
  constructor(
    readonly cluster: Cluster,
    readonly hosts: HostSet,
    readonly draw: RandomStream,
    readonly options: BalancerOptions = {},
  ) {
    const name = cluster.lbPolicy ?? 'ROUND_ROBIN';
    const definition = lbPolicies.find((entry) => entry.name === name);
    if (!definition)
      throw new RangeError(`cluster ${cluster.name}: load balancing policy ${name} is not simulated`);
    const slowStart =
      cluster.roundRobinLbConfig?.slowStartConfig ?? cluster.leastRequestLbConfig?.slowStartConfig;
    if (slowStart) throw new RangeError(`cluster ${cluster.name}: slowStartConfig is not simulated`);
    if (cluster.lbSubsetConfig)
      throw new RangeError(`cluster ${cluster.name}: lbSubsetConfig is not simulated`);
    this.#seed = name === 'RANDOM' ? 0 : draw.uint32();
    this.#policy = definition.create(cluster, hosts, draw);
    this.#usesWeights = definition.usesWeights;
    this.update();
  }
  readonly #usesWeights: boolean;

  /**
   * The worker hears of a change of membership, health or weight.
   * @param priority the level that changed: the schedules of the others stay; absent = all of them
   */
  update(_nowNs = 0, _priority?: number): void {
    const options = {
      overprovisioningFactor: this.hosts.overprovisioningFactor,
      panicThreshold: this.cluster.commonLbConfig?.healthyPanicThreshold ?? 50,
      weightedPriorityHealth: this.hosts.weightedPriorityHealth,
    };
    this.load = priorityLoad(this.hosts.counts(), options, this.load);
    this.#localitySchedules = [];
    for (const [priority, level] of this.hosts.priorities.entries()) {
      this.#refreshSource(priority, ALL, level.hosts);
      this.#refreshSource(priority, HEALTHY, level.healthy);
      this.#refreshSource(priority, DEGRADED, level.degraded);
      for (const [i, locality] of level.localities.entries()) {
        this.#refreshSource(priority, FIRST_LOCALITY + 2 * i, locality.healthy);
        this.#refreshSource(priority, FIRST_LOCALITY + 2 * i + 1, locality.degraded);
      }
      if (this.cluster.commonLbConfig?.localityWeightedLbConfig === undefined) {
        this.#localitySchedules.push({ healthy: null, degraded: null });
      } else {
        const seed = this.draw.uint32();
        this.#localitySchedules.push({
          healthy: this.#scheduleLocalities(level.localities, false, seed),
          degraded: this.#scheduleLocalities(level.localities, true, seed),
        });
      }
    }
  }

  /** @returns a host index or NO_HOST; with a reselection the last host is returned even when it is rejected */
  chooseHost(reselection: Reselection | null = null, _context: PickContext | null = null): number {
    let host = this.#pickOnce();
    if (reselection === null) return host;
    for (
      let left = reselection.maxAttempts;
      left > 0 && host !== NO_HOST && reselection.isRejected(host);
      left--
    )
      host = this.#pickOnce();
    return host;
  }

  /** The hosts of the local cluster changed. */
  localClusterChanged(_nowNs: number): void {}

  #pickOnce(): number {
    const draw = this.draw.uint32();
    const chosen = choosePriority(draw, this.load.healthyLoad, this.load.degradedLoad);
    const priority = chosen >> 1;
    const isDegraded = (chosen & 1) === 1;
    this.lastPriority = priority;
    let kind = isDegraded ? DEGRADED : HEALTHY;
    if (this.load.panic[priority]) {
      this.healthyPanic++;
      if (this.cluster.commonLbConfig?.zoneAwareLbConfig?.failTrafficOnPanic) return NO_HOST;
      kind = ALL;
    } else {
      const schedules = this.#localitySchedules[priority];
      const schedule = isDegraded ? schedules?.degraded : schedules?.healthy;
      if (schedule) {
        const locality = schedule.edf.pickAndAdd(schedule.weightOf);
        kind = FIRST_LOCALITY + 2 * locality + (isDegraded ? 1 : 0);
      }
    }
    const source = this.#sources.get(priority * 4096 + kind);
    if (source === undefined || source.hosts.length === 0) return NO_HOST;
    if (source.edf) return source.edf.pickAndAdd((host) => this.#policy.scheduledWeight(host));
    return this.#policy.pick(source, draw);
  }

  #refreshSource(priority: number, kind: number, hosts: number[]): void {
    const key = priority * 4096 + kind;
    const source = this.#sources.get(key) ?? { hosts, index: this.#seed, edf: null };
    source.hosts = hosts;
    source.edf = this.#usesWeights ? scheduleFor(hosts, this.hosts, this.#policy, this.#seed) : null;
    this.#sources.set(key, source);
  }

  /** weight x min(1, factor x eligible / (hosts - excluded)). */
  #localityWeight(locality: LocalityHosts, isDegraded: boolean): number {
    const eligible = isDegraded ? locality.degraded.length : locality.healthy.length;
    const whole = locality.hosts.length - locality.excluded;
    if (whole <= 0 || locality.weight === 0) return 0;
    return locality.weight * Math.min(1, ((this.hosts.overprovisioningFactor / 100) * eligible) / whole);
  }

  #scheduleLocalities(
    localities: LocalityHosts[],
    isDegraded: boolean,
    seed: number,
  ): LocalitySchedule | null {
    const weights = localities.map((locality) => this.#localityWeight(locality, isDegraded));
    const scheduled = [...weights.keys()].filter((i) => weights[i]! > 0);
    if (scheduled.length === 0) return null;
    const weightOf = (i: number) => weights[i]!;
    return { edf: EdfScheduler.createWithPicks(scheduled, weightOf, seed), weightOf };
  }
}

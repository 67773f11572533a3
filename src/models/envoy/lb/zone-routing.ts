// Zone-aware routing of priority 0: as much traffic as fits stays in the proxy's own zone, the rest goes where capacity is left.
// Source: Envoy load_balancer_impl.cc ZoneAwareLoadBalancerBase (1.40).
import type { RandomStream } from '../../../engine/random.ts';
import type { Cluster } from '../config.ts';
import { remainder } from '../draw.ts';
import type { HostSet, LocalityHosts } from '../host-set.ts';
import { sumOfWeights } from '../host-set.ts';
import { isInPanic } from '../priority-load.ts';
import type { HostLists, LbStats } from './policy.ts';

/** Answers of choose() besides a locality index. */
export const ALL_LOCALITIES = -1;
export const FAIL_PICK = -2;

const NONE = 0;
const DIRECT = 1;
const RESIDUAL = 2;

export class ZoneRouting {
  #state = NONE;
  #localPercentToRoute = 0;
  /** Capacity left, added up over the localities in order. */
  #residual: number[] = [];
  #localInPanic = false;

  constructor(
    readonly cluster: Cluster,
    readonly hosts: HostSet,
    readonly lists: HostLists,
    readonly localHosts: HostSet,
    readonly draw: RandomStream,
    readonly stats: LbStats,
  ) {}

  get #config() {
    return this.cluster.commonLbConfig?.zoneAwareLbConfig ?? {};
  }

  /** Own hosts needed to force the own zone; null = not forced. */
  get #forcedMinSize(): number | null {
    const config = this.#config;
    if (config.forceLocalZone) return config.forceLocalZone.minSize ?? 1;
    return config.forceLocalityDirectRouting ? 1 : null;
  }

  /** Priority 0 of the cluster or of the local cluster changed. */
  regenerate(): void {
    this.stats.lb_recalculate_zone_structures++;
    const threshold = this.cluster.commonLbConfig?.healthyPanicThreshold ?? 50;
    const local = this.localHosts.priorities[0]!;
    this.#localInPanic = isInPanic(
      {
        hosts: local.hosts.length,
        healthy: local.healthy.length,
        degraded: local.degraded.length,
        excluded: local.excluded,
      },
      threshold,
    );
    if (this.#cannotRoute()) {
      this.#state = NONE;
      return;
    }
    const upstream = this.lists.priorities[0]!;
    const { own, there } = this.#percentages(local.localities, upstream.localities);
    const forced = this.#forcedMinSize;
    if (
      upstream.hasLocalLocality &&
      ((there[0]! > 0 && there[0]! >= own[0]!) ||
        (forced !== null && upstream.localities[0]!.healthy.length >= forced))
    ) {
      this.#state = DIRECT;
      return;
    }
    this.#state = RESIDUAL;
    this.#localPercentToRoute =
      upstream.hasLocalLocality && own[0]! > 0 ? Math.floor((there[0]! * 10_000) / own[0]!) : 0;
    let sum = 0;
    this.#residual = upstream.localities.map((_, i) => {
      if (!(i === 0 && upstream.hasLocalLocality)) sum += Math.max(0, there[i]! - own[i]!);
      return sum;
    });
  }

  #cannotRoute(): boolean {
    const upstream = this.lists.priorities[0];
    const local = this.localHosts.priorities[0]!;
    if (upstream === undefined || upstream.localities.length < 2) return true;
    if (local.localities.length < 2 && this.#forcedMinSize === null) return true;
    if (!local.hasLocalLocality || local.localities[0]!.hosts.length === 0) {
      this.stats.lb_local_cluster_not_ok++;
      return true;
    }
    if (upstream.healthy.length < (this.#config.minClusterSize ?? 6)) {
      this.stats.lb_zone_cluster_too_small++;
      return true;
    }
    return false;
  }

  /** Shares of each upstream locality among the local and among the upstream hosts, in whole hundredths of a percent. */
  #percentages(local: readonly LocalityHosts[], upstream: readonly LocalityHosts[]) {
    const sizeIn = (set: HostSet) => (locality: LocalityHosts) =>
      this.#config.localityBasis === 'HEALTHY_HOSTS_WEIGHT'
        ? sumOfWeights(locality.healthy, set.weight)
        : locality.healthy.length;
    const sizes = local.map(sizeIn(this.localHosts));
    const upstreamSizes = upstream.map(sizeIn(this.hosts));
    const total = (list: number[]) => list.reduce((sum, value) => sum + value, 0);
    const byName = new Map(local.map((locality, i) => [locality.name, sizes[i]!]));
    const percent = (part: number, whole: number) => (whole > 0 ? Math.floor((10_000 * part) / whole) : 0);
    const localTotal = total(sizes);
    const upstreamTotal = total(upstreamSizes);
    return {
      own: upstream.map((locality, i) =>
        upstreamSizes[i] === 0 ? 0 : percent(byName.get(locality.name) ?? 0, localTotal),
      ),
      there: upstreamSizes.map((size) => percent(size, upstreamTotal)),
    };
  }

  /** For a pick in priority 0. @returns a locality index, ALL_LOCALITIES or FAIL_PICK */
  choose(): number {
    if (this.#state === NONE) return ALL_LOCALITIES;
    const enabled = Math.min(100, Math.round(this.#config.routingEnabled ?? 100));
    if (enabled <= 0 || (enabled < 100 && remainder(this.draw.uint32(), 100) >= enabled))
      return ALL_LOCALITIES;
    if (this.#localInPanic) {
      this.stats.lb_local_cluster_not_ok++;
      return this.#config.failTrafficOnPanic ? FAIL_PICK : ALL_LOCALITIES;
    }
    if (this.#state === DIRECT) {
      this.stats.lb_zone_routing_all_directly++;
      return 0;
    }
    if (remainder(this.draw.uint32(), 10_000) < this.#localPercentToRoute) {
      this.stats.lb_zone_routing_sampled++;
      return 0;
    }
    this.stats.lb_zone_routing_cross_zone++;
    const residual = this.#residual;
    const total = residual[residual.length - 1]!;
    if (total === 0) {
      this.stats.lb_zone_no_capacity_left++;
      return remainder(this.draw.uint32(), residual.length);
    }
    const threshold = remainder(this.draw.uint32(), total);
    let locality = 0;
    while (threshold >= residual[locality]!) locality++;
    return locality;
  }
}

// What every balancer knows of its priorities: their loads and which of them panic. Recomputed at each update.
// Source: Envoy load_balancer_impl.cc LoadBalancerBase (1.40).
import type { Cluster } from '../config.ts';
import { countsOf, type HostSet } from '../host-set.ts';
import { type PriorityLoad, priorityLoad } from '../priority-load.ts';
import type { HostLists } from './policy.ts';

export class PriorityState {
  load: PriorityLoad = { healthyLoad: [], degradedLoad: [], panic: [] };

  constructor(
    readonly cluster: Cluster,
    readonly hosts: HostSet,
    readonly lists: HostLists,
  ) {}

  update(): void {
    this.load = priorityLoad(
      this.lists.priorities.map((level) => countsOf(level, this.hosts.weight)),
      {
        overprovisioningFactor: this.lists.overprovisioningFactor,
        panicThreshold: this.cluster.commonLbConfig?.healthyPanicThreshold ?? 50,
        weightedPriorityHealth: this.lists.weightedPriorityHealth,
      },
      this.load,
    );
  }
}

// The hosts of one subset, as lists made from the cluster's own by membership; localities keep their positions.
// Source: Envoy subset_lb.cc SubsetLoadBalancer::HostSubsetImpl (1.40).
import type { LbSubsetConfig } from '../config.ts';
import { emptyMembers, type HostSet, type PriorityMembers } from '../host-set.ts';
import type { HostLists } from './policy.ts';

export class SubsetHosts implements HostLists {
  priorities: PriorityMembers[] = [emptyMembers()];
  readonly #members: Set<number>[] = [];

  constructor(
    readonly hosts: HostSet,
    readonly config: LbSubsetConfig,
  ) {}

  get overprovisioningFactor(): number {
    return this.hosts.overprovisioningFactor;
  }

  get weightedPriorityHealth(): boolean {
    return this.hosts.weightedPriorityHealth;
  }

  /** Some host belongs to it, ill or not. */
  get isActive(): boolean {
    return this.#members.some((members) => members.size > 0);
  }

  /** The first host of the first priority that has one. */
  get firstHost(): number | undefined {
    for (const members of this.#members) for (const host of members) return host;
    return undefined;
  }

  /** @param members hosts of this priority that belong here */
  set(priority: number, members: Set<number>): void {
    while (this.priorities.length <= priority) this.priorities.push(emptyMembers());
    while (this.#members.length <= priority) this.#members.push(new Set());
    this.#members[priority] = members;
    const whole = this.hosts.priorities[priority]!;
    const has = (host: number) => members.has(host);
    const excluded = whole.hosts.filter((host) => has(host) && this.hosts.isExcluded(host));
    this.priorities[priority] = {
      hosts: whole.hosts.filter(has),
      healthy: whole.healthy.filter(has),
      degraded: whole.degraded.filter(has),
      excluded: excluded.length,
      excludedWeight: excluded.reduce((sum, host) => sum + this.hosts.weight[host]!, 0),
      hasLocalLocality: whole.hasLocalLocality,
      localities: whole.localities.map((locality) => {
        const own = locality.hosts.filter(has);
        return {
          name: locality.name,
          weight: this.config.scaleLocalityWeight
            ? Math.round(Math.fround(locality.weight * own.length) / locality.hosts.length)
            : locality.weight,
          hosts: own,
          healthy: locality.healthy.filter(has),
          degraded: locality.degraded.filter(has),
          excluded: own.filter((host) => this.hosts.isExcluded(host)).length,
        };
      }),
    };
  }
}

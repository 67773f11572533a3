// The hosts of one cluster in one proxy: columns by host index (shared by the proxy's workers), and the membership of each priority
// by locality. Source: Envoy upstream_impl.cc (1.40).
import type { ClusterLoadAssignment, HealthStatus, Locality } from './config.ts';
import type { PriorityHosts } from './priority-load.ts';

export const NO_HOST = -1;
export const FAILED_OUTLIER = 1;
export const FAILED_EDS = 2;
export const EDS_DRAINING = 4;
export const DEGRADED_EDS = 8;
export const FAILED_ACTIVE_HC = 16;
export const DEGRADED_ACTIVE_HC = 32;
/** Waits for its first check and counts nowhere (ignore_new_hosts_until_first_hc). */
export const PENDING_ACTIVE_HC = 64;
export const EXCLUDED_VIA_IMMEDIATE_HC_FAIL = 128;
/** Left the assignment, but its active check still passes: goes on serving until the check fails. */
export const PENDING_DYNAMIC_REMOVAL = 256;
const UNHEALTHY = FAILED_OUTLIER | FAILED_EDS | EDS_DRAINING | FAILED_ACTIVE_HC;
const DEGRADED = DEGRADED_EDS | DEGRADED_ACTIVE_HC;
const EXCLUDED = EDS_DRAINING | PENDING_ACTIVE_HC | EXCLUDED_VIA_IMMEDIATE_HC_FAIL;

export interface LocalityHosts {
  name: string;
  weight: number;
  hosts: number[];
  healthy: number[];
  degraded: number[];
  excluded: number;
}

export interface PriorityMembers {
  hosts: number[];
  healthy: number[];
  degraded: number[];
  localities: LocalityHosts[];
  excluded: number;
}

export function localityName(locality: Locality | undefined): string {
  return [locality?.region ?? '', locality?.zone ?? '', locality?.subZone ?? '']
    .join('/')
    .replace(/\/+$/, '');
}

const EDS_FLAGS: Record<HealthStatus, number> = {
  UNKNOWN: 0,
  HEALTHY: 0,
  UNHEALTHY: FAILED_EDS,
  TIMEOUT: FAILED_EDS,
  DRAINING: EDS_DRAINING,
  DEGRADED: DEGRADED_EDS,
};

/** Hosts are matched by address: a matched one keeps its index and state; one that left and came back is a new host. */
export class HostSet {
  readonly address: string[] = [];
  readonly locality: string[] = [];
  readonly priority: number[] = [];
  readonly weight: number[] = [];
  /** Bits of FAILED_OUTLIER ... DEGRADED_EDS. */
  readonly health: number[] = [];
  readonly activeRequests: number[] = [];
  readonly isMember: boolean[] = [];
  overprovisioningFactor = 140;
  weightedPriorityHealth = false;
  priorities: PriorityMembers[] = [];
  #byAddress = new Map<string, number>();
  #membership: { name: string; weight: number; priority: number; hosts: number[] }[] = [];

  /** All hosts of all priorities: the n of the ejection-percent rule. */
  get memberCount(): number {
    return this.#byAddress.size;
  }

  /** Takes a new assignment. @returns the hosts that came and those that left */
  assign(assignment: ClusterLoadAssignment): { added: number[]; removed: number[] } {
    this.overprovisioningFactor = assignment.policy?.overprovisioningFactor ?? 140;
    this.weightedPriorityHealth = assignment.policy?.weightedPriorityHealth ?? false;
    const before = this.#byAddress;
    const now = new Map<string, number>();
    const added: number[] = [];
    this.#membership = [];
    for (const group of assignment.endpoints) {
      const name = localityName(group.locality);
      const priority = group.priority ?? 0;
      const hosts: number[] = [];
      for (const entry of group.lbEndpoints) {
        const address = `${entry.endpoint.address}:${entry.endpoint.port}`;
        if (now.has(address)) continue; // Envoy keeps the first copy of a duplicated address
        let host = before.get(address);
        if (host === undefined || this.locality[host] !== name) {
          host = this.address.push(address) - 1;
          this.locality.push(name);
          this.health.push(0);
          this.activeRequests.push(0);
          added.push(host);
        }
        this.priority[host] = priority;
        this.weight[host] = Math.max(1, entry.loadBalancingWeight ?? 1);
        this.health[host] =
          (this.health[host]! & FAILED_OUTLIER) | EDS_FLAGS[entry.healthStatus ?? 'UNKNOWN'];
        this.isMember[host] = true;
        now.set(address, host);
        hosts.push(host);
      }
      this.#membership.push({ name, weight: group.loadBalancingWeight ?? 0, priority, hosts });
    }
    this.#byAddress = now;
    const kept = new Set(now.values());
    const removed = [...before.values()].filter((host) => !kept.has(host));
    for (const host of removed) this.isMember[host] = false;
    this.refresh();
    return { added, removed };
  }

  /** Rebuilds the lists after a change of health or weight. */
  refresh(): void {
    const count = this.#membership.reduce((most, group) => Math.max(most, group.priority + 1), 1);
    this.priorities = Array.from({ length: count }, () => ({
      hosts: [],
      healthy: [],
      degraded: [],
      localities: [],
      excluded: 0,
    }));
    for (const group of this.#membership) {
      const level = this.priorities[group.priority]!;
      const locality: LocalityHosts = {
        name: group.name,
        weight: group.weight,
        hosts: group.hosts,
        healthy: [],
        degraded: [],
        excluded: 0,
      };
      for (const host of group.hosts) {
        const flags = this.health[host]!;
        if ((flags & UNHEALTHY) === 0) (flags & DEGRADED ? locality.degraded : locality.healthy).push(host);
        if (flags & EXCLUDED) locality.excluded++;
      }
      level.hosts.push(...locality.hosts);
      level.healthy.push(...locality.healthy);
      level.degraded.push(...locality.degraded);
      level.excluded += locality.excluded;
      if (group.hosts.length > 0) level.localities.push(locality);
    }
  }

  isHealthy(host: number): boolean {
    return (this.health[host]! & (UNHEALTHY | DEGRADED)) === 0;
  }

  /** The counts that priorityLoad() reads. */
  counts(): PriorityHosts[] {
    const sum = (hosts: number[]) => hosts.reduce((total, host) => total + this.weight[host]!, 0);
    return this.priorities.map((level) => ({
      hosts: level.hosts.length,
      healthy: level.healthy.length,
      degraded: level.degraded.length,
      excluded: level.excluded,
      weightTotal: sum(level.hosts),
      weightHealthy: sum(level.healthy),
      weightDegraded: sum(level.degraded),
      weightExcluded: sum(level.hosts.filter((host) => this.health[host]! & EXCLUDED)),
    }));
  }
}

// The hosts of one cluster in one proxy: columns by host index (shared by the proxy's workers), and the membership of each priority by
// locality. Lists of hosts are replaced, never changed in place: a worker keeps the ones it was last told of.
// Source: Envoy upstream_impl.cc updateDynamicHostList, PriorityStateManager::updateClusterPrioritySet (1.40).
import type { Cluster, ClusterLoadAssignment, Locality } from './config.ts';
import {
  EDS_BITS,
  edsBits,
  FAILED_ACTIVE_HC,
  FAILED_EDS,
  isDegradedBits,
  isExcludedBits,
  isHealthyBits,
  PENDING_ACTIVE_HC,
  PENDING_DYNAMIC_REMOVAL,
} from './host-health.ts';
import type { PriorityHosts } from './priority-load.ts';

export * from './host-health.ts';

export const NO_HOST = -1;

export interface LocalityHosts {
  name: string;
  weight: number;
  hosts: number[];
  healthy: number[];
  degraded: number[];
  /** How many of `hosts` are excluded. */
  excluded: number;
}

export interface PriorityMembers {
  hosts: number[];
  healthy: number[];
  degraded: number[];
  /** How many of `hosts` are excluded, and their weights added up. */
  excluded: number;
  excludedWeight: number;
  /** The proxy's own locality first, then by region, zone and sub-zone; only localities with hosts. */
  localities: LocalityHosts[];
  /** localities[0] is the proxy's own. */
  hasLocalLocality: boolean;
}

export interface HostSetOptions {
  /** The proxy's own locality, as localityName() writes it. */
  localLocality?: string;
  /** New hosts start failed, and removed ones stay until their check fails. */
  isHealthChecked?: boolean;
  ignoreHealthOnHostRemoval?: boolean;
  ignoreNewHostsUntilFirstHc?: boolean;
}

/** What an assignment changed. */
export interface AssignmentChange {
  added: number[];
  removed: number[];
  /** Priorities with any change, and among them those whose membership changed (not to be merged with later updates). */
  changedPriorities: number[];
  membershipChanged: number[];
}

export function localityName(locality: Locality | undefined): string {
  return [locality?.region ?? '', locality?.zone ?? '', locality?.subZone ?? '']
    .join('/')
    .replace(/\/+$/, '');
}

export function emptyMembers(): PriorityMembers {
  return {
    hosts: [],
    healthy: [],
    degraded: [],
    excluded: 0,
    excludedWeight: 0,
    localities: [],
    hasLocalLocality: false,
  };
}

/** Hosts of a priority as the assignment lists them, and the weight of each locality. */
interface Membership {
  hosts: number[];
  localityWeights: Map<string, number>;
}

/** Hosts are matched by address: a matched one keeps its index and state; one that left and came back is a new host. */
export class HostSet {
  readonly address: string[] = [];
  readonly locality: string[] = [];
  readonly priority: number[] = [];
  readonly weight: number[] = [];
  /** Bits of host-health.ts. */
  readonly health: number[] = [];
  readonly activeRequests: number[] = [];
  readonly isMember: boolean[] = [];
  readonly hostname: string[] = [];
  /** Metadata of envoy.lb. */
  readonly metadata: (Readonly<Record<string, string>> | undefined)[] = [];
  /** When its check last passed, or when a balancer first saw it healthy [ns]; NaN = never. Slow start counts from here. */
  readonly lastHcPassNs: number[] = [];
  overprovisioningFactor = 140;
  weightedPriorityHealth = false;
  priorities: PriorityMembers[] = [emptyMembers()];
  /** Grows with every new set of lists; tables made of the lists are shared while it stays. */
  revision = 0;
  readonly options: HostSetOptions;
  #byAddress = new Map<string, number>();
  #membership: Membership[] = [];

  constructor(options: HostSetOptions = {}) {
    this.options = options;
  }

  /** @param nodeLocality the proxy's own */
  static forCluster(cluster: Cluster, nodeLocality: Locality | undefined): HostSet {
    return new HostSet({
      ...(nodeLocality ? { localLocality: localityName(nodeLocality) } : {}),
      isHealthChecked: (cluster.healthChecks ?? []).length > 0,
      ignoreHealthOnHostRemoval: cluster.ignoreHealthOnHostRemoval ?? false,
      ignoreNewHostsUntilFirstHc: cluster.commonLbConfig?.ignoreNewHostsUntilFirstHc ?? false,
    });
  }

  /** All hosts of all priorities: the n of the ejection-percent rule. */
  get memberCount(): number {
    return this.#byAddress.size;
  }

  /**
   * Takes a new assignment. @param refreshes false = the lists stay as they are until refresh(), as when only health changed and the
   * update waits for the merge window
   */
  assign(assignment: ClusterLoadAssignment, refreshes = true): AssignmentChange {
    const before = this.#byAddress;
    const now = new Map<string, number>();
    const added: number[] = [];
    const changed = new Set<number>();
    const moved = new Set<number>();
    const memberships: Membership[] = [];
    const membershipAt = (priority: number) => {
      while (memberships.length <= priority) memberships.push({ hosts: [], localityWeights: new Map() });
      return memberships[priority]!;
    };
    for (const group of assignment.endpoints) {
      const name = localityName(group.locality);
      const priority = group.priority ?? 0;
      const membership = membershipAt(priority);
      membership.localityWeights.set(name, group.loadBalancingWeight ?? 0);
      for (const entry of group.lbEndpoints) {
        const address = `${entry.endpoint.address}:${entry.endpoint.port}`;
        if (now.has(address)) continue; // Envoy keeps the first copy of a duplicated address
        let host = before.get(address);
        if (host === undefined || this.locality[host] !== name) {
          host = this.#create(address, name);
          added.push(host);
          moved.add(priority);
        } else if (this.priority[host] !== priority) {
          moved.add(priority);
          moved.add(this.priority[host]!);
        }
        const weight = Math.max(1, entry.loadBalancingWeight ?? 1);
        const health =
          (this.health[host]! & ~(EDS_BITS | PENDING_DYNAMIC_REMOVAL)) | edsBits(entry.healthStatus);
        if (
          this.weight[host] !== weight ||
          this.health[host] !== health ||
          !isSameMetadata(this.metadata[host], entry.metadata)
        )
          changed.add(priority);
        this.priority[host] = priority;
        this.weight[host] = weight;
        this.health[host] = health;
        this.metadata[host] = entry.metadata;
        this.hostname[host] = entry.endpoint.hostname ?? '';
        this.isMember[host] = true;
        now.set(address, host);
        membership.hosts.push(host);
      }
    }
    const removed = this.#remove(before, now, membershipAt, changed, moved);
    this.#adopt(assignment, memberships, changed, moved);
    this.#byAddress = now;
    if (refreshes) this.refresh();
    const changedPriorities = [...new Set([...changed, ...moved])].sort((a, b) => a - b);
    return { added, removed, changedPriorities, membershipChanged: [...moved].sort((a, b) => a - b) };
  }

  #create(address: string, locality: string): number {
    const host = this.address.push(address) - 1;
    const { isHealthChecked, ignoreNewHostsUntilFirstHc } = this.options;
    this.locality.push(locality);
    this.health.push(
      isHealthChecked ? FAILED_ACTIVE_HC | (ignoreNewHostsUntilFirstHc ? PENDING_ACTIVE_HC : 0) : 0,
    );
    this.activeRequests.push(0);
    this.lastHcPassNs.push(Number.NaN);
    return host;
  }

  /** Hosts that the assignment leaves out go, but for those whose active check still passes. */
  #remove(
    before: Map<string, number>,
    now: Map<string, number>,
    membershipAt: (priority: number) => Membership,
    changed: Set<number>,
    moved: Set<number>,
  ): number[] {
    const kept = new Set(now.values());
    const removed: number[] = [];
    for (const [address, host] of before) {
      if (kept.has(host)) continue;
      const priority = this.priority[host]!;
      if (
        this.options.isHealthChecked &&
        !this.options.ignoreHealthOnHostRemoval &&
        !now.has(address) &&
        (this.health[host]! & (FAILED_ACTIVE_HC | FAILED_EDS)) === 0
      ) {
        if ((this.health[host]! & PENDING_DYNAMIC_REMOVAL) === 0) changed.add(priority);
        this.health[host]! |= PENDING_DYNAMIC_REMOVAL;
        now.set(address, host);
        membershipAt(priority).hosts.push(host);
      } else {
        this.isMember[host] = false;
        removed.push(host);
        moved.add(priority);
      }
    }
    return removed;
  }

  /** A priority in which nothing changed keeps its order of hosts. */
  #adopt(
    assignment: ClusterLoadAssignment,
    memberships: Membership[],
    changed: Set<number>,
    moved: Set<number>,
  ): void {
    const factor = assignment.policy?.overprovisioningFactor ?? 140;
    const isWeighted = assignment.policy?.weightedPriorityHealth ?? false;
    const isPolicyChanged =
      factor !== this.overprovisioningFactor || isWeighted !== this.weightedPriorityHealth;
    this.overprovisioningFactor = factor;
    this.weightedPriorityHealth = isWeighted;
    const count = Math.max(memberships.length, this.#membership.length);
    for (let priority = 0; priority < count; priority++) {
      const old = this.#membership[priority];
      const next = memberships[priority];
      if (!old || !next || isPolicyChanged || !isSameWeights(old.localityWeights, next.localityWeights))
        changed.add(priority);
      if (old && next && !changed.has(priority) && !moved.has(priority)) next.hosts = old.hosts;
    }
    this.#membership = memberships;
  }

  /** A host that was kept only because its check passed goes, now that it failed. @returns false = it is to stay */
  dropPendingRemoval(host: number): boolean {
    if ((this.health[host]! & PENDING_DYNAMIC_REMOVAL) === 0) return false;
    this.isMember[host] = false;
    this.#byAddress.delete(this.address[host]!);
    const membership = this.#membership[this.priority[host]!]!;
    membership.hosts = membership.hosts.filter((other) => other !== host);
    return true;
  }

  /** Rebuilds the lists after a change of health or weight. @param only one priority; absent = all */
  refresh(only?: number): void {
    this.revision++;
    const count = Math.max(1, this.#membership.length);
    // Envoy never takes a priority away: one that is gone stays as an empty one.
    const total = Math.max(count, this.priorities.length);
    this.priorities = Array.from({ length: total }, (_, priority) =>
      only === undefined || only === priority
        ? this.#membersOf(this.#membership[priority])
        : this.priorities[priority]!,
    );
  }

  #membersOf(membership: Membership | undefined): PriorityMembers {
    const members = emptyMembers();
    if (membership === undefined) return members;
    const byName = new Map<string, LocalityHosts>();
    for (const host of membership.hosts) {
      const name = this.locality[host]!;
      let locality = byName.get(name);
      if (!locality) {
        const weight = membership.localityWeights.get(name) ?? 0;
        locality = { name, weight, hosts: [], healthy: [], degraded: [], excluded: 0 };
        byName.set(name, locality);
      }
      const bits = this.health[host]!;
      members.hosts.push(host);
      locality.hosts.push(host);
      if (isHealthyBits(bits)) {
        members.healthy.push(host);
        locality.healthy.push(host);
      } else if (isDegradedBits(bits)) {
        members.degraded.push(host);
        locality.degraded.push(host);
      }
      if (isExcludedBits(bits)) {
        members.excluded++;
        members.excludedWeight += this.weight[host]!;
        locality.excluded++;
      }
    }
    const local = this.options.localLocality;
    members.hasLocalLocality = local !== undefined && local !== '' && byName.has(local);
    members.localities = [...byName.values()].sort((a, b) =>
      a.name === local ? -1 : b.name === local ? 1 : compareLocalities(a.name, b.name),
    );
    return members;
  }

  isHealthy(host: number): boolean {
    return isHealthyBits(this.health[host]!);
  }

  isExcluded(host: number): boolean {
    return isExcludedBits(this.health[host]!);
  }

  /** The counts that priorityLoad() reads. */
  counts(): PriorityHosts[] {
    return this.priorities.map((level) => countsOf(level, this.weight));
  }
}

export function countsOf(level: PriorityMembers, weight: readonly number[]): PriorityHosts {
  return {
    hosts: level.hosts.length,
    healthy: level.healthy.length,
    degraded: level.degraded.length,
    excluded: level.excluded,
    weightTotal: sumOfWeights(level.hosts, weight),
    weightHealthy: sumOfWeights(level.healthy, weight),
    weightDegraded: sumOfWeights(level.degraded, weight),
    weightExcluded: level.excludedWeight,
  };
}

export function sumOfWeights(hosts: readonly number[], weight: readonly number[]): number {
  let sum = 0;
  for (const host of hosts) sum += weight[host]!;
  return sum;
}

/** By region, then zone, then sub-zone. Source: Envoy LocalityLess. */
function compareLocalities(a: string, b: string): number {
  const left = a.split('/');
  const right = b.split('/');
  for (let i = 0; i < 3; i++) {
    const x = left[i] ?? '';
    const y = right[i] ?? '';
    if (x !== y) return x < y ? -1 : 1;
  }
  return 0;
}

function isSameWeights(a: Map<string, number>, b: Map<string, number>): boolean {
  return a.size === b.size && [...a].every(([name, weight]) => b.get(name) === weight);
}

function isSameMetadata(
  a: Readonly<Record<string, string>> | undefined,
  b: Readonly<Record<string, string>> | undefined,
): boolean {
  if (a === b) return true;
  const keys = Object.keys(a ?? {});
  return (
    keys.length === Object.keys(b ?? {}).length && keys.every((key) => a![key] === (b as typeof a)?.[key])
  );
}

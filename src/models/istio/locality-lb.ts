// Locality load balancing: which priority and weight each locality group of a cluster gets for one client.
// Source: istio/istio pilot/pkg/networking/core/loadbalancer/loadbalancer.go, pilot/pkg/networking/util/util.go (1.31). Rules DI, FO, FP, ZA.
import { getOrCreate } from './get-or-create.ts';
import type { IstioProfile } from './profile.ts';

export interface LocalityLbSetting {
  enabled?: boolean;
  distribute?: { from: string; to: Record<string, number> }[];
  failover?: { from: string; to: string }[];
  failoverPriority?: string[];
  /** zoneAwareLbSetting only. */
  minClusterSize?: number;
}

export interface LocalityGroup<E extends LocalityEndpoint = LocalityEndpoint> {
  /** "region/zone/subzone", trailing empty parts cut off. */
  locality: string;
  endpoints: E[];
  /** Absent = Envoy's 0, unset. */
  weight?: number;
  priority: number;
}

export interface LocalityEndpoint {
  labels: Record<string, string>;
  weight: number;
}

export interface LocalityClient {
  locality: string;
  labels: Record<string, string>;
}

/** Greatest weight of a locality: 2^32 - 1. */
const MAX_WEIGHT = 4294967295;
const NETWORK_LABEL = 'topology.istio.io/network';

/** DI-1: does a locality fall under a rule such as "r1/*"? Missing rule parts match everything, missing locality parts are "". */
export function localityMatches(locality: string, rule: string): boolean {
  if (rule === '*') return true;
  const parts = locality.split('/');
  const ruleParts = rule.split('/');
  for (let i = 0; i < 3; i++) {
    const wanted = ruleParts[i];
    if (wanted === '*') return true;
    if (i > 0 && (wanted === undefined || wanted === '')) return true;
    if ((parts[i] ?? '') !== (wanted ?? '')) return false;
  }
  return true;
}

/** Sum of endpoint weights, saturating (EP-41). */
export const groupWeight = (endpoints: readonly LocalityEndpoint[]): number =>
  Math.min(
    MAX_WEIGHT,
    endpoints.reduce((sum, endpoint) => sum + endpoint.weight, 0),
  );

/** What a client gets from a setting. `failoverEnabled` = the effective policy has outlierDetection, or the setting forces failover (LO-4). */
export function applyLocalityLb<E extends LocalityEndpoint>(
  groups: LocalityGroup<E>[],
  client: LocalityClient,
  setting: LocalityLbSetting | null,
  failoverEnabled: boolean,
  profile: IstioProfile,
): LocalityGroup<E>[] {
  if (setting === null) return groups;
  if (setting.distribute && setting.distribute.length > 0)
    return applyDistribute(groups, client, setting.distribute);
  if (!failoverEnabled) return groups;
  let result = groups;
  const byLabels = setting.failoverPriority ?? [];
  if (byLabels.length > 0) {
    result = applyFailoverPriority(result, client, byLabels, profile);
    if (!setting.failover?.length || profile.minor < 20) return result;
  }
  return applyFailover(result, client, setting.failover ?? NO_FAILOVER);
}

/** DI-2 .. DI-4, DI-6: shares of the first entry that matches the client, rounded up per group; groups no target claims lose their endpoints. */
function applyDistribute<E extends LocalityEndpoint>(
  groups: LocalityGroup<E>[],
  client: LocalityClient,
  distribute: NonNullable<LocalityLbSetting['distribute']>,
): LocalityGroup<E>[] {
  const entry = distribute.find((candidate) => localityMatches(client.locality, candidate.from));
  if (entry === undefined) return groups;
  const result = groups.map((group): LocalityGroup<E> => ({ ...group, endpoints: [] }));
  const unclaimed = new Set(groups.keys());
  for (const target of Object.keys(entry.to).sort()) {
    const claimed = [...unclaimed].filter((i) => localityMatches(groups[i]!.locality, target));
    // Unset counts as 1, and the arithmetic is that of 32 bits.
    const total = claimed.reduce((sum, i) => (sum + (groups[i]!.weight ?? 1)) >>> 0, 0);
    for (const i of claimed) {
      unclaimed.delete(i);
      const share = (Math.imul(groups[i]!.weight ?? 1, entry.to[target]!) >>> 0) / total;
      if (share > 0 && total > 0) result[i]!.weight = Math.ceil(share);
      result[i]!.endpoints = groups[i]!.endpoints;
    }
  }
  return result;
}

type Failover = { from: string; to: string }[];
const NO_FAILOVER: Failover = [];
const ladders = new WeakMap<Failover, Map<string, Map<string, number>>>();

/** Levels of localities for one client, known from other clusters or to be filled in: the same few localities come again and again. */
const ladderOf = (client: string, failover: Failover): Map<string, number> =>
  getOrCreate(
    getOrCreate(ladders, failover, () => new Map<string, Map<string, number>>()),
    client,
    () => new Map<string, number>(),
  );

/** FO-1, FO-2: 0 same subzone, 1 same zone, 2 same region, 3 elsewhere; 4 elsewhere and not the failover region. */
function levelOf(locality: string, client: string, failover: Failover): number {
  if (locality === client) return 0;
  const [region = '', zone = '', subzone = ''] = client.split('/');
  const [itsRegion = '', itsZone = '', itsSubzone = ''] = locality.split('/');
  if (region !== itsRegion) {
    const rule = failover.find((entry) => entry.from === region);
    return rule !== undefined && rule.to !== itsRegion ? 4 : 3;
  }
  if (zone !== itsZone) return 2;
  return subzone === itsSubzone ? 0 : 1;
}

/** FO-3, FO-4: composes with the priorities that are there, then renumbers them without gaps. */
function applyFailover<E extends LocalityEndpoint>(
  groups: LocalityGroup<E>[],
  client: LocalityClient,
  failover: Failover,
): LocalityGroup<E>[] {
  const levels = ladderOf(client.locality, failover);
  const result: LocalityGroup<E>[] = [];
  for (const { locality, endpoints, weight, priority } of groups) {
    let level = levels.get(locality);
    if (level === undefined) {
      level = levelOf(locality, client.locality, failover);
      levels.set(locality, level);
    }
    result.push({ locality, endpoints, weight, priority: priority * 5 + level });
  }
  return compacted(result);
}

/** FP-1 .. FP-4: a prefix match of labels per endpoint; a group is split by priority. FP-6: nothing happens to a client without labels. */
function applyFailoverPriority<E extends LocalityEndpoint>(
  groups: LocalityGroup<E>[],
  client: LocalityClient,
  items: string[],
  profile: IstioProfile,
): LocalityGroup<E>[] {
  if (Object.keys(client.labels).length === 0) return groups;
  const wanted = wantedLabels(items, client.labels, profile);
  const priorityOf = (endpoint: E) => {
    let base = 0;
    for (const [j, { label, value }] of wanted.entries()) {
      if ((value ?? '') === (endpoint.labels[label] ?? '')) continue;
      if (j > 0 || label !== NETWORK_LABEL || profile.minor < 31) return base + wanted.length - j;
      base = wanted.length; // FP-3: another network: the ladder starts again below all of the own network
    }
    return base;
  };
  return compacted(
    groups.flatMap((group) => {
      const split = new Map<number, E[]>();
      for (const endpoint of group.endpoints)
        split.set(priorityOf(endpoint), [...(split.get(priorityOf(endpoint)) ?? []), endpoint]);
      return [...split.keys()]
        .sort((a, b) => a - b)
        .map((priority) => ({
          locality: group.locality,
          endpoints: split.get(priority)!,
          weight: groupWeight(split.get(priority)!),
          priority,
        }));
    }),
  );
}

/** FP-1: "label" asks for the client's own value, "label=value" (1.18) for that value, wherever else the label is named. */
export function wantedLabels(
  items: readonly string[],
  own: Record<string, string>,
  profile: IstioProfile,
): { label: string; value: string | undefined }[] {
  const parts = items.map((item) => (profile.minor >= 18 ? item.split('=') : [item]));
  const replaced = new Map(
    parts.filter(({ length }) => length === 2).map(([label, value]) => [label!, value!]),
  );
  return parts.map(([label]) => ({ label: label!, value: replaced.get(label!) ?? own[label!] }));
}

/** ZA-1: own region 0, the failover region 1, others 2; inside the region Envoy's zone-aware routing decides. */
export function applyZoneAware<E extends LocalityEndpoint>(
  groups: LocalityGroup<E>[],
  client: LocalityClient,
  setting: LocalityLbSetting,
  profile: IstioProfile,
): LocalityGroup<E>[] {
  if (setting.enabled === false) return groups;
  const byLabels = setting.failoverPriority ?? [];
  const tiers = byLabels.length > 0 ? applyFailoverPriority(groups, client, byLabels, profile) : groups;
  const region = client.locality.split('/')[0];
  const rule = setting.failover?.find((entry) => entry.from === region);
  return compacted(
    tiers.map((group) => {
      const its = group.locality.split('/')[0];
      const level = its === region ? 0 : rule !== undefined && rule.to === its ? 1 : 2;
      return { ...group, priority: group.priority * 3 + level };
    }),
  );
}

/** Renumbers the priorities of groups that were made here: 0, 1, 2... without gaps. */
function compacted<E extends LocalityEndpoint>(groups: LocalityGroup<E>[]): LocalityGroup<E>[] {
  const values: number[] = [];
  for (const { priority } of groups) if (!values.includes(priority)) values.push(priority);
  values.sort((a, b) => a - b);
  for (const group of groups) group.priority = values.indexOf(group.priority);
  return groups;
}

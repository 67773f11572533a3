// Locality weights and zones: cases of the kinds locality_sequence, locality_first_pick, locality_shares, rr_within_locality, zone_aware.
import {
  emptyMembers,
  FAILED_OUTLIER,
  HostSet,
  NO_HOST,
  type PriorityMembers,
} from '../../../src/models/envoy/host-set.ts';
import { LoadBalancer } from '../../../src/models/envoy/lb/balancer.ts';
import { LocalitySchedule } from '../../../src/models/envoy/lb/locality-schedule.ts';
import type { HostSource } from '../../../src/models/envoy/lb/policy.ts';
import { roundRobin } from '../../../src/models/envoy/lb/round-robin.ts';
import { compareKeys, type Difference, type Family, type Json, Unsupported } from './registry.ts';
import { rawSeed, Tape } from './tape.ts';

function scheduleOf(input: Json, seed: number): LocalitySchedule | null {
  return LocalitySchedule.create(
    input.localities.map((locality: Json, i: number) => ({
      weight: input.weights[i] ?? 0,
      hosts: locality.hosts,
      eligible: locality.eligible,
      excluded: locality.excluded ?? 0,
    })),
    input.overprovisioning_factor ?? 140,
    seed,
  );
}

function seedsOf(input: Json): number[] {
  if (Array.isArray(input.seed_range)) {
    const [from, to] = input.seed_range;
    return Array.from({ length: to - from + 1 }, (_, i) => from + i);
  }
  if (Array.isArray(input.seeds)) return input.seeds.map(rawSeed);
  return [rawSeed(input.seed ?? 0)];
}

/** A host set with lists as given: hosts of each zone, all healthy; some more may be ill and in no zone's list. */
function zoneSet(zones: Json[], hasLocal: boolean, total?: number): HostSet {
  const hosts = new HostSet();
  const members: PriorityMembers = emptyMembers();
  members.hasLocalLocality = hasLocal;
  const create = () => {
    const host = hosts.address.push(`h${hosts.address.length}`) - 1;
    hosts.health.push(0);
    hosts.weight.push(1);
    hosts.activeRequests.push(0);
    hosts.lastHcPassNs.push(Number.NaN);
    return host;
  };
  for (const zone of zones) {
    const list = Array.from({ length: zone.hosts }, create);
    members.localities.push({
      name: zone.zone,
      weight: 1,
      hosts: list,
      healthy: list,
      degraded: [],
      excluded: 0,
    });
    members.hosts.push(...list);
    members.healthy.push(...list);
  }
  if (total === 0) {
    // The flat lists are empty though the zones are not, as one of Envoy's tests has it.
    members.hosts = [];
    members.healthy = [];
  } else
    for (let i = members.hosts.length; i < (total ?? 0); i++) {
      const host = create();
      hosts.health[host] = FAILED_OUTLIER;
      members.hosts.push(host);
    }
  hosts.priorities = [members];
  return hosts;
}

/** What a pick says, in the words in which it is expected. */
function describePick(expected: Json, host: number, upstream: PriorityMembers): Json {
  if (host === NO_HOST) return { null: true };
  const locality = upstream.localities.findIndex((entry) => entry.healthy.includes(host));
  if (expected.flat) {
    const got: Json = { flat: true };
    if (expected.host !== undefined) got.host = upstream.healthy.indexOf(host);
    return got;
  }
  if (Array.isArray(expected.any_locality))
    return { any_locality: expected.any_locality.includes(locality) ? expected.any_locality : locality };
  if ('any_locality' in expected) return { any_locality: true };
  const got: Json = { locality };
  if (expected.host !== undefined) got.host = upstream.localities[locality]!.healthy.indexOf(host);
  return got;
}

export const envoyLocality: Family = {
  locality_sequence({ input, expect }) {
    const schedule = scheduleOf(input, rawSeed(input.seed ?? 0));
    const sequence = Array.from({ length: expect.sequence.length }, () => schedule?.pick() ?? null);
    return compareKeys({ sequence }, expect);
  },

  locality_first_pick({ input, expect, tolerance }) {
    const seeds = seedsOf(input);
    const counts: number[] = input.localities.map(() => 0);
    for (const seed of seeds) {
      const first = scheduleOf(input, seed)?.pick();
      if (first !== undefined) counts[first]!++;
    }
    return compareKeys(
      { counts, percent: counts.map((count) => (100 * count) / seeds.length) },
      expect,
      tolerance,
    );
  },

  locality_shares({ input, expect, tolerance }) {
    const schedule = scheduleOf(input, rawSeed(input.seed ?? 0));
    const counts: number[] = input.localities.map(() => 0);
    for (let i = 0; i < input.picks; i++) {
      const locality = schedule?.pick();
      if (locality !== undefined) counts[locality]!++;
    }
    return compareKeys(
      { counts, percent: counts.map((count) => (100 * count) / input.picks) },
      expect,
      tolerance,
    );
  },

  rr_within_locality({ input, expect }) {
    const names: string[] = [...new Set([...input.healthy, ...input.per_locality.flat()])];
    const policy = roundRobin.create({ name: 'c' }, new HostSet(), new Tape(), {});
    const sourceOf = (list: string[]): HostSource => ({
      hosts: list.map((name) => names.indexOf(name)),
      index: rawSeed(input.seed ?? 0),
      schedule: null,
    });
    const flat = sourceOf(input.healthy);
    const localities: HostSource[] = input.per_locality.map(sourceOf);
    const sequence = input.locality_choices.map((locality: number | null) => {
      const source = locality === null ? flat : localities[locality]!;
      return source.hosts.length === 0 ? null : names[policy.pick(source, 0)];
    });
    return compareKeys({ sequence }, expect);
  },

  zone_aware({ input, expect }): Difference | null {
    const upstream = zoneSet(input.upstream, input.upstream_has_local);
    const local = zoneSet(input.local, input.local_has_local, input.local_hosts_total);
    const enabled = input.routing_enabled;
    const tape = new Tape();
    const lb = new LoadBalancer(
      {
        name: 'c',
        lbPolicy: String(input.policy ?? 'ROUND_ROBIN').toUpperCase() as 'ROUND_ROBIN',
        commonLbConfig: {
          healthyPanicThreshold: input.panic_threshold,
          zoneAwareLbConfig: {
            minClusterSize: input.min_cluster_size,
            routingEnabled: enabled === undefined || enabled === true ? 100 : Number(enabled),
            failTrafficOnPanic: input.fail_traffic_on_panic,
            forceLocalityDirectRouting: input.force_locality_direct_routing,
            ...(input.force_local_zone_min_size === undefined
              ? {}
              : { forceLocalZone: { minSize: input.force_local_zone_min_size } }),
          },
        },
      },
      upstream,
      tape,
      { localHosts: local },
    );
    const members = upstream.priorities[0]!;
    const picks = input.picks.map((pick: Json, i: number) => {
      tape.load(pick.draws ?? []);
      return describePick(expect.picks[i] ?? {}, lb.chooseHost(), members);
    });
    const expectedPicks = expect.picks.map((pick: Json) =>
      pick === null || 'null' in pick ? { null: true } : pick,
    );
    const stats: Json = {};
    for (const name of Object.keys(expect.stats ?? {})) {
      if (!(name in lb.stats)) throw new Unsupported(name);
      stats[name] = lb.stats[name as 'lb_healthy_panic'];
    }
    return compareKeys({ picks, stats }, { ...expect, picks: expectedPicks });
  },
};

// Rings, Maglev tables, bounded load, hash keys: cases of the kinds ring, ring_retry, maglev, maglev_retry, maglev_config, hash_lb_hosts,
// bounded, bounded_shuffle, bounded_factor, hash_key.
import { emptyMembers, HostSet, NO_HOST } from '../../../src/models/envoy/host-set.ts';
import { LoadBalancer } from '../../../src/models/envoy/lb/balancer.ts';
import { BoundedLoad, HashShuffle, overloadFactor } from '../../../src/models/envoy/lb/bounded-load.ts';
import { hashKey } from '../../../src/models/envoy/lb/hash-key.ts';
import { normalizeWeights } from '../../../src/models/envoy/lb/hash-weights.ts';
import { MaglevTable, tableSizeProblem } from '../../../src/models/envoy/lb/maglev.ts';
import type { HashTable } from '../../../src/models/envoy/lb/policy.ts';
import { Ring, ringHash } from '../../../src/models/envoy/lb/ring-hash.ts';
import { compareKeys, type Difference, type Family, type Json, Unsupported } from './registry.ts';
import { Tape } from './tape.ts';

const halves = (hash: string | number): [number, number] => {
  const value = BigInt(hash);
  return [Number(value >> 32n), Number(value & 0xffffffffn)];
};
const joined = (hi: number, lo: number) => ((BigInt(hi) << 32n) | BigInt(lo)).toString();

/** Hosts of `localities[][]` by index, with the weights as the balancer normalises them. */
function weightsOf(input: Json) {
  const keys: string[] = [];
  const weight: number[] = [];
  const members = emptyMembers();
  for (const [i, hosts] of input.localities.entries()) {
    const list: number[] = hosts.map((host: Json) => {
      weight.push(host.weight ?? 1);
      return keys.push(host.key) - 1;
    });
    members.hosts.push(...list);
    members.localities.push({
      name: `locality ${i}`,
      weight: input.locality_weights?.[i] ?? 0,
      hosts: list,
      healthy: list,
      degraded: [],
      excluded: 0,
    });
  }
  members.healthy = members.hosts;
  return { keys, weights: normalizeWeights(members, weight, false, input.locality_weights !== undefined) };
}

function ringOf(input: Json): Asked & { table: Ring } {
  const { keys, weights } = weightsOf(input);
  const min = input.min_ring_size ?? 1024;
  const max = input.max_ring_size ?? 8_388_608;
  const table = new Ring(weights, (host) => keys[host]!, min, max, input.hash_function === 'MURMUR_HASH_2');
  return { keys, table, hosts: weights.hosts };
}

function maglevOf(input: Json): Asked {
  const { keys, weights } = weightsOf(input);
  const table = new MaglevTable(weights, (host) => keys[host]!, input.table_size ?? 65_537);
  return { keys, table, hosts: weights.hosts };
}

const keyAt = (keys: string[], host: number) => (host === NO_HOST ? null : keys[host]!);

interface Asked {
  keys: string[];
  table: HashTable;
  /** Those with a weight. */
  hosts: number[];
}

/** What can be asked of both kinds of table. */
function asked({ keys, table, hosts }: Asked, expect: Json, hashes: readonly string[] = []): Json {
  const places = Array.from(table.places);
  const used = hosts.map((host) => places.filter((place) => place === host).length);
  const got: Json = {
    size: places.length,
    min_per_host: used.length === 0 ? 0 : Math.min(...used),
    max_per_host: used.length === 0 ? 0 : Math.max(...used),
    table: places.map((host) => keys[host]),
  };
  if (expect.picks)
    got.picks = expect.picks.map(([hash]: [string]) => [hash, keyAt(keys, table.choose(...halves(hash), 0))]);
  if (expect.sweep) {
    const swept: Record<string, number> = {};
    for (const key of Object.keys(expect.sweep.counts)) swept[key] = 0;
    const step = ((1n << 64n) - 1n) / BigInt(expect.sweep.n);
    for (let i = 0; i < expect.sweep.n; i++) {
      const key = keyAt(keys, table.choose(...halves((BigInt(i) * step).toString()), 0)) ?? '';
      swept[key] = (swept[key] ?? 0) + 1;
    }
    got.sweep = { n: expect.sweep.n, counts: swept };
  }
  if (expect.counts)
    got.counts = Object.fromEntries(
      Object.keys(expect.counts).map((key) => [
        key,
        got.table.filter((entry: string) => entry === key).length,
      ]),
    );
  if (expect.contains) got.contains = contained(expect.contains, got.table, hashes);
  return got;
}

/** Which of the wanted are there: keys, pairs of hash and key, or an object of keys that says yes or no of each. */
function contained(wanted: Json, table: readonly string[], hashes: readonly string[]): Json {
  const isThere = (entry: Json) =>
    Array.isArray(entry)
      ? table.some((key, place) => key === entry[1] && hashes[place] === entry[0])
      : table.includes(entry);
  if (Array.isArray(wanted)) return wanted.filter(isThere);
  return Object.fromEntries(Object.keys(wanted).map((key) => [key, isThere(key)]));
}

/** Tries of one hash with rejected hosts: where each ends. */
function retried(keys: string[], table: HashTable, input: Json): Json {
  const tries: Json[] = input.tries ?? [input];
  return tries.map((entry) => {
    const [hi, lo] = halves(entry.hash ?? input.hash ?? '0');
    const isRejected = (host: number) =>
      entry.reject === 'all' ||
      entry.reject === true ||
      (Array.isArray(entry.reject) && (entry.reject.includes(keys[host]) || entry.reject.includes(host)));
    let host = NO_HOST;
    for (let attempt = 0; attempt <= (entry.retry_count ?? 0); attempt++) {
      host = table.choose(hi, lo, attempt);
      if (host === NO_HOST || !isRejected(host)) break;
    }
    return keyAt(keys, host);
  });
}

function compareHosts(keys: string[], got: Json, expect: Json): Difference | null {
  const expected = expect.hosts?.map((host: Json) => (typeof host === 'number' ? keys[host] : host));
  return compareKeys({ hosts: got }, { ...expect, hosts: expected });
}

export const envoyHash: Family = {
  ring({ input, expect }) {
    const made = ringOf(input);
    const { keys, table } = made;
    const hashes = Array.from(table.places, (_, i) => joined(table.hashesHi[i]!, table.hashesLo[i]!));
    const got = asked(made, expect, hashes);
    got.ring = Array.from(table.places, (host, i) => [hashes[i], keys[host]]);
    return compareKeys(got, expect);
  },

  ring_retry({ input, expect }) {
    const { keys, table } = ringOf(input);
    return compareHosts(keys, retried(keys, table, input), expect);
  },

  ring_config({ input, expect }) {
    const problem = ringHash.problemOf({
      name: 'c',
      ringHashLbConfig: { minimumRingSize: input.min_ring_size, maximumRingSize: input.max_ring_size },
    });
    return compareKeys({ rejected: problem !== null }, expect);
  },

  maglev: ({ input, expect }) => compareKeys(asked(maglevOf(input), expect), expect),

  maglev_retry({ input, expect }) {
    const { keys, table } = maglevOf(input);
    return compareHosts(keys, retried(keys, table, input), expect);
  },

  maglev_config: ({ input, expect }) =>
    compareKeys({ rejected: tableSizeProblem(input.table_size) !== null }, expect),

  hash_lb_hosts({ input, expect }) {
    const name = String(input.policy).toUpperCase();
    const lbPolicy = name === 'MAGLEV' ? 'MAGLEV' : 'RING_HASH';
    const hosts = new HostSet();
    const status = (i: number) =>
      i < input.healthy
        ? 'HEALTHY'
        : i < input.healthy + (input.degraded ?? 0)
          ? 'DEGRADED'
          : i < input.healthy + (input.degraded ?? 0) + (input.excluded ?? 0)
            ? 'DRAINING'
            : 'UNHEALTHY';
    hosts.assign({
      clusterName: 'c',
      endpoints: [
        {
          lbEndpoints: Array.from({ length: input.hosts }, (_, i) => ({
            endpoint: { address: '127.0.0.1', port: 80 + i },
            healthStatus: status(i),
          })),
        },
      ],
    });
    const lb = new LoadBalancer(
      {
        name: 'c',
        lbPolicy,
        commonLbConfig: { healthyPanicThreshold: input.panic_threshold },
      },
      hosts,
      new Tape(),
    );
    return compareKeys(
      { eligible: new Set(Array.from(lb.tablePlaces(0))).size, panic: lb.load.panic[0] },
      expect,
    );
  },

  bounded({ input, expect }) {
    const hosts = Array.from({ length: input.hosts }, (_, i) => i);
    const places: number[] = input.ring ?? hosts;
    const table: HashTable = {
      places,
      choose: (hi, lo, attempt) =>
        places.length === 0
          ? NO_HOST
          : places[Number((((BigInt(hi) << 32n) | BigInt(lo)) + BigInt(attempt)) % BigInt(places.length))]!,
    };
    const weights = { hosts, weights: hosts.map(() => 1 / hosts.length), min: 0, max: 1 };
    const bounded = new BoundedLoad(table, weights, (host) => input.overload[host] ?? 0);
    const host = bounded.choose(...halves(input.hash), input.attempt ?? 0);
    return compareKeys({ host: host === NO_HOST ? null : host }, expect);
  },

  bounded_shuffle({ input, expect }) {
    const shuffle = new HashShuffle(input.n);
    shuffle.start(halves(input.seed)[1]);
    return compareKeys({ order: Array.from({ length: input.n }, (_, i) => shuffle.next(i)) }, expect);
  },

  bounded_factor({ input, expect, tolerance }) {
    const { host_active, cluster_active, weight, balance_factor } = input;
    return compareKeys(
      { overload: overloadFactor(host_active, cluster_active, weight, balance_factor) },
      expect,
      tolerance,
    );
  },

  hash_key({ input, expect }) {
    if (typeof input.address !== 'string') throw new Unsupported('hash_key without an address');
    const metadata =
      input.metadata_hash_key === undefined ? undefined : { hash_key: input.metadata_hash_key };
    return compareKeys(
      { key: hashKey(input.address, input.hostname ?? '', metadata, input.use_hostname ?? false) },
      expect,
    );
  },
};

// RING_HASH: every host stands at many places of a ring of 64-bit hashes; a request goes to the next place at or after its own hash.
// Source: Envoy ring_hash_lb.cc (1.40).
import { byteLength, bytesOf, hash64, murmurHash2, xxHash64 } from '../hash64.ts';
import { NO_HOST } from '../host-set.ts';
import type { NormalizedWeights } from './hash-weights.ts';
import type { HashingPolicyDefinition, HashTable } from './policy.ts';

const DEFAULT_MIN_RING_SIZE = 1024;
/** 8 Mi; also the greatest that may be written. Source: cluster.proto RingHashLbConfig. */
const DEFAULT_MAX_RING_SIZE = 8 * 1024 * 1024;

export const ringHash: HashingPolicyDefinition = {
  family: 'hashing',
  name: 'RING_HASH',
  problemOf(cluster) {
    const { min, max } = sizes(cluster.ringHashLbConfig);
    if (Math.max(min, max) > DEFAULT_MAX_RING_SIZE)
      return `ring hash: ring sizes are at most ${DEFAULT_MAX_RING_SIZE}, not ${Math.max(min, max)}`;
    return min > max ? `ring hash: minimum_ring_size (${min}) > maximum_ring_size (${max})` : null;
  },
  buildTable(cluster, weights, keyOf) {
    const config = cluster.ringHashLbConfig;
    const { min, max } = sizes(config);
    return new Ring(weights, keyOf, min, max, config?.hashFunction === 'MURMUR_HASH_2');
  },
};

function sizes(config: { minimumRingSize?: number; maximumRingSize?: number } | undefined) {
  return {
    min: config?.minimumRingSize ?? DEFAULT_MIN_RING_SIZE,
    max: config?.maximumRingSize ?? DEFAULT_MAX_RING_SIZE,
  };
}

export class Ring implements HashTable {
  /** Sorted by hash; both halves unsigned. */
  readonly hashesHi: Uint32Array;
  readonly hashesLo: Uint32Array;
  readonly places: Int32Array;

  constructor(
    { hosts, weights, min }: NormalizedWeights,
    keyOf: (host: number) => string,
    minRingSize: number,
    maxRingSize: number,
    usesMurmur: boolean,
  ) {
    // The least weight gets a whole number of places, unless that would be too many.
    const scale = hosts.length === 0 ? 0 : Math.min(Math.ceil(min * minRingSize) / min, maxRingSize);
    const hi: number[] = [];
    const lo: number[] = [];
    const owners: number[] = [];
    let current = 0;
    let target = 0;
    for (const [i, host] of hosts.entries()) {
      const key = `${keyOf(host)}_`;
      target += scale * weights[i]!;
      for (let k = 0; current < target; k++, current++) {
        const bytes = bytesOf(key + k);
        if (usesMurmur) murmurHash2(bytes, byteLength);
        else xxHash64(bytes, byteLength);
        hi.push(hash64.hi);
        lo.push(hash64.lo);
        owners.push(host);
      }
    }
    const order = sortedOrder(Uint32Array.from(hi), Uint32Array.from(lo));
    this.hashesHi = Uint32Array.from(order, (i) => hi[i]!);
    this.hashesLo = Uint32Array.from(order, (i) => lo[i]!);
    this.places = Int32Array.from(order, (i) => owners[i]!);
  }

  choose(hashHi: number, hashLo: number, attempt: number): number {
    const size = this.places.length;
    if (size === 0) return NO_HOST;
    let low = 0;
    let high = size;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const hi = this.hashesHi[middle]!;
      if (hi < hashHi || (hi === hashHi && this.hashesLo[middle]! < hashLo)) low = middle + 1;
      else high = middle;
    }
    return this.places[(low + attempt) % size]!;
  }
}

/** Order of 64-bit numbers given in halves: a stable radix sort, byte by byte from the lowest. */
function sortedOrder(hi: Uint32Array, lo: Uint32Array): Uint32Array {
  const count = hi.length;
  let order = Uint32Array.from({ length: count }, (_, i) => i);
  let next = new Uint32Array(count);
  const starts = new Uint32Array(257);
  for (let byte = 0; byte < 8; byte++) {
    const half = byte < 4 ? lo : hi;
    const shift = 8 * (byte % 4);
    starts.fill(0);
    for (let i = 0; i < count; i++) starts[((half[i]! >>> shift) & 0xff) + 1]!++;
    for (let value = 0; value < 256; value++) starts[value + 1]! += starts[value]!;
    for (let i = 0; i < count; i++) {
      const entry = order[i]!;
      const value = (half[entry]! >>> shift) & 0xff;
      next[starts[value]!] = entry;
      starts[value]!++;
    }
    [order, next] = [next, order];
  }
  return order;
}

// MAGLEV: hosts take turns in claiming places of a table of prime size, each in its own order; a request's hash modulo the size is its
// place. Source: Envoy maglev_lb.cc (1.40).
import { hash64, modulo64, xxHash64Text } from '../hash64.ts';
import { NO_HOST } from '../host-set.ts';
import type { NormalizedWeights } from './hash-weights.ts';
import type { HashingPolicyDefinition, HashTable } from './policy.ts';

const DEFAULT_TABLE_SIZE = 65_537;
/** Source: maglev.proto table_size. */
const MAX_TABLE_SIZE = 5_000_011;

export const maglev: HashingPolicyDefinition = {
  family: 'hashing',
  name: 'MAGLEV',
  problemOf: (cluster) => tableSizeProblem(cluster.maglevLbConfig?.tableSize ?? DEFAULT_TABLE_SIZE),
  buildTable: (cluster, weights, keyOf) =>
    new MaglevTable(weights, keyOf, cluster.maglevLbConfig?.tableSize ?? DEFAULT_TABLE_SIZE),
};

export function tableSizeProblem(tableSize: number): string | null {
  if (!isPrime(tableSize)) return 'The table size of maglev must be prime number';
  return tableSize > MAX_TABLE_SIZE ? `maglev table size ${tableSize} is above ${MAX_TABLE_SIZE}` : null;
}

function isPrime(n: number): boolean {
  if (!Number.isInteger(n) || n < 2) return false;
  for (let divisor = 2; divisor * divisor <= n; divisor++) if (n % divisor === 0) return false;
  return true;
}

export class MaglevTable implements HashTable {
  readonly places: Int32Array;

  constructor(
    { hosts, weights, max }: NormalizedWeights,
    keyOf: (host: number) => string,
    readonly tableSize: number,
  ) {
    this.places = new Int32Array(hosts.length === 0 ? 0 : tableSize).fill(NO_HOST);
    if (hosts.length === 0) return;
    const keys = hosts.map(keyOf);
    // Sorted, so that the order of the assignment does not matter.
    const order = [...hosts.keys()].sort((a, b) =>
      keys[a]! < keys[b]! ? -1 : keys[a]! > keys[b]! ? 1 : a - b,
    );
    const count = order.length;
    const offset = new Float64Array(count);
    const skip = new Float64Array(count);
    const next = new Float64Array(count);
    const target = new Float64Array(count);
    for (const [i, from] of order.entries()) {
      xxHash64Text(keys[from]!);
      offset[i] = modulo64(hash64.hi, hash64.lo, tableSize);
      xxHash64Text(keys[from]!, 1);
      skip[i] = modulo64(hash64.hi, hash64.lo, tableSize - 1) + 1;
    }
    const places = this.places;
    let filled = 0;
    for (let round = 1; filled < tableSize; round++) {
      for (let i = 0; i < count && filled < tableSize; i++) {
        // The heaviest host claims a place every round, one of a third of its weight every third round.
        if (round * weights[order[i]!]! < target[i]!) continue;
        target[i]! += max;
        let place = (offset[i]! + skip[i]! * next[i]!) % tableSize;
        while (places[place] !== NO_HOST) {
          next[i]!++;
          place = (offset[i]! + skip[i]! * next[i]!) % tableSize;
        }
        places[place] = hosts[order[i]!]!;
        next[i]!++;
        filled++;
      }
    }
  }

  choose(hashHi: number, hashLo: number, attempt: number): number {
    if (this.places.length === 0) return NO_HOST;
    if (attempt === 0) return this.places[modulo64(hashHi, hashLo, this.tableSize)]!;
    // hash xor (2^64 - attempt)
    return this.places[modulo64(~hashHi >>> 0, (hashLo ^ -attempt) >>> 0, this.tableSize)]!;
  }
}

// IPv4 addresses from CIDR blocks, in order, none twice within a cluster.
import type { Ledger } from './built-state.ts';

/** The n-th address of a CIDR block; what is no IPv4 block counts from 10.0.0.0. */
export function addressIn(cidr: string, n: number): string {
  const parsed = parseCIDR(cidr) ?? { base: 10 * 2 ** 24, bits: 8 };
  return formatAddress(parsed.base + n);
}

export function parseAddress(address: string): number | null {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(address);
  if (!match) return null;
  const bytes = match.slice(1).map(Number);
  if (bytes.some((byte) => byte > 255)) return null;
  return bytes.reduce((sum, byte) => sum * 256 + byte, 0);
}

export function formatAddress(value: number): string {
  const out: number[] = [];
  for (let i = 0, rest = value; i < 4; i++) {
    out.unshift(rest % 256);
    rest = Math.floor(rest / 256);
  }
  return out.join('.');
}

export function parseCIDR(cidr: string): { base: number; bits: number } | null {
  const [address, prefix] = cidr.split('/');
  const base = parseAddress(address ?? '');
  const bits = prefix === undefined ? 32 : Number(prefix);
  if (base === null || !Number.isInteger(bits) || bits < 0 || bits > 32) return null;
  const size = 2 ** (32 - bits);
  return { base: base - (base % size), bits };
}

export function isInCIDR(address: string, cidr: string): boolean {
  const value = parseAddress(address);
  const block = parseCIDR(cidr);
  if (value === null || block === null) return false;
  return value >= block.base && value < block.base + 2 ** (32 - block.bits);
}

/** Hands out the next free address of the block, counting from `first`. */
export function nextAddress(
  ledger: Ledger,
  use: 'pod' | 'service',
  cluster: string,
  cidr: string,
  first: number,
): string {
  const key = `${use}/${cluster}`;
  const used = usedIn(ledger, cluster);
  let count = ledger.counts.get(key) ?? first;
  let address = addressIn(cidr, count++);
  // Clusters whose blocks overlap do not give two pods the same address here: whether they would is chance.
  const isTaken = () =>
    used.has(address) || (use === 'pod' && [...ledger.usedIPs.values()].some((other) => other.has(address)));
  while (isTaken()) address = addressIn(cidr, count++);
  ledger.counts.set(key, count);
  used.add(address);
  return address;
}

export function usedIn(ledger: Ledger, cluster: string): Set<string> {
  const used = ledger.usedIPs.get(cluster) ?? new Set<string>();
  ledger.usedIPs.set(cluster, used);
  return used;
}

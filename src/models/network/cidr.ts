// Blocks of IPv4 addresses and how they lie to each other. What is no block overlaps nothing and holds nothing.
import { isInCIDR, parseCIDR } from '../kube/addresses.ts';

interface Interval {
  first: number;
  /** One past the last. */
  end: number;
}

function intervalOf(cidr: unknown): Interval | null {
  const parsed = typeof cidr === 'string' ? parseCIDR(cidr) : null;
  return parsed && { first: parsed.base, end: parsed.base + 2 ** (32 - parsed.bits) };
}

export const isBlock = (text: unknown): boolean => intervalOf(text) !== null;

export function overlaps(a: unknown, b: unknown): boolean {
  const [left, right] = [intervalOf(a), intervalOf(b)];
  return left !== null && right !== null && left.first < right.end && right.first < left.end;
}

/** Do the blocks together hold every address of the block, or the one address? */
export function covers(blocks: readonly unknown[], wanted: string): boolean {
  const whole = intervalOf(wanted);
  if (!whole) return false;
  const parts = blocks
    .map(intervalOf)
    .filter((part) => part !== null)
    .sort((a, b) => a.first - b.first);
  let reached = whole.first;
  for (const part of parts) if (part.first <= reached) reached = Math.max(reached, part.end);
  return reached >= whole.end;
}

export const holds = (blocks: readonly unknown[], address: string): boolean =>
  blocks.some((block) => typeof block === 'string' && isInCIDR(address, block));

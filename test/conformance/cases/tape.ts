// A random source that plays recorded raw 64-bit values, as Envoy's tests give them; 0 when they are used up.
import type { IntegerStream, RandomStream } from '../../../src/engine/random.ts';

/** Least common multiple of 10,000 and 1 to 31. */
const PERIOD = lcmOf([10_000n, ...range(1n, 31n)]);
/** 2^32 times the odd parts of 1 to 17. */
const SEED_PERIOD = (1n << 32n) * lcmOf([3n, 5n, 7n, 9n, 11n, 13n, 17n]);

function range(from: bigint, to: bigint): bigint[] {
  return Array.from({ length: Number(to - from) + 1 }, (_, i) => from + BigInt(i));
}

function lcmOf(numbers: bigint[]): bigint {
  const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? a : gcd(b, a % b));
  return numbers.reduce((least, n) => (least / gcd(least, n)) * n, 1n);
}

/**
 * A raw value as an exact number: values from 2^53 on are reduced, with the same remainder by every modulus that is drawn by.
 * @param modulus one that is none of the usual
 */
export function rawDraw(value: number | string, modulus?: number): number {
  const raw = BigInt(value);
  if (raw <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(raw);
  return Number(raw % (modulus === undefined ? PERIOD : BigInt(modulus) << 10n));
}

/** A raw seed as a number with the same remainder modulo 2^32 and modulo short lists. */
export function rawSeed(value: number | string): number {
  const raw = BigInt(value);
  return raw <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(raw) : Number(raw % SEED_PERIOD);
}

export class Tape implements IntegerStream {
  #values: number[] = [];

  /** @param after what is drawn when the values are used up; absent = 0 */
  constructor(public after: RandomStream | null = null) {}

  /** @param splits each raw value is handed out as two draws of 32 bits, low half first, as hashing balancers take it */
  load(values: readonly (number | string)[], splits = false): void {
    this.#values = values.flatMap((value) => {
      if (!splits) return [rawDraw(value)];
      const raw = BigInt(value);
      return [Number(raw & 0xffffffffn), Number((raw >> 32n) & 0xffffffffn)];
    });
  }

  loadSeed(value: number | string): void {
    this.#values = [rawSeed(value)];
  }

  uint32(): number {
    return this.#values.shift() ?? this.after?.uint32() ?? 0;
  }

  unit(): number {
    return this.uint32() / 4_294_967_296;
  }

  int32(): number {
    return this.uint32() | 0;
  }

  /** A tape holds Envoy's raw values, of which Envoy takes remainders. */
  below(count: number): number {
    return this.uint32() % count;
  }
}

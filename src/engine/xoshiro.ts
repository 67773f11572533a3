// xoshiro128** 1.1, a generator of 32-bit integers with a period of 2^128 - 1; seeded from one integer by splitmix32 or from a text by
// a hash. Source: D. Blackman, S. Vigna, prng.di.unimi.it/xoshiro128starstar.c (public domain).
import type { IntegerStream } from './random.ts';

export class Xoshiro128 implements IntegerStream {
  // Four fields, not an array: small integers all, and V8 finds them without a look at length and place.
  private s0: number;
  private s1: number;
  private s2: number;
  private s3: number;

  /** @param seed 32 bits */
  constructor(seed: number) {
    let x = seed | 0;
    const next = (): number => {
      x = (x + 0x9e3779b9) | 0;
      let z = x;
      z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
      z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
      return z ^ (z >>> 15);
    };
    this.s0 = next();
    this.s1 = next();
    this.s2 = next();
    this.s3 = next();
  }

  uint32(): number {
    return this.int32() >>> 0;
  }

  unit(): number {
    return (this.int32() >>> 0) * 2.3283064365386963e-10;
  }

  below(count: number): number {
    return ((this.int32() >>> 0) * 2.3283064365386963e-10 * count) | 0;
  }

  int32(): number {
    const { s0, s1 } = this;
    const s2 = this.s2 ^ s0;
    const s3 = this.s3 ^ s1;
    this.s0 = s0 ^ s3;
    this.s1 = s1 ^ s2;
    this.s2 = s2 ^ (s1 << 9);
    this.s3 = (s3 << 11) | (s3 >>> 21);
    const five = Math.imul(s1, 5);
    return Math.imul((five << 7) | (five >>> 25), 9);
  }
}

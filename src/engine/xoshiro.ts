// xoshiro128** 1.1, a generator of 32-bit integers with a period of 2^128 - 1; seeded from one integer by splitmix32 or from a text by
// a hash. Source: D. Blackman, S. Vigna, prng.di.unimi.it/xoshiro128starstar.c (public domain).
import type { IntegerStream } from './random.ts';

export class Xoshiro128 implements IntegerStream {
  readonly #state = new Int32Array(4);

  /** @param seed 32 bits */
  constructor(seed: number) {
    let x = seed | 0;
    for (let i = 0; i < 4; i++) {
      x = (x + 0x9e3779b9) | 0;
      let z = x;
      z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
      z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
      this.#state[i] = z ^ (z >>> 15);
    }
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
    const s = this.#state;
    const s0 = s[0]!;
    const s1 = s[1]!;
    const s2 = s[2]! ^ s0;
    const s3 = s[3]! ^ s1;
    const five = Math.imul(s1, 5);
    s[0] = s0 ^ s3;
    s[1] = s1 ^ s2;
    s[2] = s2 ^ (s1 << 9);
    s[3] = (s3 << 11) | (s3 >>> 21);
    return Math.imul((five << 7) | (five >>> 25), 9);
  }
}

// 64-bit hashes of texts in two 32-bit halves, without BigInt: xxHash64 (any seed below 2^32) and MurmurHash2 as libstdc++ has it.
// Results stand in `hash64` until the next call. Texts are hashed as UTF-8.
// Source: xxHash 0.8 XXH64, Envoy source/common/common/hash.cc MurmurHash::murmurHash2 (1.40).

/** Result of the last hash; both halves unsigned. */
export const hash64 = { hi: 0, lo: 0 };

/** Seed of std::hash in libstdc++. Source: Envoy hash.h STD_HASH_SEED. */
export const MURMUR_SEED = 0xc70f6907;

/** The working register. */
let hi = 0;
let lo = 0;

/** High half of the product of two unsigned 32-bit numbers. */
function multiplyHigh(a: number, b: number): number {
  const a0 = a & 0xffff;
  const a1 = a >>> 16;
  const b0 = b & 0xffff;
  const b1 = b >>> 16;
  const low = a0 * b0;
  const middle = a1 * b0 + (low >>> 16);
  const other = a0 * b1 + (middle & 0xffff);
  return (a1 * b1 + Math.floor(middle / 65536) + (other >>> 16)) >>> 0;
}

function multiply(byHi: number, byLo: number): void {
  hi = (multiplyHigh(lo, byLo) + Math.imul(hi, byLo) + Math.imul(lo, byHi)) >>> 0;
  lo = Math.imul(lo, byLo) >>> 0;
}

function add(otherHi: number, otherLo: number): void {
  const sum = lo + otherLo;
  lo = sum >>> 0;
  hi = (hi + otherHi + (sum > 0xffffffff ? 1 : 0)) >>> 0;
}

/** @param by 1 to 31 */
function rotateLeft(by: number): void {
  const was = hi;
  hi = ((hi << by) | (lo >>> (32 - by))) >>> 0;
  lo = ((lo << by) | (was >>> (32 - by))) >>> 0;
}

/** Exclusive or with itself shifted right. @param by 1 to 63 */
function xorShiftRight(by: number): void {
  if (by < 32) {
    lo = (lo ^ ((lo >>> by) | (hi << (32 - by)))) >>> 0;
    hi = (hi ^ (hi >>> by)) >>> 0;
  } else lo = (lo ^ (hi >>> (by - 32))) >>> 0;
}

const P1_HI = 0x9e3779b1;
const P1_LO = 0x85ebca87;
const P2_HI = 0xc2b2ae3d;
const P2_LO = 0x27d4eb4f;
const P3_HI = 0x165667b1;
const P3_LO = 0x9e3779f9;
const P4_HI = 0x85ebca77;
const P4_LO = 0xc2b2ae63;
const P5_HI = 0x27d4eb2f;
const P5_LO = 0x165667c5;
/** P1 + P2. */
const P12_HI = 0x60ea27ee;
const P12_LO = 0xadc0b5d6;
/** -P1. */
const NEGATIVE_P1_HI = 0x61c8864e;
const NEGATIVE_P1_LO = 0x7a143579;

/** Lanes of a long text: hi, lo of four. */
const lanes = new Uint32Array(8);

function word(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
}

/** register = round(register, the eight bytes at `at`). */
function round(bytes: Uint8Array, at: number): void {
  const wasHi = hi;
  const wasLo = lo;
  hi = word(bytes, at + 4);
  lo = word(bytes, at);
  multiply(P2_HI, P2_LO);
  add(wasHi, wasLo);
  rotateLeft(31);
  multiply(P1_HI, P1_LO);
}

/** Hashes `length` bytes. @param seed below 2^32 */
export function xxHash64(bytes: Uint8Array, length: number, seed = 0): void {
  let at = 0;
  if (length >= 32) at = foldLanes(bytes, length, seed);
  else {
    hi = P5_HI;
    lo = P5_LO;
    add(0, seed);
  }
  add(0, length);
  for (; at + 8 <= length; at += 8) {
    const wasHi = hi;
    const wasLo = lo;
    hi = 0;
    lo = 0;
    round(bytes, at);
    hi = (hi ^ wasHi) >>> 0;
    lo = (lo ^ wasLo) >>> 0;
    rotateLeft(27);
    multiply(P1_HI, P1_LO);
    add(P4_HI, P4_LO);
  }
  if (at + 4 <= length) {
    xorProduct(word(bytes, at), P1_HI, P1_LO);
    rotateLeft(23);
    multiply(P2_HI, P2_LO);
    add(P3_HI, P3_LO);
    at += 4;
  }
  for (; at < length; at++) {
    xorProduct(bytes[at]!, P5_HI, P5_LO);
    rotateLeft(11);
    multiply(P1_HI, P1_LO);
  }
  xorShiftRight(33);
  multiply(P2_HI, P2_LO);
  xorShiftRight(29);
  multiply(P3_HI, P3_LO);
  xorShiftRight(32);
  hash64.hi = hi;
  hash64.lo = lo;
}

/** register ^= value * prime */
function xorProduct(value: number, primeHi: number, primeLo: number): void {
  const wasHi = hi;
  const wasLo = lo;
  hi = 0;
  lo = value;
  multiply(primeHi, primeLo);
  hi = (hi ^ wasHi) >>> 0;
  lo = (lo ^ wasLo) >>> 0;
}

/** The four lanes over all whole 32-byte stripes, folded into the register. @returns bytes taken */
function foldLanes(bytes: Uint8Array, length: number, seed: number): number {
  const starts = [P12_HI, P12_LO, P2_HI, P2_LO, 0, 0, NEGATIVE_P1_HI, NEGATIVE_P1_LO];
  for (let lane = 0; lane < 4; lane++) {
    hi = starts[2 * lane]!;
    lo = starts[2 * lane + 1]!;
    add(0, seed);
    lanes[2 * lane] = hi;
    lanes[2 * lane + 1] = lo;
  }
  let at = 0;
  for (; at + 32 <= length; at += 32) {
    for (let lane = 0; lane < 4; lane++) {
      hi = lanes[2 * lane]!;
      lo = lanes[2 * lane + 1]!;
      round(bytes, at + 8 * lane);
      lanes[2 * lane] = hi;
      lanes[2 * lane + 1] = lo;
    }
  }
  let sumHi = 0;
  let sumLo = 0;
  for (let lane = 0; lane < 4; lane++) {
    hi = lanes[2 * lane]!;
    lo = lanes[2 * lane + 1]!;
    rotateLeft([1, 7, 12, 18][lane]!);
    add(sumHi, sumLo);
    sumHi = hi;
    sumLo = lo;
  }
  for (let lane = 0; lane < 4; lane++) {
    hi = lanes[2 * lane]!;
    lo = lanes[2 * lane + 1]!;
    multiply(P2_HI, P2_LO);
    rotateLeft(31);
    multiply(P1_HI, P1_LO);
    hi = (hi ^ sumHi) >>> 0;
    lo = (lo ^ sumLo) >>> 0;
    multiply(P1_HI, P1_LO);
    add(P4_HI, P4_LO);
    sumHi = hi;
    sumLo = lo;
  }
  return at;
}

const M_HI = 0xc6a4a793;
const M_LO = 0x5bd1e995;

/** Hashes `length` bytes. @param seed below 2^32 */
export function murmurHash2(bytes: Uint8Array, length: number, seed = MURMUR_SEED): void {
  hi = 0;
  lo = length;
  multiply(M_HI, M_LO);
  let sumHi = hi;
  let sumLo = (lo ^ seed) >>> 0;
  const whole = length - (length % 8);
  for (let at = 0; at < whole; at += 8) {
    hi = word(bytes, at + 4);
    lo = word(bytes, at);
    multiply(M_HI, M_LO);
    xorShiftRight(47);
    multiply(M_HI, M_LO);
    hi = (hi ^ sumHi) >>> 0;
    lo = (lo ^ sumLo) >>> 0;
    multiply(M_HI, M_LO);
    sumHi = hi;
    sumLo = lo;
  }
  if (whole < length) {
    hi = 0;
    lo = 0;
    for (let at = length - 1; at >= whole; at--) {
      hi = ((hi << 8) | (lo >>> 24)) >>> 0;
      lo = ((lo << 8) | bytes[at]!) >>> 0;
    }
    hi = (hi ^ sumHi) >>> 0;
    lo = (lo ^ sumLo) >>> 0;
    multiply(M_HI, M_LO);
    sumHi = hi;
    sumLo = lo;
  }
  hi = sumHi;
  lo = sumLo;
  xorShiftRight(47);
  multiply(M_HI, M_LO);
  xorShiftRight(47);
  hash64.hi = hi;
  hash64.lo = lo;
}

let buffer = new Uint8Array(256);

/** UTF-8 bytes of a text in a buffer that the next call reuses. @returns the buffer */
export function bytesOf(text: string): Uint8Array {
  if (text.length * 3 + 32 > buffer.length) buffer = new Uint8Array(text.length * 6 + 64);
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    let code = text.charCodeAt(i);
    if (code >= 0xd800 && code < 0xdc00 && i + 1 < text.length) {
      const next = text.charCodeAt(i + 1);
      if (next >= 0xdc00 && next < 0xe000) {
        code = 0x10000 + ((code - 0xd800) << 10) + (next - 0xdc00);
        i++;
      }
    }
    if (code < 0x80) buffer[length++] = code;
    else {
      if (code < 0x800) buffer[length++] = 0xc0 | (code >> 6);
      else {
        if (code < 0x10000) buffer[length++] = 0xe0 | (code >> 12);
        else {
          buffer[length++] = 0xf0 | (code >> 18);
          buffer[length++] = 0x80 | ((code >> 12) & 0x3f);
        }
        buffer[length++] = 0x80 | ((code >> 6) & 0x3f);
      }
      buffer[length++] = 0x80 | (code & 0x3f);
    }
  }
  byteLength = length;
  return buffer;
}

/** Length of the last bytesOf(). */
export let byteLength = 0;

/** xxHash64 of a text, in `hash64`. @param seed below 2^32 */
export function xxHash64Text(text: string, seed = 0): void {
  const bytes = bytesOf(text);
  xxHash64(bytes, byteLength, seed);
}

/** hi * 2^32 + lo mod n. @param n at most 2^26, so that every step is exact in a double */
export function modulo64(hashHi: number, hashLo: number, n: number): number {
  const by = n >>> 0;
  const high = (hashHi >>> 0) % by;
  const low = (hashLo >>> 0) % by;
  // 2^32 mod n
  const power = (((0xffffffff >>> 0) % by) + 1) % by;
  const sum = high * power + low;
  // The quotient of doubles is off by one at most.
  const rest = sum - Math.floor(sum / by) * by;
  return rest < 0 ? rest + by : rest >= by ? rest - by : rest;
}

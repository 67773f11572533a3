import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  byteLength,
  bytesOf,
  hash64,
  modulo64,
  murmurHash2,
  xxHash64Text,
} from '../../../src/models/envoy/hash64.ts';

const hex = () => hash64.hi.toString(16).padStart(8, '0') + hash64.lo.toString(16).padStart(8, '0');

describe('xxHash64 gives the published and recorded values', () => {
  it.each([
    ['', 0, 'ef46db3751d8e999'],
    ['a', 0, 'd24ec4f1a98c6e5b'],
    ['as', 0, '1c330fb2d66be179'],
    ['asd', 0, '631c37ce72a97393'],
    ['asdf', 0, '415872f599cea71e'],
    ['Call me Ishmael. Some years ago--never mind how long precisely-', 0, '02a2e85470d6fd96'],
    ['Nobody inspects the spammish repetition', 0, 'fbcea83c8a378bf1'],
  ])('%j with seed %i', (text, seed, expected) => {
    xxHash64Text(text, seed);
    expect(hex()).toBe(expected);
  });
});

it('MurmurHash2 agrees with a place of a recorded ring', () => {
  const bytes = bytesOf('127.0.0.1:85_0');
  murmurHash2(bytes, byteLength);
  expect(((BigInt(hash64.hi) << 32n) | BigInt(hash64.lo)).toString()).toBe('1358027074129602068');
});

it('texts become UTF-8 as everybody else writes it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 80 }), (text) => {
      const bytes = bytesOf(text);
      expect([...bytes.slice(0, byteLength)]).toEqual([...new TextEncoder().encode(text)]);
    }),
  );
});

it('the remainder of a 64-bit number in halves is exact', () => {
  const half = fc.nat(0xffffffff);
  fc.assert(
    fc.property(half, half, fc.integer({ min: 1, max: 5_000_011 }), (hi, lo, n) => {
      expect(modulo64(hi, lo, n)).toBe(Number(((BigInt(hi) << 32n) | BigInt(lo)) % BigInt(n)));
    }),
  );
});

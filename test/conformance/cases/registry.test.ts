import { expect, it } from 'vitest';
import { adapterFor, compareKeys, isWithin, parseCases, runCase, Unsupported } from './registry.ts';
import { rawDraw, rawSeed, Tape } from './tape.ts';

it('keeps 64-bit numbers exact', () => {
  expect(parseCases('{"seed": 18446744073709551615, "list": [18446744073709551614,3]}')).toEqual({
    seed: '18446744073709551615',
    list: ['18446744073709551614', 3],
  });
  const raw = 18_446_744_073_709_551_615n;
  for (const n of [2, 3, 7, 31, 100, 10_000])
    expect(rawDraw(raw.toString()) % n).toBe(Number(raw % BigInt(n)));
  expect(rawSeed(raw.toString()) % 2 ** 32).toBe(2 ** 32 - 1);
});

it('plays a tape to its end, and a 64-bit value in halves, low first', () => {
  const tape = new Tape();
  tape.load([5, 6]);
  expect([tape.uint32(), tape.uint32(), tape.uint32()]).toEqual([5, 6, 0]);
  tape.load(['4294967298'], true);
  expect([tape.uint32(), tape.uint32()]).toEqual([2, 1]);
});

it('tells what differs from what nobody knows', () => {
  const file = { schema: 'envoy-hidden/1', cases: [] };
  const entry = {
    id: 'x',
    kind: 'hash_key',
    input: { address: '10.0.0.1:80' },
    expect: { key: '10.0.0.1:80' },
  };
  expect(runCase(file, 'a.json', entry)).toBeNull();
  expect(runCase(file, 'a.json', { ...entry, expect: { key: 'other' } })).toMatchObject({
    expected: { key: 'other' },
  });
  expect(runCase(file, 'a.json', { ...entry, expect: { colour: 1 } })).toBe('unsupported');
  expect(runCase(file, 'a.json', { ...entry, kind: 'nonsense' })).toBe('unsupported');
  expect(adapterFor({ istioCommit: 'abc' }, '08-retry.json', entry)).not.toBeNull();
});

it('compares within a tolerance, and a missing key as null', () => {
  expect(isWithin([1, { a: 2 }], [1.5, { a: 2 }], 0.5)).toBe(true);
  expect(isWithin({ a: 1 }, { a: 1, b: null })).toBe(true);
  expect(isWithin([1], [1, 2])).toBe(false);
  expect(() => compareKeys({ a: 1 }, { b: 1 })).toThrow(Unsupported);
});

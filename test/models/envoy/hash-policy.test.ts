import { describe, expect, it } from 'vitest';
import type { HashPolicy } from '../../../src/models/envoy/config.ts';
import {
  compileHash,
  finishHash,
  type HashRequest,
  newCookieValue,
  setCookieHeader,
} from '../../../src/models/envoy/hash-policy.ts';
import { hash64, xxHash64Text } from '../../../src/models/envoy/hash64.ts';

const request = (over: Partial<HashRequest> = {}): HashRequest => ({
  method: 'GET',
  host: 'reviews:9080',
  path: '/api?user=7&flag&user=8',
  headers: { 'x-key': 'k1', cookie: 'theme=dark; session="abc"' },
  sourceAddress: '10.0.0.9',
  ...over,
});

/** null = no hash. */
function hash(policies: HashPolicy[], over: Partial<HashRequest> = {}): string | null {
  const compiled = compileHash(policies, request(over));
  return compiled && hex(compiled.hi, compiled.lo);
}

const hex = (hi: number, lo: number) => hi.toString(16).padStart(8, '0') + lo.toString(16).padStart(8, '0');

function hashOf(text: string): string {
  xxHash64Text(text);
  return hex(hash64.hi, hash64.lo);
}

const header: HashPolicy = { header: { headerName: 'X-Key' } };

describe('one policy', () => {
  it.each<[string, HashPolicy, string | null]>([
    ['a header, whatever the case of its name', header, 'k1'],
    ['a header that is not there', { header: { headerName: 'x-none' } }, null],
    ['the host', { header: { headerName: ':authority' } }, 'reviews:9080'],
    ['a cookie without its quotes', { cookie: { name: 'session' } }, 'abc'],
    ['an absent cookie without a ttl', { cookie: { name: 'none' } }, null],
    ['the source address', { connectionProperties: { sourceIp: true } }, '10.0.0.9'],
    ['the first value of a query parameter', { queryParameter: { name: 'user' } }, '7'],
    ['a query parameter without a value', { queryParameter: { name: 'flag' } }, ''],
    ['an absent query parameter', { queryParameter: { name: 'use' } }, null],
    ['filter state, which nobody sets', { filterState: { key: 'x' } }, null],
  ])('hashes %s', (_, policy, text) => {
    expect(hash([policy])).toBe(text === null ? null : hashOf(text));
  });

  it('does not mind the order of several lines of one header', () => {
    expect(hash([header], { headers: { 'x-key': ['foo', 'bar'] } })).toBe(
      hash([header], { headers: { 'x-key': ['bar', 'foo'] } }),
    );
  });

  it('gives no hash for a client whose address is unknown', () => {
    expect(hash([{ connectionProperties: { sourceIp: true } }], { sourceAddress: '' })).toBeNull();
  });
});

describe('several policies', () => {
  it('rotate what was hashed before and mix: the same one twice does not cancel out', () => {
    const once = BigInt(`0x${hashOf('k1')}`);
    const rotated = ((once << 1n) | (once >> 63n)) & 0xffffffffffffffffn;
    expect(hash([header, header])).toBe((rotated ^ once).toString(16).padStart(16, '0'));
  });

  it('stop at a terminal one once there is a hash, and go on when there is none', () => {
    const source: HashPolicy = { connectionProperties: { sourceIp: true } };
    expect(hash([{ ...header, terminal: true }, source])).toBe(hashOf('k1'));
    expect(hash([{ ...header, terminal: true }, source], { headers: {} })).toBe(hashOf('10.0.0.9'));
  });

  it('are none at all without a policy', () => {
    expect(compileHash(undefined, request())).toBeNull();
    expect(compileHash([], request())).toBeNull();
  });
});

describe('a cookie with a ttl', () => {
  const cookie: HashPolicy = { cookie: { name: 'session', ttl: '3600s', path: '/' } };
  const finished = (policies: HashPolicy[], connection: string) => {
    const compiled = compileHash(policies, request({ headers: {} }))!;
    const value = newCookieValue(connection);
    const out = { hi: 0, lo: 0 };
    finishHash(compiled, value, out);
    return {
      headers: compiled.newCookies.map((entry) => setCookieHeader(entry, value)),
      hash: hex(out.hi, out.lo),
    };
  };

  it('is made when it is absent, and the request is hashed by it', () => {
    const value = hashOf('a');
    expect(finished([cookie], 'a')).toEqual({
      headers: [`session="${value}"; Max-Age=3600; Path=/; HttpOnly`],
      hash: hashOf(value),
    });
  });

  it('is the same for all requests of one connection, and another on the next', () => {
    expect(finished([cookie], 'a')).toEqual(finished([cookie], 'a'));
    expect(finished([cookie], 'b')).not.toEqual(finished([cookie], 'a'));
  });

  it('is mixed with the other policies in its place', () => {
    const source: HashPolicy = { connectionProperties: { sourceIp: true } };
    const first = BigInt(`0x${hashOf(hashOf('a'))}`);
    const rotated = ((first << 1n) | (first >> 63n)) & 0xffffffffffffffffn;
    const expected = rotated ^ BigInt(`0x${hashOf('10.0.0.9')}`);
    expect(finished([cookie, source], 'a').hash).toBe(expected.toString(16).padStart(16, '0'));
    expect(finished([{ ...cookie, terminal: true }, source], 'a').hash).toBe(hashOf(hashOf('a')));
  });

  it('is not made again when the client brings it', () => {
    const compiled = compileHash([cookie], request())!;
    expect(compiled.newCookies).toEqual([]);
    expect(hex(compiled.hi, compiled.lo)).toBe(hashOf('abc'));
  });

  it('without an age is a cookie of the session', () => {
    expect(setCookieHeader({ name: 's', maxAgeSeconds: 0, path: '' }, 'v')).toBe('s="v"; HttpOnly');
  });
});

import { describe, expect, it } from 'vitest';
import type { HashPolicy } from '../../../src/models/envoy/config.ts';
import {
  compileHashPolicies,
  createRequestHash,
  type HashRequest,
  hashRequest,
} from '../../../src/models/envoy/hash-policy.ts';
import { hash64, xxHash64Text } from '../../../src/models/envoy/hash64.ts';

const request = (over: Partial<HashRequest> = {}): HashRequest => ({
  method: 'GET',
  host: 'reviews:9080',
  path: '/api?user=7&flag&user=8',
  headers: { 'x-key': 'k1', cookie: 'theme=dark; session="abc"' },
  sourceAddress: '10.0.0.9',
  connection: '10.0.0.9:41234 10.0.0.1:80',
  ...over,
});

/** null = no hash. */
function hash(policies: HashPolicy[], over: Partial<HashRequest> = {}): string | null {
  const out = createRequestHash();
  hashRequest(compileHashPolicies(policies), request(over), out);
  return out.hasHash ? hex(out.hashHi, out.hashLo) : null;
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
    expect(compileHashPolicies([])).toBeNull();
    expect(hash([])).toBeNull();
  });
});

describe('a cookie with a ttl', () => {
  const policies: HashPolicy[] = [{ cookie: { name: 'session', ttl: '3600s', path: '/' } }];
  const make = (connection: string) => {
    const out = createRequestHash();
    hashRequest(compileHashPolicies(policies), request({ headers: {}, connection }), out);
    return out;
  };

  it('is made when it is absent, and the request is hashed by it', () => {
    const out = make('a');
    expect(out.setCookies).toEqual([`session="${hashOf('a')}"; Max-Age=3600; Path=/; HttpOnly`]);
    expect(hex(out.hashHi, out.hashLo)).toBe(hashOf(hashOf('a')));
  });

  it('is the same for all requests of one connection, and another on the next', () => {
    expect(make('a')).toEqual(make('a'));
    expect(make('b').setCookies).not.toEqual(make('a').setCookies);
  });

  it('is not made again when the client brings it, and a reused result forgets the last one', () => {
    const out = make('a');
    hashRequest(compileHashPolicies(policies), request(), out);
    expect(out.setCookies).toEqual([]);
    expect(hex(out.hashHi, out.hashLo)).toBe(hashOf('abc'));
  });
});

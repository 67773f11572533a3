// The hash that a route's policies make of a request, for ring hash and maglev: worked out once per request text, but for a cookie that
// the proxy itself hands out, whose value belongs to the downstream connection.
// Source: Envoy source/common/http/hash_policy.cc, router.cc addDownstreamSetCookie (1.40).
import type { HashPolicy } from '../envoy/config.ts';
import { hash64, xxHash64Text } from '../envoy/hash64.ts';
import type { RequestText } from './request-texts.ts';
import type { RunContext } from './run-context.ts';

/** One policy's contribution; null = the hash of the cookie that is handed out. */
type Part = { hi: number; lo: number } | null;

export interface CompiledHash {
  parts: Part[];
  /** The parts combined, when no cookie is handed out. */
  hi: number;
  lo: number;
  /** Name of the cookie that is handed out. */
  cookie: string | null;
}

/** null = no policy says anything about this request: the balancer draws at random. */
export function compileHash(policies: readonly HashPolicy[], request: RequestText): CompiledHash | null {
  const parts: Part[] = [];
  let cookie: string | null = null;
  for (const policy of policies) {
    if (isHandedOut(policy, request)) {
      cookie = policy.cookie!.name;
      parts.push(null);
    } else {
      const value = hashedText(policy, request);
      if (value !== undefined) {
        xxHash64Text(value);
        parts.push({ hi: hash64.hi, lo: hash64.lo });
      }
    }
    if (policy.terminal && parts.length > 0) break;
  }
  if (parts.length === 0) return null;
  const compiled = { parts, hi: 0, lo: 0, cookie };
  combine(compiled, 0, 0);
  compiled.hi = combined.hi;
  compiled.lo = combined.lo;
  return compiled;
}

const isHandedOut = (policy: HashPolicy, request: RequestText) =>
  policy.cookie?.ttl !== undefined && !cookieOf(request, policy.cookie.name);

function hashedText(policy: HashPolicy, request: RequestText): string | undefined {
  if (policy.header) {
    const name = policy.header.headerName.toLowerCase();
    if (name === ':authority' || name === 'host') return request.host;
    if (name === ':path') return request.path;
    if (name === ':method') return request.method;
    return request.headers[name];
  }
  if (policy.cookie) return cookieOf(request, policy.cookie.name) || undefined;
  if (policy.connectionProperties?.sourceIp) return request.sourceAddress || '0.0.0.0';
  if (policy.queryParameter) {
    const query = request.path.split('#', 1)[0]!.split('?').slice(1).join('?');
    const { name } = policy.queryParameter;
    return query
      .split('&')
      .find((pair) => pair.split('=', 1)[0] === name)
      ?.slice(name.length + 1);
  }
  return undefined;
}

function cookieOf(request: RequestText, name: string): string | undefined {
  for (const pair of (request.headers['cookie'] ?? '').split(';')) {
    const at = pair.indexOf('=');
    if (at > 0 && pair.slice(0, at).trim() === name)
      return pair
        .slice(at + 1)
        .trim()
        .replace(/^"(.*)"$/, '$1');
  }
  return undefined;
}

const combined = { hi: 0, lo: 0 };

/** Rotates by one before each further hash. @param cookieHi hash of the cookie that is handed out */
function combine(hash: CompiledHash, cookieHi: number, cookieLo: number): void {
  let hi = 0;
  let lo = 0;
  for (const [i, part] of hash.parts.entries()) {
    const [nextHi, nextLo] = part === null ? [cookieHi, cookieLo] : [part.hi, part.lo];
    if (i === 0) {
      hi = nextHi;
      lo = nextLo;
      continue;
    }
    const rotatedHi = ((hi << 1) | (lo >>> 31)) >>> 0;
    const rotatedLo = ((lo << 1) | (hi >>> 31)) >>> 0;
    hi = (rotatedHi ^ nextHi) >>> 0;
    lo = (rotatedLo ^ nextLo) >>> 0;
  }
  combined.hi = hi;
  combined.lo = lo;
}

export class RequestHash {
  constructor(readonly run: RunContext) {}

  /** Puts the hash into the call; a handed-out cookie is noted for the answer. */
  of(call: number, hash: CompiledHash): void {
    const { calls } = this.run;
    calls.hasHash[call] = 1;
    if (hash.cookie === null) {
      calls.hashHi[call] = hash.hi;
      calls.hashLo[call] = hash.lo;
      return;
    }
    calls.setsCookie[call] = 1;
    xxHash64Text(this.cookieValue(call));
    combine(hash, hash64.hi, hash64.lo);
    calls.hashHi[call] = combined.hi;
    calls.hashLo[call] = combined.lo;
  }

  /** All requests of one connection get the same value; in Envoy it is made of the addresses and ports of both ends. */
  cookieValue(call: number): string {
    const { calls, spec } = this.run;
    xxHash64Text(
      `${spec.seed}/${spec.replication}/${calls.caller[call]}/${calls.load[call]}/${calls.connection[call]}`,
    );
    return hash64.hi.toString(16).padStart(8, '0') + hash64.lo.toString(16).padStart(8, '0');
  }

  /** "name=value" of the cookie that the call's answer sets. */
  cookiePair(call: number): string {
    const { calls, routes } = this.run;
    return `${routes[calls.route[call]!]!.hash!.cookie!}=${this.cookieValue(call)}`;
  }
}

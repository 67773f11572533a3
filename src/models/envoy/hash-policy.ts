// Route hash policies: which parts of a request make up the hash that ring and Maglev balancers choose by.
// Source: Envoy source/common/http/hash_policy.cc, http/utility.cc parseCookieValue, makeSetCookieValue (1.40).
import type { HashPolicy } from './config.ts';
import { parseDurationNs } from './duration.ts';
import { hash64, xxHash64Text } from './hash64.ts';

/** A request as hash policies read it. */
export interface HashRequest {
  method: string;
  host: string;
  /** With the query. */
  path: string;
  /** Names in lower case; several lines of one name as a list. */
  headers: Readonly<Record<string, string | readonly string[]>>;
  /** The client's IP address without a port; '' = unknown. */
  sourceAddress: string;
  /** Stands for both addresses of the downstream connection: requests on one connection without a cookie get the same new one. */
  connection: string;
}

/** The outcome; one object can be reused. The first three fields are those of a balancer's PickContext. */
export interface RequestHash {
  hasHash: boolean;
  hashHi: number;
  hashLo: number;
  /** Values of Set-Cookie headers for the answer. */
  setCookies: string[];
}

export interface CompiledHashPolicy {
  policies: readonly HashPolicy[];
  /** A cookie may be made: the hash then depends on the connection. */
  makesCookies: boolean;
  /** The source address is part of the hash. */
  readsSource: boolean;
}

/** null when no policy can give a hash. */
export function compileHashPolicies(policies: readonly HashPolicy[] | undefined): CompiledHashPolicy | null {
  if (!policies || policies.length === 0) return null;
  return {
    policies,
    makesCookies: policies.some((policy) => policy.cookie?.ttl !== undefined),
    readsSource: policies.some((policy) => policy.connectionProperties?.sourceIp === true),
  };
}

export function createRequestHash(): RequestHash {
  return { hasHash: false, hashHi: 0, hashLo: 0, setCookies: [] };
}

/** Evaluates the policies in order; each hash is combined with those before it. */
export function hashRequest(
  compiled: CompiledHashPolicy | null,
  request: HashRequest,
  out: RequestHash,
): void {
  out.hasHash = false;
  out.hashHi = 0;
  out.hashLo = 0;
  if (out.setCookies.length > 0) out.setCookies = [];
  if (compiled === null) return;
  for (const policy of compiled.policies) {
    const text = hashedText(policy, request, out.setCookies);
    if (text !== null) {
      xxHash64Text(text);
      // Rotating keeps two equal policies from cancelling each other out.
      const hi = out.hashHi;
      out.hashHi = (((hi << 1) | (out.hashLo >>> 31)) ^ hash64.hi) >>> 0;
      out.hashLo = (((out.hashLo << 1) | (hi >>> 31)) ^ hash64.lo) >>> 0;
      out.hasHash = true;
    }
    if (policy.terminal === true && out.hasHash) return;
  }
}

/** null = this policy has nothing to hash. */
function hashedText(policy: HashPolicy, request: HashRequest, setCookies: string[]): string | null {
  if (policy.header) {
    const values = headerValues(policy.header.headerName.toLowerCase(), request);
    // Several values are hashed as one stream, sorted so that their order does not matter.
    return values.length === 0 ? null : [...values].sort().join('');
  }
  if (policy.cookie) {
    const value = cookieValue(request, policy.cookie.name);
    if (value !== '') return value;
    return policy.cookie.ttl === undefined ? null : newCookie(policy.cookie, request, setCookies);
  }
  if (policy.connectionProperties)
    return policy.connectionProperties.sourceIp && request.sourceAddress !== ''
      ? request.sourceAddress
      : null;
  return policy.queryParameter ? queryValue(request.path, policy.queryParameter.name) : null;
}

function headerValues(name: string, request: HashRequest): readonly string[] {
  if (name === ':path') return [request.path];
  if (name === ':method') return [request.method];
  if (name === ':authority' || name === 'host') return [request.host];
  if (!Object.hasOwn(request.headers, name)) return [];
  const value = request.headers[name]!;
  return typeof value === 'string' ? [value] : value;
}

/** Value of the first cookie of that name, without its quotes; '' = none. */
function cookieValue(request: HashRequest, name: string): string {
  for (const line of headerValues('cookie', request)) {
    for (const part of line.split(';')) {
      const at = part.indexOf('=');
      if (at < 0 || part.slice(0, at).trim() !== name) continue;
      const value = part.slice(at + 1).trim();
      return value.length >= 2 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value;
    }
  }
  return '';
}

/** Makes a cookie for the connection and notes it for the answer. @returns its value */
function newCookie(
  cookie: NonNullable<HashPolicy['cookie']>,
  request: HashRequest,
  setCookies: string[],
): string {
  xxHash64Text(request.connection);
  const value = hash64.hi.toString(16).padStart(8, '0') + hash64.lo.toString(16).padStart(8, '0');
  const seconds = Math.floor(parseDurationNs(cookie.ttl, 0) / 1e9);
  const maxAge = seconds > 0 ? `; Max-Age=${seconds}` : '';
  const path = cookie.path ? `; Path=${cookie.path}` : '';
  setCookies.push(`${cookie.name}="${value}"${maxAge}${path}; HttpOnly`);
  return value;
}

/** First value of a query parameter, as written; null = not there. */
function queryValue(path: string, name: string): string | null {
  const at = path.indexOf('?');
  if (at < 0) return null;
  for (const part of path.slice(at + 1).split('&')) {
    const equals = part.indexOf('=');
    if ((equals < 0 ? part : part.slice(0, equals)) === name) return equals < 0 ? '' : part.slice(equals + 1);
  }
  return null;
}

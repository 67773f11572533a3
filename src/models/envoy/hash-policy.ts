// Route hash policies: which parts of a request make up the hash that ring and Maglev balancers choose by. Everything but the value of
// a cookie that the proxy hands out is known from the request's text, so a hash is compiled once per text and finished per connection.
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
}

/** A cookie that the answer sets. */
export interface NewCookie {
  name: string;
  /** 0 = for the session. */
  maxAgeSeconds: number;
  path: string;
}

export interface CompiledHash {
  /** What each policy gives, in order; null = the hash of the value of the new cookies, which all have the same. */
  parts: ({ hi: number; lo: number } | null)[];
  newCookies: NewCookie[];
  /** The parts combined; final when there are no new cookies. */
  hi: number;
  lo: number;
}

/** null = no policy says anything about this request: the balancer draws at random. */
export function compileHash(
  policies: readonly HashPolicy[] | undefined,
  request: HashRequest,
): CompiledHash | null {
  const compiled: CompiledHash = { parts: [], newCookies: [], hi: 0, lo: 0 };
  for (const policy of policies ?? []) {
    const text = hashedText(policy, request);
    if (text !== null) {
      xxHash64Text(text);
      compiled.parts.push({ hi: hash64.hi, lo: hash64.lo });
    } else if (policy.cookie?.ttl !== undefined) {
      compiled.parts.push(null);
      compiled.newCookies.push({
        name: policy.cookie.name,
        maxAgeSeconds: Math.floor(parseDurationNs(policy.cookie.ttl, 0) / 1e9),
        path: policy.cookie.path ?? '',
      });
    }
    if (policy.terminal === true && compiled.parts.length > 0) break;
  }
  if (compiled.parts.length === 0) return null;
  finishHash(compiled, '', compiled);
  return compiled;
}

/** Combines the parts. @param cookieValue value of the new cookies, see newCookieValue() @param out takes the halves */
export function finishHash(hash: CompiledHash, cookieValue: string, out: { hi: number; lo: number }): void {
  let cookieHi = 0;
  let cookieLo = 0;
  if (hash.newCookies.length > 0) {
    xxHash64Text(cookieValue);
    cookieHi = hash64.hi;
    cookieLo = hash64.lo;
  }
  let hi = 0;
  let lo = 0;
  for (const part of hash.parts) {
    // Rotating keeps two equal policies from cancelling each other out.
    const was = hi;
    hi = (((hi << 1) | (lo >>> 31)) ^ (part === null ? cookieHi : part.hi)) >>> 0;
    lo = (((lo << 1) | (was >>> 31)) ^ (part === null ? cookieLo : part.lo)) >>> 0;
  }
  out.hi = hi;
  out.lo = lo;
}

/**
 * Value of a new cookie. @param connection stands for the addresses and ports of both ends of the downstream connection: requests on
 * one connection without a cookie get the same value
 */
export function newCookieValue(connection: string): string {
  xxHash64Text(connection);
  return hash64.hi.toString(16).padStart(8, '0') + hash64.lo.toString(16).padStart(8, '0');
}

/** The Set-Cookie header of a new cookie. */
export function setCookieHeader({ name, maxAgeSeconds, path }: NewCookie, value: string): string {
  const maxAge = maxAgeSeconds > 0 ? `; Max-Age=${maxAgeSeconds}` : '';
  return `${name}="${value}"${maxAge}${path === '' ? '' : `; Path=${path}`}; HttpOnly`;
}

/** null = this policy finds nothing to hash in the request. */
function hashedText(policy: HashPolicy, request: HashRequest): string | null {
  if (policy.header) {
    const values = headerValues(policy.header.headerName.toLowerCase(), request);
    // Several values are hashed as one stream, sorted so that their order does not matter.
    return values.length === 0 ? null : [...values].sort().join('');
  }
  if (policy.cookie) return cookieValue(request, policy.cookie.name) || null;
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

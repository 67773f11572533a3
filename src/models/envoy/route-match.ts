// Which virtual host and which route a request takes. Source: Envoy config_impl.cc RouteMatcher, RouteEntryImplBase (1.40).
import type {
  HeaderMatcher,
  QueryParameterMatcher,
  Route,
  RouteConfiguration,
  RouteMatch,
  StringMatcher,
  VirtualHost,
} from './config.ts';

/** A request as the matcher reads it; header names are lower case, pseudo headers are in `headers`. */
export interface RequestView {
  method: string;
  /** As written in the Host header, port included. */
  host: string;
  /** With the query. */
  path: string;
  headers: Record<string, string>;
}

/** The virtual host: exact domain, then the longest "*.suffix", then the longest "prefix.*", then "*". */
export function findVirtualHost(config: RouteConfiguration, host: string): VirtualHost | null {
  const wanted = (config.ignorePortInHostMatching ? withoutPort(host) : host).toLowerCase();
  let best: VirtualHost | null = null;
  let bestRank = 0;
  for (const virtualHost of config.virtualHosts) {
    for (const domain of virtualHost.domains) {
      const rank = domainRank(domain.toLowerCase(), wanted);
      if (rank > bestRank) {
        best = virtualHost;
        bestRank = rank;
      }
    }
  }
  return best;
}

export function withoutPort(host: string): string {
  const at = host.lastIndexOf(':');
  return at > 0 && /^\d+$/.test(host.slice(at + 1)) && !host.slice(0, at).endsWith(':')
    ? host.slice(0, at)
    : host;
}

/** 0 = no match. */
function domainRank(domain: string, host: string): number {
  if (domain === host) return 3e6;
  if (domain === '*') return 1;
  if (domain.startsWith('*') && host.length >= domain.length && host.endsWith(domain.slice(1)))
    return 2e6 + domain.length;
  if (domain.endsWith('*') && host.length >= domain.length && host.startsWith(domain.slice(0, -1)))
    return 1e6 + domain.length;
  return 0;
}

/** The first route that fits; a random share is left to `isDrawn`. */
export function findRoute(
  routes: readonly Route[],
  request: RequestView,
  isDrawn: (match: RouteMatch) => boolean = () => true,
): Route | null {
  for (const route of routes) {
    if (
      routeMatches(route.match, request) &&
      (route.match.runtimeFraction === undefined || isDrawn(route.match))
    )
      return route;
  }
  return null;
}

export function routeMatches(match: RouteMatch, request: RequestView): boolean {
  return (
    pathMatches(match, request.path) &&
    (match.headers ?? []).every((matcher) => headerMatches(matcher, request)) &&
    (match.queryParameters ?? []).every((matcher) => queryMatches(matcher, request.path))
  );
}

/** Paths are compared without query and fragment. */
function pathMatches(match: RouteMatch, pathAndQuery: string): boolean {
  const whole = pathAndQuery.split(/[?#]/, 1)[0]!;
  const isFolded = match.caseSensitive === false;
  const path = isFolded ? whole.toLowerCase() : whole;
  const fold = (text: string) => (isFolded ? text.toLowerCase() : text);
  if (match.path !== undefined) return path === fold(match.path);
  if (match.prefix !== undefined) return path.startsWith(fold(match.prefix));
  if (match.pathSeparatedPrefix !== undefined) {
    const prefix = fold(match.pathSeparatedPrefix);
    return path === prefix || path.startsWith(`${prefix}/`);
  }
  if (match.safeRegex) return fullMatch(match.safeRegex.regex, whole);
  return true;
}

function headerValue(name: string, request: RequestView): string | undefined {
  const lower = name.toLowerCase();
  if (lower === ':method') return request.method;
  if (lower === ':path') return request.path;
  if (lower === ':authority' || lower === 'host') return request.host;
  if (lower === ':scheme') return request.headers[':scheme'] ?? 'http';
  return request.headers[lower];
}

export function headerMatches(matcher: HeaderMatcher, request: RequestView): boolean {
  const given = headerValue(matcher.name, request);
  const value = given === undefined && matcher.treatMissingHeaderAsEmpty ? '' : given;
  const invert = matcher.invertMatch === true;
  if (matcher.stringMatch) {
    if (value === undefined) return false; // inverted or not: header_utility.cc ignores the rule, so it does not match
    return stringMatches(matcher.stringMatch, value) !== invert;
  }
  return ((value !== undefined) === (matcher.presentMatch ?? true)) !== invert;
}

function queryMatches(matcher: QueryParameterMatcher, pathAndQuery: string): boolean {
  const query = pathAndQuery.split('#', 1)[0]!.split('?').slice(1).join('?');
  const pair = query.split('&').find((part) => part.split('=', 1)[0] === matcher.name);
  const isPresent = query !== '' && pair !== undefined;
  if (!matcher.stringMatch) return isPresent === (matcher.presentMatch ?? true);
  return isPresent && stringMatches(matcher.stringMatch, pair.slice(matcher.name.length + 1));
}

export function stringMatches(matcher: StringMatcher, value: string): boolean {
  const fold = (text: string) => (matcher.ignoreCase ? text.toLowerCase() : text);
  if (matcher.exact !== undefined) return fold(value) === fold(matcher.exact);
  if (matcher.prefix !== undefined) return fold(value).startsWith(fold(matcher.prefix));
  if (matcher.suffix !== undefined) return fold(value).endsWith(fold(matcher.suffix));
  if (matcher.contains !== undefined) return fold(value).includes(fold(matcher.contains));
  return matcher.safeRegex ? fullMatch(matcher.safeRegex.regex, value) : true;
}

const compiled = new Map<string, RegExp | null>();

/** RE2's full match with JavaScript's engine; a pattern that it cannot read matches nothing. */
function fullMatch(regex: string, value: string): boolean {
  let pattern = compiled.get(regex);
  if (pattern === undefined) {
    try {
      pattern = new RegExp(`^(?:${regex})$`, 'su');
    } catch {
      try {
        pattern = new RegExp(`^(?:${regex})$`, 's');
      } catch {
        pattern = null;
      }
    }
    compiled.set(regex, pattern);
  }
  return pattern !== null && value.length <= 8192 && pattern.test(value);
}

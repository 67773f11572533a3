// Our route tables in the notation of the recordings.
import type {
  FractionalPercent,
  HeaderMatcher,
  QueryParameterMatcher,
  RetryPolicy,
  Route,
  RouteConfiguration,
  StringMatcher,
} from '../../../src/models/envoy/config.ts';
import type { Json } from './registry.ts';

const CODES: Record<string, number> = {
  MOVED_PERMANENTLY: 301,
  FOUND: 302,
  SEE_OTHER: 303,
  TEMPORARY_REDIRECT: 307,
  PERMANENT_REDIRECT: 308,
};
const DENOMINATORS = { HUNDRED: 100, TEN_THOUSAND: 1e4, MILLION: 1e6 };

const percentOf = (fraction: FractionalPercent | undefined): number =>
  fraction ? (fraction.numerator / DENOMINATORS[fraction.denominator ?? 'HUNDRED']) * 100 : 100;

/** Leaves out what is undefined. */
const compact = (entry: Json): Json =>
  Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== undefined));

const stringNotation = (matcher: StringMatcher | undefined): Json => ({
  exact: matcher?.exact,
  prefix: matcher?.prefix,
  regex: matcher?.safeRegex?.regex,
});

const headerNotation = (matcher: HeaderMatcher): Json =>
  compact({
    name: matcher.name,
    ...stringNotation(matcher.stringMatch),
    present: matcher.presentMatch,
    not: matcher.invertMatch,
  });

/** Claims of a token are no headers for Envoy (it matches dynamic metadata); the recordings do not show them. */
const isClaim = (matcher: HeaderMatcher): boolean => matcher.name.startsWith('@request.auth.claims');

const listed = (list: Json[] | undefined): Json[] | undefined => (list?.length ? list : undefined);

const queryNotation = (matcher: QueryParameterMatcher): Json =>
  compact({ name: matcher.name, ...stringNotation(matcher.stringMatch), present: matcher.presentMatch });

export function retryNotation(policy: RetryPolicy | undefined): Json {
  if (!policy) return null;
  return compact({
    attempts: policy.numRetries,
    on: policy.retryOn.split(','),
    statusCodes: policy.retriableStatusCodes,
    perTryTimeout: policy.perTryTimeout,
    avoidTriedHosts: policy.retryHostPredicate !== undefined,
    hostSelectionAttempts: policy.hostSelectionRetryMaxAttempts,
    otherPriorities: policy.retryPriority !== undefined,
    backoffBase: policy.retryBackOff?.baseInterval,
  });
}

export function routeNotation(route: Route): Json {
  const { match, route: action, redirect, fault } = route;
  const notation: Json = {
    match: compact({
      prefix: match.prefix,
      exact: match.path,
      regex: match.safeRegex?.regex,
      segmentPrefix: match.pathSeparatedPrefix,
      ignoreCase: match.caseSensitive === false ? true : undefined,
      headers: listed(match.headers?.filter((header) => !isClaim(header)).map(headerNotation)),
      query: match.queryParameters?.map(queryNotation),
    }),
  };
  if (redirect)
    notation.redirect = compact({
      host: redirect.hostRedirect,
      path: redirect.pathRedirect,
      prefix: redirect.prefixRewrite,
      scheme: redirect.schemeRedirect,
      port: redirect.portRedirect,
      code: CODES[redirect.responseCode ?? 'MOVED_PERMANENTLY'],
    });
  if (route.directResponse) notation.respond = { status: route.directResponse.status };
  if (action) {
    notation.to = action.weightedClusters
      ? action.weightedClusters.clusters.map(({ name, weight }) => ({ cluster: name, weight }))
      : [{ cluster: action.cluster }];
    notation.timeout = action.timeout;
    notation.retry = retryNotation(action.retryPolicy);
    if (action.hashPolicy)
      notation.hash = action.hashPolicy.map((hash) =>
        hash.header
          ? `header:${hash.header.headerName}`
          : hash.cookie
            ? `cookie:${hash.cookie.name}`
            : hash.queryParameter
              ? `query:${hash.queryParameter.name}`
              : 'sourceIp',
      );
    if (action.requestMirrorPolicies)
      notation.mirror = action.requestMirrorPolicies.map((mirror) => ({
        cluster: mirror.cluster,
        percent: percentOf(mirror.runtimeFraction),
      }));
    if (action.hostRewriteLiteral) notation.rewriteHost = action.hostRewriteLiteral;
    if (action.prefixRewrite) notation.rewritePrefix = action.prefixRewrite;
    if (action.regexRewrite)
      notation.rewriteRegex = [action.regexRewrite.pattern.regex, action.regexRewrite.substitution];
    if (action.clusterNotFoundResponseCode === 'INTERNAL_SERVER_ERROR') notation.clusterNotFoundStatus = 500;
  }
  if (fault)
    notation.fault = compact({
      abort: fault.abort && {
        ...(fault.abort.grpcStatus === undefined
          ? { status: fault.abort.httpStatus }
          : { grpcStatus: fault.abort.grpcStatus }),
        percent: percentOf(fault.abort.percentage),
      },
      delay: fault.delay && { fixed: fault.delay.fixedDelay, percent: percentOf(fault.delay.percentage) },
    });
  return notation;
}

export const tableNotation = (table: RouteConfiguration): Json => ({
  listener: table.name,
  hosts: table.virtualHosts.map((host) => ({
    name: host.name,
    domains: host.domains,
    routes: host.routes.map(routeNotation),
    ...(host.requireTls && { requireTls: host.requireTls }),
  })),
});

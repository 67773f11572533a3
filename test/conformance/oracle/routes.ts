// The routes of a measured case as the product's Envoy configuration.
import type {
  HashPolicy,
  HttpFault,
  Listener,
  RetryPolicy,
  Route,
} from '../../../src/models/envoy/config.ts';
import { camel, duration, type Json, onlyKeys } from './json.ts';

const ROUTE_KEYS =
  'cluster weighted weighted_list retry timeout hash_header extra hash mirror fault routes novalidate match direct redirect';

/** Istio's default retry policy, and the same without 503. */
const ISTIO: RetryPolicy = {
  numRetries: 2,
  retryHostPredicate: [{ name: 'envoy.retry_host_predicates.previous_hosts' }],
  hostSelectionRetryMaxAttempts: 5,
  retryOn: 'connect-failure,refused-stream,unavailable,cancelled',
};

function retryPolicyOf(given: Json): RetryPolicy | undefined {
  if (given == null || given === 'none') return undefined;
  if (given === 'istio')
    return { ...ISTIO, retryOn: `${ISTIO.retryOn},retriable-status-codes`, retriableStatusCodes: [503] };
  if (given === 'istio_no503') return ISTIO;
  return policyFrom(camel(given));
}

function policyFrom({ retryPriority, ...policy }: Json): RetryPolicy {
  const attempts = policy.hostSelectionRetryMaxAttempts;
  return {
    ...policy,
    retryOn: policy.retryOn ?? '',
    ...(attempts !== undefined && { hostSelectionRetryMaxAttempts: Number(attempts) }),
    ...(retryPriority && {
      retryPriority: {
        name: retryPriority.name,
        updateFrequency: retryPriority.typedConfig?.updateFrequency ?? 1,
      },
    }),
  };
}

function hashPolicyOf(given: Json): HashPolicy {
  if (given === 'source_ip') return { connectionProperties: { sourceIp: true } };
  onlyKeys(given, 'source_ip header cookie ttl terminal', 'hash');
  const terminal = given.terminal ? { terminal: true } : {};
  if (given.source_ip) return { connectionProperties: { sourceIp: true }, ...terminal };
  if (given.header !== undefined) return { header: { headerName: given.header }, ...terminal };
  const ttl = given.ttl != null ? { ttl: duration(given.ttl) } : {};
  return { cookie: { name: given.cookie, ...ttl }, ...terminal };
}

function routeOf(given: Json, firstCluster: string): Route {
  onlyKeys(given, ROUTE_KEYS, 'route');
  const match = camel(given.match ?? { prefix: '/' });
  if (given.direct) return { match, directResponse: given.direct };
  if (given.redirect) return { match, redirect: camel(given.redirect) };
  const weighted: [string, number][] | undefined =
    given.weighted_list ?? (given.weighted && Object.entries(given.weighted));
  const retryPolicy = retryPolicyOf(given.retry);
  const hash = given.hash?.length
    ? given.hash.map(hashPolicyOf)
    : given.hash_header
      ? [{ header: { headerName: given.hash_header } }]
      : [];
  const { retryPolicy: extraRetry, metadataMatch, ...extra } = camel(given.extra ?? {});
  return {
    match,
    route: {
      ...(weighted
        ? { weightedClusters: { clusters: weighted.map(([name, weight]) => ({ name, weight })) } }
        : { cluster: given.cluster ?? firstCluster }),
      ...(given.timeout !== 'default' && { timeout: duration(given.timeout ?? 0) }),
      ...(retryPolicy && { retryPolicy }),
      ...(hash.length > 0 && { hashPolicy: hash }),
      ...(given.mirror?.length && {
        requestMirrorPolicies: given.mirror.map((entry: Json) => {
          onlyKeys(entry, 'cluster percent', 'mirror');
          const runtimeFraction = { numerator: entry.percent };
          return { cluster: entry.cluster, ...(entry.percent != null && { runtimeFraction }) };
        }),
      }),
      ...extra,
      ...(extraRetry && { retryPolicy: policyFrom(extraRetry) }),
      ...(metadataMatch && {
        metadataMatch: given.extra.metadata_match.filter_metadata?.['envoy.lb'] ?? metadataMatch,
      }),
    },
  };
}

function faultOf(given: Json): HttpFault {
  onlyKeys(given, 'abort percent delay_ms delay_percent max_active', 'fault');
  return {
    ...(given.abort !== undefined && {
      abort: { httpStatus: given.abort, percentage: { numerator: given.percent ?? 100 } },
    }),
    ...(given.delay_ms !== undefined && {
      delay: {
        fixedDelay: duration(given.delay_ms / 1000),
        percentage: { numerator: given.delay_percent ?? 100 },
      },
    }),
    ...(given.max_active !== undefined && { maxActiveFaults: given.max_active }),
  };
}

export function listenerOf(name: string, port: number, route: Json, firstCluster: string): Listener {
  onlyKeys(route, ROUTE_KEYS, 'route');
  const fault = route.fault ? [{ name: 'envoy.filters.http.fault', fault: faultOf(route.fault) }] : [];
  return {
    name,
    address: { address: '0.0.0.0', port },
    filterChains: [
      {
        httpConnectionManager: {
          statPrefix: name,
          httpFilters: fault,
          routeConfig: {
            name: 'r',
            ...(route.novalidate && { validateClusters: false }),
            virtualHosts: [
              {
                name: 'v',
                domains: ['*'],
                routes: (route.routes ?? [route]).map((entry: Json) => routeOf(entry, firstCluster)),
              },
            ],
          },
        },
      },
    ],
  };
}

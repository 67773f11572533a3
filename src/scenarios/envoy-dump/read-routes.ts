// Listeners and routes of a config dump as the product's. Source: envoyproxy/envoy api/envoy/config/{listener,route}/v3 (1.40).
import type {
  FilterChain,
  FractionalPercent,
  HttpConnectionManager,
  HttpFault,
  Listener,
  RetryPolicy,
  Route,
  RouteAction,
  RouteConfiguration,
  VirtualHost,
  WeightedCluster,
} from '../../models/envoy/config.ts';
import {
  arrayOf,
  isPresent,
  type Json,
  numberOf,
  pick,
  recordOf,
  recordsOf,
  textOf,
  textsOf,
} from './json.ts';
import { addressOf, type Notes } from './read-clusters.ts';

/** HTTP filters that change nothing about where a request goes, or that are simulated. */
const QUIET_FILTERS = /(router|fault|istio|stats|metadata_exchange|grpc_stats|alpn|cors|peer_metadata|wasm)/i;

export function readListener(given: Json, notes: Notes): Listener {
  const name = textOf(given['name']);
  const direction = textOf(given['trafficDirection']);
  return {
    name,
    ...((direction === 'INBOUND' || direction === 'OUTBOUND') && { trafficDirection: direction }),
    address: addressOf(given['address']),
    filterChains: recordsOf(given['filterChains']).map((chain) => chainOf(chain, name, notes)),
    ...(isPresent(given['defaultFilterChain']) && {
      defaultFilterChain: chainOf(recordOf(given['defaultFilterChain']), name, notes),
    }),
  };
}

function chainOf(given: Json, listener: string, notes: Notes): FilterChain {
  const match = recordOf(given['filterChainMatch']);
  const ranges = recordsOf(match['prefixRanges']).map(
    (range) => `${textOf(range['addressPrefix'])}/${numberOf(range['prefixLen']) ?? 0}`,
  );
  const chain: FilterChain = {
    ...(textOf(given['name']) !== '' && { name: textOf(given['name']) }),
    ...(isPresent(given['filterChainMatch']) && {
      filterChainMatch: {
        ...pick(match, 'serverNames', 'destinationPort', 'transportProtocol', 'applicationProtocols'),
        ...(ranges.length > 0 && { prefixRanges: ranges }),
      },
    }),
  };
  for (const filter of recordsOf(given['filters'])) {
    const config = recordOf(filter['typedConfig']);
    const type = textOf(config['@type']);
    if (type.endsWith('.HttpConnectionManager'))
      chain.httpConnectionManager = managerOf(config, listener, notes);
    else if (type.endsWith('.TcpProxy')) {
      const weighted = recordOf(config['weightedClusters']);
      chain.tcpProxy = {
        ...pick(config, 'statPrefix', 'cluster', 'maxConnectAttempts'),
        ...(isPresent(config['weightedClusters']) && {
          weightedClusters: {
            clusters: recordsOf(weighted['clusters']).map((entry) => ({
              name: textOf(entry['name']),
              weight: numberOf(entry['weight']) ?? 0,
            })),
          },
        }),
      };
    } else if (!QUIET_FILTERS.test(textOf(filter['name'])))
      notes(`listener ${listener}: ${textOf(filter['name'])}`, 'this network filter is not simulated');
  }
  return chain;
}

function managerOf(given: Json, listener: string, notes: Notes): HttpConnectionManager {
  const filters = recordsOf(given['httpFilters']);
  for (const filter of filters)
    if (!QUIET_FILTERS.test(textOf(filter['name'])))
      notes(`listener ${listener}: ${textOf(filter['name'])}`, 'this HTTP filter is not simulated');
  const rds = textOf(recordOf(given['rds'])['routeConfigName']);
  if (isPresent(given['scopedRoutes']))
    notes(`listener ${listener}: scoped_routes`, 'scoped routes are not simulated');
  return {
    ...pick(given, 'statPrefix', 'streamIdleTimeout'),
    ...(rds !== '' && { routeConfigName: rds }),
    ...(isPresent(given['routeConfig']) && {
      routeConfig: readRoutes(recordOf(given['routeConfig']), notes),
    }),
    httpFilters: filters.flatMap((filter) => {
      const config = recordOf(filter['typedConfig']);
      if (!textOf(config['@type']).endsWith('.HTTPFault')) return [];
      const fault = faultOf(config);
      return fault ? [{ name: textOf(filter['name']), fault }] : [];
    }),
  };
}

export function readRoutes(given: Json, notes: Notes): RouteConfiguration {
  return {
    name: textOf(given['name']),
    ...pick(given, 'ignorePortInHostMatching', 'validateClusters'),
    virtualHosts: recordsOf(given['virtualHosts']).map(
      (host): VirtualHost => ({
        name: textOf(host['name']),
        domains: arrayOf(host['domains']).map(textOf),
        ...pick(host, 'includeRequestAttemptCount', 'requireTls'),
        ...(isPresent(host['retryPolicy']) && { retryPolicy: retriesOf(recordOf(host['retryPolicy'])) }),
        routes: recordsOf(host['routes']).map((route) => routeOf(route, notes)),
      }),
    ),
  };
}

function routeOf(given: Json, notes: Notes): Route {
  const match = recordOf(given['match']);
  const direct = recordOf(given['directResponse']);
  const body = textOf(recordOf(direct['body'])['inlineString']);
  const perFilter = recordOf(given['typedPerFilterConfig']);
  const fault = Object.values(perFilter)
    .map(recordOf)
    .filter((config) => textOf(config['@type']).endsWith('.HTTPFault'))
    .map(faultOf)[0];
  const fraction = fractionOf(match['runtimeFraction']);
  if (isPresent(match['connectMatcher'])) notes('routes: connect_matcher', 'CONNECT is not simulated');
  return {
    ...(textOf(given['name']) !== '' && { name: textOf(given['name']) }),
    match: {
      ...pick(
        match,
        'prefix',
        'path',
        'safeRegex',
        'pathSeparatedPrefix',
        'caseSensitive',
        'queryParameters',
      ),
      ...(arrayOf(match['headers']).length > 0 && { headers: recordsOf(match['headers']).map(headerOf) }),
      ...(fraction && { runtimeFraction: fraction }),
    },
    ...(isPresent(given['route']) && { route: actionOf(recordOf(given['route'])) }),
    ...(isPresent(given['redirect']) && {
      redirect: recordOf(given['redirect']) as NonNullable<Route['redirect']>,
    }),
    ...(isPresent(given['directResponse']) && {
      directResponse: { status: numberOf(direct['status']) ?? 200, ...(body !== '' && { body }) },
    }),
    ...(fault && { fault }),
  };
}

/** Older dumps spell the match itself: exact_match, prefix_match, ... */
function headerOf(given: Json): NonNullable<Route['match']['headers']>[number] {
  const older = OLDER_MATCHES.find(([name]) => isPresent(given[name]));
  return {
    name: textOf(given['name']),
    ...pick(given, 'stringMatch', 'presentMatch', 'invertMatch', 'treatMissingHeaderAsEmpty'),
    ...(older && { stringMatch: { [older[1]]: given[older[0]] } }),
  };
}

const OLDER_MATCHES = [
  ['exactMatch', 'exact'],
  ['prefixMatch', 'prefix'],
  ['suffixMatch', 'suffix'],
  ['containsMatch', 'contains'],
  ['safeRegexMatch', 'safeRegex'],
] as const;

const subsetOf = (value: unknown) => textsOf(recordOf(recordOf(value)['filterMetadata'])['envoy.lb']);

function fractionOf(value: unknown): FractionalPercent | undefined {
  if (!isPresent(value)) return undefined;
  const given = recordOf(recordOf(value)['defaultValue'] ?? value);
  return { numerator: numberOf(given['numerator']) ?? 0, ...pick(given, 'denominator') };
}

function actionOf(given: Json): RouteAction {
  const weighted = recordOf(given['weightedClusters']);
  const metadata = subsetOf(given['metadataMatch']);
  const mirrors = recordsOf(given['requestMirrorPolicies']);
  return {
    ...pick(given, 'cluster', 'clusterHeader', 'clusterNotFoundResponseCode', 'timeout', 'idleTimeout'),
    ...pick(given, 'maxStreamDuration', 'hashPolicy', 'prefixRewrite', 'regexRewrite', 'hostRewriteLiteral'),
    ...pick(given, 'autoHostRewrite', 'priority', 'hedgePolicy'),
    ...(Object.keys(metadata).length > 0 && { metadataMatch: metadata }),
    ...(isPresent(given['weightedClusters']) && {
      weightedClusters: {
        clusters: recordsOf(weighted['clusters']).map((entry): WeightedCluster => {
          const subset = subsetOf(entry['metadataMatch']);
          return {
            name: textOf(entry['name']),
            weight: numberOf(entry['weight']) ?? 0,
            ...(Object.keys(subset).length > 0 && { metadataMatch: subset }),
          };
        }),
      },
    }),
    ...(isPresent(given['retryPolicy']) && { retryPolicy: retriesOf(recordOf(given['retryPolicy'])) }),
    ...(mirrors.length > 0 && {
      requestMirrorPolicies: mirrors.map((mirror) => {
        const fraction = fractionOf(mirror['runtimeFraction']);
        return {
          cluster: textOf(mirror['cluster']),
          ...(fraction && { runtimeFraction: fraction }),
          ...pick(mirror, 'disableShadowHostSuffixAppend'),
        };
      }),
    }),
  };
}

function retriesOf(given: Json): RetryPolicy {
  const priority = recordOf(given['retryPriority']);
  const attempts = numberOf(given['hostSelectionRetryMaxAttempts']);
  const predicates = recordsOf(given['retryHostPredicate']);
  return {
    retryOn: textOf(given['retryOn']),
    ...pick(
      given,
      'numRetries',
      'perTryTimeout',
      'perTryIdleTimeout',
      'retriableStatusCodes',
      'retriableHeaders',
    ),
    ...pick(given, 'retriableRequestHeaders', 'retryBackOff', 'rateLimitedRetryBackOff'),
    ...(attempts !== undefined && { hostSelectionRetryMaxAttempts: attempts }),
    ...(predicates.length > 0 && {
      retryHostPredicate: predicates.map((entry) => ({ name: textOf(entry['name']) })),
    }),
    ...(isPresent(given['retryPriority']) && {
      retryPriority: {
        name: textOf(priority['name']),
        updateFrequency: numberOf(recordOf(priority['typedConfig'])['updateFrequency']) ?? 1,
      },
    }),
  };
}

function faultOf(given: Json): HttpFault | undefined {
  const delay = recordOf(given['delay']);
  const abort = recordOf(given['abort']);
  if (!isPresent(given['delay']) && !isPresent(given['abort'])) return undefined;
  return {
    ...(isPresent(given['delay']) && {
      delay: {
        fixedDelay: textOf(delay['fixedDelay']) || '0s',
        percentage: fractionOf(delay['percentage']) ?? { numerator: 0 },
      },
    }),
    ...(isPresent(given['abort']) && {
      abort: {
        ...pick(abort, 'httpStatus', 'grpcStatus'),
        percentage: fractionOf(abort['percentage']) ?? { numerator: 0 },
      },
    }),
    ...pick(given, 'maxActiveFaults', 'headers'),
  };
}

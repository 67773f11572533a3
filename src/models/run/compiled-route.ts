// A route as the hot path reads it: indexes and numbers instead of names and texts.
// Source: Envoy config_impl.cc (weighted clusters, timeouts), router.cc FilterUtility::finalTimeout (1.40).
import type {
  FractionalPercent,
  HashPolicy,
  HttpFault,
  Route,
  RouteAction,
  TcpProxy,
  VirtualHost,
} from '../envoy/config.ts';
import { parseDurationNs } from '../envoy/duration.ts';
import { type CompiledRetryPolicy, compileRetryPolicy } from '../envoy/retry.ts';
import { headerMatches, type RequestView } from '../envoy/route-match.ts';
import type { ProxyState } from './proxy-state.ts';
import { serviceOf } from './service-name.ts';

/** Envoy's route timeout when none is given. Source: route_components.proto RouteAction.timeout. */
const DEFAULT_TIMEOUT_NS = 15e9;

export interface CompiledRoute {
  /** clusters: go upstream; tcp: the same without HTTP's rules; local: answered here; none: no route; passthrough: the dialled address. */
  kind: 'clusters' | 'tcp' | 'local' | 'none' | 'passthrough';
  name: string;
  /** Answered here with this status. */
  status: number;
  location?: string;
  /** Global cluster indexes (-1 = no such cluster), and the weights added up. */
  clusters: number[];
  clusterNames: string[];
  /** Tally service of each. */
  services: number[];
  cumulativeWeights: number[];
  clusterNotFoundStatus: number;
  /** 0 = none. */
  timeoutNs: number;
  retry: CompiledRetryPolicy | null;
  hashPolicies: HashPolicy[];
  metadataMatch: (Record<string, string> | undefined)[];
  fault: CompiledFault | null;
  mirrors: { cluster: number; service: number; name: string; numerator: number; denominator: number }[];
  /** Found by a random draw: valid for one request only. */
  isDrawn: boolean;
  origin?: Route['origin'];
}

export interface CompiledFault {
  delayNs: number;
  delayNumerator: number;
  delayDenominator: number;
  abortStatus: number;
  abortNumerator: number;
  abortDenominator: number;
  maxActiveFaults: number;
}

const DENOMINATORS = { HUNDRED: 100, TEN_THOUSAND: 10_000, MILLION: 1_000_000 };
const denominatorOf = (fraction: FractionalPercent) => DENOMINATORS[fraction.denominator ?? 'HUNDRED'];

export function localRoute(
  kind: 'local' | 'none' | 'passthrough',
  status: number,
  service: number,
): CompiledRoute {
  return {
    kind,
    name: kind,
    status,
    clusters: [],
    clusterNames: [],
    services: [service],
    cumulativeWeights: [],
    clusterNotFoundStatus: 503,
    timeoutNs: 0,
    retry: null,
    hashPolicies: [],
    metadataMatch: [],
    fault: null,
    mirrors: [],
    isDrawn: false,
  };
}

export function compileRoute(
  proxy: ProxyState,
  route: Route,
  virtualHost: VirtualHost,
  request: RequestView,
  fault: HttpFault | undefined,
  service: () => number,
): CompiledRoute {
  const compiledFault = compileFault(fault, request);
  if (route.directResponse || route.redirect) {
    const status =
      route.directResponse?.status ?? REDIRECT_STATUS[route.redirect?.responseCode ?? 'MOVED_PERMANENTLY'];
    const local = localRoute('local', status, service());
    return {
      ...local,
      name: route.name ?? '',
      fault: compiledFault,
      origin: route.origin,
      location: route.redirect?.hostRedirect,
    };
  }
  const action = route.route ?? {};
  const targets = targetsOf(action, request);
  const passthrough = targets.length === 1 && targets[0]!.name === 'PassthroughCluster';
  if (passthrough)
    return { ...localRoute('passthrough', 0, service()), name: route.name ?? '', fault: compiledFault };
  if (targets.length === 1 && targets[0]!.name === 'BlackHoleCluster')
    return { ...localRoute('local', 502, service()), name: route.name ?? '' };
  return {
    ...upstream(proxy, targets),
    kind: 'clusters',
    name: route.name ?? '',
    clusterNotFoundStatus: NOT_FOUND_STATUS[action.clusterNotFoundResponseCode ?? 'SERVICE_UNAVAILABLE'],
    timeoutNs: parseDurationNs(action.timeout, DEFAULT_TIMEOUT_NS),
    retry: compileRetryPolicy(action.retryPolicy ?? virtualHost.retryPolicy),
    hashPolicies: action.hashPolicy ?? [],
    fault: compiledFault,
    mirrors: (action.requestMirrorPolicies ?? []).map((mirror) => ({
      cluster: proxy.clusterIndex(mirror.cluster),
      service: proxy.run.recorder.service(serviceOf(mirror.cluster)),
      name: mirror.cluster,
      numerator: mirror.runtimeFraction?.numerator ?? 100,
      denominator: mirror.runtimeFraction ? denominatorOf(mirror.runtimeFraction) : 100,
    })),
    origin: route.origin,
  };
}

/** A TCP proxy: a cluster per connection, no retries, no HTTP outcome. */
export function compileTcpRoute(proxy: ProxyState, tcp: TcpProxy): CompiledRoute {
  const targets = tcp.weightedClusters?.clusters ?? [{ name: tcp.cluster ?? '', weight: 1 }];
  return { ...upstream(proxy, targets), kind: 'tcp', name: tcp.statPrefix ?? 'tcp' };
}

const REDIRECT_STATUS = {
  MOVED_PERMANENTLY: 301,
  FOUND: 302,
  SEE_OTHER: 303,
  TEMPORARY_REDIRECT: 307,
  PERMANENT_REDIRECT: 308,
};
const NOT_FOUND_STATUS = { SERVICE_UNAVAILABLE: 503, NOT_FOUND: 404, INTERNAL_SERVER_ERROR: 500 };

function targetsOf(action: RouteAction, request: RequestView) {
  if (action.weightedClusters) return action.weightedClusters.clusters;
  const name = action.clusterHeader
    ? (request.headers[action.clusterHeader.toLowerCase()] ?? '')
    : (action.cluster ?? '');
  return [{ name, weight: 1, metadataMatch: action.metadataMatch }];
}

function upstream(
  proxy: ProxyState,
  targets: { name: string; weight: number; metadataMatch?: Record<string, string> }[],
): CompiledRoute {
  let sum = 0;
  const base = localRoute('local', 0, 0);
  base.services = [];
  for (const target of targets) {
    sum += target.weight;
    base.clusters.push(proxy.clusterIndex(target.name));
    base.clusterNames.push(target.name);
    base.services.push(proxy.run.recorder.service(serviceOf(target.name)));
    base.cumulativeWeights.push(sum);
    base.metadataMatch.push(target.metadataMatch);
  }
  return base;
}

/** null when the filter lets this request pass untouched. */
function compileFault(fault: HttpFault | undefined, request: RequestView): CompiledFault | null {
  if (!fault || !(fault.headers ?? []).every((matcher) => headerMatches(matcher, request))) return null;
  return {
    delayNs: fault.delay ? parseDurationNs(fault.delay.fixedDelay, 0) : 0,
    delayNumerator: fault.delay?.percentage.numerator ?? 0,
    delayDenominator: fault.delay ? denominatorOf(fault.delay.percentage) : 100,
    abortStatus: fault.abort ? (fault.abort.httpStatus ?? 200) : 0,
    abortNumerator: fault.abort?.percentage.numerator ?? 0,
    abortDenominator: fault.abort ? denominatorOf(fault.abort.percentage) : 100,
    maxActiveFaults: fault.maxActiveFaults ?? Number.POSITIVE_INFINITY,
  };
}

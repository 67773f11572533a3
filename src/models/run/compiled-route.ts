// A route as the hot path reads it: indexes and numbers instead of names and texts.
// Source: Envoy config_impl.cc (weighted clusters, timeouts), router.cc FilterUtility::finalTimeout (1.40).
import type { Simulation } from '../../engine/simulation.ts';
import type {
  FractionalPercent,
  HttpFault,
  RedirectAction,
  RetryPolicy,
  Route,
  RouteAction,
  RouteMatch,
  TcpProxy,
  VirtualHost,
} from '../envoy/config.ts';
import { parseDurationNs } from '../envoy/duration.ts';
import { type CompiledHash, compileHash } from '../envoy/hash-policy.ts';
import { type CompiledRetryPolicy, compileRetryPolicy } from '../envoy/retry.ts';
import { headerMatches, withoutPort } from '../envoy/route-match.ts';
import { DEFAULT_PRIORITY, HIGH_PRIORITY } from './circuit-breakers.ts';
import { ROUTE_TIMEOUT, STREAM_IDLE, TRY_TIMEOUT } from './events.ts';
import type { ProxyState } from './proxy-state.ts';
import type { RequestText } from './request-texts.ts';
import { serviceOf } from './service-name.ts';

/** Envoy's route timeout when none is given. Source: route_components.proto RouteAction.timeout. */
const DEFAULT_TIMEOUT_NS = 15e9;
/** Source: http_connection_manager.proto stream_idle_timeout. */
const DEFAULT_IDLE_TIMEOUT_NS = 300e9;

/** A class that has all fields from the start, so that V8 sees one shape of routes. */
export class CompiledRoute {
  /** clusters: go upstream; tcp: the same without HTTP's rules; local: answered here; none: no route; passthrough: the dialled address. */
  kind: 'clusters' | 'tcp' | 'local' | 'none' | 'passthrough';
  name: string;
  /** Answered here with this status. */
  status: number;
  location: string | undefined = undefined;
  /** Global cluster indexes (-1 = no such cluster), and the weights added up. */
  clusters: number[] = [];
  clusterNames: string[] = [];
  /** Tally service of each. */
  services: number[];
  cumulativeWeights: number[] = [];
  clusterNotFoundStatus = 503;
  /** Of the whole request; 0 = none. */
  timeoutNs = 0;
  /** Of one try, from when it has its connection; 0 = none. */
  perTryTimeoutNs = 0;
  /** Nothing moves on the stream; 0 = none. `hasIdleTimeout`: it was asked for, so it is watched from the start. */
  idleTimeoutNs = 0;
  hasIdleTimeout = false;
  /** Lane of the timer that is armed with the request, and of that of a try; -1 = none. */
  timeoutLane = -1;
  tryTimeoutLane = -1;
  /** There are both lanes. */
  hasTwoTimers = false;
  /** hedge_on_per_try_timeout. */
  hedgesOnTryTimeout = false;
  retry: CompiledRetryPolicy | null = null;
  /** null = no hash. */
  hash: CompiledHash | null = null;
  /** Routing priority: which circuit breakers count. */
  breaker = DEFAULT_PRIORITY;
  /** TCP: connections tried before it fails. */
  connectAttempts = 1;
  metadataMatch: (Record<string, string> | undefined)[] = [];
  fault: CompiledFault | null = null;
  mirrors: { cluster: number; service: number; name: string; numerator: number; denominator: number }[] = [];
  /** Found by a random draw: valid for one request only. */
  isDrawn = false;
  origin: Route['origin'] = undefined;

  constructor(kind: CompiledRoute['kind'], status: number, services: number[]) {
    this.kind = kind;
    this.name = kind;
    this.status = status;
    this.services = services;
  }
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

/** Sets the lanes of the route's timers. */
export function findLanes(route: CompiledRoute, simulation: Simulation): void {
  if (route.timeoutNs > 0) route.timeoutLane = simulation.lane(route.timeoutNs, ROUTE_TIMEOUT);
  else if (route.hasIdleTimeout) route.timeoutLane = simulation.lane(route.idleTimeoutNs, STREAM_IDLE);
  if (route.perTryTimeoutNs > 0) route.tryTimeoutLane = simulation.lane(route.perTryTimeoutNs, TRY_TIMEOUT);
  route.hasTwoTimers = route.timeoutLane >= 0 && route.tryTimeoutLane >= 0;
}

export function localRoute(
  kind: 'local' | 'none' | 'passthrough',
  status: number,
  service: number,
): CompiledRoute {
  return new CompiledRoute(kind, status, [service]);
}

export function compileRoute(
  proxy: ProxyState,
  route: Route,
  virtualHost: VirtualHost,
  request: RequestText,
  fault: HttpFault | undefined,
  streamIdleTimeout: string | undefined,
  service: () => number,
): CompiledRoute {
  const compiledFault = compileFault(fault, request);
  if (route.directResponse || route.redirect) {
    const status =
      route.directResponse?.status ?? REDIRECT_STATUS[route.redirect?.responseCode ?? 'MOVED_PERMANENTLY'];
    return Object.assign(localRoute('local', status, service()), {
      name: route.name ?? '',
      fault: compiledFault,
      origin: route.origin,
      location: route.redirect && redirectLocation(route.redirect, route.match, request),
    });
  }
  const action = route.route ?? {};
  const targets = targetsOf(action, request);
  if (targets.length === 1 && proxy.isPassthrough(targets[0]!.name))
    return Object.assign(localRoute('passthrough', 0, service()), {
      name: route.name ?? '',
      fault: compiledFault,
    });
  if (targets.length === 1 && targets[0]!.name === 'BlackHoleCluster')
    return Object.assign(localRoute('local', 502, service()), { name: route.name ?? '' });
  return Object.assign(upstream(proxy, 'clusters', targets), {
    name: route.name ?? '',
    clusterNotFoundStatus: NOT_FOUND_STATUS[action.clusterNotFoundResponseCode ?? 'SERVICE_UNAVAILABLE'],
    ...timeouts(action, virtualHost, request, streamIdleTimeout),
    retry: compiledRetry(action.retryPolicy ?? virtualHost.retryPolicy, request),
    hash: compileHash(action.hashPolicy ?? [], request),
    breaker: action.priority === 'HIGH' ? HIGH_PRIORITY : DEFAULT_PRIORITY,
    fault: compiledFault,
    mirrors: (action.requestMirrorPolicies ?? []).map((mirror) => ({
      cluster: proxy.clusterIndex(mirror.cluster),
      service: proxy.run.recorder.service(serviceOf(mirror.cluster)),
      name: mirror.cluster,
      numerator: mirror.runtimeFraction?.numerator ?? 100,
      denominator: mirror.runtimeFraction ? denominatorOf(mirror.runtimeFraction) : 100,
    })),
    origin: route.origin,
  });
}

/** By policy, for requests that say nothing about retries: the same in every replication of a world. */
const retries = new WeakMap<RetryPolicy, CompiledRetryPolicy | null>();

function compiledRetry(policy: RetryPolicy | undefined, request: RequestText): CompiledRetryPolicy | null {
  const isOwn =
    policy?.retriableRequestHeaders !== undefined ||
    Object.keys(request.headers).some((name) => name.startsWith('x-envoy-'));
  if (policy === undefined || isOwn) return compileRetryPolicy(policy, request);
  const known = retries.get(policy);
  if (known !== undefined) return known;
  const compiled = compileRetryPolicy(policy, request);
  retries.set(policy, compiled);
  return compiled;
}

/** The x-envoy headers of a request win over the route. Source: router.cc FilterUtility::finalTimeout. */
function timeouts(
  action: RouteAction,
  virtualHost: VirtualHost,
  request: RequestText,
  streamIdleTimeout: string | undefined,
) {
  const ms = (name: string) => {
    const value = request.headers[name];
    return value !== undefined && /^\d+$/.test(value) ? Number(value) * 1e6 : undefined;
  };
  const policy = action.retryPolicy ?? virtualHost.retryPolicy;
  let timeoutNs = ms('x-envoy-upstream-rq-timeout-ms') ?? parseDurationNs(action.timeout, DEFAULT_TIMEOUT_NS);
  const tryNs = ms('x-envoy-upstream-rq-per-try-timeout-ms') ?? parseDurationNs(policy?.perTryTimeout, 0);
  const tryIdleNs = parseDurationNs(policy?.perTryIdleTimeout, 0);
  // Nothing moves between request and answer here, so the idle timeout of a try is a timeout of it.
  let perTryTimeoutNs = tryNs > 0 && tryIdleNs > 0 ? Math.min(tryNs, tryIdleNs) : tryNs || tryIdleNs;
  if (timeoutNs > 0 && perTryTimeoutNs >= timeoutNs) perTryTimeoutNs = 0;
  const idle = action.idleTimeout ?? streamIdleTimeout;
  const idleTimeoutNs = parseDurationNs(idle, DEFAULT_IDLE_TIMEOUT_NS);
  const hasIdleTimeout = idle !== undefined && idleTimeoutNs > 0;
  if (hasIdleTimeout && idleTimeoutNs < timeoutNs) timeoutNs = 0;
  const hedge = request.headers['x-envoy-hedge-rq-on-per-try-timeout'];
  return {
    timeoutNs,
    perTryTimeoutNs,
    idleTimeoutNs,
    hasIdleTimeout,
    hedgesOnTryTimeout:
      hedge === undefined ? action.hedgePolicy?.hedgeOnPerTryTimeout === true : hedge === 'true',
  };
}

/** Source: config_impl.cc RouteEntryImplBase::newUri. */
function redirectLocation(redirect: RedirectAction, match: RouteMatch, request: RequestText): string {
  const scheme = redirect.httpsRedirect ? 'https' : (redirect.schemeRedirect ?? 'http');
  const host = redirect.hostRedirect ?? withoutPort(request.host);
  const port = redirect.portRedirect
    ? `:${redirect.portRedirect}`
    : redirect.hostRedirect === undefined && scheme === 'http'
      ? request.host.slice(withoutPort(request.host).length)
      : '';
  let path = request.path;
  if (redirect.pathRedirect !== undefined) {
    const query = path.includes('?') ? path.slice(path.indexOf('?')) : '';
    path = redirect.pathRedirect.includes('?') ? redirect.pathRedirect : redirect.pathRedirect + query;
  } else if (redirect.prefixRewrite !== undefined) {
    const matched = match.prefix ?? match.path ?? match.pathSeparatedPrefix ?? '';
    path = redirect.prefixRewrite + path.slice(matched.length);
  }
  return `${scheme}://${host}${port}${path}`;
}

/** A TCP proxy: a cluster per connection, no retries, no HTTP outcome. */
export function compileTcpRoute(proxy: ProxyState, tcp: TcpProxy): CompiledRoute {
  const targets = tcp.weightedClusters?.clusters ?? [{ name: tcp.cluster ?? '', weight: 1 }];
  return Object.assign(upstream(proxy, 'tcp', targets), {
    name: tcp.statPrefix ?? 'tcp',
    connectAttempts: tcp.maxConnectAttempts ?? 1,
  });
}

const REDIRECT_STATUS = {
  MOVED_PERMANENTLY: 301,
  FOUND: 302,
  SEE_OTHER: 303,
  TEMPORARY_REDIRECT: 307,
  PERMANENT_REDIRECT: 308,
};
const NOT_FOUND_STATUS = { SERVICE_UNAVAILABLE: 503, NOT_FOUND: 404, INTERNAL_SERVER_ERROR: 500 };

function targetsOf(action: RouteAction, request: RequestText) {
  if (action.weightedClusters) return action.weightedClusters.clusters;
  const name = action.clusterHeader
    ? (request.headers[action.clusterHeader.toLowerCase()] ?? '')
    : (action.cluster ?? '');
  return [{ name, weight: 1, metadataMatch: action.metadataMatch }];
}

function upstream(
  proxy: ProxyState,
  kind: 'clusters' | 'tcp',
  targets: { name: string; weight: number; metadataMatch?: Record<string, string> }[],
): CompiledRoute {
  let sum = 0;
  const base = new CompiledRoute(kind, 0, []);
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
function compileFault(fault: HttpFault | undefined, request: RequestText): CompiledFault | null {
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

// A place that calls come from, looked up once: a caller's proxy, a request text, and where the route leads. Only ordinary routes have
// one: those whose first try needs nothing but a pick and a connection.
import type { OutlierDetector } from '../../envoy/outlier-detection.ts';
import type { CompiledRetryPolicy } from '../../envoy/retry.ts';
import type { ClusterState } from '../cluster-state.ts';
import type { CompiledRoute } from '../compiled-route.ts';
import type { PoolSettings } from '../connection-pool.ts';
import type { ProxyState } from '../proxy-state.ts';
import type { Tally } from '../recorder.ts';
import type { RunContext } from '../run-context.ts';

/** One cluster that a site's route leads to, with all that a request on its way there asks for. */
export class Target {
  /** Its place in the list of all targets. */
  index = -1;
  /** Tally of the newest segment * loads + load, and which that is. */
  tally: Tally | null = null;
  tallyKey = -1;
  readonly service: number;
  readonly metadataMatch: Record<string, string> | undefined;
  readonly pools: PoolSettings;
  readonly detector: OutlierDetector | null;
  /** By host. */
  readonly activeRequests: number[];
  /** Of the caller's proxy. */
  readonly place: number;
  readonly breaker: number;
  readonly retry: CompiledRetryPolicy | null;
  readonly timeoutLane: number;
  readonly tryTimeoutLane: number;
  readonly hasTwoTimers: boolean;

  /** @param choice which of the route's weighted clusters */
  constructor(
    readonly site: Site,
    readonly cluster: ClusterState,
    readonly choice: number,
  ) {
    const { route, proxy } = site;
    this.service = route.services[choice]!;
    this.metadataMatch = route.metadataMatch[choice];
    this.pools = cluster.poolSettings;
    this.detector = cluster.detector;
    this.activeRequests = cluster.hosts.activeRequests;
    this.place = proxy.place;
    this.breaker = route.breaker;
    this.retry = route.retry;
    this.timeoutLane = route.timeoutLane;
    this.tryTimeoutLane = route.tryTimeoutLane;
    this.hasTwoTimers = route.hasTwoTimers;
  }
}

export interface Site {
  proxy: ProxyState;
  caller: number;
  text: number;
  /** Index into the run's routes. */
  routeIndex: number;
  route: CompiledRoute;
  targets: Target[];
  bytes: number;
}

/** @returns null when a request of this text takes a route out of the ordinary; nothing has happened then */
export function ordinarySite(run: RunContext, proxy: ProxyState, caller: number, text: number): Site | null {
  const routeIndex = proxy.peekRouteOf(text);
  const route = run.routes[routeIndex]!;
  const isOrdinary =
    route.kind === 'clusters' &&
    !route.isDrawn &&
    route.fault === null &&
    route.hash === null &&
    route.mirrors.length === 0 &&
    (route.retry === null || route.retry.priorityUpdateFrequency === 0) &&
    route.clusters.every((cluster) => cluster >= 0);
  if (!isOrdinary) return null;
  const { bytes } = run.texts.texts[text]!;
  const site: Site = {
    proxy,
    caller,
    text,
    routeIndex,
    route,
    targets: [],
    bytes,
  };
  site.targets = route.clusters.map((cluster, choice) => new Target(site, run.clusters[cluster]!, choice));
  return site;
}

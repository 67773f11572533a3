// A place that calls come from, looked up once: a caller's proxy, a request text, and where the route leads. Only ordinary routes have
// one: those whose first try needs nothing but a pick and a connection.
import type { ClusterState } from '../cluster-state.ts';
import type { CompiledRoute } from '../compiled-route.ts';
import type { ProxyState } from '../proxy-state.ts';
import type { Tally } from '../recorder.ts';
import type { RunContext } from '../run-context.ts';

/** One cluster that a site's route leads to. */
export interface Target {
  /** Its place in the list of all targets. */
  index: number;
  site: Site;
  cluster: ClusterState;
  /** Which of the route's weighted clusters. */
  choice: number;
  service: number;
  metadataMatch: Record<string, string> | undefined;
  /** Tally of the newest segment * loads + load, and which that is. */
  tally: Tally | null;
  tallyKey: number;
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
  site.targets = route.clusters.map((cluster, choice) => ({
    index: -1,
    site,
    cluster: run.clusters[cluster]!,
    choice,
    service: route.services[choice]!,
    metadataMatch: route.metadataMatch[choice],
    tally: null,
    tallyKey: -1,
  }));
  return site;
}

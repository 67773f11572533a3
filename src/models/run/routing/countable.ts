// Whether a stretch can be counted: every balancer asked for all of its picks at once, callers before those that they call. That is exact
// where no draw and no pick depends on how calls interleave, and where the latencies of all calls follow from the counts alone.
import type { ProxyState } from '../proxy-state.ts';
import type { RunContext } from '../run-context.ts';
import type { ServerState } from '../server-state.ts';
import type { CallGraph, RoutedServer, RoutedSite, RoutedTarget } from './call-graph.ts';

/** Latencies that are always the same [ns]; NaN = there are several. */
export interface Latencies {
  /** From a call's start to its answer. */
  ofCall(site: RoutedSite): number;
  /** From a call's arrival at the server to its departure. */
  ofServer(server: RoutedServer): number;
}

/** @returns null when the stretch has to be walked */
export function latenciesIfCountable(run: RunContext, graph: CallGraph): Latencies | null {
  if (graph.longestNs === Number.POSITIVE_INFINITY) return null;
  // Calls one inside the other must all have been seen together once.
  if (graph.depth > run.upstream.maxActive) return null;
  if (!areConnectionsCountable(graph) || !areDrawsCountable(graph)) return null;
  const latencies = latenciesOf();
  return areLatenciesCountable(graph, latencies) ? latencies : null;
}

/** Which worker a call comes to must not be drawn call by call where several sites ask. */
function areConnectionsCountable(graph: CallGraph): boolean {
  const siteOf = new Map<ProxyState | ServerState, RoutedSite>();
  for (const [i, { proxy, worker, server }] of graph.entrances.entries()) {
    const site = graph.entries[i]!;
    if (server === null && (worker >= 0 || proxy.spec.concurrency === 1)) continue;
    if (server !== null && server.behaviour.connections === 'new' && proxy.spec.concurrency > 1) return false;
    const from = server ?? proxy;
    if (siteOf.has(from) && siteOf.get(from) !== site) return false;
    siteOf.set(from, site);
  }
  return graph.servers.every(
    ({ plan, sites }) =>
      plan.server.behaviour.connections !== 'new' ||
      sites.every((site) => site === null || site.site.proxy.spec.concurrency === 1),
  );
}

/** A proxy draws for the weighted clusters of one site only, and of one worker. */
function areDrawsCountable(graph: CallGraph): boolean {
  const proxies = new Set<ProxyState>();
  for (const { site, workers } of graph.sites.values()) {
    if (site.targets.length === 1) continue;
    if (workers.length > 1 || proxies.has(site.proxy)) return false;
    proxies.add(site.proxy);
  }
  return true;
}

function latenciesOf(): Latencies {
  const calls = new Map<RoutedSite, number>();
  const servers = new Map<RoutedServer, number>();
  const ofServer = (server: RoutedServer): number => {
    const known = servers.get(server);
    if (known !== undefined) return known;
    let ns = server.ownNs;
    for (const site of server.sites) if (site !== null) ns += ofCall(site);
    servers.set(server, ns);
    return ns;
  };
  const ofCall = (site: RoutedSite): number => {
    const known = calls.get(site);
    if (known !== undefined) return known;
    const all = new Set<number>();
    for (const to of site.targets)
      for (const [host, server] of serversOf(to)) all.add(callNs(to!, host, ofServer(server)));
    const ns = all.size === 1 ? [...all][0]! : Number.NaN;
    calls.set(site, ns);
    return ns;
  };
  return { ofCall, ofServer };
}

export function callNs(to: RoutedTarget, host: number, serverNs: number): number {
  return to.outNs[host]! + serverNs + to.backNs[host]!;
}

/** [host, server] */
export function* serversOf(to: RoutedTarget | null): Generator<[number, RoutedServer]> {
  if (to !== null)
    for (const [host, server] of to.servers.entries()) if (server !== undefined) yield [host, server];
}

function areLatenciesCountable(graph: CallGraph, { ofCall, ofServer }: Latencies): boolean {
  const varied = (site: RoutedSite | null) => site !== null && Number.isNaN(ofCall(site));
  // Which latency of the one call meets which of the other, only a walk can tell.
  if (graph.servers.some(({ sites }) => sites.filter(varied).length > 1)) return false;
  // Whose calls a varied server answered how is known where all are of one site.
  const callers = new Map<RoutedServer, RoutedTarget>();
  for (const site of graph.sites.values())
    for (const to of site.targets)
      for (const [, server] of serversOf(to)) {
        if (!Number.isNaN(ofServer(server))) continue;
        if (callers.has(server) && callers.get(server) !== to) return false;
        callers.set(server, to!);
      }
  // Which of a shared balancer's picks are whose does not matter where all count alike.
  const siteOf = new Map([...graph.sites.values()].flatMap((site) => site.targets.map((to) => [to, site])));
  for (const { shares } of graph.choices) {
    const first = shares[0]!.target;
    for (const { target } of shares)
      if (shares.length > 1 && (target.row !== first.row || varied(siteOf.get(target)!))) return false;
  }
  return true;
}

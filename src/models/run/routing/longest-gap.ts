// How long a host may have to wait until it is chosen again.
import type { CallGraph, RoutedServer, RoutedSite } from './call-graph.ts';

/** Every host of every choice is chosen within so many of the load's requests in a row; Infinity = draws decide. */
export function longestGap(graph: CallGraph): number {
  let longest = 0;
  const gaps = new Map<RoutedServer, number>();
  const visit = (site: RoutedSite, gap: number) => {
    for (const to of site.targets)
      for (const share of to?.shares ?? []) {
        if (share === undefined) continue;
        const hostsGap = gap * share.choice.balancer.longestGap();
        longest = Math.max(longest, hostsGap);
        for (const host of share.choice.hosts) {
          const server = to!.servers[host]!;
          gaps.set(server, Math.min(hostsGap, gaps.get(server) ?? Number.POSITIVE_INFINITY));
        }
      }
  };
  for (const [i, { worker, server, proxy }] of graph.entrances.entries()) {
    const site = graph.entries[i]!;
    const isDrawn = (worker < 0 && server === null && proxy.spec.concurrency > 1) || site.targets.length > 1;
    if (isDrawn) return Number.POSITIVE_INFINITY;
    visit(site, graph.entrances.length * (server === null ? 1 : keptBy(server.behaviour.connections)));
  }
  for (const server of graph.servers)
    for (const site of server.sites) {
      if (site === null) continue;
      if (site.targets.length > 1) return Number.POSITIVE_INFINITY;
      visit(site, gaps.get(server)! * keptBy(server.plan.server.behaviour.connections));
    }
  return longest;
}

/** Each kept connection is used once in so many rounds of a script. */
const keptBy = (connections: number | 'new' | undefined) =>
  typeof connections === 'number' ? connections : 1;

// So many requests at once: from the entrances on, every balancer is asked how its next picks fall, and each server's share goes on to
// what it calls. Then latencies, from the servers that call nobody up. See countable.ts for where this is exact.
import type { Counts } from '../recorder.ts';
import type { RunContext } from '../run-context.ts';
import type { ServerState } from '../upstream.ts';
import type { CallGraph, Choice, RoutedServer, RoutedSite, RoutedTarget, Share } from './call-graph.ts';
import { callNs, type Latencies, serversOf } from './countable.ts';
import { Detour } from './detour.ts';

/** Latency [ns] -> how many calls took so long. */
export type Spread = Map<number, number>;

export class Count {
  constructor(
    readonly run: RunContext,
    readonly graph: CallGraph,
    readonly latencies: Latencies,
    /** Of the load's requests. */
    readonly row: Counts,
  ) {}

  /**
   * Requests first, first + 1, ... of the load. Calls and latencies are counted, the clock stands.
   * @returns their latencies
   * @throws Detour when a host got none of them: its connection may idle too long
   */
  requests(first: number, count: number): Spread {
    const { graph } = this;
    for (const site of graph.sites.values()) site.calls.fill(0);
    for (const server of graph.servers) server.now = 0;
    this.#enter(first, count);
    this.#pick(new Set(graph.entries));
    for (const server of graph.servers) {
      this.#ask(server);
      this.#pick(server.sites);
    }
    const spreads = this.#spreads();
    const all: Spread = new Map();
    for (const site of new Set(graph.entries)) for (const to of site.targets) merge(all, spreads.get(to));
    record(this.row, all);
    return all;
  }

  /** Calls of the entry sites, by worker. */
  #enter(first: number, count: number): void {
    const { entrances, entries } = this.graph;
    const period = entrances.length;
    const asked = new Map<ServerState, number>();
    for (const [i, { proxy, worker, server }] of entrances.entries()) {
      const { calls } = entries[i]!;
      const before = (((i - first) % period) + period) % period;
      const times = before < count ? 1 + Math.floor((count - 1 - before) / period) : 0;
      if (server !== null) asked.set(server, (asked.get(server) ?? 0) + times);
      else if (worker >= 0) calls[worker]! += times;
      else if (proxy.spec.concurrency === 1) calls[0]! += times;
      else for (let n = 0; n < times; n++) calls[proxy.newConnection()]!++;
    }
    for (const [i, { server }] of entrances.entries()) {
      if (server === null || !asked.has(server)) continue;
      send(server, [entries[i]!], asked.get(server)!);
      asked.delete(server);
    }
  }

  /** Calls of a server's script. */
  #ask(server: RoutedServer): void {
    const sites = server.sites.filter((site) => site !== null);
    if (sites.length > 0) send(server.plan.server, sites, server.now);
  }

  /** Splits the sites' calls over targets and hosts. */
  #pick(sites: Iterable<RoutedSite | null>): void {
    const choices = new Set<Choice>();
    for (const site of sites) {
      if (site === null) continue;
      for (const worker of site.workers) {
        const shares = site.targets.map((to) => to?.shares[worker]);
        for (const share of shares) if (share !== undefined) choices.add(share.choice);
        this.#draw(site, shares, site.calls[worker]!);
      }
    }
    for (const choice of choices) this.#choose(choice);
  }

  #draw({ site }: RoutedSite, shares: (Share | undefined)[], calls: number): void {
    for (const share of shares) if (share !== undefined) share.calls = 0;
    if (shares.length === 1) {
      shares[0]!.calls = calls;
      return;
    }
    const { cumulativeWeights } = site.route;
    const last = cumulativeWeights.length - 1;
    const total = Math.max(1, cumulativeWeights[last]!);
    for (let n = 0; n < calls; n++) {
      const value = site.proxy.draw.uint32() % total;
      let choice = 0;
      while (choice < last && value >= cumulativeWeights[choice]!) choice++;
      shares[choice]!.calls++;
    }
  }

  #choose({ balancer, shares, hosts }: Choice): void {
    const [first] = shares;
    const { now, target } = first!;
    for (const share of shares) share.now.fill(0);
    let left = 0;
    for (const { calls } of shares) left += calls;
    balancer.chooseMany(left, now);
    for (const host of hosts) {
      const times = now[host]!;
      if (times === 0) throw new Detour('a host that is rarely chosen');
      target.servers[host]!.now += times;
      first!.counted[host]! += times;
      left -= times;
    }
    if (left !== 0) throw new Detour('a host out of reach');
  }

  /** Latencies of every target's calls, recorded in its row. */
  #spreads(): Map<RoutedTarget | null, Spread> {
    const { graph } = this;
    const ofTarget = new Map<RoutedTarget | null, Spread>();
    const ofServer = new Map<RoutedServer, Spread>();
    const spread = (site: RoutedSite) => {
      for (const to of site.targets) {
        if (to === null) continue;
        const all = this.#spread(site, to, ofServer);
        record(to.row, all);
        ofTarget.set(to, all);
      }
    };
    for (const server of graph.servers.toReversed()) {
      const varied = server.sites.find((site) => site !== null && Number.isNaN(this.latencies.ofCall(site)));
      let restNs = server.ownNs;
      for (const site of server.sites) {
        if (site === null) continue;
        spread(site);
        if (site !== varied) restNs += this.latencies.ofCall(site);
      }
      if (varied === undefined || varied === null) continue;
      const all: Spread = new Map();
      for (const to of varied.targets) merge(all, ofTarget.get(to), restNs);
      ofServer.set(server, all);
    }
    for (const site of new Set(graph.entries)) spread(site);
    return ofTarget;
  }

  #spread(site: RoutedSite, to: RoutedTarget, ofServer: Map<RoutedServer, Spread>): Spread {
    const all: Spread = new Map();
    const sameNs = this.latencies.ofCall(site);
    if (!Number.isNaN(sameNs)) {
      for (const share of to.shares) if (share !== undefined) add(all, sameNs, share.calls);
      return all;
    }
    for (const [host, server] of serversOf(to)) {
      const serverNs = this.latencies.ofServer(server);
      if (Number.isNaN(serverNs)) merge(all, ofServer.get(server), callNs(to, host, 0));
      else
        for (const share of to.shares)
          if (share !== undefined) add(all, callNs(to, host, serverNs), share.now[host]!);
    }
    return all;
  }
}

/** A server's (or application's) calls over its kept connections in turn: the sites' calls of one round, then those of the next. */
function send(server: ServerState, sites: readonly RoutedSite[], rounds: number): void {
  const kept = server.behaviour.connections ?? 1;
  if (kept === 'new') {
    for (const { calls } of sites) calls[0]! += rounds;
    server.nextConnection += rounds * sites.length;
    return;
  }
  const start = server.nextConnection % kept;
  // After so many rounds the connections come again.
  for (const [position, { calls }] of sites.entries())
    for (let i = 0; i < Math.min(kept, rounds); i++) {
      const slot = (start + position + i * sites.length) % kept;
      calls[server.connections[slot]!]! += 1 + Math.floor((rounds - 1 - i) / kept);
    }
  if (rounds > 0) server.nextConnection = ((start + rounds * sites.length - 1) % kept) + 1;
}

function add(to: Spread, latencyNs: number, times: number): void {
  if (times > 0) to.set(latencyNs, (to.get(latencyNs) ?? 0) + times);
}

function merge(to: Spread, from: Spread | undefined, laterNs = 0): void {
  for (const [latencyNs, times] of from ?? []) add(to, latencyNs + laterNs, times);
}

function record({ histogram }: Counts, spread: Spread): void {
  for (const [latencyNs, times] of spread) histogram.recordMany(latencyNs, times);
}

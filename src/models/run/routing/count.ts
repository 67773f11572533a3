// So many requests at once: from the entrances on, every balancer is asked how its next picks fall, and each server's share goes on to
// what it calls. Then latencies, from the servers that call nobody up. See countable.ts for where this is exact.
import type { Counts } from '../recorder.ts';
import type { RunContext } from '../run-context.ts';
import type { ServerState } from '../server-state.ts';
import type { CallGraph, Choice, RoutedServer, RoutedSite, RoutedTarget, Share } from './call-graph.ts';
import { callNs, type Latencies } from './countable.ts';
import { Detour } from './detour.ts';

/** Latency [ns] -> how many calls took so long. */
export type Spread = Map<number, number>;

export class Count {
  constructor(
    readonly run: RunContext,
    readonly graph: CallGraph,
    readonly latencies: Latencies,
    /** A chunk may pass hosts over. */
    readonly mayPassOver: boolean,
  ) {}

  /**
   * Requests first, first + 1, ... of the load. Their calls are counted, the clock stands.
   * @returns their latencies
   * @throws Detour when a host got none of them where that matters: its connection may idle too long
   */
  requests(first: number, count: number): Spread {
    const { graph } = this;
    for (const site of graph.sites.values()) site.calls.fill(0);
    for (const server of graph.servers) server.now = 0;
    this.#enter(first, count);
    this.#pick(graph.entrySites);
    for (const server of graph.servers) {
      this.#ask(server);
      this.#pick(server.sites);
    }
    const all: Spread = new Map();
    for (const site of graph.entrySites) this.#addSite(all, site, 0);
    return all;
  }

  /** All chunks are counted: latencies go into the rows. @param row of the load's requests */
  finish(row: Counts): void {
    const { graph } = this;
    for (const { shares } of graph.choices)
      for (const share of shares) {
        share.calls = share.countedCalls;
        share.now.set(share.counted);
      }
    const all: Spread = new Map();
    for (const site of graph.sites.values())
      for (const to of site.targets) {
        if (to === null) continue;
        const own: Spread = new Map();
        this.#addTarget(own, site, to, 0);
        record(to.row, own);
        if (graph.entrySites.has(site)) for (const [latencyNs, times] of own) add(all, latencyNs, times);
      }
    record(row, all);
  }

  /** Calls of the entry sites, by worker. */
  #enter(first: number, count: number): void {
    const { entrances, entries } = this.graph;
    const period = entrances.length;
    const asked = new Map<ServerState, number>();
    for (let i = 0; i < period; i++) {
      const { proxy, worker, server } = entrances[i]!;
      const { calls } = entries[i]!;
      const before = (((i - first) % period) + period) % period;
      const times = before < count ? 1 + Math.floor((count - 1 - before) / period) : 0;
      if (server !== null) asked.set(server, (asked.get(server) ?? 0) + times);
      else if (worker >= 0) calls[worker]! += times;
      else if (proxy.spec.concurrency === 1) calls[0]! += times;
      else for (let n = 0; n < times; n++) calls[proxy.newConnection()]!++;
    }
    for (const [server, times] of asked) {
      const i = entrances.findIndex((entrance) => entrance.server === server);
      send(server, [entries[i]!], times);
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
      for (const worker of site.workers) this.#draw(site, worker, choices);
    }
    for (const choice of choices) this.#choose(choice);
  }

  #draw({ site, targets, calls }: RoutedSite, worker: number, choices: Set<Choice>): void {
    const shares = targets.map((to) => to?.shares[worker]);
    for (const share of shares) {
      if (share === undefined) continue;
      share.calls = 0;
      choices.add(share.choice);
    }
    if (shares.length === 1) {
      shares[0]!.calls = calls[worker]!;
      return;
    }
    const { cumulativeWeights } = site.route;
    const last = cumulativeWeights.length - 1;
    const total = Math.max(1, cumulativeWeights[last]!);
    for (let n = 0; n < calls[worker]!; n++) {
      const value = site.proxy.draw.uint32() % total;
      let choice = 0;
      while (choice < last && value >= cumulativeWeights[choice]!) choice++;
      shares[choice]!.calls++;
    }
  }

  #choose({ balancer, shares, hosts }: Choice): void {
    // Where several share the choice, the first one stands for all of them.
    const [first] = shares;
    const { now, counted, target } = first!;
    let left = 0;
    for (const share of shares) {
      left += share.calls;
      share.countedCalls += share.calls;
    }
    now.fill(0);
    balancer.chooseMany(left, now);
    for (const host of hosts) {
      const times = now[host]!;
      if (times === 0 && !this.mayPassOver) throw new Detour('a host that is rarely chosen');
      target.servers[host]!.now += times;
      counted[host]! += times;
      left -= times;
    }
    if (left !== 0) throw new Detour('a host out of reach');
  }

  // ---------------------------------------------------------------------------------------------------------------- latencies
  #addSite(to: Spread, site: RoutedSite, laterNs: number): void {
    for (const target of site.targets) if (target !== null) this.#addTarget(to, site, target, laterNs);
  }

  #addTarget(spread: Spread, site: RoutedSite, to: RoutedTarget, laterNs: number): void {
    const sameNs = this.latencies.ofCall(site);
    for (const share of to.shares) {
      if (share === undefined) continue;
      if (Number.isNaN(sameNs)) this.#addHosts(spread, share, laterNs);
      else add(spread, sameNs + laterNs, share.calls);
    }
    if (!Number.isNaN(sameNs)) return;
    // Answers that differ of themselves: all of such a server are this target's.
    for (const server of new Set(to.servers))
      if (server !== undefined) this.#addServer(spread, to, server, laterNs);
  }

  #addHosts(spread: Spread, { target, choice, now }: Share, laterNs: number): void {
    for (const host of choice.hosts) {
      const serverNs = this.latencies.ofServer(target.servers[host]!);
      if (!Number.isNaN(serverNs)) add(spread, callNs(target, host, serverNs) + laterNs, now[host]!);
    }
  }

  #addServer(spread: Spread, to: RoutedTarget, server: RoutedServer, laterNs: number): void {
    if (!Number.isNaN(this.latencies.ofServer(server))) return;
    let restNs = server.ownNs + callNs(to, to.servers.indexOf(server), 0);
    let varied: RoutedSite | null = null;
    for (const site of server.sites) {
      if (site === null) continue;
      const siteNs = this.latencies.ofCall(site);
      if (Number.isNaN(siteNs)) varied = site;
      else restNs += siteNs;
    }
    this.#addSite(spread, varied!, laterNs + restNs);
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

function record({ histogram }: Counts, spread: Spread): void {
  for (const [latencyNs, times] of spread) histogram.recordMany(latencyNs, times);
}

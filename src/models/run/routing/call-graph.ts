// The calls that a load's requests can make while nothing changes: from the sites where they enter to every server that may be reached,
// all of it in use already: looked up by straight requests, connections ready, nothing about it that could fail. Made anew for each
// stretch of routing. A shared server stands in it once; nothing calls itself.
import type { LoadBalancer } from '../../envoy/lb/balancer.ts';
import type { ClusterState } from '../cluster-state.ts';
import * as c from '../connection-row.ts';
import * as p from '../pool-row.ts';
import type { ProxyState } from '../proxy-state.ts';
import type { Tally } from '../recorder.ts';
import type { RunContext } from '../run-context.ts';
import type { CallSite, ServerPlan, Target } from '../straight/call-site.ts';
import type { Straight } from '../straight/straight.ts';
import { type Entrance, workersOf, workersOfServer } from './entrances.ts';

/** A connection that takes no more than these may come to its end [requests]. */
const FEW_REQUESTS = 1e9;

/** One worker's balancer of one cluster. Columns are by host. */
export interface Choice {
  cluster: ClusterState;
  balancer: LoadBalancer;
  /** All that it may choose. */
  hosts: readonly number[];
  connections: Int32Array;
  /** When its connection was last in use [ns]; after calls that were counted at once: since when at least. */
  usedNs: Float64Array;
  /** A connection is closed after so long without use [ns]; Infinity = never. */
  idleNs: number;
  shares: Share[];
}

/** One worker's calls to one target, by host: those that were made one by one, and those counted at once. */
export interface Share {
  target: RoutedTarget;
  choice: Choice;
  walked: Float64Array;
  counted: Float64Array;
  /** All calls that were counted; and of the chunk that is being counted, all and by host. */
  countedCalls: number;
  calls: number;
  now: Float64Array;
}

/** One cluster that a site's route leads to. Columns are by host. */
export interface RoutedTarget {
  target: Target;
  row: Tally;
  /** By worker. */
  shares: (Share | undefined)[];
  servers: (RoutedServer | undefined)[];
  /** Way there and back [ns]; -1 = it differs. */
  outNs: Float64Array;
  backNs: Float64Array;
  /** The whole call, where it is always the same and makes no further calls; else -1 [ns]. */
  leafNs: Float64Array;
}

export interface RoutedSite {
  site: CallSite;
  /** null = the route gives it no weight. */
  targets: (RoutedTarget | null)[];
  workers: readonly number[];
  /** Of a call [ns]; Infinity = not known. */
  longestNs: number;
  /** Servers one inside the other that a call may keep busy. */
  depth: number;
  /** Of the chunk that is being counted: calls by worker. */
  calls: Float64Array;
}

export interface RoutedServer {
  plan: ServerPlan;
  /** By step of the script; null = a sleep. */
  sites: (RoutedSite | null)[];
  /** Its own work and sleeps [ns]; -1 = they differ. */
  ownNs: number;
  longestNs: number;
  depth: number;
  /** Of the chunk that is being counted. */
  now: number;
}

export class CallGraph {
  /** By entrance. */
  readonly entries: RoutedSite[] = [];
  /** The same, each once. */
  readonly entrySites = new Set<RoutedSite>();
  readonly sites = new Map<CallSite, RoutedSite>();
  readonly choices: Choice[] = [];
  /** Callers come before those that they call. */
  readonly servers: RoutedServer[] = [];
  readonly #choiceOf = new Map<number, Choice>();
  /** null = is being looked at. */
  readonly #serverOf = new Map<ServerPlan, RoutedServer | null>();
  /** Whose calls a proxy sends: one server's, or those from outside (null). */
  readonly #owner = new Map<ProxyState, ServerPlan | null>();

  private constructor(
    readonly run: RunContext,
    readonly straight: Straight,
    /** segment * loads + load, as in Target. */
    readonly rowKey: number,
    readonly entrances: readonly Entrance[],
  ) {}

  /** @returns null when something is not in use yet, or out of the ordinary */
  static of(
    run: RunContext,
    straight: Straight,
    rowKey: number,
    entrances: readonly Entrance[],
  ): CallGraph | null {
    const graph = new CallGraph(run, straight, rowKey, entrances);
    return graph.#build() ? graph : null;
  }

  get longestNs(): number {
    return Math.max(...this.entries.map((site) => site.longestNs));
  }

  get depth(): number {
    return Math.max(...this.entries.map((site) => site.depth));
  }

  #build(): boolean {
    const workers = new Map<CallSite, Set<number>>();
    const sites: CallSite[] = [];
    for (const entrance of this.entrances) {
      const site = this.straight.knownEntry(entrance.proxy, entrance.caller, entrance.text);
      const own = workersOf(entrance);
      if (site === undefined || own === null) return false;
      sites.push(site);
      const all = workers.get(site) ?? new Set();
      workers.set(site, all);
      for (const worker of own) all.add(worker);
    }
    for (const site of sites) {
      const routed = this.#site(site, [...workers.get(site)!], null);
      if (routed === null) return false;
      this.entries.push(routed);
      this.entrySites.add(routed);
    }
    this.servers.reverse();
    return true;
  }

  #site(site: CallSite, workers: readonly number[], owner: ServerPlan | null): RoutedSite | null {
    const known = this.sites.get(site);
    if (known !== undefined) return known;
    // A proxy would be asked for a second call while the first is under way.
    if (this.#owner.has(site.proxy) && this.#owner.get(site.proxy) !== owner) return null;
    this.#owner.set(site.proxy, owner);
    const routed: RoutedSite = {
      site,
      targets: [],
      workers,
      longestNs: 0,
      depth: 0,
      calls: new Float64Array(site.proxy.spec.concurrency),
    };
    const { cumulativeWeights } = site.route;
    for (const [i, target] of site.targets.entries()) {
      const isReached =
        site.targets.length === 1 || cumulativeWeights[i]! > (i === 0 ? 0 : cumulativeWeights[i - 1]!);
      const to = isReached ? this.#target(routed, target) : null;
      if (isReached && to === null) return null;
      routed.targets.push(to);
    }
    if (routed.depth === 0) return null;
    this.sites.set(site, routed);
    return routed;
  }

  #target(routed: RoutedSite, target: Target): RoutedTarget | null {
    const { cluster, row } = target;
    if (target.rowKey !== this.rowKey || row === null) return null;
    if (cluster.poolSettings.maxRequestsPerConnection > 0) return null;
    const hosts = cluster.hosts.address.length;
    const to: RoutedTarget = {
      target,
      row,
      shares: [],
      servers: [],
      outNs: new Float64Array(hosts),
      backNs: new Float64Array(hosts),
      leafNs: new Float64Array(hosts).fill(-1),
    };
    for (const worker of routed.workers) {
      const choice = this.#choice(cluster, worker);
      if (choice === null) return null;
      for (const host of choice.hosts)
        if (to.servers[host] === undefined && !this.#edge(routed, to, host)) return null;
      const column = () => new Float64Array(hosts);
      const share = {
        target: to,
        choice,
        walked: column(),
        counted: column(),
        countedCalls: 0,
        calls: 0,
        now: column(),
      };
      choice.shares.push(share);
      to.shares[worker] = share;
    }
    return to;
  }

  /** @returns false when the host may not answer every call at its first try */
  #edge(routed: RoutedSite, to: RoutedTarget, host: number): boolean {
    const { network } = this.run;
    const { cluster, fits } = to.target;
    const { proxy, bytes, timeoutNs, tryTimeoutNs } = routed.site;
    const index = cluster.hostServer[host]!;
    const plan = index < 0 || fits[index] !== 1 ? undefined : this.straight.knownPlan(index);
    if (plan === undefined || cluster.countedAs(plan.server.outlierCode(plan.status)) >= 500) return false;
    const { place } = plan.server;
    if (network.isCut(proxy.place, place) || network.isCut(place, proxy.place)) return false;
    const server = this.#server(plan);
    if (server === null) return false;
    const outNs = network.steadyDelay(proxy.place, place, bytes);
    const backNs = network.steadyDelay(place, proxy.place, plan.responseBytes);
    const isSteady = outNs >= 0 && backNs >= 0;
    const longestNs = isSteady ? outNs + server.longestNs + backNs : Number.POSITIVE_INFINITY;
    const isInTime = longestNs < Math.min(timeoutNs, tryTimeoutNs);
    if (longestNs !== Number.POSITIVE_INFINITY && !isInTime) return false;
    to.servers[host] = server;
    to.outNs[host] = outNs;
    to.backNs[host] = backNs;
    if (isInTime && server.sites.every((site) => site === null)) to.leafNs[host] = longestNs;
    routed.longestNs = Math.max(routed.longestNs, longestNs);
    routed.depth = Math.max(routed.depth, server.depth);
    return true;
  }

  #choice(cluster: ClusterState, worker: number): Choice | null {
    const key = cluster.index * 65536 + worker;
    const known = this.#choiceOf.get(key);
    if (known !== undefined) return known;
    const balancer = cluster.balancers[worker]!;
    const hosts = balancer.reach();
    const { nowNs } = this.run.simulation;
    if (hosts === null || hosts.length === 0 || !balancer.isTimeless(nowNs)) return null;
    const { connections: table, pools } = this.run.pools.core;
    const columns = cluster.hosts.address.length;
    const connections = new Int32Array(columns).fill(-1);
    const usedNs = new Float64Array(columns);
    const idleNs = cluster.idleTimeoutNs || Number.POSITIVE_INFINITY;
    for (const host of hosts) {
      const pool = cluster.poolOf(worker, host);
      if (pool < 0 || pools.cells[pool * p.ROW + p.IS_DRAINING] === 1) return null;
      const ready = pools.cells[pool * p.ROW + p.READY_HEAD]!;
      if (ready < 0 || table.cells[ready * c.ROW + c.ACTIVE] !== 0) return null;
      if (table.cells[ready * c.ROW + c.LEFT]! < FEW_REQUESTS) return null;
      connections[host] = ready;
      usedNs[host] = table.doubles[ready * c.DOUBLES + c.IDLE_SINCE]!;
      // Where connections idle for long, they may time out.
      if (nowNs - usedNs[host]! > idleNs / 4) return null;
    }
    const choice: Choice = { cluster, balancer, hosts, connections, usedNs, idleNs, shares: [] };
    this.#choiceOf.set(key, choice);
    this.choices.push(choice);
    return choice;
  }

  #server(plan: ServerPlan): RoutedServer | null {
    const known = this.#serverOf.get(plan);
    if (known !== undefined) return known;
    this.#serverOf.set(plan, null);
    const server: RoutedServer = {
      plan,
      sites: [],
      ownNs: plan.fixedNs,
      longestNs: plan.fixedNs < 0 ? Number.POSITIVE_INFINITY : plan.fixedNs,
      depth: 1,
      now: 0,
    };
    for (const { site, request, sleepNs } of plan.steps) {
      if (request < 0) {
        if (server.ownNs >= 0) server.ownNs += sleepNs;
        server.longestNs += sleepNs;
        server.sites.push(null);
        continue;
      }
      const workers = site === null ? null : workersOfServer(plan.server, site.proxy);
      const routed = site === null || workers === null ? null : this.#site(site, workers, plan);
      if (routed === null) return null;
      server.sites.push(routed);
      server.longestNs += routed.longestNs;
      server.depth = Math.max(server.depth, 1 + routed.depth);
    }
    this.#serverOf.set(plan, server);
    this.servers.push(server);
    return server;
  }
}

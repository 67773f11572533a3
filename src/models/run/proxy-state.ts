// One Envoy while a run goes on: its workers, its clusters (made when first used), and which compiled route a request takes.
import type { RandomStream } from '../../engine/random.ts';
import type {
  Cluster,
  ClusterLoadAssignment,
  EnvoyConfig,
  FilterChain,
  HttpConnectionManager,
  Listener,
} from '../envoy/config.ts';
import type { HostSet } from '../envoy/host-set.ts';
import { findRoute, findVirtualHost, withoutPort } from '../envoy/route-match.ts';
import type { ProxySpec } from '../world.ts';
import { ClusterState } from './cluster-state.ts';
import { addClusterStats } from './cluster-stats.ts';
import {
  type CompiledRoute,
  compileRoute,
  compileTcpRoute,
  findLanes,
  localRoute,
} from './compiled-route.ts';
import type { RequestText } from './request-texts.ts';
import type { RunContext } from './run-context.ts';

export class ProxyState {
  readonly place: number;
  readonly caller: number;
  /** Draws for weighted clusters, faults, mirrors. */
  readonly draw: RandomStream;
  /** Back-off of retries. */
  readonly retryDraw: RandomStream;
  readonly #workerDraw: RandomStream;
  config: EnvoyConfig;
  readonly #clusters = new Map<string, ClusterState>();
  #routes: number[] = [];
  readonly #drawnAhead = new Map<number, number>();
  #clusterConfigs = new Map<string, Cluster>();
  #assignments = new Map<string, ClusterLoadAssignment>();

  constructor(
    readonly run: RunContext,
    readonly spec: ProxySpec,
    readonly index: number,
  ) {
    this.place = run.network.indexOf(spec.place);
    this.caller = run.recorder.caller(spec.name);
    this.draw = run.streams.stream(`route/${spec.name}`);
    this.retryDraw = run.streams.stream(`retry/${spec.name}`);
    this.#workerDraw = run.streams.stream(`worker/${spec.name}`);
    this.config = spec.config;
    this.#index();
  }

  /** The worker that accepts a new downstream connection. */
  newConnection(): number {
    return this.spec.concurrency === 1 ? 0 : this.#workerDraw.uint32() % this.spec.concurrency;
  }

  /** istiod has never reached it: it listens nowhere. */
  get isUnconfigured(): boolean {
    return this.config.listeners.length === 0 && this.config.clusters.length === 0;
  }

  /** Compiled route of a request text, by its index; found once per configuration. */
  routeOf(request: number): number {
    const known = this.#routes[request];
    if (known !== undefined) return known;
    const ahead = this.#drawnAhead.get(request);
    if (ahead !== undefined) {
      this.#drawnAhead.delete(request);
      return ahead;
    }
    const route = this.#findRoute(this.run.texts.texts[request]!);
    findLanes(route, this.run.simulation);
    const index = this.run.routes.push(route) - 1;
    // A route drawn by chance is looked up again for each request.
    if (!route.isDrawn) this.#routes[request] = index;
    return index;
  }

  /** The route that routeOf() will answer next, looked at ahead. */
  peekRouteOf(request: number): number {
    const index = this.routeOf(request);
    if (this.run.routes[index]!.isDrawn) this.#drawnAhead.set(request, index);
    return index;
  }

  /** Index of the cluster's state, -1 = unknown name. */
  clusterIndex(name: string): number {
    const known = this.#clusters.get(name);
    if (known) return known.index;
    const config = this.#clusterConfigs.get(name);
    if (!config) return -1;
    // Zone-aware balancers read the hosts of the proxy's own cluster, so that one comes first.
    const local = this.config.localClusterName;
    if (local !== undefined && local !== name) this.clusterIndex(local);
    const state = new ClusterState(
      this.run,
      this,
      config,
      this.run.clusters.length,
      this.#assignments.get(config.edsClusterConfig?.serviceName ?? name) ?? config.loadAssignment,
    );
    this.#clusters.set(name, state);
    this.run.clusters.push(state);
    return state.index;
  }

  /** Clusters whose state goes on without requests: checked ones, and those where time since creation matters. */
  createEarly(): void {
    for (const [name, config] of this.#clusterConfigs) {
      const warms =
        config.roundRobinLbConfig?.slowStartConfig ?? config.leastRequestLbConfig?.slowStartConfig;
      if ((config.healthChecks ?? []).length > 0 || warms) this.clusterIndex(name);
    }
  }

  /** Does the cluster lead to the address that was dialled? */
  isPassthrough(name: string): boolean {
    return name === 'PassthroughCluster' || this.#clusterConfigs.get(name)?.type === 'ORIGINAL_DST';
  }

  /** Hosts of the cluster that the proxy itself belongs to, for zone-aware routing. */
  localHostsFor(cluster: ClusterState): HostSet | undefined {
    const local = this.config.localClusterName;
    return local === undefined || local === cluster.config.name
      ? undefined
      : this.#clusters.get(local)?.hosts;
  }

  hostsChanged(cluster: ClusterState): void {
    if (cluster.config.name !== this.config.localClusterName) return;
    for (const other of this.#clusters.values()) if (other !== cluster) other.localClusterChanged();
  }

  /** Envoy's counters, by name. */
  stats(): Record<string, number> {
    const stats: Record<string, number> = {};
    for (const state of this.#clusters.values()) {
      const panic = state.balancers.reduce((sum, balancer) => sum + balancer.healthyPanic, 0);
      const { counters } = state.poolSettings;
      addClusterStats(stats, `cluster.${state.config.name}`, counters, state.detector, panic);
    }
    return stats;
  }

  /** EDS: replaces assignments by name. */
  setEndpoints(assignments: readonly ClusterLoadAssignment[]): void {
    for (const assignment of assignments) {
      this.#assignments.set(assignment.clusterName, assignment);
      for (const state of this.#clusters.values()) {
        if ((state.config.edsClusterConfig?.serviceName ?? state.config.name) === assignment.clusterName)
          state.assign(assignment);
      }
    }
  }

  /** A whole new configuration: unchanged clusters keep their state, changed ones start anew, requests under way finish as they are. */
  setConfig(config: EnvoyConfig): void {
    const before = this.#clusterConfigs;
    this.config = config;
    this.#index();
    for (const [name, state] of [...this.#clusters]) {
      const now = this.#clusterConfigs.get(name);
      if (now === undefined || JSON.stringify(before.get(name)) !== JSON.stringify(now)) {
        this.#clusters.delete(name);
        state.retire();
        continue;
      }
      const assignment =
        this.#assignments.get(now.edsClusterConfig?.serviceName ?? name) ?? now.loadAssignment;
      if (assignment) state.assign(assignment);
    }
    this.createEarly();
  }

  /** A fresh process: all state is lost. */
  restart(): void {
    for (const state of this.#clusters.values()) state.retire();
    this.#clusters.clear();
    this.#routes = [];
    this.createEarly();
  }

  #index(): void {
    this.#routes = [];
    this.#drawnAhead.clear();
    this.#clusterConfigs = new Map(this.config.clusters.map((cluster) => [cluster.name, cluster]));
    this.#assignments = new Map(this.config.endpoints.map((entry) => [entry.clusterName, entry]));
  }

  #findRoute(text: RequestText): CompiledRoute {
    const run = this.run;
    const named = () => run.recorder.service(text.host.replace(/:\d+$/, ''));
    const host = withoutPort(text.host).toLowerCase();
    const listener = this.#listener(text.port, host);
    const chain =
      listener?.filterChains.find(
        (entry) => (entry.httpConnectionManager || entry.tcpProxy) && takesServerName(entry, host),
      ) ?? listener?.defaultFilterChain;
    if (!listener || !chain)
      return this.#clusterConfigs.has('PassthroughCluster')
        ? localRoute('passthrough', 0, named())
        : localRoute('none', 404, named());
    if (chain.tcpProxy) return compileTcpRoute(this, chain.tcpProxy);
    const manager = chain.httpConnectionManager!;
    const table = this.#routeTable(manager);
    const virtualHost = table && findVirtualHost(table, text.host);
    if (!table || !virtualHost) return localRoute('none', 404, named());
    // Before any route: https is asked for.
    if (virtualHost.requireTls === 'ALL') return localRoute('local', 301, named());
    let isDrawn = false;
    const route = findRoute(virtualHost.routes, text, (match) => {
      isDrawn = true;
      const fraction = match.runtimeFraction!;
      const denominator = { HUNDRED: 100, TEN_THOUSAND: 1e4, MILLION: 1e6 }[
        fraction.denominator ?? 'HUNDRED'
      ];
      return this.draw.uint32() % denominator < fraction.numerator;
    });
    if (!route) return Object.assign(localRoute('none', 404, named()), { isDrawn });
    const filterFault = manager.httpFilters?.find((filter) => filter.fault)?.fault;
    const fault = route.fault ?? filterFault;
    const idle = manager.streamIdleTimeout;
    const compiled = compileRoute(this, route, virtualHost, text, fault, idle, named);
    return Object.assign(compiled, { isDrawn });
  }

  /** The listener of a port; with several (TCP by address) the one that the name stands for, else the one without an address of its own. */
  #listener(port: number, host: string): Listener | undefined {
    const fitting = this.config.listeners.filter(
      (entry) => entry.address.port === port && entry.trafficDirection !== 'INBOUND',
    );
    return (
      fitting.find((entry) => entry.dialledAs?.includes(host)) ??
      fitting.find((entry) => entry.address.address === '0.0.0.0') ??
      fitting[0]
    );
  }

  #routeTable(manager: HttpConnectionManager) {
    return (
      manager.routeConfig ??
      this.config.routeConfigurations.find((table) => table.name === manager.routeConfigName)
    );
  }
}

/** A chain with server names is for these only; clients send the host that they ask for. */
function takesServerName(chain: FilterChain, host: string): boolean {
  const names = chain.filterChainMatch?.serverNames;
  if (!names?.length) return true;
  return names.some((name) => name === host || (name.startsWith('*') && host.endsWith(name.slice(1))));
}

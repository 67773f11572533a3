// One upstream cluster inside one proxy while a run goes on: its hosts, a balancer per worker, circuit breakers and pools, the outlier
// detector with its timer, active health checks, and how changes of hosts reach the workers.
// Source: Envoy cluster_manager_impl.cc, outlier_detection_impl.cc (timer), upstream_impl.cc (1.40).
import type { RandomStream } from '../../engine/random.ts';
import type { Simulation } from '../../engine/simulation.ts';
import type { Cluster, ClusterLoadAssignment } from '../envoy/config.ts';
import { parseDurationNs } from '../envoy/duration.ts';
import { FAILED_ACTIVE_HC, FAILED_OUTLIER, HostSet } from '../envoy/host-set.ts';
import { LoadBalancer } from '../envoy/lb/balancer.ts';
import { OUTLIER_REASONS, OutlierDetector } from '../envoy/outlier-detection.ts';
import type { EjectionRecord } from '../world.ts';
import { CircuitBreakers } from './circuit-breakers.ts';
import { CLUSTER_COUNTERS } from './cluster-stats.ts';
import type { PoolSettings } from './connection-pool.ts';
import { OUTLIER_TICK } from './events.ts';
import { HealthChecker } from './health-checks.ts';
import { PriorityUpdates } from './priority-updates.ts';
import type { ProxyState } from './proxy-state.ts';
import type { RunContext } from './run-context.ts';
import { serviceOf } from './service-name.ts';

/** Streams of one HTTP/2 connection unless said otherwise. Source: protocol.proto Http2ProtocolOptions (1024 since 1.36). */
const DEFAULT_CONCURRENT_STREAMS = 1024;
/** Source: protocol.proto HttpProtocolOptions.idle_timeout. */
const DEFAULT_IDLE_TIMEOUT_NS = 3600e9;

export class ClusterState {
  readonly hosts: HostSet;
  readonly balancers: LoadBalancer[] = [];
  readonly detector: OutlierDetector | null;
  /** HttpProtocolOptions.outlier_detection.error_matcher; null = 5xx count. */
  readonly #errorStatuses: ReadonlySet<number> | null;
  readonly checker: HealthChecker | null;
  readonly breakers: CircuitBreakers;
  readonly poolSettings: PoolSettings;
  readonly isHttp2: boolean;
  readonly connectTimeoutNs: number;
  /** 0 = none. */
  readonly idleTimeoutNs: number;
  /** 0 = none. */
  readonly maxConnectionDurationNs: number;
  /** Does a pick depend on the time, or on what a request brings? */
  readonly picksByContext: boolean;
  /** Index of the tallies' service, and of those of mirrored copies. */
  readonly service: number;
  /** host -> index into servers, -1 = nobody listens there. */
  hostServer: number[] = [];
  /** host -> connections of all workers. */
  readonly connectionsOfHost: number[] = [];
  /** worker * width + host -> pool + 1, 0 = none yet. */
  #pools: Int32Array;
  #poolWidth = 16;
  readonly #updates: PriorityUpdates;
  /** Ejections that last, by host; one host can be ejected twice in one tick. */
  readonly #open = new Map<number, EjectionRecord[]>();
  /** By priority, as a text. */
  #localityWeights: string[] = [];
  readonly #phaseNs: number;
  readonly #timerDraw: RandomStream;
  #isTicking = false;
  #isRetired = false;

  constructor(
    readonly run: RunContext,
    readonly proxy: ProxyState,
    readonly config: Cluster,
    readonly index: number,
    assignment: ClusterLoadAssignment | undefined,
  ) {
    const name = config.name;
    const common = config.commonHttpProtocolOptions;
    this.hosts = HostSet.forCluster(config, proxy.config.node.locality);
    this.service = run.recorder.service(serviceOf(name));
    this.connectTimeoutNs = parseDurationNs(config.connectTimeout, 5e9);
    this.idleTimeoutNs = parseDurationNs(common?.idleTimeout, DEFAULT_IDLE_TIMEOUT_NS);
    this.maxConnectionDurationNs = parseDurationNs(common?.maxConnectionDuration, 0);
    this.breakers = new CircuitBreakers(config.circuitBreakers);
    this.isHttp2 = config.http2ProtocolOptions !== undefined;
    this.poolSettings = {
      breakers: this.breakers,
      concurrentStreams: this.isHttp2
        ? (config.http2ProtocolOptions!.maxConcurrentStreams ?? DEFAULT_CONCURRENT_STREAMS)
        : 1,
      maxRequestsPerConnection: common?.maxRequestsPerConnection ?? config.maxRequestsPerConnection ?? 0,
      preconnectRatio: config.preconnectPolicy?.perUpstreamPreconnectRatio ?? 1,
      counters: new Float64Array(CLUSTER_COUNTERS),
    };
    this.#pools = new Int32Array(proxy.spec.concurrency * this.#poolWidth);
    this.#updates = new PriorityUpdates(
      run.simulation,
      index,
      parseDurationNs(config.commonLbConfig?.updateMergeWindow, 1e9),
      (priority) => this.#deliver(priority),
    );
    const stream = run.streams.stream(`outlier/${proxy.spec.name}/${name}`);
    this.detector = config.outlierDetection
      ? new OutlierDetector(config.outlierDetection, {
          ejected: (host, reason) => this.#onEjected(host, reason),
          unejected: (host) => this.#onUnejected(host),
          hostCount: () => this.hosts.memberCount,
          random: stream,
        })
      : null;
    this.#errorStatuses = config.outlierErrorStatusCodes ? new Set(config.outlierErrorStatusCodes) : null;
    this.#timerDraw = run.streams.stream(`timer/${proxy.spec.name}/${name}`);
    this.#phaseNs =
      (proxy.spec.startNs ?? 0) +
      (this.detector && proxy.spec.randomPhase ? Math.floor(stream.unit() * this.detector.intervalNs) : 0);
    this.checker = config.healthChecks?.[0] ? new HealthChecker(this, config.healthChecks[0]) : null;
    const change = this.hosts.assign(assignment ?? { clusterName: name, endpoints: [] });
    this.#localityWeights = assignment ? localityWeights(assignment) : [];
    for (const host of change.added) this.#admit(host);
    const localHosts = proxy.localHostsFor(this);
    const nowNs = Math.min(run.simulation.nowNs, proxy.spec.startNs ?? Number.POSITIVE_INFINITY);
    for (let worker = 0; worker < proxy.spec.concurrency; worker++) {
      const draw = run.streams.stream(`lb/${proxy.spec.name}/${worker}/${name}`);
      this.balancers.push(new LoadBalancer(config, this.hosts, draw, { nowNs, localHosts }));
    }
    this.picksByContext = this.balancers.some((balancer) => balancer.readsContext);
    if (this.detector && evaluatesEveryInterval(config)) this.#armTick();
  }

  #admit(host: number): void {
    this.detector?.addHost(host);
    this.hostServer[host] = this.run.serverAt(this.hosts.address[host]!);
    this.checker?.addHost(host);
  }

  #dismiss(host: number): void {
    this.detector?.removeHost(host);
    this.checker?.removeHost(host);
    this.#closeRecords(host, true);
    this.run.pools.hostRemoved(this, host);
  }

  /** What a status is for outlier detection: with a matcher the matched ones fail, and all others succeed. */
  countedAs(status: number): number {
    if (this.#errorStatuses === null) return status;
    return this.#errorStatuses.has(status) ? 500 : 200;
  }

  /** EDS: a new assignment. Hosts that come and go are told at once, other changes may be merged. */
  assign(assignment: ClusterLoadAssignment): void {
    const change = this.hosts.assign(assignment, false);
    for (const host of change.added) this.#admit(host);
    const weights = localityWeights(assignment);
    for (const priority of change.changedPriorities) {
      // Measured: new locality weights act at once, also right after another push; health and host weights may wait.
      const isReweighted = weights[priority] !== this.#localityWeights[priority];
      this.#updates.changed(priority, !isReweighted && !change.membershipChanged.includes(priority));
    }
    this.#localityWeights = weights;
    for (const host of change.removed) this.#dismiss(host);
  }

  mergeFlush(priority: number): void {
    this.#updates.flush(priority);
  }

  #deliver(priority: number): void {
    const nowNs = this.run.simulation.nowNs;
    this.hosts.refresh(priority);
    for (const balancer of this.balancers) balancer.update(nowNs, priority);
    this.proxy.hostsChanged(this);
  }

  /** Zone-aware routing: the proxy's own cluster changed. */
  localClusterChanged(): void {
    for (const balancer of this.balancers) balancer.localClusterChanged(this.run.simulation.nowNs);
  }

  // ------------------------------------------------------------------------------------------------------------------ health
  /** One host's health is an update of every priority, so each one's merge window begins anew. Source: reloadHealthyHostsHelper. */
  #healthChanged(): void {
    for (let priority = 0; priority < this.hosts.priorities.length; priority++)
      this.#updates.changed(priority, true);
  }

  /** An active check has its result. */
  healthChecked(host: number, isGood: boolean, isChanged: boolean, isWarm: boolean): void {
    const priority = this.hosts.priority[host]!;
    const isFailed = (this.hosts.health[host]! & FAILED_ACTIVE_HC) !== 0;
    if (isGood && !isFailed) this.detector?.onActiveCheckPassed(host, this.run.simulation.nowNs);
    if (!isChanged) return;
    if (isFailed && this.hosts.dropPendingRemoval(host)) {
      this.#dismiss(host);
      this.#updates.changed(priority, false);
      return;
    }
    if (isFailed) this.run.pools.hostFailed(this, host);
    if (isWarm) this.#healthChanged();
    else this.#deliver(priority);
  }

  tick(): void {
    this.#isTicking = false;
    if (this.#isRetired) return;
    this.detector!.tick(this.run.simulation.nowNs);
    this.#armTick();
  }

  /** The timer runs from the cluster's creation, one interval after the other; while nothing was ever ejected it need not run. */
  #armTick(): void {
    if (this.#isTicking) return;
    this.#isTicking = true;
    const simulation: Simulation = this.run.simulation;
    const interval = this.detector!.intervalNs;
    const passed = Math.floor((simulation.nowNs - this.#phaseNs) / interval);
    const lateNs = this.proxy.spec.timerJitterNs ? this.#timerDraw.unit() * this.proxy.spec.timerJitterNs : 0;
    const atNs = this.#phaseNs + (passed + 1) * interval + Math.floor(lateNs);
    simulation.scheduleAt(atNs, OUTLIER_TICK, this.index);
  }

  #onEjected(host: number, reason: number): void {
    const nowNs = this.run.simulation.nowNs;
    this.hosts.health[host]! |= FAILED_OUTLIER;
    const record: EjectionRecord = {
      atNs: nowNs,
      untilNs: null,
      proxy: this.proxy.spec.name,
      cluster: this.config.name,
      server: this.hostServer[host]!,
      endpoint: this.hosts.address[host]!,
      reason: OUTLIER_REASONS[reason] ?? String(reason),
      count: this.detector!.multiplier(host),
    };
    this.run.recorder.ejections.push(record);
    this.run.loads.ejectionSeen(true);
    const open = this.#open.get(host);
    if (open) open.push(record);
    else this.#open.set(host, [record]);
    this.#armTick();
    this.#healthChanged();
    this.run.pools.hostFailed(this, host);
  }

  #onUnejected(host: number): void {
    this.hosts.health[host]! &= ~FAILED_OUTLIER;
    this.#closeRecords(host, false);
    this.run.loads.ejectionSeen(false);
    this.#healthChanged();
  }

  #closeRecords(host: number, hasLeft: boolean): void {
    for (const record of this.#open.get(host) ?? []) {
      record.untilNs = this.run.simulation.nowNs;
      if (hasLeft) record.hasLeft = true;
    }
    this.#open.delete(host);
  }

  /** The cluster is gone from the configuration, or its proxy is: nothing of it goes on but the requests under way. */
  retire(): void {
    this.#isRetired = true;
    for (const host of [...this.#open.keys()]) this.#closeRecords(host, true);
    for (const [host, isMember] of this.hosts.isMember.entries()) {
      if (!isMember) continue;
      this.checker?.removeHost(host);
      this.run.pools.hostRemoved(this, host);
    }
  }

  // ------------------------------------------------------------------------------------------------------------------- pools
  /** -1 = none yet. */
  poolOf(worker: number, host: number): number {
    return host < this.#poolWidth ? this.#pools[worker * this.#poolWidth + host]! - 1 : -1;
  }

  setPool(worker: number, host: number, pool: number): void {
    if (host >= this.#poolWidth) {
      const width = Math.max(host + 1, this.#poolWidth * 2);
      const wide = new Int32Array(this.proxy.spec.concurrency * width);
      for (let w = 0; w < this.proxy.spec.concurrency; w++)
        wide.set(this.#pools.subarray(w * this.#poolWidth, (w + 1) * this.#poolWidth), w * width);
      this.#pools = wide;
      this.#poolWidth = width;
    }
    this.#pools[worker * this.#poolWidth + host] = pool + 1;
  }
}

/** By priority: locality names with their weights. */
function localityWeights(assignment: ClusterLoadAssignment): string[] {
  const texts: string[] = [];
  for (const { locality, priority = 0, loadBalancingWeight } of assignment.endpoints) {
    const name = `${locality?.region}/${locality?.zone}/${locality?.subZone}`;
    texts[priority] = `${texts[priority] ?? ''}${name}=${loadBalancingWeight ?? 0};`;
  }
  return texts;
}

function evaluatesEveryInterval(config: Cluster): boolean {
  const outlier = config.outlierDetection!;
  return (
    (outlier.enforcingSuccessRate ?? 100) > 0 ||
    (outlier.enforcingFailurePercentage ?? 0) > 0 ||
    (outlier.splitExternalLocalOriginErrors === true &&
      ((outlier.enforcingLocalOriginSuccessRate ?? 100) > 0 ||
        (outlier.enforcingFailurePercentageLocalOrigin ?? 0) > 0))
  );
}

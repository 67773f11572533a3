// One upstream cluster inside one proxy while a run goes on: its hosts, a balancer per worker, the outlier detector with its timer, and
// the window in which health updates are merged on their way to the workers.
// Source: Envoy cluster_manager_impl.cc scheduleUpdate (merge window), outlier_detection_impl.cc (timer) (1.40).
import type { Simulation } from '../../engine/simulation.ts';
import type { Cluster, ClusterLoadAssignment } from '../envoy/config.ts';
import { parseDurationNs } from '../envoy/duration.ts';
import { FAILED_OUTLIER, HostSet } from '../envoy/host-set.ts';
import { LoadBalancer } from '../envoy/lb/balancer.ts';
import { OUTLIER_REASONS, OutlierDetector } from '../envoy/outlier-detection.ts';
import type { EjectionRecord } from '../world.ts';
import { MERGE_FLUSH, OUTLIER_TICK } from './events.ts';
import type { ProxyState } from './proxy-state.ts';
import type { RunContext } from './run-context.ts';
import { serviceOf } from './service-name.ts';

export class ClusterState {
  readonly hosts = new HostSet();
  readonly balancers: LoadBalancer[] = [];
  readonly detector: OutlierDetector | null;
  readonly connectTimeoutNs: number;
  /** Index of the tallies' service. */
  readonly service: number;
  /** host -> index into servers, -1 = nobody listens there. */
  hostServer: number[] = [];
  readonly #mergeWindowNs: number;
  /** Last time that an update of a priority went out [ns], and whether one waits. */
  readonly #lastUpdateNs: number[] = [];
  readonly #isUpdatePending: boolean[] = [];
  readonly #open = new Map<number, EjectionRecord>();
  readonly #phaseNs: number;
  #isTicking = false;
  #retries = 0;
  readonly #maxRetries: number;

  constructor(
    readonly run: RunContext,
    readonly proxy: ProxyState,
    readonly config: Cluster,
    readonly index: number,
    assignment: ClusterLoadAssignment | undefined,
  ) {
    const name = config.name;
    this.service = run.recorder.service(serviceOf(name));
    this.connectTimeoutNs = parseDurationNs(config.connectTimeout, 5e9);
    this.#mergeWindowNs = parseDurationNs(config.commonLbConfig?.updateMergeWindow, 1e9);
    this.#maxRetries = config.circuitBreakers?.thresholds?.[0]?.maxRetries ?? 3;
    const stream = run.streams.stream(`outlier/${proxy.spec.name}/${name}`);
    this.detector = config.outlierDetection
      ? new OutlierDetector(config.outlierDetection, {
          ejected: (host, reason) => this.#onEjected(host, reason),
          unejected: (host) => this.#onUnejected(host),
          hostCount: () => this.hosts.memberCount,
          random: stream,
        })
      : null;
    this.#phaseNs =
      (proxy.spec.startNs ?? 0) +
      (this.detector && proxy.spec.randomPhase ? Math.floor(stream.unit() * this.detector.intervalNs) : 0);
    this.assign(assignment ?? { clusterName: name, endpoints: [] });
    for (let worker = 0; worker < proxy.spec.concurrency; worker++) {
      const draw = run.streams.stream(`lb/${proxy.spec.name}/${worker}/${name}`);
      this.balancers.push(new LoadBalancer(config, this.hosts, draw));
    }
    if (this.detector && evaluatesEveryInterval(config)) this.#armTick();
  }

  /** Takes an endpoint assignment at once, as membership changes do. */
  assign(assignment: ClusterLoadAssignment): void {
    const { added, removed } = this.hosts.assign(assignment);
    for (const host of removed) {
      this.detector?.removeHost(host);
      this.#closeRecord(host);
      this.run.pools.hostRemoved(this, host);
    }
    for (const host of added) {
      this.detector?.addHost(host);
      this.hostServer[host] = this.run.serverAt(this.hosts.address[host]!);
    }
    for (let priority = 0; priority < this.hosts.priorities.length; priority++)
      this.#lastUpdateNs[priority] ??= Number.NEGATIVE_INFINITY;
    if (added.length + removed.length > 0 && this.balancers.length > 0)
      for (const [priority] of this.hosts.priorities.entries())
        this.#lastUpdateNs[priority] = this.run.simulation.nowNs;
    for (const balancer of this.balancers) balancer.update();
  }

  /** A host's health changed: the workers hear of it now, or at the end of the merge window. */
  healthChanged(priority: number): void {
    const nowNs = this.run.simulation.nowNs;
    if (this.#mergeWindowNs > 0) {
      // Envoy compares whole milliseconds.
      const sinceMs = Math.floor((nowNs - (this.#lastUpdateNs[priority] ?? Number.NEGATIVE_INFINITY)) / 1e6);
      if (sinceMs <= this.#mergeWindowNs / 1e6) {
        if (!this.#isUpdatePending[priority]) {
          this.#isUpdatePending[priority] = true;
          this.run.simulation.schedule(this.#mergeWindowNs, MERGE_FLUSH, this.index * 64 + priority);
        }
        return;
      }
    }
    this.#deliver(priority);
  }

  mergeFlush(priority: number): void {
    if (this.#isUpdatePending[priority]) this.#deliver(priority);
  }

  #deliver(priority: number): void {
    this.#isUpdatePending[priority] = false;
    this.#lastUpdateNs[priority] = this.run.simulation.nowNs;
    this.hosts.refresh();
    for (const balancer of this.balancers) balancer.update();
  }

  tick(): void {
    this.#isTicking = false;
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
    simulation.scheduleAt(this.#phaseNs + (passed + 1) * interval, OUTLIER_TICK, this.index);
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
    this.#open.set(host, record);
    this.#armTick();
    this.healthChanged(this.hosts.priority[host]!);
  }

  #onUnejected(host: number): void {
    this.hosts.health[host]! &= ~FAILED_OUTLIER;
    this.#closeRecord(host);
    this.healthChanged(this.hosts.priority[host]!);
  }

  /** Takes a slot of the retry circuit breaker. Source: resource_manager_impl.h (max_retries 3 unless given). */
  takeRetry(): boolean {
    if (this.#retries >= this.#maxRetries) return false;
    this.#retries++;
    return true;
  }

  giveRetry(): void {
    this.#retries--;
  }

  #closeRecord(host: number): void {
    const record = this.#open.get(host);
    if (record) record.untilNs = this.run.simulation.nowNs;
    this.#open.delete(host);
  }
}

function evaluatesEveryInterval(config: Cluster): boolean {
  const outlier = config.outlierDetection!;
  return (outlier.enforcingSuccessRate ?? 100) > 0 || (outlier.enforcingFailurePercentage ?? 0) > 0;
}

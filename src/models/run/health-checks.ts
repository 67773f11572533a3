// Active health checking of one cluster: a session per host, thresholds, intervals. The check itself takes a round trip, or fails, or
// runs into its timeout. Source: Envoy health_checker_base_impl.cc, health_checker_impl.cc (1.40).
import type { RandomStream } from '../../engine/random.ts';
import type { HealthCheck } from '../envoy/config.ts';
import { parseDurationNs } from '../envoy/duration.ts';
import {
  DEGRADED_ACTIVE_HC,
  EXCLUDED_VIA_IMMEDIATE_HC_FAIL,
  FAILED_ACTIVE_HC,
  PENDING_ACTIVE_HC,
} from '../envoy/host-set.ts';
import type { HealthEventRecord } from '../world.ts';
import type { ClusterState } from './cluster-state.ts';
import { HC_ATTEMPT, HC_FAILURE, HC_NETWORK_FAILURE, HC_SUCCESS } from './cluster-stats.ts';
import { CX_TOTAL } from './connection-pool.ts';
import { HEALTH_CHECK, HEALTH_CHECKED } from './events.ts';

/** Hosts that an event's argument can name. */
export const CHECKED_HOSTS = 65536;

/** What a host's state made of a result. */
const UNCHANGED = 0;
const CHANGE_PENDING = 1;
const CHANGED = 2;

/** Outcomes beside HTTP statuses. */
const NETWORK_FAILURE = -1;

interface Session {
  timer: number;
  good: number;
  bad: number;
  isFirst: boolean;
  isConnected: boolean;
  outcome: number;
  isDegraded: boolean;
}

export class HealthChecker {
  readonly #sessions = new Map<number, Session>();
  readonly #draw: RandomStream;
  readonly #intervalNs: number;
  readonly #timeoutNs: number;
  readonly #noTrafficNs: number;
  readonly #noTrafficHealthyNs: number;
  readonly #unhealthyNs: number;
  readonly #unhealthyEdgeNs: number;
  readonly #healthyEdgeNs: number;
  /** Hosts without a result: until there are none, updates are part of the cluster's warming and go out at once. */
  #unseen = 0;

  constructor(
    readonly cluster: ClusterState,
    readonly config: HealthCheck,
  ) {
    this.#draw = cluster.run.streams.stream(`health-check/${cluster.proxy.spec.name}/${cluster.config.name}`);
    this.#intervalNs = parseDurationNs(config.interval, 10e9);
    this.#timeoutNs = parseDurationNs(config.timeout, 1e9);
    this.#noTrafficNs = parseDurationNs(config.noTrafficInterval, 60e9);
    this.#noTrafficHealthyNs = parseDurationNs(config.noTrafficHealthyInterval, this.#noTrafficNs);
    this.#unhealthyNs = parseDurationNs(config.unhealthyInterval, this.#intervalNs);
    this.#unhealthyEdgeNs = parseDurationNs(config.unhealthyEdgeInterval, this.#unhealthyNs);
    this.#healthyEdgeNs = parseDurationNs(config.healthyEdgeInterval, this.#intervalNs);
  }

  addHost(host: number): void {
    const jitterNs = parseDurationNs(this.config.initialJitter, 0);
    const jitterMs = Math.floor(jitterNs / 1e6);
    const waitNs = jitterMs > 0 ? (this.#draw.uint32() % jitterMs) * 1e6 : 0;
    this.#unseen++;
    this.#sessions.set(host, {
      timer: this.#schedule(waitNs, HEALTH_CHECK, host),
      good: 0,
      bad: 0,
      isFirst: true,
      isConnected: false,
      outcome: 0,
      isDegraded: false,
    });
  }

  removeHost(host: number): void {
    const session = this.#sessions.get(host);
    if (!session) return;
    if (session.isFirst) this.#unseen--;
    this.cluster.run.simulation.cancel(session.timer);
    this.#sessions.delete(host);
  }

  #schedule(delayNs: number, kind: number, host: number): number {
    return this.cluster.run.simulation.schedule(delayNs, kind, this.cluster.index * CHECKED_HOSTS + host);
  }

  /** The interval is over: sends a check and works out what will come back, and when. */
  check(host: number): void {
    const session = this.#sessions.get(host);
    if (!session) return;
    const { run, proxy, hostServer, poolSettings } = this.cluster;
    poolSettings.counters[HC_ATTEMPT]!++;
    const index = hostServer[host]!;
    if (index < 0) return this.#expect(session, host, NETWORK_FAILURE, 0);
    const server = run.servers.all[index]!;
    const there = run.network.delay(proxy.place, server.place);
    const rttNs = there + run.network.delay(server.place, proxy.place);
    if (!session.isConnected) {
      const mode = run.servers.connectMode(index, proxy.place, this.cluster.hosts.address[host]);
      if (mode === 'blackhole') return this.#expect(session, host, NETWORK_FAILURE, Number.POSITIVE_INFINITY);
      if (mode === 'refuse') return this.#expect(session, host, NETWORK_FAILURE, rttNs);
      server.accepted++;
      session.isConnected = true;
    } else if (server.mode?.mode === 'refuse') {
      // The connection went with the port; the check finds that out by connecting anew.
      session.isConnected = false;
      return this.#expect(session, host, NETWORK_FAILURE, rttNs);
    }
    const given = server.behaviour.healthCheck;
    const mode = given?.mode ?? server.mode?.mode ?? 'ok';
    run.recorder.healthChecked(run.segmentNow(), index);
    if (mode === 'hang' || mode === 'blackhole' || run.network.isCut(proxy.place, server.place))
      return this.#expect(session, host, NETWORK_FAILURE, Number.POSITIVE_INFINITY);
    if (mode === 'reset' || mode === 'resetOnAccept' || mode === 'refuse')
      return this.#expect(session, host, NETWORK_FAILURE, rttNs);
    session.isDegraded = given?.headers?.['x-envoy-degraded'] !== undefined;
    this.#expect(session, host, this.config.tcpHealthCheck ? 200 : (given?.status ?? 200), rttNs);
  }

  #expect(session: Session, host: number, outcome: number, afterNs: number): void {
    session.outcome = outcome;
    if (outcome < 0 || afterNs > this.#timeoutNs || this.config.reuseConnection === false)
      session.isConnected = false;
    if (afterNs > this.#timeoutNs) session.outcome = NETWORK_FAILURE;
    session.timer = this.#schedule(Math.min(afterNs, this.#timeoutNs), HEALTH_CHECKED, host);
  }

  checked(host: number): void {
    const session = this.#sessions.get(host);
    if (!session) return;
    const status = session.outcome;
    const { hosts } = this.cluster;
    const before = hosts.health[host]!;
    if (session.isFirst) {
      hosts.health[host]! &= ~PENDING_ACTIVE_HC;
    }
    const isGood = status > 0 && this.#isExpected(status);
    const counters = this.cluster.poolSettings.counters;
    counters[isGood ? HC_SUCCESS : HC_FAILURE]!++;
    if (status < 0) counters[HC_NETWORK_FAILURE]!++;
    let change = isGood ? this.#succeed(session, host) : this.#fail(session, host, status);
    if (change === UNCHANGED && hosts.health[host] !== before) change = CHANGED;
    const wasWarm = this.#unseen === 0;
    if (session.isFirst) {
      session.isFirst = false;
      this.#unseen--;
    }
    this.cluster.healthChecked(host, isGood, change === CHANGED, wasWarm);
    if (this.#sessions.get(host) !== session) return;
    session.timer = this.#schedule(this.#nextNs(isGood, change), HEALTH_CHECK, host);
  }

  #isExpected(status: number): boolean {
    const expected = this.config.httpHealthCheck?.expectedStatuses ?? [];
    if (expected.length === 0) return status === 200;
    return expected.some((range) => status >= range.start && status < range.end);
  }

  #succeed(session: Session, host: number): number {
    const { hosts } = this.cluster;
    session.bad = 0;
    let change = UNCHANGED;
    if (hosts.health[host]! & FAILED_ACTIVE_HC) {
      if (session.isFirst || ++session.good >= this.config.healthyThreshold) {
        hosts.health[host]! &= ~(FAILED_ACTIVE_HC | EXCLUDED_VIA_IMMEDIATE_HC_FAIL);
        hosts.lastHcPassNs[host] = this.cluster.run.simulation.nowNs;
        change = CHANGED;
        this.#record(host, 'in', session.isFirst);
      } else change = CHANGE_PENDING;
    }
    const isDegraded = (hosts.health[host]! & DEGRADED_ACTIVE_HC) !== 0;
    if (session.isDegraded !== isDegraded) {
      hosts.health[host]! ^= DEGRADED_ACTIVE_HC;
      this.#record(host, session.isDegraded ? 'degraded' : 'notDegraded', session.isFirst);
      if (change === UNCHANGED) change = CHANGED;
    }
    return change;
  }

  /** Only network failures and the statuses named for it are counted up to the threshold; any other answer is enough at once. */
  #fail(session: Session, host: number, status: number): number {
    const { hosts } = this.cluster;
    session.good = 0;
    if (hosts.health[host]! & FAILED_ACTIVE_HC) return UNCHANGED;
    const retriable = this.config.httpHealthCheck?.retriableStatuses ?? [];
    const isCounted = status < 0 || retriable.some((range) => status >= range.start && status < range.end);
    if (isCounted && ++session.bad < this.config.unhealthyThreshold) return CHANGE_PENDING;
    hosts.health[host]! |= FAILED_ACTIVE_HC;
    this.#record(host, 'out', session.isFirst);
    return CHANGED;
  }

  /** Counted from the result. */
  #nextNs(isGood: boolean, change: number): number {
    const isPending = change === CHANGE_PENDING;
    let ns: number;
    if (this.cluster.poolSettings.counters[CX_TOTAL] === 0)
      ns = isGood && !isPending ? this.#noTrafficHealthyNs : this.#noTrafficNs;
    else if (isGood) ns = isPending ? this.#healthyEdgeNs : this.#intervalNs;
    else ns = isPending ? this.#unhealthyEdgeNs : this.#unhealthyNs;
    const percentMs = Math.floor(((this.config.intervalJitterPercent ?? 0) * ns) / 1e8);
    if (percentMs > 0) ns += (this.#draw.uint32() % percentMs) * 1e6;
    const jitterMs = Math.floor(parseDurationNs(this.config.intervalJitter, 0) / 1e6);
    if (jitterMs > 0) ns += (this.#draw.uint32() % jitterMs) * 1e6;
    return Math.max(1e6, ns);
  }

  #record(host: number, kind: HealthEventRecord['kind'], isFirst: boolean): void {
    const { run, proxy, config, hosts, hostServer } = this.cluster;
    run.recorder.healthEvents.push({
      atNs: run.simulation.nowNs,
      proxy: proxy.spec.name,
      cluster: config.name,
      server: hostServer[host]!,
      endpoint: hosts.address[host]!,
      kind,
      isFirst,
    });
  }
}

// A call's way through its caller's Envoy: route, fault filter, cluster, tries with retries and timeouts, answer.
// Source: Envoy router.cc, upstream_request.cc, fault_filter.cc (1.40).

import type { RandomStream } from '../../engine/random.ts';
import { NO_HOST } from '../envoy/host-set.ts';
import type { PickContext } from '../envoy/lb/balancer.ts';
import {
  backoffNs,
  jitteredIntervalNs,
  resetIntervalNs,
  retriesOnReset,
  retriesOnStatus,
} from '../envoy/retry.ts';
import { RETRIES } from './circuit-breakers.ts';
import type { ClusterState } from './cluster-state.ts';
import {
  NONE_HEALTHY,
  RQ_COMPLETED,
  RQ_PER_TRY_TIMEOUT,
  RQ_RETRY,
  RQ_RETRY_EXPONENTIAL,
  RQ_RETRY_LIMIT_EXCEEDED,
  RQ_RETRY_OVERFLOW,
  RQ_RETRY_RATELIMITED,
  RQ_RETRY_SUCCESS,
  RQ_TIMEOUT,
} from './cluster-stats.ts';
import type { CompiledRoute } from './compiled-route.ts';
import { BACKOFF_DONE, FAULT_DELAY_DONE, STREAM_IDLE } from './events.ts';
import * as outcome from './outcomes.ts';
import { type AskedPriorities, nextRetryLoads, type RetryLoads } from './previous-priorities.ts';
import { RequestHash } from './request-hash.ts';
import type { RunContext } from './run-context.ts';
import { TRIED_HOSTS } from './tables.ts';

/** Priority levels that previous_priorities can tell apart. */
const LEVELS = 31;

export class Router {
  /** Faulted requests under way, by proxy. */
  readonly #activeFaults: number[] = [];
  readonly hash: RequestHash;
  #call = 0;
  /** For the retry predicate: reads the call that is being retried. */
  readonly #reselection: { maxAttempts: number; isRejected: (host: number) => boolean };
  /** Filled anew for each pick. */
  readonly #context: PickContext = {
    hasHash: false,
    hashHi: 0,
    hashLo: 0,
    metadataMatch: undefined,
    retryLoads: null,
    nowNs: 0,
  };
  readonly #loads: RetryLoads = {
    healthyLoad: new Float64Array(LEVELS),
    degradedLoad: new Float64Array(LEVELS),
  };
  readonly #asked: AskedPriorities = { asked: 0, count: 0, excluded: 0 };

  constructor(readonly run: RunContext) {
    this.#reselection = { maxAttempts: 1, isRejected: (host) => this.#wasTried(this.#call, host) };
    this.hash = new RequestHash(run);
  }

  /** Takes a call whose proxy, worker, request and caller are set. */
  start(call: number): void {
    const { calls, proxies, routes } = this.run;
    const proxy = proxies[calls.proxy[call]!]!;
    const routeIndex = proxy.routeOf(calls.request[call]!);
    const route = routes[routeIndex]!;
    calls.route[call] = routeIndex;
    calls.cluster[call] = -1;
    if (route.fault) this.#filterFaults(call, route);
    else this.#proceed(call, route);
  }

  // ------------------------------------------------------------------------------------------------------------ fault filter
  /** Delay first, then abort, each with a draw of its own; an aborted request never reaches the router. */
  #filterFaults(call: number, route: CompiledRoute): void {
    const { calls, proxies, simulation } = this.run;
    const fault = route.fault!;
    const proxy = calls.proxy[call]!;
    const draw = proxies[proxy]!.draw;
    if (
      fault.delayNs > 0 &&
      draw.uint32() % fault.delayDenominator < fault.delayNumerator &&
      this.#takeFault(call, fault.maxActiveFaults)
    ) {
      calls.flags[call]! |= outcome.DI;
      simulation.schedule(fault.delayNs, FAULT_DELAY_DONE, call);
      return;
    }
    this.#abortOrProceed(call, route);
  }

  /** A request counts once, from its first fault until its answer. */
  #takeFault(call: number, most: number): boolean {
    const { calls } = this.run;
    const proxy = calls.proxy[call]!;
    if (calls.isFaulted[call] === 1) return true;
    const active = this.#activeFaults[proxy] ?? 0;
    if (active >= most) return false;
    this.#activeFaults[proxy] = active + 1;
    calls.isFaulted[call] = 1;
    return true;
  }

  faultDelayDone(call: number): void {
    const { calls, routes } = this.run;
    this.#abortOrProceed(call, routes[calls.route[call]!]!);
  }

  #abortOrProceed(call: number, route: CompiledRoute): void {
    const { calls, proxies } = this.run;
    const fault = route.fault!;
    const draw = proxies[calls.proxy[call]!]!.draw;
    if (
      fault.abortStatus > 0 &&
      draw.uint32() % fault.abortDenominator < fault.abortNumerator &&
      this.#takeFault(call, fault.maxActiveFaults)
    )
      this.#answerHere(call, route.services[0]!, fault.abortStatus, outcome.FI);
    else this.#proceed(call, route);
  }

  // ------------------------------------------------------------------------------------------------------------------- route
  #proceed(call: number, route: CompiledRoute): void {
    const { calls, proxies, clusters } = this.run;
    if (route.kind === 'local') {
      if (route.location !== undefined && this.run.sampler.isSampled(call))
        this.run.sampler.redirected(call, route.location);
      return this.#answerHere(call, route.services[0]!, route.status, 0);
    }
    if (route.kind === 'none') return this.#answerHere(call, route.services[0]!, route.status, outcome.NR);
    if (route.kind === 'passthrough') {
      this.#tally(call, route.services[0]!);
      return this.run.direct.start(call);
    }
    const proxy = proxies[calls.proxy[call]!]!;
    let choice = 0;
    if (route.cumulativeWeights.length > 1) {
      const total = route.cumulativeWeights[route.cumulativeWeights.length - 1]!;
      const value = proxy.draw.uint32() % Math.max(1, total);
      while (choice < route.cumulativeWeights.length - 1 && value >= route.cumulativeWeights[choice]!)
        choice++;
    }
    if (route.clusters[choice] === -1)
      return this.#answerHere(call, route.services[choice]!, route.clusterNotFoundStatus, outcome.NC);
    const cluster = route.clusters[choice]!;
    calls.cluster[call] = cluster;
    calls.choice[call] = choice;
    this.#tally(call, route.services[choice]!);
    calls.retriesLeft[call] = route.retry === null ? 0 : route.retry.numRetries;
    if (route.retry !== null && route.retry.priorityUpdateFrequency > 0) this.#forgetPriorities(call);
    if (route.hash !== null) this.hash.of(call, route.hash);
    this.armTimeout(call, route);
    if (this.run.sampler.isSampled(call)) this.run.sampler.routed(call, route, clusters[cluster]!);
    if (route.mirrors.length > 0) this.#mirrorAll(call, route, proxy.draw);
    this.#tryOnce(call, clusters[cluster]!);
  }

  /** The route's timeout, or its stream's, for a call that goes to a cluster. */
  armTimeout(call: number, route: CompiledRoute): void {
    const { calls, simulation } = this.run;
    if (route.timeoutLane >= 0) calls.routeTimer[call] = simulation.arm(route.timeoutLane, call);
  }

  /** Nobody will answer: without a route timeout the stream's idle timeout ends it, so that one is armed only now. */
  neverAnswered(call: number): void {
    const { calls, routes, simulation } = this.run;
    if (calls.routeTimer[call]! !== 0 || calls.route[call]! < 0) return;
    const { idleTimeoutNs } = routes[calls.route[call]!]!;
    if (idleTimeoutNs > 0)
      calls.routeTimer[call] = simulation.scheduleAt(
        Math.max(simulation.nowNs, calls.startNs[call]! + idleTimeoutNs),
        STREAM_IDLE,
        call,
      );
  }

  #tally(call: number, service: number): void {
    const { calls, recorder } = this.run;
    calls.tally[call] = recorder.tally(calls.segment[call]!, calls.load[call]!, calls.caller[call]!, service);
  }

  #mirrorAll(call: number, route: CompiledRoute, draw: RandomStream): void {
    for (const mirror of route.mirrors)
      if (mirror.numerator >= mirror.denominator || draw.uint32() % mirror.denominator < mirror.numerator)
        this.#mirror(call, mirror.cluster, mirror.service);
  }

  /** A copy whose answer nobody waits for; it loads the mirror cluster and is seen by its outlier detector. */
  #mirror(original: number, cluster: number, service: number): void {
    if (cluster < 0) return;
    const { calls, routes } = this.run;
    const call = this.run.newCall();
    calls.load[call] = calls.load[original]!;
    calls.segment[call] = calls.segment[original]!;
    calls.job[call] = -1;
    calls.request[call] = calls.request[original]!;
    calls.caller[call] = calls.caller[original]!;
    calls.proxy[call] = calls.proxy[original]!;
    calls.worker[call] = calls.worker[original]!;
    calls.route[call] = calls.route[original]!;
    calls.hasHash[call] = calls.hasHash[original]!;
    calls.hashHi[call] = calls.hashHi[original]!;
    calls.hashLo[call] = calls.hashLo[original]!;
    calls.isMirror[call] = 1;
    calls.cluster[call] = cluster;
    calls.choice[call] = -1;
    calls.retriesLeft[call] = 0;
    this.#forgetPriorities(call);
    this.#tally(call, service);
    this.run.mirrorsOpen++;
    this.armTimeout(call, routes[calls.route[call]!]!);
    this.#tryOnce(call, this.run.clusters[cluster]!);
  }

  #answerHere(call: number, service: number, status: number, flags: number): void {
    this.#tally(call, service);
    this.run.calls.flags[call]! |= flags;
    this.#finish(call, status);
  }

  // -------------------------------------------------------------------------------------------------------------------- tries
  /** One pick and one try. */
  #tryOnce(call: number, cluster: ClusterState): void {
    const { calls, routes, simulation } = this.run;
    const route = routes[calls.route[call]!]!;
    const balancer = cluster.balancers[calls.worker[call]!]!;
    const context = this.#context;
    context.hasHash = calls.hasHash[call] === 1;
    if (context.hasHash) {
      context.hashHi = calls.hashHi[call]! >>> 0;
      context.hashLo = calls.hashLo[call]! >>> 0;
    }
    context.metadataMatch = calls.choice[call]! >= 0 ? route.metadataMatch[calls.choice[call]!] : undefined;
    context.retryLoads = null;
    context.nowNs = simulation.nowNs;
    let host: number;
    const isRetry = calls.triedCount[call]! > 0;
    if (isRetry && route.retry !== null && route.retry.priorityUpdateFrequency > 0)
      this.#leaveOutPriorities(call, cluster, route.retry.priorityUpdateFrequency);
    if (isRetry && route.retry?.avoidsPreviousHosts) {
      this.#call = call;
      this.#reselection.maxAttempts = route.retry.hostSelectionRetryMaxAttempts;
      host = balancer.chooseHost(this.#reselection, context);
    } else host = balancer.chooseHost(null, context);
    this.picked(call, cluster, host);
  }

  /** The rest of a try whose host, or NO_HOST, has been picked; the call has its route, cluster and tally. */
  picked(call: number, cluster: ClusterState, host: number): void {
    const { calls, attempts, routes } = this.run;
    const route = routes[calls.route[call]!]!;
    if (host === NO_HOST) {
      cluster.poolSettings.counters[NONE_HEALTHY]!++;
      calls.server[call] = -1;
      if (calls.attempt[call]! >= 0) return;
      calls.flags[call]! |= outcome.UH;
      return this.#finish(call, 503);
    }
    calls.tried[call * TRIED_HOSTS + (calls.triedCount[call]! % TRIED_HOSTS)] = host;
    calls.triedCount[call]!++;
    calls.attempts[call]!++;
    calls.tries[call]!++;
    if (route.retry !== null && route.retry.priorityUpdateFrequency > 0) {
      calls.askedLevels[call]! |= 1 << Math.min(LEVELS - 1, cluster.hosts.priority[host]!);
      calls.askedCount[call]!++;
    }
    const attempt = attempts.take();
    attempts.call[attempt] = call;
    attempts.cluster[attempt] = cluster.index;
    attempts.worker[attempt] = calls.worker[call]!;
    attempts.host[attempt] = host;
    attempts.server[attempt] = cluster.hostServer[host]!;
    attempts.from[attempt] = cluster.proxy.place;
    attempts.outcome[attempt] = 0;
    attempts.tries[attempt] = 0;
    attempts.state[attempt] = PENDING;
    attempts.connection[attempt] = -1;
    attempts.breaker[attempt] = route.breaker;
    attempts.isRequestOverflow[attempt] = 0;
    attempts.isHedged[attempt] = 0;
    attempts.request[attempt] = calls.request[call]!;
    attempts.load[attempt] = calls.load[call]!;
    attempts.segment[attempt] = calls.segment[call]!;
    attempts.sample[attempt] = -1;
    attempts.isMirror[attempt] = calls.isMirror[call]!;
    attempts.older[attempt] = calls.attempt[call]!;
    calls.attempt[call] = attempt;
    if (this.run.sampler.isSampled(call))
      this.run.sampler.tried(
        call,
        attempt,
        cluster,
        host,
        cluster.balancers[calls.worker[call]!]!.lastPriority,
      );
    this.run.pools.newStream(attempt);
  }

  #forgetPriorities(call: number): void {
    const { calls } = this.run;
    calls.askedLevels[call] = 0;
    calls.askedCount[call] = 0;
    calls.excludedLevels[call] = 0;
  }

  #leaveOutPriorities(call: number, cluster: ClusterState, updateFrequency: number): void {
    const { calls } = this.run;
    const asked = this.#asked;
    asked.asked = calls.askedLevels[call]!;
    asked.count = calls.askedCount[call]!;
    asked.excluded = calls.excludedLevels[call]!;
    const factor = cluster.hosts.overprovisioningFactor;
    if (nextRetryLoads(asked, updateFrequency, cluster.hosts.counts(), factor, this.#loads))
      this.#context.retryLoads = this.#loads;
    calls.askedLevels[call] = asked.asked;
    calls.askedCount[call] = asked.count;
    calls.excludedLevels[call] = asked.excluded;
  }

  #wasTried(call: number, host: number): boolean {
    const { calls } = this.run;
    const count = Math.min(TRIED_HOSTS, calls.triedCount[call]!);
    for (let i = 0; i < count; i++) if (calls.tried[call * TRIED_HOSTS + i] === host) return true;
    return false;
  }

  /** The attempt has a connection: it counts as an active request of its host, and its own timeout starts. */
  attached(attempt: number): void {
    const { attempts, calls, clusters, routes, simulation, recorder } = this.run;
    const call = attempts.call[attempt]!;
    const cluster = clusters[attempts.cluster[attempt]!]!;
    const host = attempts.host[attempt]!;
    const route = routes[calls.route[call]!]!;
    attempts.state[attempt] = SENT;
    attempts.sequence[attempt] = this.run.nextSequence();
    cluster.hosts.activeRequests[host]!++;
    cluster.detector?.onLocalOriginConnectSuccess(host);
    if (route.tryTimeoutLane >= 0) attempts.tryTimer[attempt] = simulation.arm(route.tryTimeoutLane, attempt);
    if (this.run.sampler.isSampled(call)) this.run.sampler.sent(attempt);
    recorder.reached(calls.tally[call]!, attempts.server[attempt]!);
    this.run.upstream.send(attempt);
  }

  /** The port was closed: the try did reach that machine. */
  refused(attempt: number): void {
    const { attempts, calls, recorder } = this.run;
    const call = attempts.call[attempt]!;
    if (call >= 0) recorder.reached(calls.tally[call]!, attempts.server[attempt]!);
  }

  connectFailed(attempt: number, reason: number): void {
    const { attempts, clusters, simulation } = this.run;
    const call = attempts.call[attempt]!;
    const cluster = clusters[attempts.cluster[attempt]!]!;
    if (this.run.sampler.isSampled(call)) this.run.sampler.attemptEnded(attempt, reason);
    this.run.recorder.tried(this.run.calls.tally[call]!, attempts.server[attempt]!, true);
    cluster.detector?.onLocalOriginFailure(attempts.host[attempt]!, simulation.nowNs);
    const isHedged = this.#detach(attempt);
    attempts.give(attempt);
    this.#failed(call, cluster, reason, isHedged);
  }

  /** The pool refused the attempt: a circuit breaker is open. */
  overflowed(attempt: number): void {
    const { attempts, clusters } = this.run;
    const call = attempts.call[attempt]!;
    const cluster = clusters[attempts.cluster[attempt]!]!;
    if (this.run.sampler.isSampled(call))
      this.run.sampler.attemptEnded(
        attempt,
        attempts.isRequestOverflow[attempt] === 1 ? outcome.REQUEST_OVERFLOW : outcome.POOL_OVERFLOW,
      );
    const isHedged = this.#detach(attempt);
    attempts.give(attempt);
    this.#failed(call, cluster, outcome.POOL_OVERFLOW, isHedged);
  }

  /** An answer, or a reset, reached the proxy. */
  outcomeArrived(attempt: number): void {
    const { attempts, calls, clusters, routes, simulation } = this.run;
    const call = attempts.call[attempt]!;
    const cluster = clusters[attempts.cluster[attempt]!]!;
    const host = attempts.host[attempt]!;
    const result = attempts.outcome[attempt]!;
    if (call < 0) {
      attempts.give(attempt);
      return;
    }
    const route = routes[calls.route[call]!]!;
    this.#endTry(attempt, cluster);
    this.run.recorder.tried(calls.tally[call]!, attempts.server[attempt]!, result < 0 || result >= 500);
    calls.tries[call]! += attempts.tries[attempt]!;
    const isHedged = this.#detach(attempt);
    if (result < 0) {
      if (route.kind === 'tcp') this.run.pools.streamEnded(attempt, true);
      else this.run.pools.resetByPeer(attempt);
      cluster.detector?.onLocalOriginFailure(host, simulation.nowNs);
      attempts.give(attempt);
      return this.#failed(call, cluster, result, isHedged);
    }
    const server = attempts.server[attempt]!;
    const answer = this.run.servers.all[server]!;
    calls.server[call] = server;
    if (route.kind !== 'tcp')
      cluster.detector?.onHttpCode(host, cluster.countedAs(answer.outlierCode(result)), simulation.nowNs);
    const canRetry =
      route.retry !== null &&
      calls.isMirror[call] === 0 &&
      retriesOnStatus(route.retry, result, answer.headers);
    if (canRetry && isHedged && this.#hasOthers(call)) {
      this.run.pools.streamEnded(attempt, !cluster.isHttp2);
      attempts.give(attempt);
      return;
    }
    const isRetried = canRetry && !isHedged && this.#mayRetry(call, cluster);
    const isConnectionGone = route.kind === 'tcp' || (isRetried && !cluster.isHttp2);
    this.run.pools.streamEnded(attempt, isConnectionGone);
    const lines = attempts.lines[attempt]!;
    attempts.give(attempt);
    if (isRetried) return this.#backOff(call, route, answer.headers);
    if (calls.attempts[call]! > 1 && result < 500) cluster.poolSettings.counters[RQ_RETRY_SUCCESS]!++;
    calls.lines[call] = lines;
    this.#finish(call, result);
  }

  /** The connection went away under the attempt; what its server still does is lost. */
  terminated(attempt: number): void {
    const { attempts, clusters, simulation } = this.run;
    const call = attempts.call[attempt]!;
    const cluster = clusters[attempts.cluster[attempt]!]!;
    this.run.pools.streamEnded(attempt, false);
    if (call < 0) return;
    this.#endTry(attempt, cluster);
    if (this.run.sampler.isSampled(call))
      this.run.sampler.attemptEnded(attempt, outcome.CONNECTION_TERMINATED);
    this.run.recorder.tried(this.run.calls.tally[call]!, attempts.server[attempt]!, true);
    cluster.detector?.onLocalOriginFailure(attempts.host[attempt]!, simulation.nowNs);
    const isHedged = this.#detach(attempt);
    this.#forget(attempt);
    this.#failed(call, cluster, outcome.CONNECTION_TERMINATED, isHedged);
  }

  /** A sent attempt no longer counts at its host, and its timer is off. */
  #endTry(attempt: number, cluster: ClusterState): void {
    const { attempts, simulation } = this.run;
    cluster.hosts.activeRequests[attempts.host[attempt]!]!--;
    if (attempts.tryTimer[attempt]! !== 0) simulation.cancel(attempts.tryTimer[attempt]!);
    attempts.tryTimer[attempt] = 0;
  }

  /** Takes the attempt out of its call. @returns whether it had been retried while it went on (hedging) */
  #detach(attempt: number): boolean {
    const { attempts, calls } = this.run;
    const call = attempts.call[attempt]!;
    let other = calls.attempt[call]!;
    if (other === attempt) calls.attempt[call] = attempts.older[attempt]!;
    else {
      while (other >= 0 && attempts.older[other] !== attempt) other = attempts.older[other]!;
      if (other >= 0) attempts.older[other] = attempts.older[attempt]!;
    }
    return attempts.isHedged[attempt] === 1;
  }

  /** The server's answer will find nobody; the row is free when it comes, or now if it never comes. */
  #forget(attempt: number): void {
    const { attempts } = this.run;
    attempts.call[attempt] = -1;
    if (attempts.outcome[attempt] === outcome.NEVER) attempts.give(attempt);
  }

  #hasOthers(call: number): boolean {
    const { calls } = this.run;
    return calls.attempt[call]! >= 0 || calls.backoffTimer[call]! > 0;
  }

  #failed(call: number, cluster: ClusterState, reason: number, isHedged: boolean): void {
    const { calls, routes } = this.run;
    const route = routes[calls.route[call]!]!;
    calls.server[call] = -1;
    const canRetry =
      route.retry !== null &&
      calls.isMirror[call] === 0 &&
      !isHedged &&
      retriesOnReset(route.retry, outcome.RESET_REASONS[-reason]!);
    if (canRetry && this.#mayRetry(call, cluster)) return this.#backOff(call, route, undefined);
    if (
      route.kind === 'tcp' &&
      reason !== outcome.POOL_OVERFLOW &&
      calls.attempts[call]! < route.connectAttempts
    )
      return this.#tryOnce(call, cluster);
    if (this.#hasOthers(call)) return;
    if (route.kind === 'tcp' && reason !== outcome.POOL_OVERFLOW) calls.flags[call]! |= outcome.URX;
    calls.flags[call]! |= outcome.RESET_FLAGS[-reason]!;
    this.#finish(call, reason === outcome.PER_TRY_TIMED_OUT ? 504 : 503);
  }

  // ------------------------------------------------------------------------------------------------------------------ retries
  /** Condition met: the limit, then the circuit breaker. Source: retry_state_impl.cc shouldRetry. */
  #mayRetry(call: number, cluster: ClusterState): boolean {
    const { calls } = this.run;
    const counters = cluster.poolSettings.counters;
    this.#releaseRetry(call, cluster);
    if (calls.retriesLeft[call] === 0) {
      calls.flags[call]! |= outcome.URX;
      counters[RQ_RETRY_LIMIT_EXCEEDED]!++;
      return false;
    }
    calls.retriesLeft[call]!--;
    const { breaker } = this.run.routes[calls.route[call]!]!;
    if (!cluster.breakers.canTake(breaker, RETRIES)) {
      calls.flags[call]! |= outcome.UO;
      counters[RQ_RETRY_OVERFLOW]!++;
      return false;
    }
    cluster.breakers.take(breaker, RETRIES);
    calls.holdsRetry[call] = 1;
    return true;
  }

  /** The slot is held through the wait and the retried attempt, until the next decision or the answer. */
  #releaseRetry(call: number, cluster: ClusterState): void {
    const { calls, routes } = this.run;
    if (calls.holdsRetry[call] === 1) cluster.breakers.give(routes[calls.route[call]!]!.breaker, RETRIES);
    calls.holdsRetry[call] = 0;
  }

  #backOff(call: number, route: CompiledRoute, headers: Readonly<Record<string, string>> | undefined): void {
    const { calls, clusters, proxies, simulation } = this.run;
    const retry = route.retry!;
    const draw = proxies[calls.proxy[call]!]!.retryDraw;
    const counters = clusters[calls.cluster[call]!]!.poolSettings.counters;
    const askedNs =
      headers !== undefined && retry.resetHeaders.length > 0
        ? resetIntervalNs(retry, headers, simulation.nowNs)
        : 0;
    counters[askedNs > 0 ? RQ_RETRY_RATELIMITED : RQ_RETRY_EXPONENTIAL]!++;
    const waitNs =
      askedNs > 0 ? jitteredIntervalNs(askedNs, draw) : backoffNs(retry, calls.attempts[call]!, draw);
    calls.backoffTimer[call] = simulation.schedule(waitNs, BACKOFF_DONE, call);
  }

  backoffDone(call: number): void {
    const { calls, clusters } = this.run;
    const cluster = clusters[calls.cluster[call]!]!;
    calls.backoffTimer[call] = 0;
    cluster.poolSettings.counters[RQ_RETRY]!++;
    this.#tryOnce(call, cluster);
  }

  // ----------------------------------------------------------------------------------------------------------------- timeouts
  tryTimedOut(attempt: number): void {
    const { attempts, calls, clusters, routes, simulation } = this.run;
    attempts.tryTimer[attempt] = 0;
    const call = attempts.call[attempt]!;
    const cluster = clusters[calls.cluster[call]!]!;
    const route = routes[calls.route[call]!]!;
    cluster.poolSettings.counters[RQ_PER_TRY_TIMEOUT]!++;
    cluster.detector?.onLocalOriginTimeout(attempts.host[attempt]!, simulation.nowNs);
    if (route.hedgesOnTryTimeout && calls.isMirror[call] === 0) {
      // The attempt goes on beside its own retry; the first good answer wins.
      if (route.retry !== null && this.#mayRetry(call, cluster)) {
        attempts.isHedged[attempt] = 1;
        this.#backOff(call, route, undefined);
      }
      return;
    }
    if (this.run.sampler.isSampled(call)) this.run.sampler.attemptEnded(attempt, outcome.PER_TRY_TIMED_OUT);
    this.run.recorder.tried(calls.tally[call]!, attempts.server[attempt]!, true);
    this.#abandon(attempt);
    this.#failed(call, cluster, outcome.PER_TRY_TIMED_OUT, false);
  }

  routeTimedOut(call: number): void {
    const { calls, attempts, clusters, simulation } = this.run;
    calls.routeTimer[call] = 0;
    const cluster = clusters[calls.cluster[call]!]!;
    cluster.poolSettings.counters[RQ_TIMEOUT]!++;
    for (let attempt = calls.attempt[call]!; attempt >= 0; attempt = attempts.older[attempt]!) {
      if (attempts.state[attempt] === SENT && attempts.isHedged[attempt] === 0)
        cluster.detector?.onLocalOriginTimeout(attempts.host[attempt]!, simulation.nowNs);
    }
    calls.flags[call]! |= outcome.UT;
    this.#giveUp(call, 504);
  }

  streamIdle(call: number): void {
    const { calls } = this.run;
    calls.routeTimer[call] = 0;
    calls.flags[call]! |= outcome.SI;
    this.#giveUp(call, 504);
  }

  #giveUp(call: number, status: number): void {
    const { attempts, calls, recorder } = this.run;
    for (let attempt = calls.attempt[call]!; attempt >= 0; attempt = attempts.older[attempt]!)
      if (attempts.state[attempt] === SENT)
        recorder.tried(calls.tally[call]!, attempts.server[attempt]!, true);
    this.#abandonAll(call);
    this.run.calls.server[call] = -1;
    this.#finish(call, status);
  }

  #abandonAll(call: number): void {
    const { calls } = this.run;
    while (calls.attempt[call]! >= 0) this.#abandon(calls.attempt[call]!);
  }

  /** The proxy resets the attempt: the server may go on working, nobody listens. */
  #abandon(attempt: number): void {
    const { attempts, clusters } = this.run;
    const cluster = clusters[attempts.cluster[attempt]!]!;
    this.#detach(attempt);
    if (attempts.state[attempt] === SENT) {
      this.#endTry(attempt, cluster);
      this.run.pools.streamEnded(attempt, !cluster.isHttp2);
      this.#forget(attempt);
    } else {
      this.run.pools.cancel(attempt);
      attempts.give(attempt);
    }
  }

  #finish(call: number, status: number): void {
    const { calls, clusters, simulation } = this.run;
    if (calls.routeTimer[call]! !== 0) simulation.cancel(calls.routeTimer[call]!);
    if (calls.backoffTimer[call]! > 0) simulation.cancel(calls.backoffTimer[call]!);
    calls.routeTimer[call] = 0;
    calls.backoffTimer[call] = 0;
    if (calls.cluster[call]! >= 0) {
      const cluster = clusters[calls.cluster[call]!]!;
      this.#releaseRetry(call, cluster);
      cluster.poolSettings.counters[RQ_COMPLETED]!++;
    }
    if (calls.attempt[call]! >= 0) this.#abandonAll(call);
    if (calls.isFaulted[call] === 1) this.#activeFaults[calls.proxy[call]!]!--;
    this.run.callDone(call, status);
  }
}

/** States of an attempt. */
export const PENDING = 0;
export const SENT = 1;

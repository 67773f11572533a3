// A call's way through its caller's Envoy: route, fault filter, cluster, tries with retries and timeouts, answer.
// Source: Envoy router.cc, upstream_request.cc, retry_state_impl.cc, fault_filter.cc (1.40).

import { NO_HOST } from '../envoy/host-set.ts';
import { backoffNs, retriesOnReset, retriesOnStatus } from '../envoy/retry.ts';
import type { ClusterState } from './cluster-state.ts';
import type { CompiledRoute } from './compiled-route.ts';
import { BACKOFF_DONE, FAULT_DELAY_DONE, ROUTE_TIMEOUT, TRY_TIMEOUT } from './events.ts';
import * as outcome from './outcomes.ts';
import type { RunContext } from './run-context.ts';
import { TRIED_HOSTS } from './tables.ts';

export class Router {
  /** Faulted requests under way, by proxy. */
  readonly #activeFaults: number[] = [];
  #call = 0;
  /** For the retry predicate: reads the call that is being retried. */
  readonly #reselection: { maxAttempts: number; isRejected: (host: number) => boolean };

  constructor(readonly run: RunContext) {
    this.#reselection = { maxAttempts: 1, isRejected: (host) => this.#wasTried(this.#call, host) };
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

  /** Delay first, then abort, each with a draw of its own; an aborted request never reaches the router. */
  #filterFaults(call: number, route: CompiledRoute): void {
    const { calls, proxies, simulation } = this.run;
    const fault = route.fault!;
    const proxy = calls.proxy[call]!;
    const draw = proxies[proxy]!.draw;
    const active = this.#activeFaults[proxy] ?? 0;
    if (
      active < fault.maxActiveFaults &&
      fault.delayNs > 0 &&
      draw.uint32() % fault.delayDenominator < fault.delayNumerator
    ) {
      this.#activeFaults[proxy] = active + 1;
      calls.flags[call]! |= outcome.DI;
      simulation.schedule(fault.delayNs, FAULT_DELAY_DONE, call);
      return;
    }
    this.#abortOrProceed(call, route);
  }

  faultDelayDone(call: number): void {
    const { calls, routes } = this.run;
    this.#activeFaults[calls.proxy[call]!]! -= 1;
    this.#abortOrProceed(call, routes[calls.route[call]!]!);
  }

  #abortOrProceed(call: number, route: CompiledRoute): void {
    const { calls, proxies } = this.run;
    const fault = route.fault!;
    const active = this.#activeFaults[calls.proxy[call]!] ?? 0;
    const draw = proxies[calls.proxy[call]!]!.draw;
    if (
      fault.abortStatus > 0 &&
      active < fault.maxActiveFaults &&
      draw.uint32() % fault.abortDenominator < fault.abortNumerator
    )
      this.#answerHere(call, route.services[0]!, fault.abortStatus, outcome.FI);
    else this.#proceed(call, route);
  }

  #proceed(call: number, route: CompiledRoute): void {
    const { calls, proxies, clusters, simulation } = this.run;
    if (route.kind === 'local') return this.#answerHere(call, route.services[0]!, route.status, 0);
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
    this.#tally(call, route.services[choice]!);
    calls.retriesLeft[call] = route.retry?.numRetries ?? 0;
    calls.routeTimer[call] =
      route.timeoutNs > 0 ? simulation.schedule(route.timeoutNs, ROUTE_TIMEOUT, call) : 0;
    if (this.run.sampler.isSampled(call)) this.run.sampler.routed(call, route, clusters[cluster]!);
    for (const mirror of route.mirrors) {
      if (
        mirror.numerator >= mirror.denominator ||
        proxy.draw.uint32() % mirror.denominator < mirror.numerator
      )
        this.#mirror(call, mirror.cluster, mirror.service);
    }
    this.#tryOnce(call, clusters[cluster]!);
  }

  #tally(call: number, service: number): void {
    const { calls, recorder } = this.run;
    calls.tally[call] = recorder.tally(calls.segment[call]!, calls.load[call]!, calls.caller[call]!, service);
  }

  /** A copy whose answer nobody waits for; it loads the mirror cluster and is seen by its outlier detector. */
  #mirror(original: number, cluster: number, service: number): void {
    if (cluster < 0) return;
    const { calls } = this.run;
    const call = this.run.newCall();
    calls.load[call] = calls.load[original]!;
    calls.segment[call] = calls.segment[original]!;
    calls.job[call] = -1;
    calls.request[call] = calls.request[original]!;
    calls.caller[call] = calls.caller[original]!;
    calls.proxy[call] = calls.proxy[original]!;
    calls.worker[call] = calls.worker[original]!;
    calls.route[call] = calls.route[original]!;
    calls.isMirror[call] = 1;
    calls.cluster[call] = cluster;
    this.#tally(call, service);
    this.run.mirrorsOpen++;
    this.#tryOnce(call, this.run.clusters[cluster]!);
  }

  #answerHere(call: number, service: number, status: number, flags: number): void {
    this.#tally(call, service);
    this.run.calls.flags[call]! |= flags;
    this.#finish(call, status);
  }

  /** One pick and one try. */
  #tryOnce(call: number, cluster: ClusterState): void {
    const { calls, attempts, routes } = this.run;
    const route = routes[calls.route[call]!]!;
    const balancer = cluster.balancers[calls.worker[call]!]!;
    let host: number;
    if (calls.triedCount[call]! > 0 && route.retry?.avoidsPreviousHosts) {
      this.#call = call;
      this.#reselection.maxAttempts = route.retry.hostSelectionRetryMaxAttempts;
      host = balancer.chooseHost(this.#reselection);
    } else host = balancer.chooseHost(null);
    if (host === NO_HOST) {
      calls.flags[call]! |= outcome.UH;
      calls.server[call] = -1;
      return this.#finish(call, 503);
    }
    calls.tried[call * TRIED_HOSTS + (calls.triedCount[call]! % TRIED_HOSTS)] = host;
    calls.triedCount[call]!++;
    calls.attempts[call]!++;
    calls.tries[call]!++;
    const attempt = attempts.take();
    attempts.call[attempt] = call;
    attempts.cluster[attempt] = cluster.index;
    attempts.worker[attempt] = calls.worker[call]!;
    attempts.host[attempt] = host;
    attempts.server[attempt] = cluster.hostServer[host]!;
    attempts.from[attempt] = cluster.proxy.place;
    attempts.outcome[attempt] = 0;
    attempts.lines[attempt] = 0;
    attempts.tries[attempt] = 0;
    attempts.state[attempt] = PENDING;
    attempts.connectTimer[attempt] = 0;
    attempts.request[attempt] = calls.request[call]!;
    attempts.load[attempt] = calls.load[call]!;
    attempts.segment[attempt] = calls.segment[call]!;
    attempts.sample[attempt] = -1;
    calls.attempt[call] = attempt;
    calls.tryTimer[call] = 0;
    if (this.run.sampler.isSampled(call))
      this.run.sampler.tried(call, attempt, cluster, host, balancer.lastPriority);
    this.run.pools.newStream(attempt);
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
    attempts.state[attempt] = SENT;
    cluster.hosts.activeRequests[host]!++;
    cluster.detector?.onLocalOriginConnectSuccess(host);
    const retry = routes[calls.route[call]!]!.retry;
    if (retry && retry.perTryTimeoutNs > 0)
      calls.tryTimer[call] = simulation.schedule(retry.perTryTimeoutNs, TRY_TIMEOUT, call);
    if (attempts.server[attempt]! >= 0) recorder.reached(calls.tally[call]!, attempts.server[attempt]!);
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
    const host = attempts.host[attempt]!;
    attempts.give(attempt);
    if (call < 0) return;
    cluster.detector?.onLocalOriginFailure(host, simulation.nowNs);
    this.#failed(call, cluster, reason);
  }

  /** The pool refused the attempt: a circuit breaker is open. */
  overflowed(attempt: number): void {
    const { attempts, clusters } = this.run;
    const call = attempts.call[attempt]!;
    const cluster = clusters[attempts.cluster[attempt]!]!;
    attempts.give(attempt);
    this.#failed(call, cluster, outcome.POOL_OVERFLOW);
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
    cluster.hosts.activeRequests[host]!--;
    if (calls.tryTimer[call]! > 0) simulation.cancel(calls.tryTimer[call]!);
    calls.tryTimer[call] = 0;
    calls.tries[call]! += attempts.tries[attempt]!;
    calls.attempt[call] = -1;
    if (result < 0) {
      this.run.pools.streamEnded(attempt, true);
      cluster.detector?.onLocalOriginFailure(host, simulation.nowNs);
      attempts.give(attempt);
      return this.#failed(call, cluster, result);
    }
    const route = routes[calls.route[call]!]!;
    calls.server[call] = attempts.server[attempt]!;
    if (route.kind !== 'tcp') cluster.detector?.onHttpCode(host, result, simulation.nowNs);
    const isRetried =
      route.retry !== null &&
      calls.isMirror[call] === 0 &&
      retriesOnStatus(route.retry, result) &&
      this.#mayRetry(call, cluster, route);
    this.run.pools.streamEnded(attempt, isRetried);
    const lines = attempts.lines[attempt]!;
    attempts.give(attempt);
    if (isRetried) return this.#backOff(call, route);
    calls.lines[call] = lines;
    this.#finish(call, result);
  }

  #failed(call: number, cluster: ClusterState, reason: number): void {
    const { calls, routes } = this.run;
    const route = routes[calls.route[call]!]!;
    calls.attempt[call] = -1;
    calls.server[call] = -1;
    const isRetried =
      route.retry !== null &&
      calls.isMirror[call] === 0 &&
      retriesOnReset(route.retry, RESET_REASONS[-reason]!) &&
      this.#mayRetry(call, cluster, route);
    if (isRetried) return this.#backOff(call, route);
    calls.flags[call]! |= RESET_FLAGS[-reason]!;
    this.#finish(call, reason === outcome.PER_TRY_TIMED_OUT ? 504 : 503);
  }

  /** Condition met: the limit, then the circuit breaker. Source: retry_state_impl.cc shouldRetry. */
  #mayRetry(call: number, cluster: ClusterState, route: CompiledRoute): boolean {
    const { calls } = this.run;
    this.#releaseRetry(call, cluster);
    if (calls.retriesLeft[call] === 0) {
      if (route.retry!.numRetries > 0) calls.flags[call]! |= outcome.URX;
      return false;
    }
    calls.retriesLeft[call]!--;
    if (!cluster.takeRetry()) {
      calls.flags[call]! |= outcome.UO;
      return false;
    }
    calls.holdsRetry[call] = 1;
    return true;
  }

  #releaseRetry(call: number, cluster: ClusterState): void {
    const { calls } = this.run;
    if (calls.holdsRetry[call] === 1) cluster.giveRetry();
    calls.holdsRetry[call] = 0;
  }

  #backOff(call: number, route: CompiledRoute): void {
    const { calls, proxies, simulation } = this.run;
    const retry = calls.attempts[call]!;
    const wait = backoffNs(route.retry!, retry, proxies[calls.proxy[call]!]!.retryDraw);
    calls.tryTimer[call] = simulation.schedule(wait, BACKOFF_DONE, call);
  }

  backoffDone(call: number): void {
    const { calls, clusters } = this.run;
    calls.tryTimer[call] = 0;
    this.#tryOnce(call, clusters[calls.cluster[call]!]!);
  }

  tryTimedOut(call: number): void {
    const { calls, attempts, clusters, simulation } = this.run;
    calls.tryTimer[call] = 0;
    const attempt = calls.attempt[call]!;
    const cluster = clusters[calls.cluster[call]!]!;
    cluster.detector?.onLocalOriginTimeout(attempts.host[attempt]!, simulation.nowNs);
    this.#abandon(attempt);
    this.#failed(call, cluster, outcome.PER_TRY_TIMED_OUT);
  }

  routeTimedOut(call: number): void {
    const { calls, attempts, clusters, simulation } = this.run;
    calls.routeTimer[call] = 0;
    const attempt = calls.attempt[call]!;
    if (attempt >= 0) {
      const cluster = clusters[calls.cluster[call]!]!;
      if (attempts.state[attempt] === SENT)
        cluster.detector?.onLocalOriginTimeout(attempts.host[attempt]!, simulation.nowNs);
      this.#abandon(attempt);
    }
    calls.server[call] = -1;
    calls.flags[call]! |= outcome.UT;
    this.#finish(call, 504);
  }

  /** The proxy resets the attempt: the server may go on working, nobody listens. */
  #abandon(attempt: number): void {
    const { attempts, calls, clusters } = this.run;
    const call = attempts.call[attempt]!;
    calls.attempt[call] = -1;
    attempts.call[attempt] = -1;
    if (attempts.state[attempt] === SENT) {
      clusters[attempts.cluster[attempt]!]!.hosts.activeRequests[attempts.host[attempt]!]!--;
      this.run.pools.streamEnded(attempt, true);
      if (attempts.outcome[attempt] === outcome.NEVER) attempts.give(attempt);
    } else {
      this.run.pools.cancel(attempt);
      attempts.give(attempt);
    }
  }

  #finish(call: number, status: number): void {
    const { calls, clusters, simulation } = this.run;
    if (calls.routeTimer[call]! > 0) simulation.cancel(calls.routeTimer[call]!);
    if (calls.tryTimer[call]! > 0) simulation.cancel(calls.tryTimer[call]!);
    calls.routeTimer[call] = 0;
    calls.tryTimer[call] = 0;
    if (calls.cluster[call]! >= 0) this.#releaseRetry(call, clusters[calls.cluster[call]!]!);
    this.run.callDone(call, status);
  }
}

/** States of an attempt. */
export const PENDING = 0;
export const SENT = 1;

/** By -outcome. */
const RESET_REASONS = [
  'remoteReset',
  'connectionFailure',
  'connectionTimeout',
  'connectionTermination',
  'perTryTimeout',
  'overflow',
] as const;
const RESET_FLAGS = [0, outcome.UF, outcome.UF, outcome.UC, outcome.UT, outcome.UO];

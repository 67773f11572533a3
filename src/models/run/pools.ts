// Connections of the workers to their hosts: hands an attempt a connection, makes new ones (one round trip), and says how a failed one
// failed. HTTP/1: one request at a time on a connection, kept for the next.

import type { ClusterState } from './cluster-state.ts';
import { CONNECT_TIMEOUT, CONNECTED } from './events.ts';
import { CONNECT_FAILED, CONNECTION_TIMED_OUT } from './outcomes.ts';
import type { RunContext } from './run-context.ts';

export class Pools {
  /** cluster -> worker -> host -> idle connections. */
  readonly #idle: Int32Array[][] = [];

  constructor(readonly run: RunContext) {}

  /** Gives the attempt a connection, now or later; the router hears of it by attached() or connectFailed(). */
  newStream(attempt: number): void {
    const { attempts, simulation, network, servers } = this.run;
    const cluster = this.run.clusters[attempts.cluster[attempt]!]!;
    const idle = this.#idleOf(cluster, attempts.worker[attempt]!);
    const host = attempts.host[attempt]!;
    if (idle[host]! > 0) {
      idle[host]!--;
      this.run.router.attached(attempt);
      return;
    }
    const server = attempts.server[attempt]!;
    const mode = server < 0 ? 'refuse' : servers.connectMode(server, attempts.from[attempt]!);
    if (mode === 'blackhole') {
      attempts.connectTimer[attempt] = simulation.schedule(
        cluster.connectTimeoutNs,
        CONNECT_TIMEOUT,
        attempt,
      );
      return;
    }
    const to = server < 0 ? attempts.from[attempt]! : servers.placeOf(server);
    const rttNs = network.delay(attempts.from[attempt]!, to) + network.delay(to, attempts.from[attempt]!);
    attempts.outcome[attempt] = mode === 'refuse' ? CONNECT_FAILED : 0;
    if (rttNs > cluster.connectTimeoutNs) {
      attempts.connectTimer[attempt] = simulation.schedule(
        cluster.connectTimeoutNs,
        CONNECT_TIMEOUT,
        attempt,
      );
    } else if (rttNs === 0) this.connected(attempt);
    else attempts.connectTimer[attempt] = simulation.schedule(rttNs, CONNECTED, attempt);
  }

  connected(attempt: number): void {
    const { attempts } = this.run;
    attempts.connectTimer[attempt] = 0;
    const server = attempts.server[attempt]!;
    if (attempts.outcome[attempt] === CONNECT_FAILED) {
      if (server >= 0) this.run.router.refused(attempt);
      this.run.router.connectFailed(attempt, CONNECT_FAILED);
    } else this.run.router.attached(attempt);
  }

  connectTimedOut(attempt: number): void {
    this.run.attempts.connectTimer[attempt] = 0;
    this.run.router.connectFailed(attempt, CONNECTION_TIMED_OUT);
  }

  /** The stream is over; its connection serves again, or is closed. */
  streamEnded(attempt: number, isClosed: boolean): void {
    const { attempts } = this.run;
    const cluster = this.run.clusters[attempts.cluster[attempt]!]!;
    if (isClosed || cluster.config.commonHttpProtocolOptions?.maxRequestsPerConnection === 1) return;
    if (cluster.hosts.isMember[attempts.host[attempt]!])
      this.#idleOf(cluster, attempts.worker[attempt]!)[attempts.host[attempt]!]!++;
  }

  /** The attempt no longer wants a connection. */
  cancel(attempt: number): void {
    const { attempts, simulation } = this.run;
    if (attempts.connectTimer[attempt]! > 0) simulation.cancel(attempts.connectTimer[attempt]!);
    attempts.connectTimer[attempt] = 0;
  }

  hostRemoved(cluster: ClusterState, host: number): void {
    for (const idle of this.#idle[cluster.index] ?? []) if (idle && host < idle.length) idle[host] = 0;
  }

  /** The server's process went away: connections to it are gone. */
  serverLost(server: number): void {
    for (const cluster of this.run.clusters) {
      for (let host = 0; host < cluster.hostServer.length; host++)
        if (cluster.hostServer[host] === server) this.hostRemoved(cluster, host);
    }
  }

  #idleOf(cluster: ClusterState, worker: number): Int32Array {
    this.#idle[cluster.index] ??= [];
    const workers = this.#idle[cluster.index]!;
    let idle = workers[worker];
    if (idle === undefined || idle.length < cluster.hosts.address.length) {
      const wide = new Int32Array(cluster.hosts.address.length + 16);
      if (idle) wide.set(idle);
      workers[worker] = wide;
      idle = wide;
    }
    return idle;
  }
}

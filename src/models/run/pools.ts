// The pools of a run: opens connections over the network (one round trip), closes them when they idle, age or lose their peer, and tells
// the router what became of its attempts. The rules are in connection-pool.ts.

import type { ClusterState } from './cluster-state.ts';
import {
  CONNECTING,
  ConnectionPools,
  CX_IDLE_TIMEOUT,
  LOST,
  type PoolHooks,
  type PoolSettings,
  READY,
} from './connection-pool.ts';
import * as c from './connection-row.ts';
import { CONNECT_TIMEOUT, CONNECTED, CONNECTION_AGED, CONNECTION_LOST, IDLE_TIMEOUT } from './events.ts';
import { CONNECT_FAILED, CONNECTION_TIMED_OUT } from './outcomes.ts';
import * as p from './pool-row.ts';
import type { RunContext } from './run-context.ts';
import { Surprise } from './straight/call-site.ts';

export class Pools implements PoolHooks {
  readonly core: ConnectionPools;
  readonly #clock: Float64Array;

  constructor(readonly run: RunContext) {
    this.#clock = run.simulation.clock;
    this.core = new ConnectionPools(run.attempts, this);
  }

  /** Gives the attempt a connection, now or later; the router hears of it by attached(), overflowed() or connectFailed(). */
  newStream(attempt: number): void {
    const { attempts, clusters } = this.run;
    const cluster = clusters[attempts.cluster[attempt]!]!;
    const worker = attempts.worker[attempt]!;
    const host = attempts.host[attempt]!;
    let pool = cluster.poolOf(worker, host);
    if (pool < 0) {
      pool = this.core.create(cluster.index, worker, host, cluster.hostServer[host]!);
      cluster.setPool(worker, host, pool);
    }
    this.core.newStream(pool, attempt);
  }

  streamEnded(attempt: number, isClosed: boolean): void {
    this.core.streamEnded(attempt, isClosed);
  }

  cancel(attempt: number): void {
    this.core.cancel(attempt);
  }

  // ------------------------------------------------------------------------------------------------- what the core asks for
  settingsOf(pool: number): PoolSettings {
    return this.#clusterOf(pool).poolSettings;
  }

  isHostHealthy(pool: number): boolean {
    return this.#clusterOf(pool).hosts.isHealthy(this.core.pools.cells[pool * p.ROW + p.HOST]!);
  }

  connectionsOfHost(pool: number): number {
    return this.#clusterOf(pool).connectionsOfHost[this.core.pools.cells[pool * p.ROW + p.HOST]!] ?? 0;
  }

  open(connection: number): void {
    const { attempts, calls, network, recorder, servers, simulation } = this.run;
    const { connections, pools } = this.core;
    const pool = connections.cells[connection * c.ROW + c.POOL]!;
    const cluster = this.#clusterOf(pool);
    const host = pools.cells[pool * p.ROW + p.HOST]!;
    cluster.connectionsOfHost[host] = (cluster.connectionsOfHost[host] ?? 0) + 1;
    const attempt = connections.cells[connection * c.ROW + c.OPENED_FOR]!;
    if (attempt >= 0 && attempts.call[attempt]! >= 0)
      recorder.connected(calls.tally[attempts.call[attempt]!]!);
    const server = connections.cells[connection * c.ROW + c.SERVER]!;
    const from = cluster.proxy.place;
    const to = server < 0 ? from : servers.placeOf(server);
    const mode = server < 0 ? 'refuse' : servers.connectMode(server, from, cluster.hosts.address[host]);
    connections.cells[connection * c.ROW + c.IS_REFUSED] = mode === 'refuse' ? 1 : 0;
    let rttNs =
      mode === 'blackhole' ? Number.POSITIVE_INFINITY : network.delay(from, to) + network.delay(to, from);
    if (mode === 'ok' && this.run.forwarding.isGateway(server)) {
      const forwarded = this.run.forwarding.connect(server, cluster);
      if (forwarded.server >= 0) connections.cells[connection * c.ROW + c.SERVER] = forwarded.server;
      else connections.cells[connection * c.ROW + c.IS_REFUSED] = 1;
      rttNs += forwarded.isLost ? Number.POSITIVE_INFINITY : 2 * forwarded.delayNs;
    }
    this.core.timers[connection] =
      rttNs > cluster.connectTimeoutNs
        ? simulation.schedule(cluster.connectTimeoutNs, CONNECT_TIMEOUT, connection)
        : simulation.schedule(rttNs, CONNECTED, connection);
  }

  closed(connection: number): void {
    const { simulation } = this.run;
    const { connections, pools } = this.core;
    const pool = connections.cells[connection * c.ROW + c.POOL]!;
    this.#clusterOf(pool).connectionsOfHost[pools.cells[pool * p.ROW + p.HOST]!]!--;
    if (this.core.timers[connection]! > 0) simulation.cancel(this.core.timers[connection]!);
    if (this.core.lifeTimers[connection]! > 0) simulation.cancel(this.core.lifeTimers[connection]!);
  }

  idle(connection: number, pool: number): void {
    this.core.connections.doubles[connection * c.DOUBLES + c.IDLE_SINCE] = this.#clock[0]!;
    if (this.core.pools.cells[pool * p.ROW + p.WATCHES_IDLE] === 0) this.#watchIdle(pool);
  }

  #watchIdle(pool: number): void {
    const { idleTimeoutNs } = this.#clusterOf(pool);
    if (idleTimeoutNs > 0) this.armIdleTimer(pool, this.run.simulation.nowNs + idleTimeoutNs);
  }

  attached(attempt: number): void {
    const { attempts, router, straight } = this.run;
    // Behind a gateway it is the connection that knows who answers.
    if (this.run.forwarding.isGateway(attempts.server[attempt]!))
      attempts.server[attempt] =
        this.core.connections.cells[attempts.connection[attempt]! * c.ROW + c.SERVER]!;
    if (straight === null) router.attached(attempt);
    else straight.attached(attempt);
  }

  overflowed(attempt: number): void {
    if (this.run.straight !== null) throw new Surprise('a circuit breaker');
    this.run.router.overflowed(attempt);
  }

  failed(attempt: number, reason: number): void {
    if (this.run.straight !== null) throw new Surprise('a connection that fails');
    if (reason === CONNECT_FAILED && this.run.attempts.server[attempt]! >= 0)
      this.run.router.refused(attempt);
    this.run.router.connectFailed(attempt, reason);
  }

  // ----------------------------------------------------------------------------------------------------------------- events
  connected(connection: number): void {
    const { servers, simulation } = this.run;
    const { connections } = this.core;
    this.core.timers[connection] = 0;
    if (connections.cells[connection * c.ROW + c.IS_REFUSED] === 1)
      return this.core.connectFailed(connection, CONNECT_FAILED, false);
    const server = servers.all[connections.cells[connection * c.ROW + c.SERVER]!]!;
    server.accepted++;
    const { maxConnectionDurationNs } = this.#clusterOf(connections.cells[connection * c.ROW + c.POOL]!);
    if (maxConnectionDurationNs > 0)
      this.core.lifeTimers[connection] = simulation.schedule(
        maxConnectionDurationNs,
        CONNECTION_AGED,
        connection,
      );
    this.core.connected(connection, server.behaviour.http2?.maxConcurrentStreams);
  }

  connectTimedOut(connection: number): void {
    this.core.timers[connection] = 0;
    this.core.connectFailed(connection, CONNECTION_TIMED_OUT, true);
  }

  /** max_connection_duration is over. */
  aged(connection: number): void {
    const { connections } = this.core;
    this.core.lifeTimers[connection] = 0;
    if (connections.cells[connection * c.ROW + c.STATE] !== LOST) this.core.drain(connection);
  }

  /** Closes the pool's connections that have idled long enough, and looks again when the next one will have. */
  idleExpired(pool: number): void {
    const { simulation } = this.run;
    const { connections, pools } = this.core;
    const cluster = this.#clusterOf(pool);
    const nowNs = simulation.nowNs;
    pools.cells[pool * p.ROW + p.WATCHES_IDLE] = 0;
    let nextNs = Number.POSITIVE_INFINITY;
    for (let connection = pools.cells[pool * p.ROW + p.READY_HEAD]!; connection >= 0; ) {
      const following = connections.cells[connection * c.ROW + c.NEXT]!;
      if (connections.cells[connection * c.ROW + c.ACTIVE] === 0) {
        const endNs = connections.doubles[connection * c.DOUBLES + c.IDLE_SINCE]! + cluster.idleTimeoutNs;
        if (endNs <= nowNs) {
          cluster.poolSettings.counters[CX_IDLE_TIMEOUT]!++;
          this.core.close(connection);
        } else nextNs = Math.min(nextNs, endNs);
      }
      connection = following;
    }
    if (nextNs < Number.POSITIVE_INFINITY) this.armIdleTimer(pool, nextNs);
  }

  armIdleTimer(pool: number, atNs: number): void {
    this.core.idleTimersNs[pool] = atNs;
    this.core.pools.cells[pool * p.ROW + p.WATCHES_IDLE] = 1;
    this.core.idleTimers[pool] = this.run.simulation.scheduleAt(atNs, IDLE_TIMEOUT, pool);
  }

  /** For who sees to it himself that no connection idles too long. */
  disarmIdleTimer(pool: number): void {
    this.run.simulation.cancel(this.core.idleTimers[pool]!);
    this.core.pools.cells[pool * p.ROW + p.WATCHES_IDLE] = 0;
  }

  /** The proxy learns that a connection is gone: what was under way on it fails. */
  connectionLost(connection: number): void {
    const { attempts, router } = this.run;
    const { connections } = this.core;
    const pool = connections.cells[connection * c.ROW + c.POOL]!;
    if (connections.cells[connection * c.ROW + c.ACTIVE]! > 0) {
      this.run.express?.handOverAll();
      const isOnIt = (attempt: number) => attempts.connection[attempt] === connection;
      for (const attempt of attempts.takenRows().filter(isOnIt).sort(attempts.bySequence))
        router.terminated(attempt);
    }
    this.core.timers[connection] = 0;
    this.core.close(connection);
    this.core.lostConnection(pool);
  }

  // ------------------------------------------------------------------------------------------------- what happens to hosts
  /** Ejected, or failed by its check: existing connections take no new requests, since others may do better. */
  hostFailed(cluster: ClusterState, host: number): void {
    if (cluster.config.closeConnectionsOnHostHealthFailure) return this.closeAll(cluster, host);
    const { connections, pools } = this.core;
    if ((cluster.connectionsOfHost[host] ?? 0) === 0) return;
    for (const connection of connections.takenRows()) {
      const pool = connections.cells[connection * c.ROW + c.POOL]!;
      if (
        pool < 0 ||
        pools.cells[pool * p.ROW + p.CLUSTER] !== cluster.index ||
        pools.cells[pool * p.ROW + p.HOST] !== host
      )
        continue;
      if (connections.cells[connection * c.ROW + c.STATE] === READY) this.core.drain(connection);
    }
  }

  hostRemoved(cluster: ClusterState, host: number): void {
    for (let worker = 0; worker < cluster.proxy.spec.concurrency; worker++) {
      const pool = cluster.poolOf(worker, host);
      if (pool >= 0) this.core.drainPool(pool);
    }
  }

  /** close_connections_on_host_health_failure: all connections to the host, busy ones too. */
  closeAll(cluster: ClusterState, host: number): void {
    const { connections, pools } = this.core;
    for (const connection of connections.takenRows()) {
      const pool = connections.cells[connection * c.ROW + c.POOL]!;
      if (
        pool < 0 ||
        pools.cells[pool * p.ROW + p.CLUSTER] !== cluster.index ||
        pools.cells[pool * p.ROW + p.HOST] !== host
      )
        continue;
      this.#lose(connection, 0);
    }
  }

  /** The server's process, or its listening socket with all connections, went away. */
  serverLost(server: number): void {
    const { network, servers } = this.run;
    const { connections } = this.core;
    for (const connection of connections.takenRows()) {
      if (
        connections.cells[connection * c.ROW + c.SERVER] !== server ||
        connections.cells[connection * c.ROW + c.POOL]! < 0
      )
        continue;
      const cluster = this.#clusterOf(connections.cells[connection * c.ROW + c.POOL]!);
      this.#lose(connection, network.delay(servers.placeOf(server), cluster.proxy.place));
    }
  }

  #lose(connection: number, delayNs: number): void {
    const { connections } = this.core;
    if (connections.cells[connection * c.ROW + c.STATE] === LOST) return;
    if (connections.cells[connection * c.ROW + c.STATE] === CONNECTING) {
      connections.cells[connection * c.ROW + c.IS_REFUSED] = 1;
      return;
    }
    if (connections.cells[connection * c.ROW + c.ACTIVE] === 0) return this.core.close(connection);
    this.core.markLost(connection);
    this.core.timers[connection] = this.run.simulation.schedule(delayNs, CONNECTION_LOST, connection);
  }

  /** Closes a connection that a peer reset under a request: with HTTP/2 the other streams on it fail too. */
  resetByPeer(attempt: number): void {
    const connection = this.run.attempts.connection[attempt]!;
    const { connections } = this.core;
    const isShared = connection >= 0 && connections.cells[connection * c.ROW + c.ACTIVE]! > 1;
    if (isShared) this.#lose(connection, 0);
    this.core.streamEnded(attempt, true);
  }

  #clusterOf(pool: number): ClusterState {
    return this.run.clusters[this.core.pools.cells[pool * p.ROW + p.CLUSTER]!]!;
  }
}

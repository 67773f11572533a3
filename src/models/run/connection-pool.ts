// Connection pools as Envoy keeps them, one per worker, host and cluster: which request gets which connection, when a new one is opened,
// what a full circuit breaker refuses. HTTP/1 is a connection of one stream at a time, HTTP/2 one of many. The core knows no time and no
// network: whoever uses it opens connections and reports back what became of them.
// Source: Envoy conn_pool_base.cc (newStreamImpl, tryCreateNewConnection, onStreamClosed, onConnectionEvent) (1.40).
import { Rows } from '../../engine/rows.ts';
import { type CircuitBreakers, CONNECTIONS, PENDING, REQUESTS } from './circuit-breakers.ts';
import * as c from './connection-row.ts';
import * as p from './pool-row.ts';
import type { AttemptTable } from './tables.ts';

/** States of a connection. */
export const CONNECTING = 0;
export const READY = 1;
/** No new streams; closes when the last one ends. */
export const DRAINING = 2;
/** The peer is gone, but the proxy has not heard of it yet. */
export const LOST = 3;

const UNLIMITED = 0x7fffffff;

/** Counters under Envoy's names, by number. */
export const CX_TOTAL = 0;
export const CX_OVERFLOW = 1;
export const CX_CONNECT_FAIL = 2;
export const CX_CONNECT_TIMEOUT = 3;
export const CX_MAX_REQUESTS = 4;
export const CX_IDLE_TIMEOUT = 5;
export const RQ_TOTAL = 6;
export const RQ_PENDING_OVERFLOW = 7;
export const RQ_PENDING_FAILURE_EJECT = 8;
export const RQ_PENDING_TOTAL = 9;
export const POOL_COUNTERS = 10;

/** What all pools of one cluster share. */
export interface PoolSettings {
  breakers: CircuitBreakers;
  /** Streams of one connection at once; 1 = HTTP/1. */
  concurrentStreams: number;
  /** 0 = unlimited. */
  maxRequestsPerConnection: number;
  preconnectRatio: number;
  /** Indexed by the constants above. */
  counters: Float64Array;
}

export interface PoolHooks {
  settingsOf(pool: number): PoolSettings;
  /** Neither ill nor degraded. */
  isHostHealthy(pool: number): boolean;
  /** Connections to the pool's host, of all workers. */
  connectionsOfHost(pool: number): number;
  /** Starts to connect; the answer is connected() or connectFailed(), never from within this call. */
  open(connection: number): void;
  /** The row is free after this. */
  closed(connection: number): void;
  /** A connection of the pool has no stream any more. */
  idle(connection: number, pool: number): void;
  attached(attempt: number): void;
  overflowed(attempt: number): void;
  failed(attempt: number, reason: number): void;
}

export class ConnectionPools {
  readonly pools = new Rows(p.ROW);
  readonly connections = new Rows(c.ROW);
  /** Handles of timers, 0 = none: of a connection's way to its host and of max_connection_duration. */
  readonly timers: number[] = [];
  readonly lifeTimers: number[] = [];
  /** The handle of a pool's timer for idle connections, and when it is due [ns], while the pool watches them. */
  readonly idleTimers: number[] = [];
  readonly idleTimersNs: number[] = [];

  constructor(
    readonly attempts: AttemptTable,
    readonly hooks: PoolHooks,
  ) {}

  /** @param host index for the hooks  @param server where it leads, -1 = nowhere */
  create(cluster: number, worker: number, host: number, server: number): number {
    const { pools } = this;
    const pool = pools.take();
    pools.cells[pool * p.ROW + p.CLUSTER] = cluster;
    pools.cells[pool * p.ROW + p.WORKER] = worker;
    pools.cells[pool * p.ROW + p.HOST] = host;
    pools.cells[pool * p.ROW + p.SERVER] = server;
    pools.cells[pool * p.ROW + p.QUEUE_HEAD] = -1;
    pools.cells[pool * p.ROW + p.QUEUE_TAIL] = -1;
    pools.cells[pool * p.ROW + p.PENDING] = 0;
    pools.cells[pool * p.ROW + p.ACTIVE] = 0;
    pools.cells[pool * p.ROW + p.CONNECTION_COUNT] = 0;
    pools.doubles[pool * p.DOUBLES + p.CONNECTING_CAPACITY] = 0;
    pools.doubles[pool * p.DOUBLES + p.UNUSED_CAPACITY] = 0;
    pools.cells[pool * p.ROW + p.READY_HEAD] = -1;
    pools.cells[pool * p.ROW + p.IS_DRAINING] = 0;
    pools.cells[pool * p.ROW + p.WATCHES_IDLE] = 0;
    return pool;
  }

  /** A ready connection, or a place in the queue, or an overflow. */
  newStream(pool: number, attempt: number): void {
    const { pools, attempts } = this;
    const settings = this.hooks.settingsOf(pool);
    const { breakers, counters } = settings;
    const priority = attempts.breaker[attempt]!;
    attempts.pool[attempt] = pool;
    const ready = pools.cells[pool * p.ROW + p.READY_HEAD]!;
    if (ready >= 0) {
      this.#attach(ready, attempt, settings);
      if (settings.preconnectRatio > 1) this.tryCreate(pool, attempt);
      return;
    }
    if (!breakers.canTake(priority, PENDING)) {
      counters[RQ_PENDING_OVERFLOW]!++;
      this.hooks.overflowed(attempt);
      return;
    }
    breakers.take(priority, PENDING);
    counters[RQ_PENDING_TOTAL]!++;
    const tail = pools.cells[pool * p.ROW + p.QUEUE_TAIL]!;
    attempts.previous[attempt] = tail;
    attempts.next[attempt] = -1;
    if (tail >= 0) attempts.next[tail] = attempt;
    else pools.cells[pool * p.ROW + p.QUEUE_HEAD] = attempt;
    pools.cells[pool * p.ROW + p.QUEUE_TAIL] = attempt;
    pools.cells[pool * p.ROW + p.PENDING]!++;
    this.tryCreate(pool, attempt);
  }

  /** Up to three connections, while there is more to do than is being connected. @param attempt for whom, -1 = nobody */
  tryCreate(pool: number, attempt = -1): void {
    for (let i = 0; i < 3; i++) if (!this.#tryCreateOne(pool, 0, attempt)) return;
  }

  /** Opens a connection ahead of the next request. @param ratio predictive_preconnect_ratio */
  maybePreconnect(pool: number, ratio: number): boolean {
    return this.#tryCreateOne(pool, ratio, -1);
  }

  #tryCreateOne(pool: number, globalRatio: number, attempt: number): boolean {
    const { pools, connections } = this;
    const settings = this.hooks.settingsOf(pool);
    if (!this.#shouldCreate(pool, globalRatio, settings)) return false;
    const { breakers, counters } = settings;
    const priority = attempt >= 0 ? this.attempts.breaker[attempt]! : 0;
    const isAllowed =
      breakers.canTake(priority, CONNECTIONS) &&
      this.hooks.connectionsOfHost(pool) < breakers.maxConnectionsPerHost;
    if (!isAllowed) counters[CX_OVERFLOW]!++;
    // A pool that has no connection at all may always open one.
    if (!isAllowed && pools.cells[pool * p.ROW + p.CONNECTION_COUNT]! > 0) return false;
    breakers.take(priority, CONNECTIONS);
    counters[CX_TOTAL]!++;
    const connection = connections.take();
    connections.cells[connection * c.ROW + c.POOL] = pool;
    connections.cells[connection * c.ROW + c.STATE] = CONNECTING;
    connections.cells[connection * c.ROW + c.BREAKER] = priority;
    connections.cells[connection * c.ROW + c.ACTIVE] = 0;
    connections.cells[connection * c.ROW + c.LIMIT] = settings.concurrentStreams;
    connections.cells[connection * c.ROW + c.LEFT] = settings.maxRequestsPerConnection || UNLIMITED;
    connections.cells[connection * c.ROW + c.IS_READY] = 0;
    this.timers[connection] = 0;
    this.lifeTimers[connection] = 0;
    connections.cells[connection * c.ROW + c.SERVER] = pools.cells[pool * p.ROW + p.SERVER]!;
    connections.cells[connection * c.ROW + c.OPENED_FOR] = attempt;
    pools.cells[pool * p.ROW + p.CONNECTION_COUNT]!++;
    const unused = this.#unused(connection);
    pools.doubles[pool * p.DOUBLES + p.CONNECTING_CAPACITY]! += unused;
    pools.doubles[pool * p.DOUBLES + p.UNUSED_CAPACITY]! += unused;
    this.hooks.open(connection);
    return true;
  }

  #shouldCreate(pool: number, globalRatio: number, settings: PoolSettings): boolean {
    const { pools } = this;
    const pending = pools.cells[pool * p.ROW + p.PENDING]!;
    const active = pools.cells[pool * p.ROW + p.ACTIVE]!;
    if (!this.hooks.isHostHealthy(pool))
      return pending > pools.doubles[pool * p.DOUBLES + p.CONNECTING_CAPACITY]!;
    const ratio = globalRatio > 0 ? globalRatio : settings.preconnectRatio;
    const expected = pending + active + (globalRatio > 0 ? 1 : 0);
    return expected * ratio > pools.doubles[pool * p.DOUBLES + p.UNUSED_CAPACITY]! + active;
  }

  /** Streams that the connection could still take now. */
  #unused(connection: number): number {
    const { connections } = this;
    if (connections.cells[connection * c.ROW + c.STATE]! > READY) return 0;
    const free =
      connections.cells[connection * c.ROW + c.LIMIT]! - connections.cells[connection * c.ROW + c.ACTIVE]!;
    const left = connections.cells[connection * c.ROW + c.LEFT]!;
    return free < left ? Math.max(free, 0) : left;
  }

  #attach(connection: number, attempt: number, settings: PoolSettings): void {
    const { attempts } = this;
    const priority = attempts.breaker[attempt]!;
    if (!settings.breakers.canTake(priority, REQUESTS)) {
      settings.counters[RQ_PENDING_OVERFLOW]!++;
      attempts.isRequestOverflow[attempt] = 1;
      this.hooks.overflowed(attempt);
      return;
    }
    attempts.connection[attempt] = connection;
    this.beginStream(connection, priority, settings);
    this.hooks.attached(attempt);
  }

  /** The connection on which newStream() would send at once; -1 = it would wait, overflow or open further ones. */
  readyConnection(pool: number, priority: number, settings: PoolSettings): number {
    const ready = this.pools.cells[pool * p.ROW + p.READY_HEAD]!;
    return ready >= 0 && settings.preconnectRatio <= 1 && settings.breakers.canTake(priority, REQUESTS)
      ? ready
      : -1;
  }

  /** A stream begins on a ready connection. @param priority whose slot among the active requests it takes */
  beginStream(connection: number, priority: number, settings: PoolSettings): void {
    const { pools } = this;
    const { cells } = this.connections;
    const at = connection * c.ROW;
    const pool = cells[at + c.POOL]!;
    settings.breakers.take(priority, REQUESTS);
    settings.counters[RQ_TOTAL]!++;
    pools.cells[pool * p.ROW + p.ACTIVE]!++;
    pools.doubles[pool * p.DOUBLES + p.UNUSED_CAPACITY]!--;
    const active = cells[at + c.ACTIVE]! + 1;
    const left = cells[at + c.LEFT]! - 1;
    cells[at + c.ACTIVE] = active;
    cells[at + c.LEFT] = left;
    if (left > 0 && active < cells[at + c.LIMIT]!) return;
    this.#unready(connection, pool);
    if (left > 0) return;
    settings.counters[CX_MAX_REQUESTS]!++;
    cells[at + c.STATE] = DRAINING;
  }

  /** Serves the queue while connections are ready. */
  #serve(pool: number): void {
    const { pools } = this;
    const settings = this.hooks.settingsOf(pool);
    while (pools.cells[pool * p.ROW + p.QUEUE_HEAD]! >= 0 && pools.cells[pool * p.ROW + p.READY_HEAD]! >= 0) {
      const attempt = pools.cells[pool * p.ROW + p.QUEUE_HEAD]!;
      this.#dequeue(pool, attempt);
      this.#attach(pools.cells[pool * p.ROW + p.READY_HEAD]!, attempt, settings);
    }
  }

  #dequeue(pool: number, attempt: number): void {
    const { pools, attempts } = this;
    const before = attempts.previous[attempt]!;
    const after = attempts.next[attempt]!;
    if (before >= 0) attempts.next[before] = after;
    else pools.cells[pool * p.ROW + p.QUEUE_HEAD] = after;
    if (after >= 0) attempts.previous[after] = before;
    else pools.cells[pool * p.ROW + p.QUEUE_TAIL] = before;
    pools.cells[pool * p.ROW + p.PENDING]!--;
    this.hooks.settingsOf(pool).breakers.give(attempts.breaker[attempt]!, PENDING);
  }

  /** @param streamLimit of the peer's SETTINGS */
  connected(connection: number, streamLimit = UNLIMITED): void {
    const { pools, connections } = this;
    const pool = connections.cells[connection * c.ROW + c.POOL]!;
    const unused = this.#unused(connection);
    pools.doubles[pool * p.DOUBLES + p.CONNECTING_CAPACITY]! -= unused;
    pools.doubles[pool * p.DOUBLES + p.UNUSED_CAPACITY]! -= unused;
    connections.cells[connection * c.ROW + c.LIMIT] = Math.min(
      connections.cells[connection * c.ROW + c.LIMIT]!,
      streamLimit,
    );
    connections.cells[connection * c.ROW + c.STATE] = READY;
    pools.doubles[pool * p.DOUBLES + p.UNUSED_CAPACITY]! += this.#unused(connection);
    this.#ready(connection);
    this.#serve(pool);
    if (
      connections.cells[connection * c.ROW + c.STATE] === READY &&
      connections.cells[connection * c.ROW + c.ACTIVE] === 0
    )
      this.#rested(connection);
    if (pools.cells[pool * p.ROW + p.PENDING]! > 0)
      this.tryCreate(pool, pools.cells[pool * p.ROW + p.QUEUE_HEAD]!);
  }

  /** Every request that waits for this pool fails with it, also when other connections are still on their way. */
  connectFailed(connection: number, reason: number, isTimeout: boolean): void {
    const { pools } = this;
    const pool = this.connections.cells[connection * c.ROW + c.POOL]!;
    const { counters } = this.hooks.settingsOf(pool);
    counters[CX_CONNECT_FAIL]!++;
    if (isTimeout) counters[CX_CONNECT_TIMEOUT]!++;
    this.close(connection);
    for (
      let left = pools.cells[pool * p.ROW + p.PENDING]!;
      left > 0 && pools.cells[pool * p.ROW + p.QUEUE_HEAD]! >= 0;
      left--
    ) {
      const attempt = pools.cells[pool * p.ROW + p.QUEUE_HEAD]!;
      this.#dequeue(pool, attempt);
      counters[RQ_PENDING_FAILURE_EJECT]!++;
      this.hooks.failed(attempt, reason);
    }
    if (pools.cells[pool * p.ROW + p.PENDING]! > 0)
      this.tryCreate(pool, pools.cells[pool * p.ROW + p.QUEUE_HEAD]!);
  }

  /** The attempt's stream is over. @param isClosed its connection goes with it (HTTP/1 after a reset, TCP always) */
  streamEnded(attempt: number, isClosed: boolean): void {
    const { attempts } = this;
    const connection = attempts.connection[attempt]!;
    if (connection < 0) return;
    attempts.connection[attempt] = -1;
    const settings = this.hooks.settingsOf(this.connections.cells[connection * c.ROW + c.POOL]!);
    this.endStream(connection, attempts.breaker[attempt]!, settings, isClosed);
  }

  /** A stream of the connection is over. @param isClosed see streamEnded() */
  endStream(connection: number, priority: number, settings: PoolSettings, isClosed: boolean): void {
    const { pools } = this;
    const { cells } = this.connections;
    const at = connection * c.ROW;
    const pool = cells[at + c.POOL]!;
    settings.breakers.give(priority, REQUESTS);
    pools.cells[pool * p.ROW + p.ACTIVE]!--;
    const isNobodyWaiting =
      pools.cells[pool * p.ROW + p.PENDING] === 0 && pools.cells[pool * p.ROW + p.IS_DRAINING] === 0;
    if (isNobodyWaiting && !isClosed && cells[at + c.STATE] === READY && cells[at + c.LIMIT] === 1) {
      // What nearly always happens: the one stream of an HTTP/1 connection, which goes back to the others.
      pools.doubles[pool * p.DOUBLES + p.UNUSED_CAPACITY]!++;
      cells[at + c.ACTIVE] = 0;
      cells[at + c.IS_READY] = 1;
      cells[at + c.NEXT] = pools.cells[pool * p.ROW + p.READY_HEAD]!;
      pools.cells[pool * p.ROW + p.READY_HEAD] = connection;
      this.hooks.idle(connection, pool);
    } else this.#endOtherStream(connection, pool, isClosed);
  }

  #endOtherStream(connection: number, pool: number, isClosed: boolean): void {
    const { pools, connections } = this;
    const before = this.#unused(connection);
    connections.cells[connection * c.ROW + c.ACTIVE]!--;
    pools.doubles[pool * p.DOUBLES + p.UNUSED_CAPACITY]! += this.#unused(connection) - before;
    const state = connections.cells[connection * c.ROW + c.STATE]!;
    if (state === LOST) return;
    const isIdle = connections.cells[connection * c.ROW + c.ACTIVE] === 0;
    if (
      isClosed ||
      (isIdle &&
        (state === DRAINING ||
          (pools.cells[pool * p.ROW + p.IS_DRAINING] === 1 && pools.cells[pool * p.ROW + p.PENDING] === 0)))
    )
      this.close(connection);
    else if (state === READY) {
      if (connections.cells[connection * c.ROW + c.IS_READY] === 0) this.#ready(connection);
      this.#serve(pool);
      if (
        isIdle &&
        connections.cells[connection * c.ROW + c.ACTIVE] === 0 &&
        connections.cells[connection * c.ROW + c.STATE] === READY
      )
        this.#rested(connection);
    }
    if (pools.cells[pool * p.ROW + p.PENDING]! > 0)
      this.tryCreate(pool, pools.cells[pool * p.ROW + p.QUEUE_HEAD]!);
  }

  #rested(connection: number): void {
    const pool = this.connections.cells[connection * c.ROW + c.POOL]!;
    if (this.pools.cells[pool * p.ROW + p.IS_DRAINING] === 1) this.close(connection);
    else this.hooks.idle(connection, pool);
  }

  /** A waiting attempt is given up. */
  cancel(attempt: number): void {
    const pool = this.attempts.pool[attempt]!;
    if (pool >= 0) this.#dequeue(pool, attempt);
  }

  /** Takes the connection out; its streams, if any, are the caller's business. */
  close(connection: number): void {
    const { pools, connections } = this;
    const pool = connections.cells[connection * c.ROW + c.POOL]!;
    const unused = this.#unused(connection);
    pools.doubles[pool * p.DOUBLES + p.UNUSED_CAPACITY]! -= unused;
    if (connections.cells[connection * c.ROW + c.STATE] === CONNECTING)
      pools.doubles[pool * p.DOUBLES + p.CONNECTING_CAPACITY]! -= unused;
    this.#unready(connection, pool);
    pools.cells[pool * p.ROW + p.CONNECTION_COUNT]!--;
    this.hooks
      .settingsOf(pool)
      .breakers.give(connections.cells[connection * c.ROW + c.BREAKER]!, CONNECTIONS);
    this.hooks.closed(connection);
    connections.cells[connection * c.ROW + c.STATE] = LOST;
    connections.cells[connection * c.ROW + c.POOL] = -1;
    connections.give(connection);
  }

  /** No new streams on it; closed at once when it has none. */
  drain(connection: number): void {
    const { pools, connections } = this;
    if (connections.cells[connection * c.ROW + c.ACTIVE] === 0) return this.close(connection);
    const pool = connections.cells[connection * c.ROW + c.POOL]!;
    pools.doubles[pool * p.DOUBLES + p.UNUSED_CAPACITY]! -= this.#unused(connection);
    this.#unready(connection, pool);
    connections.cells[connection * c.ROW + c.STATE] = DRAINING;
  }

  /** The peer is gone, the proxy will learn of it: the connection takes no more streams meanwhile. */
  markLost(connection: number): void {
    const { pools, connections } = this;
    const pool = connections.cells[connection * c.ROW + c.POOL]!;
    const unused = this.#unused(connection);
    pools.doubles[pool * p.DOUBLES + p.UNUSED_CAPACITY]! -= unused;
    if (connections.cells[connection * c.ROW + c.STATE] === CONNECTING)
      pools.doubles[pool * p.DOUBLES + p.CONNECTING_CAPACITY]! -= unused;
    this.#unready(connection, pool);
    connections.cells[connection * c.ROW + c.STATE] = LOST;
  }

  /** After a connection with streams went away: a new one if requests wait. */
  lostConnection(pool: number): void {
    if (this.pools.cells[pool * p.ROW + p.PENDING]! > 0)
      this.tryCreate(pool, this.pools.cells[pool * p.ROW + p.QUEUE_HEAD]!);
  }

  /** The host left: idle connections close now, the others after their last stream; what waits is still sent. */
  drainPool(pool: number): void {
    const { pools, connections } = this;
    pools.cells[pool * p.ROW + p.IS_DRAINING] = 1;
    let connection = pools.cells[pool * p.ROW + p.READY_HEAD]!;
    while (connection >= 0) {
      const next = connections.cells[connection * c.ROW + c.NEXT]!;
      if (pools.cells[pool * p.ROW + p.PENDING] === 0) this.drain(connection);
      connection = next;
    }
  }

  #ready(connection: number): void {
    const { pools, connections } = this;
    const pool = connections.cells[connection * c.ROW + c.POOL]!;
    connections.cells[connection * c.ROW + c.IS_READY] = 1;
    connections.cells[connection * c.ROW + c.NEXT] = pools.cells[pool * p.ROW + p.READY_HEAD]!;
    pools.cells[pool * p.ROW + p.READY_HEAD] = connection;
  }

  /** Nearly always it is the first one of its pool. */
  #unready(connection: number, pool: number): void {
    const { cells } = this.connections;
    if (cells[connection * c.ROW + c.IS_READY] === 0) return;
    cells[connection * c.ROW + c.IS_READY] = 0;
    const after = cells[connection * c.ROW + c.NEXT]!;
    let before = this.pools.cells[pool * p.ROW + p.READY_HEAD]!;
    if (before === connection) {
      this.pools.cells[pool * p.ROW + p.READY_HEAD] = after;
      return;
    }
    while (cells[before * c.ROW + c.NEXT] !== connection) before = cells[before * c.ROW + c.NEXT]!;
    cells[before * c.ROW + c.NEXT] = after;
  }
}

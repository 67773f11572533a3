// Circuit breakers and connection pools: limits, retry budgets, preconnecting, and step lists on one HTTP/1 pool.

import {
  CircuitBreakers,
  CONNECTIONS,
  DEFAULT_LIMITS,
  PENDING,
  REQUESTS,
  RETRIES,
  retryBudgetMax,
} from '../../../src/models/run/circuit-breakers.ts';
import {
  CONNECTING,
  ConnectionPools,
  CX_CONNECT_FAIL,
  CX_CONNECT_TIMEOUT,
  CX_MAX_REQUESTS,
  CX_OVERFLOW,
  CX_TOTAL,
  POOL_COUNTERS,
  type PoolHooks,
  type PoolSettings,
  RQ_PENDING_FAILURE_EJECT,
  RQ_PENDING_OVERFLOW,
  RQ_TOTAL,
} from '../../../src/models/run/connection-pool.ts';
import * as c from '../../../src/models/run/connection-row.ts';
import * as p from '../../../src/models/run/pool-row.ts';
import { AttemptTable } from '../../../src/models/run/tables.ts';
import { compareKeys, type Difference, type Family, type Json, Unsupported } from './registry.ts';

const RESOURCES: Record<string, number> = {
  connections: CONNECTIONS,
  pending: PENDING,
  requests: REQUESTS,
  retries: RETRIES,
};
const UNLIMITED = 4294967295;

function breakersOf(limits: Json): CircuitBreakers {
  return new CircuitBreakers({
    thresholds: [
      {
        ...(limits.connections !== undefined && { maxConnections: limits.connections }),
        ...(limits.pending !== undefined && { maxPendingRequests: limits.pending }),
        ...(limits.requests !== undefined && { maxRequests: limits.requests }),
        ...(limits.retries !== undefined && { maxRetries: limits.retries }),
      },
    ],
  });
}

/** Reasons as Envoy names them. */
const FAILED = -1;
const TIMED_OUT = -2;
const REASONS: Record<number, string> = {
  [FAILED]: 'RemoteConnectionFailure',
  [TIMED_OUT]: 'Timeout',
};

/** One pool of one worker, played by hand. */
class PlayedPool implements PoolHooks {
  readonly core: ConnectionPools;
  readonly pool: number;
  readonly attempts = new AttemptTable(16);
  readonly settings: PoolSettings;
  readonly connecting: number[] = [];
  readonly live = new Set<number>();
  readonly active = new Map<string, number>();
  /** Failed requests and why. */
  readonly reasons: Record<string, string> = {};
  readonly idOf = new Map<number, string>();
  readonly rowOf = new Map<string, number>();

  constructor(
    readonly input: Json,
    readonly isHealthy = true,
  ) {
    this.settings = {
      breakers: new CircuitBreakers({
        thresholds: [
          {
            maxConnections: input.max_connections ?? UNLIMITED,
            maxPendingRequests: input.max_pending ?? UNLIMITED,
            maxRequests: input.max_requests ?? UNLIMITED,
          },
        ],
      }),
      concurrentStreams: input.concurrent ?? 1,
      maxRequestsPerConnection: input.max_requests_per_connection ?? 0,
      preconnectRatio: input.ratio ?? 1,
      counters: new Float64Array(POOL_COUNTERS),
    };
    this.core = new ConnectionPools(this.attempts, this);
    this.pool = this.core.create(0, 0, 0, 0);
  }

  settingsOf = () => this.settings;
  isHostHealthy = () => this.isHealthy;
  connectionsOfHost = () => this.core.pools.cells[this.pool * p.ROW + p.CONNECTION_COUNT]!;
  idle(): void {}

  open(connection: number): void {
    this.connecting.push(connection);
    this.live.add(connection);
  }

  closed(connection: number): void {
    this.live.delete(connection);
    const at = this.connecting.indexOf(connection);
    if (at >= 0) this.connecting.splice(at, 1);
  }

  attached(attempt: number): void {
    this.active.set(this.idOf.get(attempt)!, attempt);
  }

  overflowed(attempt: number): void {
    this.end(attempt, 'Overflow');
  }

  failed(attempt: number, reason: number): void {
    this.end(attempt, REASONS[reason]!);
  }

  end(attempt: number, reason: string): void {
    const id = this.idOf.get(attempt)!;
    this.reasons[id] = reason;
    this.rowOf.delete(id);
    const next = this.input.retry_on_failure?.[id];
    if (next !== undefined) this.stream(next);
  }

  stream(id: string): void {
    const attempt = this.attempts.take();
    this.attempts.breaker[attempt] = 0;
    this.attempts.connection[attempt] = -1;
    this.attempts.isRequestOverflow[attempt] = 0;
    this.idOf.set(attempt, id);
    this.rowOf.set(id, attempt);
    this.core.newStream(this.pool, attempt);
  }

  oldest(): number {
    const connection = this.connecting[0];
    if (connection === undefined) throw new Unsupported('nothing is connecting');
    return connection;
  }

  seen(): Json {
    const { breakers, counters } = this.settings;
    const connecting = [...this.live].filter(
      (row) => this.core.connections.cells[row * c.ROW + c.STATE] === CONNECTING,
    ).length;
    return {
      connecting,
      connections: this.live.size,
      pending: this.core.pools.cells[this.pool * p.ROW + p.PENDING],
      active: [...this.active.keys()],
      failed: this.reasons,
      total_connections: counters[CX_TOTAL],
      cx_total: counters[CX_TOTAL],
      cx_overflow: counters[CX_OVERFLOW],
      cx_open: !breakers.canTake(0, CONNECTIONS),
      rq_open: !breakers.canTake(0, REQUESTS),
      rq_pending_open: !breakers.canTake(0, PENDING),
      connect_fail: counters[CX_CONNECT_FAIL],
      connect_timeout: counters[CX_CONNECT_TIMEOUT],
      rq_total: counters[RQ_TOTAL],
      pending_overflow: counters[RQ_PENDING_OVERFLOW],
      rq_pending_overflow: counters[RQ_PENDING_OVERFLOW],
      pending_failure_eject: counters[RQ_PENDING_FAILURE_EJECT],
      rq_pending_failure_eject: counters[RQ_PENDING_FAILURE_EJECT],
      cx_max_requests: counters[CX_MAX_REQUESTS],
    };
  }
}

function playSteps(input: Json): Difference | null {
  const pool = new PlayedPool(input);
  for (const step of input.steps) {
    switch (step.op) {
      case 'new_stream':
        pool.stream(step.id);
        break;
      case 'connected': {
        const connection = pool.oldest();
        pool.connecting.shift();
        pool.core.connected(connection);
        break;
      }
      case 'connect_failed':
        pool.core.connectFailed(pool.oldest(), FAILED, false);
        break;
      case 'connect_timeout':
        pool.core.connectFailed(pool.oldest(), TIMED_OUT, true);
        break;
      case 'complete': {
        const attempt = pool.active.get(step.id)!;
        pool.active.delete(step.id);
        pool.core.streamEnded(attempt, step.close === true);
        break;
      }
      case 'remote_close':
        remoteClose(pool, step);
        break;
      case 'cancel':
        pool.core.cancel(pool.rowOf.get(step.id)!);
        break;
      case 'expect': {
        const { op: _, ...expected } = step;
        const difference = compareKeys(pool.seen(), expected);
        if (difference) return difference;
        break;
      }
      default:
        throw new Unsupported(`step ${step.op}`);
    }
  }
  return null;
}

/** The peer closes a connection: that of the named stream, else the oldest busy one, else an idle one. */
function remoteClose(pool: PlayedPool, step: Json): void {
  const id: string | undefined = step.id ?? [...pool.active.keys()][0];
  const attempt = id === undefined ? undefined : pool.active.get(id);
  if (attempt === undefined) {
    const idle = [...pool.live].find(
      (row) => pool.core.connections.cells[row * c.ROW + c.STATE] !== CONNECTING,
    );
    if (idle !== undefined) pool.core.close(idle);
    return;
  }
  pool.active.delete(id!);
  pool.core.streamEnded(attempt, true);
  pool.end(attempt, 'ConnectionTermination');
}

export const envoyCircuit: Family = {
  limits({ input, expect }) {
    const breakers = breakersOf(input.limits ?? {});
    const got = {
      defaults_when_unset: DEFAULT_LIMITS,
      limits: Object.fromEntries(
        Object.entries(RESOURCES).map(([name, resource]) => [name, breakers.max(0, resource)]),
      ),
    };
    return compareKeys(got, expect);
  },

  resource_gauges({ input, expect }) {
    const limits = input.limits ?? input;
    const breakers = breakersOf(limits);
    for (const step of input.steps ?? input.ops ?? []) {
      const [op, name] = Array.isArray(step) ? step : [step.op, step.resource];
      const resource = RESOURCES[name];
      if (resource === undefined) throw new Unsupported(`resource ${name}`);
      if (op === 'inc') breakers.take(0, resource);
      else if (op === 'dec') breakers.give(0, resource);
      else throw new Unsupported(`step ${op}`);
    }
    const all = (of: (resource: number) => unknown) =>
      Object.fromEntries(Object.entries(RESOURCES).map(([name, resource]) => [name, of(resource)]));
    const remaining = all((resource) =>
      Math.max(0, breakers.max(0, resource) - breakers.current(0, resource)),
    );
    return compareKeys({ remaining, open: all((resource) => !breakers.canTake(0, resource)) }, expect);
  },

  can_create({ input, expect }) {
    const can = input.cases.map(({ max, current }: Json) => {
      const breakers = breakersOf({ connections: max });
      for (let i = 0; i < current; i++) breakers.take(0, CONNECTIONS);
      return breakers.canTake(0, CONNECTIONS);
    });
    return compareKeys({ can }, expect);
  },

  retry_budget_max({ input, expect }) {
    const budget = { budgetPercent: input.budget_percent, minRetryConcurrency: input.min_retry_concurrency };
    return compareKeys({ max_retries: retryBudgetMax(budget, input.active, input.pending) }, expect);
  },

  preconnect({ input, expect }) {
    const pool = new PlayedPool(input, input.healthy);
    const created: number[] = [];
    let streams = 0;
    for (const step of input.steps) {
      if (step === 'stream') pool.stream(`s${streams++}`);
      else if (step === 'connected') {
        const connection = pool.oldest();
        pool.connecting.shift();
        pool.core.connected(connection);
      } else if (step === 'fail_connecting_and_retry') {
        // The request that fails with its connection asks again at once.
        const waiting = [...pool.rowOf.keys()].find((id) => !pool.active.has(id))!;
        pool.input.retry_on_failure = { [waiting]: `s${streams++}` };
        pool.core.connectFailed(pool.oldest(), FAILED, false);
      } else throw new Unsupported(`step ${step}`);
      created.push(pool.settings.counters[CX_TOTAL]!);
    }
    return compareKeys({ created }, expect);
  },

  maybe_preconnect({ input, expect }) {
    const pool = new PlayedPool(input, input.healthy);
    const created = input.calls.map((ratio: number) => pool.core.maybePreconnect(pool.pool, ratio));
    return compareKeys({ created }, expect);
  },

  conn_pool({ input }) {
    return playSteps(input);
  },
};

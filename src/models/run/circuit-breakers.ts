// The circuit breakers of one cluster: four resources per routing priority, shared by all workers, and the retry budget. A resource is
// free while current < max; taking is a separate step, as in Envoy.
// Source: Envoy resource_manager_impl.h, upstream_impl.cc ResourceManagers (1.40).
import type { CircuitBreakerThresholds, Cluster } from '../envoy/config.ts';

export const CONNECTIONS = 0;
export const PENDING = 1;
export const REQUESTS = 2;
export const RETRIES = 3;
const RESOURCES = 4;

/** Routing priorities. */
export const DEFAULT_PRIORITY = 0;
export const HIGH_PRIORITY = 1;

/** Source: upstream_impl.cc ResourceManagers::load. */
export const DEFAULT_LIMITS = { connections: 1024, pending: 1024, requests: 1024, retries: 3 } as const;

export class CircuitBreakers {
  /** At priority * 4 + resource. */
  readonly #current = new Int32Array(2 * RESOURCES);
  readonly #max = new Float64Array(2 * RESOURCES);
  readonly #budgets: (RetryBudget | null)[] = [null, null];
  /** Connections of one host that its own threshold allows. */
  readonly maxConnectionsPerHost: number;

  constructor(config: Cluster['circuitBreakers']) {
    for (const priority of [DEFAULT_PRIORITY, HIGH_PRIORITY]) {
      const name = priority === HIGH_PRIORITY ? 'HIGH' : 'DEFAULT';
      const of = (list: CircuitBreakerThresholds[] | undefined) =>
        (list ?? []).find((entry) => (entry.priority ?? 'DEFAULT') === name);
      const given = of(config?.thresholds);
      this.#max[priority * RESOURCES + CONNECTIONS] = given?.maxConnections ?? DEFAULT_LIMITS.connections;
      this.#max[priority * RESOURCES + PENDING] = given?.maxPendingRequests ?? DEFAULT_LIMITS.pending;
      this.#max[priority * RESOURCES + REQUESTS] = given?.maxRequests ?? DEFAULT_LIMITS.requests;
      this.#max[priority * RESOURCES + RETRIES] = given?.maxRetries ?? DEFAULT_LIMITS.retries;
      if (given?.retryBudget)
        this.#budgets[priority] = {
          budgetPercent: given.retryBudget.budgetPercent ?? 20,
          minRetryConcurrency: given.retryBudget.minRetryConcurrency ?? 3,
        };
    }
    this.maxConnectionsPerHost =
      config?.perHostThresholds?.find((entry) => (entry.priority ?? 'DEFAULT') === 'DEFAULT')
        ?.maxConnections ?? Number.POSITIVE_INFINITY;
  }

  canTake(priority: number, resource: number): boolean {
    return this.#current[priority * RESOURCES + resource]! < this.max(priority, resource);
  }

  take(priority: number, resource: number): void {
    this.#current[priority * RESOURCES + resource]!++;
  }

  give(priority: number, resource: number): void {
    this.#current[priority * RESOURCES + resource]!--;
  }

  current(priority: number, resource: number): number {
    return this.#current[priority * RESOURCES + resource]!;
  }

  /** The limit now; that of retries moves with the requests where there is a budget. */
  max(priority: number, resource: number): number {
    const budget = resource === RETRIES ? this.#budgets[priority]! : null;
    if (budget === null) return this.#max[priority * RESOURCES + resource]!;
    return retryBudgetMax(budget, this.current(priority, REQUESTS), this.current(priority, PENDING));
  }

  /** Replaces the budget, as a runtime override does. */
  setRetryBudget(priority: number, budget: RetryBudget): void {
    this.#budgets[priority] = budget;
  }
}

export interface RetryBudget {
  budgetPercent: number;
  minRetryConcurrency: number;
}

/** Retries allowed at once. Source: resource_manager_impl.h RetryBudgetImpl::max. */
export function retryBudgetMax(budget: RetryBudget, active: number, pending: number): number {
  const share = Math.trunc((budget.budgetPercent / 100) * (active + pending));
  return Math.max(share, budget.minRetryConcurrency);
}

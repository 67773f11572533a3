// Which outcomes of an attempt are retried, and how long the router waits before. Source: Envoy retry_state_impl.cc (1.40).
import type { RandomStream } from '../../engine/random.ts';
import type { RetryPolicy } from './config.ts';
import { parseDurationNs } from './duration.ts';

export type ResetReason =
  | 'connectionFailure'
  | 'connectionTimeout'
  | 'connectionTermination'
  | 'remoteReset'
  | 'perTryTimeout'
  | 'overflow';

export interface CompiledRetryPolicy {
  conditions: ReadonlySet<string>;
  numRetries: number;
  statusCodes: ReadonlySet<number>;
  avoidsPreviousHosts: boolean;
  hostSelectionRetryMaxAttempts: number;
  /** 0 = none. */
  perTryTimeoutNs: number;
  baseIntervalMs: number;
  maxIntervalMs: number;
}

/** null when no condition is given: then nothing is ever retried. */
export function compileRetryPolicy(policy: RetryPolicy | undefined): CompiledRetryPolicy | null {
  const conditions = new Set(
    (policy?.retryOn ?? '')
      .split(',')
      .map((text) => text.trim())
      .filter((text) => text !== ''),
  );
  if (policy === undefined || conditions.size === 0) return null;
  const baseIntervalMs = parseDurationNs(policy.retryBackOff?.baseInterval, 25e6) / 1e6;
  return {
    conditions,
    numRetries: policy.numRetries ?? 1,
    statusCodes: new Set(policy.retriableStatusCodes ?? []),
    avoidsPreviousHosts: (policy.retryHostPredicate ?? []).some((entry) =>
      entry.name.endsWith('previous_hosts'),
    ),
    hostSelectionRetryMaxAttempts: policy.hostSelectionRetryMaxAttempts ?? 1,
    perTryTimeoutNs: parseDurationNs(policy.perTryTimeout, 0),
    baseIntervalMs,
    maxIntervalMs: parseDurationNs(policy.retryBackOff?.maxInterval, baseIntervalMs * 10e6) / 1e6,
  };
}

/** Is an answer of the upstream retried? */
export function retriesOnStatus(policy: CompiledRetryPolicy, status: number): boolean {
  const has = policy.conditions;
  return (
    (has.has('5xx') && status >= 500 && status <= 599) ||
    (has.has('gateway-error') && status >= 502 && status <= 504) ||
    (has.has('retriable-4xx') && status === 409) ||
    (has.has('retriable-status-codes') && policy.statusCodes.has(status))
  );
}

/** Is an attempt that ended without an answer retried? */
export function retriesOnReset(policy: CompiledRetryPolicy, reason: ResetReason): boolean {
  if (reason === 'overflow') return false;
  const has = policy.conditions;
  if (has.has('reset') || has.has('5xx') || has.has('gateway-error')) return true;
  const isConnect = reason === 'connectionFailure' || reason === 'connectionTimeout';
  return isConnect && (has.has('connect-failure') || has.has('reset-before-request'));
}

/** Wait before the k-th retry (k from 1) [ns]: uniform whole milliseconds below base x 2^(k-1), at most maxInterval. */
export function backoffNs(policy: CompiledRetryPolicy, retry: number, draw: RandomStream): number {
  let next = policy.baseIntervalMs;
  for (let k = 1; k < retry; k++)
    next = next < Math.ceil(policy.maxIntervalMs / 2) ? next * 2 : policy.maxIntervalMs;
  return next < 1 ? 0 : (draw.uint32() % next) * 1e6;
}

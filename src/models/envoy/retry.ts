// Which outcomes of an attempt are retried, and how long the router waits before. Source: Envoy retry_state_impl.cc,
// backoff_strategy.cc (1.40).
import type { RandomStream } from '../../engine/random.ts';
import type { HeaderMatcher, RetryPolicy } from './config.ts';
import { parseDurationNs } from './duration.ts';
import { headerMatches, type RequestView } from './route-match.ts';

export type ResetReason =
  | 'connectionFailure'
  | 'connectionTimeout'
  | 'connectionTermination'
  | 'remoteReset'
  | 'remoteRefusedStream'
  | 'perTryTimeout'
  | 'overflow';

/** Conditions of x-envoy-retry-on. Source: retry_state_impl.cc parseRetryOn. */
const HTTP_CONDITIONS = [
  '5xx',
  'gateway-error',
  'connect-failure',
  'envoy-ratelimited',
  'retriable-4xx',
  'refused-stream',
  'retriable-status-codes',
  'retriable-headers',
  'reset',
  'reset-before-request',
  'http3-post-connect-failure',
] as const;

/** Conditions of x-envoy-retry-grpc-on and the statuses they mean. Source: retry_state_impl.cc parseRetryGrpcOn. */
const GRPC_CONDITIONS: Readonly<Record<string, number>> = {
  cancelled: 1,
  'deadline-exceeded': 4,
  'resource-exhausted': 8,
  internal: 13,
  unavailable: 14,
};

const isGrpcCondition = (name: string) => Object.hasOwn(GRPC_CONDITIONS, name);
const isCondition = (name: string) =>
  (HTTP_CONDITIONS as readonly string[]).includes(name) || isGrpcCondition(name);

export interface CompiledRetryPolicy {
  conditions: ReadonlySet<string>;
  numRetries: number;
  statusCodes: ReadonlySet<number>;
  /** Statuses 0..599 that are retried whatever the answer's headers say. */
  retriedStatuses: Uint8Array;
  /** gRPC statuses that are retried. */
  grpcStatuses: readonly number[];
  retriableHeaders: readonly HeaderMatcher[];
  /** Rate-limited back-off: reset headers in order, and the longest wait that is believed [ns]. */
  resetHeaders: readonly { name: string; format: 'SECONDS' | 'UNIX_TIMESTAMP' }[];
  maxResetIntervalNs: number;
  avoidsPreviousHosts: boolean;
  hostSelectionRetryMaxAttempts: number;
  /** Attempts after which previous_priorities looks at the levels again; 0 = off. */
  priorityUpdateFrequency: number;
  /** 0 = none. */
  perTryTimeoutNs: number;
  baseIntervalMs: number;
  maxIntervalMs: number;
}

/** The names in a comma-separated list, blanks cut off; and whether Envoy knows all of them. */
export function parseRetryOn(text: string): { policies: string[]; allValid: boolean } {
  const names = text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const policies = names.filter(isCondition);
  return { policies, allValid: policies.length === names.length };
}

/**
 * null when no condition is given: then nothing is ever retried.
 * @param request its x-envoy headers add to the policy, and it must meet retriableRequestHeaders
 */
export function compileRetryPolicy(
  policy: RetryPolicy | undefined,
  request?: RequestView,
): CompiledRetryPolicy | null {
  const header = (name: string) => request?.headers[name];
  const conditions = new Set([
    ...parseRetryOn(policy?.retryOn ?? '').policies,
    ...parseRetryOn(header('x-envoy-retry-on') ?? '').policies.filter((name) => !isGrpcCondition(name)),
    ...parseRetryOn(header('x-envoy-retry-grpc-on') ?? '').policies.filter(isGrpcCondition),
  ]);
  const wanted = policy?.retriableRequestHeaders ?? [];
  if (request && wanted.length > 0 && !wanted.some((matcher) => headerMatches(matcher, request)))
    conditions.clear();
  if (conditions.size === 0) return null;
  const statusCodes = new Set(policy?.retriableStatusCodes ?? []);
  for (const code of (header('x-envoy-retriable-status-codes') ?? '').split(','))
    if (/^\d+$/.test(code.trim())) statusCodes.add(Number(code.trim()));
  const retriableHeaders = [...(policy?.retriableHeaders ?? [])];
  for (const name of (header('x-envoy-retriable-header-names') ?? '').split(','))
    if (name.trim() !== '') retriableHeaders.push({ name: name.trim(), presentMatch: true });
  const asked = header('x-envoy-max-retries');
  const baseIntervalMs = Math.max(1, parseDurationNs(policy?.retryBackOff?.baseInterval, 25e6) / 1e6);
  const compiled: CompiledRetryPolicy = {
    conditions,
    numRetries: asked !== undefined && /^\d+$/.test(asked) ? Number(asked) : (policy?.numRetries ?? 1),
    statusCodes,
    retriedStatuses: new Uint8Array(600),
    grpcStatuses: [...conditions].filter(isGrpcCondition).map((name) => GRPC_CONDITIONS[name]!),
    retriableHeaders: conditions.has('retriable-headers') ? retriableHeaders : [],
    resetHeaders: policy?.rateLimitedRetryBackOff?.resetHeaders ?? [],
    maxResetIntervalNs: parseDurationNs(policy?.rateLimitedRetryBackOff?.maxInterval, 300e9),
    avoidsPreviousHosts: (policy?.retryHostPredicate ?? []).some((entry) =>
      entry.name.endsWith('previous_hosts'),
    ),
    hostSelectionRetryMaxAttempts: policy?.hostSelectionRetryMaxAttempts ?? 1,
    priorityUpdateFrequency: policy?.retryPriority ? policy.retryPriority.updateFrequency : 0,
    perTryTimeoutNs: parseDurationNs(policy?.perTryTimeout, 0),
    baseIntervalMs,
    maxIntervalMs: parseDurationNs(policy?.retryBackOff?.maxInterval, baseIntervalMs * 10e6) / 1e6,
  };
  for (let status = 0; status < 600; status++)
    compiled.retriedStatuses[status] = isStatusRetried(compiled, status) ? 1 : 0;
  return compiled;
}

function isStatusRetried(policy: CompiledRetryPolicy, status: number): boolean {
  const has = policy.conditions;
  return (
    (has.has('5xx') && status >= 500 && status <= 599) ||
    (has.has('gateway-error') && status >= 502 && status <= 504) ||
    (has.has('retriable-4xx') && status === 409) ||
    (has.has('retriable-status-codes') && policy.statusCodes.has(status))
  );
}

/** Is an answer of the upstream retried? @param headers of the answer, lower case; absent = none that matters */
export function retriesOnStatus(
  policy: CompiledRetryPolicy,
  status: number,
  headers?: Readonly<Record<string, string>>,
): boolean {
  if (headers === undefined) {
    if (policy.retriableHeaders.length === 0) return policy.retriedStatuses[status] === 1;
    return policy.retriedStatuses[status] === 1 || meetsRetriableHeaders(policy, status, {});
  }
  if (headers['x-envoy-ratelimited'] !== undefined) return policy.conditions.has('envoy-ratelimited');
  if (policy.retriedStatuses[status] === 1) return true;
  if (meetsRetriableHeaders(policy, status, headers)) return true;
  const grpcStatus = headers['grpc-status'];
  return grpcStatus !== undefined && policy.grpcStatuses.includes(Number(grpcStatus));
}

function meetsRetriableHeaders(
  policy: CompiledRetryPolicy,
  status: number,
  headers: Readonly<Record<string, string>>,
): boolean {
  if (policy.retriableHeaders.length === 0) return false;
  const answer = { method: '', host: '', path: '', headers: { ...headers, ':status': String(status) } };
  return policy.retriableHeaders.some((matcher) => headerMatches(matcher, answer));
}

/** Is an attempt that ended without an answer retried? */
export function retriesOnReset(policy: CompiledRetryPolicy, reason: ResetReason): boolean {
  if (reason === 'overflow') return false;
  const has = policy.conditions;
  if (has.has('reset') || has.has('5xx') || has.has('gateway-error')) return true;
  if (reason === 'remoteRefusedStream') return has.has('refused-stream');
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

/** The wait that an answer's reset headers ask for, the least of it [ns]; 0 = they ask for none that is believed. */
export function resetIntervalNs(
  policy: CompiledRetryPolicy,
  headers: Readonly<Record<string, string>>,
  nowNs: number,
): number {
  for (const { name, format } of policy.resetHeaders) {
    const value = headers[name.toLowerCase()];
    if (value === undefined || !/^\d+$/.test(value)) continue;
    const ns = format === 'UNIX_TIMESTAMP' ? Number(value) * 1e9 - nowNs : Number(value) * 1e9;
    if (ns > 0 && ns <= policy.maxResetIntervalNs) return ns;
  }
  return 0;
}

/** Rate-limited back-off [ns]: the interval and up to half of it more, in whole milliseconds. */
export function jitteredIntervalNs(intervalNs: number, draw: RandomStream): number {
  const ms = Math.floor(intervalNs / 1e6);
  const half = Math.floor(ms / 2);
  return (ms + (half > 0 ? draw.uint32() % half : 0)) * 1e6;
}

// VirtualService retries -> Envoy retry policy, and the default that every HTTP route has.
// Source: istio/istio pilot/pkg/networking/core/route/retry/retry.go (1.31). Rules RT-1, RT-2, RT-5, RT-6, RT-8.
import type { RetryPolicy } from '../envoy/config.ts';
import { protoDuration } from './duration.ts';
import type { IstioProfile } from './profile.ts';

export interface RetrySpec {
  attempts?: number;
  perTryTimeout?: string;
  retryOn?: string;
  retryRemoteLocalities?: boolean;
  backoff?: string;
  retryIgnorePreviousHosts?: boolean;
}

const DEFAULT_RETRY_ON = 'connect-failure,refused-stream,unavailable,cancelled,retriable-status-codes';
const PREVIOUS_HOSTS = [{ name: 'envoy.retry_host_predicates.previous_hosts' }];

/** @param spec the route's (or the mesh's) retries; null = absent. @returns undefined = retries off */
export function outboundRetryPolicy(
  spec: RetrySpec | null,
  profile: IstioProfile,
  isConsistentHash: boolean,
): RetryPolicy | undefined {
  if (spec?.attempts !== undefined && spec.attempts <= 0) return undefined;
  const { conditions, codes } = splitRetryOn(spec?.retryOn);
  const isDefault = !spec?.retryOn;
  const avoidsTried = spec?.retryIgnorePreviousHosts ?? !isConsistentHash;
  return {
    retryOn: isDefault ? DEFAULT_RETRY_ON : conditions.join(','),
    numRetries: spec?.attempts ?? 2,
    ...(isDefault && profile.minor < 24 && { retriableStatusCodes: [503] }),
    ...(codes.length > 0 && { retriableStatusCodes: codes }),
    ...(spec?.perTryTimeout !== undefined && { perTryTimeout: protoDuration(spec.perTryTimeout) }),
    ...(spec?.backoff !== undefined &&
      profile.minor >= 26 && { retryBackOff: { baseInterval: protoDuration(spec.backoff) } }),
    ...(avoidsTried && { retryHostPredicate: PREVIOUS_HOSTS }),
    hostSelectionRetryMaxAttempts: 5,
    ...(spec?.retryRemoteLocalities && {
      retryPriority: { name: 'envoy.retry_priorities.previous_priorities', updateFrequency: 2 },
    }),
  };
}

/** The server's own sidecar towards its application (RT-8); only attempts, retryOn and backoff are looked at. */
export function inboundRetryPolicy(spec: RetrySpec | null, profile: IstioProfile): RetryPolicy | undefined {
  if (profile.minor < 24 || (spec?.attempts !== undefined && spec.attempts <= 0)) return undefined;
  const { conditions, codes } = splitRetryOn(spec?.retryOn);
  return {
    retryOn: spec?.retryOn ? conditions.join(',') : 'reset-before-request',
    numRetries: spec?.attempts ?? 2,
    ...(codes.length > 0 && { retriableStatusCodes: codes }),
    ...(spec?.backoff !== undefined && { retryBackOff: { baseInterval: protoDuration(spec.backoff) } }),
  };
}

/** Codes that Go's net/http has a text for; Istio takes no other number for a status. */
const STATUS_RANGES = [
  [100, 103],
  [200, 208],
  [226, 226],
  [300, 305],
  [307, 308],
  [400, 418],
  [421, 426],
  [428, 429],
  [431, 431],
  [451, 451],
  [500, 508],
  [510, 511],
] as const;
const isKnownStatus = (code: number) => STATUS_RANGES.some(([from, to]) => code >= from && code <= to);

/** Numbers that are HTTP status codes become codes and imply retriable-status-codes; everything else stays a condition (RT-2). */
function splitRetryOn(retryOn: string | undefined): { conditions: string[]; codes: number[] } {
  const conditions: string[] = [];
  const codes: number[] = [];
  for (const part of (retryOn ?? '').split(',').map((text) => text.trim())) {
    if (part === '') continue;
    const code = /^\d+$/.test(part) ? Number(part) : Number.NaN;
    if (isKnownStatus(code)) codes.push(code);
    else conditions.push(part);
  }
  if (codes.length > 0 && !conditions.includes('retriable-status-codes'))
    conditions.push('retriable-status-codes');
  return { conditions, codes };
}

// Counters of one cluster in one proxy, under the names that Envoy's /stats shows. The pools count into the first of them.
import type { OutlierDetector } from '../envoy/outlier-detection.ts';
import { POOL_COUNTERS } from './connection-pool.ts';

export const RQ_RETRY = POOL_COUNTERS;
export const RQ_RETRY_OVERFLOW = POOL_COUNTERS + 1;
export const RQ_RETRY_LIMIT_EXCEEDED = POOL_COUNTERS + 2;
export const RQ_TIMEOUT = POOL_COUNTERS + 3;
export const RQ_PER_TRY_TIMEOUT = POOL_COUNTERS + 4;
export const RQ_COMPLETED = POOL_COUNTERS + 5;
export const NONE_HEALTHY = POOL_COUNTERS + 6;
export const HC_ATTEMPT = POOL_COUNTERS + 7;
export const HC_SUCCESS = POOL_COUNTERS + 8;
export const HC_FAILURE = POOL_COUNTERS + 9;
export const HC_NETWORK_FAILURE = POOL_COUNTERS + 10;
export const RQ_RETRY_EXPONENTIAL = POOL_COUNTERS + 11;
export const RQ_RETRY_RATELIMITED = POOL_COUNTERS + 12;
export const RQ_RETRY_SUCCESS = POOL_COUNTERS + 13;
export const CLUSTER_COUNTERS = POOL_COUNTERS + 14;

const NAMES = [
  'upstream_cx_total',
  'upstream_cx_overflow',
  'upstream_cx_connect_fail',
  'upstream_cx_connect_timeout',
  'upstream_cx_max_requests',
  'upstream_cx_idle_timeout',
  'upstream_rq_total',
  'upstream_rq_pending_overflow',
  'upstream_rq_pending_failure_eject',
  'upstream_rq_pending_total',
  'upstream_rq_retry',
  'upstream_rq_retry_overflow',
  'upstream_rq_retry_limit_exceeded',
  'upstream_rq_timeout',
  'upstream_rq_per_try_timeout',
  'upstream_rq_completed',
  'upstream_cx_none_healthy',
  'health_check.attempt',
  'health_check.success',
  'health_check.failure',
  'health_check.network_failure',
  'upstream_rq_retry_backoff_exponential',
  'upstream_rq_retry_backoff_ratelimited',
  'upstream_rq_retry_success',
];

/** Names of the detector's reasons in /stats. */
const OUTLIER_NAMES = [
  'consecutive_5xx',
  'consecutive_gateway_failure',
  'consecutive_local_origin_failure',
  'success_rate',
  'failure_percentage',
  'local_origin_success_rate',
  'local_origin_failure_percentage',
];

/** Adds what is not 0 to `into`, each name after `prefix`. */
export function addClusterStats(
  into: Record<string, number>,
  prefix: string,
  counters: Float64Array,
  detector: OutlierDetector | null,
  healthyPanic: number,
): void {
  const add = (name: string, value: number) => {
    if (value !== 0) into[`${prefix}.${name}`] = (into[`${prefix}.${name}`] ?? 0) + value;
  };
  for (const [i, name] of NAMES.entries()) add(name, counters[i]!);
  add('lb_healthy_panic', healthyPanic);
  if (!detector) return;
  const outlier = (name: string) => `outlier_detection.${name}`;
  let total = 0;
  for (const [reason, name] of OUTLIER_NAMES.entries()) {
    add(outlier(`ejections_detected_${name}`), detector.detected[reason]!);
    add(outlier(`ejections_enforced_${name}`), detector.enforced[reason]!);
    total += detector.enforced[reason]!;
  }
  add(outlier('ejections_enforced_total'), total);
  add(outlier('ejections_active'), detector.ejectionsActive);
  add(outlier('ejections_overflow'), detector.ejectionsOverflow);
}

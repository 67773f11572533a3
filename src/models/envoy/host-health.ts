// A host's health as bits, and what the balancer makes of them: healthy, degraded or unhealthy; excluded hosts leave every denominator.
// Source: Envoy upstream.h HEALTH_FLAG_ENUM_VALUES, upstream_impl.cc coarseHealth, excludeBasedOnHealthFlag (1.40).
import type { HealthStatus } from './config.ts';

export const FAILED_OUTLIER = 1;
export const FAILED_EDS = 2;
export const EDS_DRAINING = 4;
export const DEGRADED_EDS = 8;
export const FAILED_ACTIVE_HC = 16;
export const DEGRADED_ACTIVE_HC = 32;
/** Waits for its first check and counts nowhere (ignore_new_hosts_until_first_hc). */
export const PENDING_ACTIVE_HC = 64;
export const EXCLUDED_VIA_IMMEDIATE_HC_FAIL = 128;
/** Left the assignment, but its active check still passes: goes on serving until the check fails. */
export const PENDING_DYNAMIC_REMOVAL = 256;

const UNHEALTHY = FAILED_OUTLIER | FAILED_EDS | EDS_DRAINING | FAILED_ACTIVE_HC;
const DEGRADED = DEGRADED_EDS | DEGRADED_ACTIVE_HC;
const EXCLUDED = EDS_DRAINING | PENDING_ACTIVE_HC | EXCLUDED_VIA_IMMEDIATE_HC_FAIL;

export const EDS_BITS = FAILED_EDS | EDS_DRAINING | DEGRADED_EDS;

const EDS_FLAGS: ReadonlyMap<string, number> = new Map([
  ['UNHEALTHY', FAILED_EDS],
  ['TIMEOUT', FAILED_EDS],
  ['DRAINING', EDS_DRAINING],
  ['DEGRADED', DEGRADED_EDS],
]);

/** Bits of an EDS health status; UNKNOWN and HEALTHY have none. */
export function edsBits(status: HealthStatus | undefined): number {
  return EDS_FLAGS.get(status ?? 'UNKNOWN') ?? 0;
}

export function isHealthyBits(bits: number): boolean {
  return (bits & (UNHEALTHY | DEGRADED)) === 0;
}

export function isDegradedBits(bits: number): boolean {
  return (bits & UNHEALTHY) === 0 && (bits & DEGRADED) !== 0;
}

export function isExcludedBits(bits: number): boolean {
  return (bits & EXCLUDED) !== 0;
}

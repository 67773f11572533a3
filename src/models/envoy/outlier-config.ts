// Outlier detection's settings with Envoy's defaults filled in, and its two pure formulas. Every number is a plain one here, so that
// the detector reads no optional fields while it runs.
// Source: Envoy outlier_detection_impl.cc DetectorConfig, DetectorImpl::successRateEjectionThreshold (1.40).
import type { OutlierDetection } from './config.ts';
import { parseDurationNs } from './duration.ts';

export const CONSECUTIVE_5XX = 0;
export const CONSECUTIVE_GATEWAY_FAILURE = 1;
export const CONSECUTIVE_LOCAL_ORIGIN_FAILURE = 2;
export const SUCCESS_RATE = 3;
export const FAILURE_PERCENTAGE = 4;
export const LOCAL_ORIGIN_SUCCESS_RATE = 5;
export const LOCAL_ORIGIN_FAILURE_PERCENTAGE = 6;
/** Names of the reasons above, by number. */
export const OUTLIER_REASONS = [
  'consecutive5xx',
  'consecutiveGatewayFailure',
  'consecutiveLocalOriginFailure',
  'successRate',
  'failurePercentage',
  'localOriginSuccessRate',
  'localOriginFailurePercentage',
] as const;

export interface OutlierSettings {
  intervalNs: number;
  baseEjectionNs: number;
  maxEjectionNs: number;
  /** Greatest extra ejection time, whole milliseconds. */
  maxJitterMs: number;
  /** Percent, at most 100. */
  maxEjectionPercent: number;
  alwaysEjectOneHost: boolean;
  checksFirstEjection: boolean;
  splitsLocalOrigin: boolean;
  unejectsOnActiveCheck: boolean;
  /** Errors in a row, by reason 0 to 2; 0 = never. */
  thresholds: readonly number[];
  /** Percent of detections that eject, by reason 0 to 6. */
  enforcing: readonly number[];
  successRateMinimumHosts: number;
  successRateRequestVolume: number;
  /** Thousandths. */
  successRateStdevFactor: number;
  failurePercentageThreshold: number;
  failurePercentageMinimumHosts: number;
  failurePercentageRequestVolume: number;
}

/** @throws RangeError when maxEjectionTime is below baseEjectionTime, which Envoy rejects, or a duration is none */
export function outlierSettings(config: OutlierDetection): OutlierSettings {
  const baseEjectionNs = parseDurationNs(config.baseEjectionTime, 30e9);
  const maxEjectionNs = parseDurationNs(config.maxEjectionTime, Math.max(300e9, baseEjectionNs));
  if (maxEjectionNs < baseEjectionNs)
    throw new RangeError(
      `outlierDetection.maxEjectionTime ${config.maxEjectionTime} is below baseEjectionTime: Envoy rejects the cluster`,
    );
  return {
    intervalNs: parseDurationNs(config.interval, 10e9),
    baseEjectionNs,
    maxEjectionNs,
    maxJitterMs: Math.floor(parseDurationNs(config.maxEjectionTimeJitter, 0) / 1e6),
    maxEjectionPercent: Math.min(100, config.maxEjectionPercent ?? 10),
    alwaysEjectOneHost: config.alwaysEjectOneHost ?? false,
    checksFirstEjection: config.checkMaxEjectionPercentOnFirstEject ?? true,
    splitsLocalOrigin: config.splitExternalLocalOriginErrors ?? false,
    unejectsOnActiveCheck: config.successfulActiveHealthCheckUnejectHost ?? true,
    thresholds: [
      config.consecutive5xx ?? 5,
      config.consecutiveGatewayFailure ?? 5,
      config.consecutiveLocalOriginFailure ?? 5,
    ],
    enforcing: [
      config.enforcingConsecutive5xx ?? 100,
      config.enforcingConsecutiveGatewayFailure ?? 0,
      config.enforcingConsecutiveLocalOriginFailure ?? 100,
      config.enforcingSuccessRate ?? 100,
      config.enforcingFailurePercentage ?? 0,
      config.enforcingLocalOriginSuccessRate ?? 100,
      config.enforcingFailurePercentageLocalOrigin ?? 0,
    ],
    successRateMinimumHosts: config.successRateMinimumHosts ?? 5,
    successRateRequestVolume: config.successRateRequestVolume ?? 100,
    successRateStdevFactor: config.successRateStdevFactor ?? 1900,
    failurePercentageThreshold: config.failurePercentageThreshold ?? 85,
    failurePercentageMinimumHosts: config.failurePercentageMinimumHosts ?? 5,
    failurePercentageRequestVolume: config.failurePercentageRequestVolume ?? 50,
  };
}

/** Mean of the hosts' success rates [percent] and the rate below which a host is out, by the population's standard deviation. */
export function successRateThreshold(
  rates: readonly number[],
  stdevFactorThousandths: number,
): { mean: number; threshold: number } {
  let sum = 0;
  for (const rate of rates) sum += rate;
  const mean = sum / rates.length;
  let squares = 0;
  for (const rate of rates) squares += (rate - mean) * (rate - mean);
  const stdev = Math.sqrt(squares / rates.length);
  return { mean, threshold: mean - (stdevFactorThousandths / 1000) * stdev };
}

/** Extra ejection time [ms] of one draw: 0 to maxJitterMs, both included. */
export function ejectionJitterMs(draw: number, maxJitterMs: number): number {
  return draw % (maxJitterMs + 1);
}

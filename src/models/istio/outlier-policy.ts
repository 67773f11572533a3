// DestinationRule outlierDetection -> Envoy outlierDetection and panic threshold.
// Source: istio/istio pilot/pkg/networking/core/cluster_traffic_policy.go applyOutlierDetection (1.31). Rules OD-1, OD-2, OD-5, OD-7.
import type { OutlierDetection } from '../envoy/config.ts';
import type { IstioProfile } from './profile.ts';

/** Istio's block in its JSON spelling. Wrapper values: 0 means 0; plain numbers: 0 means unset. */
export interface OutlierDetectionSpec {
  consecutive5xxErrors?: number;
  consecutiveGatewayErrors?: number;
  splitExternalLocalOriginErrors?: boolean;
  consecutiveLocalOriginFailures?: number;
  interval?: string;
  baseEjectionTime?: string;
  maxEjectionPercent?: number;
  minHealthPercent?: number;
}

/** @param seconds turns Istio's duration text into proto JSON, e.g. "1m" -> "60s" */
export function translateOutlierDetection(
  spec: OutlierDetectionSpec,
  profile: IstioProfile,
  seconds: (duration: string) => string,
): { outlierDetection: OutlierDetection; healthyPanicThreshold: number } {
  const out: OutlierDetection = { enforcingSuccessRate: 0 };
  if (spec.consecutive5xxErrors !== undefined) {
    out.consecutive5xx = spec.consecutive5xxErrors;
    out.enforcingConsecutive5xx = spec.consecutive5xxErrors > 0 ? 100 : 0;
  }
  if (spec.consecutiveGatewayErrors !== undefined) {
    out.consecutiveGatewayFailure = spec.consecutiveGatewayErrors;
    out.enforcingConsecutiveGatewayFailure = spec.consecutiveGatewayErrors > 0 ? 100 : 0;
  }
  if (spec.splitExternalLocalOriginErrors) {
    out.splitExternalLocalOriginErrors = true;
    out.enforcingLocalOriginSuccessRate = 0;
    if (spec.consecutiveLocalOriginFailures !== undefined && spec.consecutiveLocalOriginFailures > 0) {
      out.consecutiveLocalOriginFailure = spec.consecutiveLocalOriginFailures;
      out.enforcingConsecutiveLocalOriginFailure = 100;
    }
  }
  if (spec.interval !== undefined) out.interval = seconds(spec.interval);
  if (spec.baseEjectionTime !== undefined) out.baseEjectionTime = seconds(spec.baseEjectionTime);
  if (spec.maxEjectionPercent) out.maxEjectionPercent = spec.maxEjectionPercent;
  if (profile.minor < 20) out.checkMaxEjectionPercentOnFirstEject = false;
  return { outlierDetection: out, healthyPanicThreshold: spec.minHealthPercent ?? 0 };
}

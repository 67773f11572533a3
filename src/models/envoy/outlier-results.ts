// What a filter reports of an attempt, and what the outlier detector counts it as. With split_external_local_origin_errors connecting is
// judged by itself; without, everything becomes a status code. Source: Envoy outlier_detection_impl.cc putResult, resultToHttpCode (1.40).
import type { OutlierDetector } from './outlier-detection.ts';

export type OutlierResult =
  | 'LOCAL_ORIGIN_TIMEOUT'
  | 'LOCAL_ORIGIN_CONNECT_FAILED'
  | 'LOCAL_ORIGIN_CONNECT_SUCCESS'
  | 'LOCAL_ORIGIN_CONNECT_SUCCESS_FINAL'
  | 'EXT_ORIGIN_REQUEST_FAILED'
  | 'EXT_ORIGIN_REQUEST_SUCCESS';

/** Without split. A connection alone says nothing yet. */
const CODES: Readonly<Record<OutlierResult, number | null>> = {
  LOCAL_ORIGIN_TIMEOUT: 504,
  LOCAL_ORIGIN_CONNECT_FAILED: 503,
  LOCAL_ORIGIN_CONNECT_SUCCESS: null,
  LOCAL_ORIGIN_CONNECT_SUCCESS_FINAL: 200,
  EXT_ORIGIN_REQUEST_FAILED: 500,
  EXT_ORIGIN_REQUEST_SUCCESS: 200,
};

/** @param code status that the reporter gives instead of the usual one; ignored with split */
export function reportOutlierResult(
  detector: OutlierDetector,
  host: number,
  result: OutlierResult,
  nowNs: number,
  code?: number,
): void {
  if (!detector.settings.splitsLocalOrigin) {
    const counted = code ?? CODES[result];
    if (counted !== null) detector.onHttpCode(host, counted, nowNs);
    return;
  }
  if (result === 'LOCAL_ORIGIN_TIMEOUT' || result === 'LOCAL_ORIGIN_CONNECT_FAILED')
    detector.onLocalOriginFailure(host, nowNs);
  else if (result === 'EXT_ORIGIN_REQUEST_FAILED') detector.onHttpCode(host, 503, nowNs);
  else if (result === 'EXT_ORIGIN_REQUEST_SUCCESS') {
    detector.onHttpCode(host, 200, nowNs);
    detector.onLocalOriginConnectSuccess(host);
  } else detector.onLocalOriginConnectSuccess(host);
}

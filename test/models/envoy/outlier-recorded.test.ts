// Step lists of Envoy's own outlier tests, replayed on the detector: consecutive errors, limits, ejection times. Lists that need the
// hand-off between threads or active health checks belong to parts that are not simulated yet and are counted below.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { OutlierDetector } from '../../../src/models/envoy/outlier-detection.ts';

// biome-ignore lint/suspicious/noExplicitAny: recorded JSON of many shapes
type Recorded = any;
const all: Recorded[] = JSON.parse(
  readFileSync(new URL('../../recordings/envoy-cases/outlier.json', import.meta.url), 'utf8'),
).cases.filter((entry: Recorded) => entry.kind === 'outlier');
const OPS = new Set(['http', 'result', 'time', 'tick', 'expect', 'remove']);
const replayable = all.filter((entry) =>
  entry.input.steps.every((step: Recorded) => OPS.has(step.op) && step.code_override === undefined),
);
const seconds = (ms: number | undefined) => (ms === undefined ? undefined : `${ms / 1000}s`);

it('replays most of the recorded lists', () => expect(replayable.length).toBeGreaterThanOrEqual(10));

it.each(replayable.map((entry) => [entry.id, entry]))('%s', (_, { input }) => {
  const { config } = input;
  const names: string[] = input.priorities.flat();
  const members = new Set(names);
  const detector = new OutlierDetector(
    {
      interval: seconds(config.interval_ms),
      baseEjectionTime: seconds(config.base_ejection_time_ms),
      maxEjectionTime: seconds(config.max_ejection_time_ms),
      maxEjectionPercent: config.max_ejection_percent,
      consecutive5xx: config.consecutive_5xx,
      consecutiveGatewayFailure: config.consecutive_gateway_failure,
      consecutiveLocalOriginFailure: config.consecutive_local_origin_failure,
      enforcingConsecutive5xx: config.enforcing_consecutive_5xx,
      enforcingConsecutiveGatewayFailure: config.enforcing_consecutive_gateway_failure,
      enforcingConsecutiveLocalOriginFailure: config.enforcing_consecutive_local_origin_failure,
      splitExternalLocalOriginErrors: config.split_external_local_origin_errors,
      alwaysEjectOneHost: config.always_eject_one_host,
      enforcingSuccessRate: 0, // needs five hosts; these lists have one or two
    },
    {
      ejected: () => {},
      unejected: () => {},
      hostCount: () => members.size,
      random: { uint32: () => 0, unit: () => 0 },
    },
  );
  for (const host of names.keys()) detector.addHost(host);
  let nowNs = 0;
  for (const step of input.steps) {
    const host = names.indexOf(step.host);
    if (step.ms !== undefined) nowNs = step.ms * 1e6;
    if (step.op === 'tick') detector.tick(nowNs);
    for (let i = 0; i < (step.n ?? 1); i++) {
      if (step.op === 'http') detector.onHttpCode(host, step.code, nowNs);
      if (step.op === 'result' && step.code !== undefined) detector.onHttpCode(host, step.code, nowNs);
      else if (step.result === 'EXT_ORIGIN_REQUEST_FAILED')
        detector.onHttpCode(host, config.split_external_local_origin_errors ? 503 : 500, nowNs);
      else if (step.result === 'EXT_ORIGIN_REQUEST_SUCCESS') detector.onHttpCode(host, 200, nowNs);
      else if (step.result === 'LOCAL_ORIGIN_TIMEOUT') detector.onLocalOriginTimeout(host, nowNs);
      else if (step.result === 'LOCAL_ORIGIN_CONNECT_FAILED') detector.onLocalOriginFailure(host, nowNs);
      else if (step.result?.startsWith('LOCAL_ORIGIN_CONNECT_SUCCESS'))
        detector.onLocalOriginConnectSuccess(host);
    }
    if (step.op === 'remove') {
      for (const name of step.hosts) {
        members.delete(name);
        detector.removeHost(names.indexOf(name));
      }
    }
    if (step.ejected) expect(names.filter((_name, index) => detector.isEjected(index))).toEqual(step.ejected);
    if (step.active !== undefined) expect(detector.ejectionsActive).toBe(step.active);
    if (step.totals?.overflow !== undefined) expect(detector.ejectionsOverflow).toBe(step.totals.overflow);
  }
});

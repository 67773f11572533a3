// W1 'route': a locality by schedule, an endpoint by schedule, a result, the outlier detector's counters, sweeps. No event queue.
// All of it is the product's own: EdfScheduler and OutlierDetector. The sum checks the order of the picks, not only the counts.
import type { IntegerStream } from '../../src/engine/random.ts';
import { Xoshiro128 } from '../../src/engine/xoshiro.ts';
import { EdfScheduler } from '../../src/models/envoy/edf.ts';
import { OutlierDetector } from '../../src/models/envoy/outlier-detection.ts';

const LOCALITIES = 2;
const PER_LOCALITY = 8;
const HOSTS = LOCALITIES * PER_LOCALITY;
const LOCALITY_WEIGHTS = [90, 10];
const SWEEP_EVERY = 10_000;
const INTERVAL_NS = 1e9;
/** 0.1 % of 2^32. */
const FAILS_BELOW = 4_294_967;
const SIGN = 1 << 31;

export interface RouteCheck {
  sum: number;
  n5xx: number;
  ejections: number;
  counts: number[];
}

/** Picks of each endpoint in this run. A constant of the module: its place in memory is part of the compiled loop. */
const counts = new Int32Array(HOSTS);

/** Cells of a run's state: the sum over the picks, and the host that failed, or -1. */
const SUM = 0;
const FAILED = 1;

/** Routes requests until one fails, whose host may have to be ejected. @returns its number, or the end */
function untilFailure(
  localities: EdfScheduler,
  near: EdfScheduler,
  far: EdfScheduler,
  detector: OutlierDetector,
  random: IntegerStream,
  failsBelow: Int32Array,
  mostFailBelow: number,
  nowNs: number,
  state: Int32Array,
  begin: number,
  end: number,
): number {
  let sum = state[SUM]!;
  let failed = -1;
  let i = begin;
  for (; i < end; i++) {
    const draw = random.int32() ^ SIGN;
    // One place that picks an endpoint, not one for each locality: less machine code.
    const endpoints = localities.pick() === 0 ? near : far;
    const host = endpoints.pick();
    counts[host]!++;
    sum = (Math.imul(sum, 31) + host) | 0;
    if (draw < mostFailBelow && draw < failsBelow[host]!) {
      failed = host;
      break;
    }
    detector.onHttpCode(host, 200, nowNs);
  }
  state[SUM] = sum;
  state[FAILED] = failed;
  return i;
}

/** @param isBad endpoint 7 fails every second request: ejections and rebuilds happen */
export function route(
  requests: number,
  isBad = false,
  random: IntegerStream = new Xoshiro128(1),
): RouteCheck {
  let isDirty = false;
  const detector = new OutlierDetector(
    {
      interval: '1s',
      baseEjectionTime: '3s',
      maxEjectionPercent: 10,
      checkMaxEjectionPercentOnFirstEject: false,
      enforcingSuccessRate: 0,
    },
    {
      ejected: () => rebuild(),
      unejected: () => {
        isDirty = true;
      },
      hostCount: () => HOSTS,
      random: new Xoshiro128(2),
    },
  );
  for (let host = 0; host < HOSTS; host++) detector.addHost(host);
  let localities = new EdfScheduler(LOCALITIES);
  let near = new EdfScheduler(PER_LOCALITY);
  let far = new EdfScheduler(PER_LOCALITY);
  const endpointsOf = (locality: number) => {
    const schedule = new EdfScheduler(PER_LOCALITY);
    for (let i = 0; i < PER_LOCALITY; i++) {
      const host = locality * PER_LOCALITY + i;
      if (!detector.isEjected(host)) schedule.add(host, i + 1);
    }
    return schedule;
  };
  function rebuild(): void {
    near = endpointsOf(0);
    far = endpointsOf(1);
    localities = new EdfScheduler(LOCALITIES);
    for (const [locality, { size }] of [near, far].entries())
      if (size > 0)
        localities.add(locality, LOCALITY_WEIGHTS[locality]! * Math.min(1, (1.4 * size) / PER_LOCALITY));
  }
  rebuild();
  // Thresholds of signed draws: a draw d of int32() is (d xor SIGN) + 2^31 as an unsigned one.
  const failsBelow = new Int32Array(HOSTS).fill(FAILS_BELOW ^ SIGN);
  if (isBad) failsBelow[7] = 0;
  const mostFailBelow = Math.max(...failsBelow);
  counts.fill(0);
  const failed = new Int32Array(HOSTS);
  const state = new Int32Array(2);
  for (let begin = 0, sweep = 0; begin < requests; begin += SWEEP_EVERY) {
    const end = Math.min(requests, begin + SWEEP_EVERY);
    const nowNs = sweep * INTERVAL_NS;
    for (let i = begin; i < end; i++) {
      i = untilFailure(
        localities,
        near,
        far,
        detector,
        random,
        failsBelow,
        mostFailBelow,
        nowNs,
        state,
        i,
        end,
      );
      const host = state[FAILED]!;
      if (host < 0) break;
      failed[host]!++;
      detector.onHttpCode(host, 500, nowNs);
    }
    if (end - begin < SWEEP_EVERY) break;
    sweep += 1;
    detector.tick(sweep * INTERVAL_NS);
    if (isDirty) rebuild();
    isDirty = false;
  }
  return {
    sum: state[SUM]! >>> 0,
    n5xx: failed.reduce((total, n) => total + n, 0),
    ejections: detector.enforced.reduce((total, n) => total + n, 0),
    counts: [...counts],
  };
}

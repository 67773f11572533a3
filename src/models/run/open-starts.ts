// When the requests of an open loop start: at the rate of its stages, evenly or with exponential gaps.
import { type IntegerStream, unitOf } from '../../engine/random.ts';
import type { LoadSpec } from '../world.ts';
import { small } from './small.ts';

interface OpenLoad {
  readonly spec: LoadSpec;
  readonly startNs: number;
  readonly draw: IntegerStream;
  /** One stage of one rate: that rate, and how long it lasts; else 0. */
  readonly steadyPerSecond: number;
  readonly steadyNs: number;
}

/** A steady rate counts from the start: rounding each gap would drift, and 12/s for 8 s would be 97 requests. */
export function startOfSteady(load: OpenLoad, sequence: number): number {
  return startOfOpen(load, load.startNs, sequence);
}

/** @param fromNs the start before */
export function startOfPoisson(load: OpenLoad, fromNs: number): number {
  const wanted = -Math.log(1 - load.draw.unit());
  const { startNs, steadyNs, steadyPerSecond } = load;
  if (steadyPerSecond === 0) return startOfOpen(load, fromNs, wanted);
  // The usual case of the same.
  const left = (startNs + steadyNs - fromNs) / 1e9;
  if (wanted >= steadyPerSecond * left) return Number.POSITIVE_INFINITY;
  return fromNs + Math.round((wanted / steadyPerSecond) * 1e9);
}

/**
 * The usual case of startOfPoisson() by itself: the gap until the next one, a small integer where it is one.
 * @param load one stage of one rate  @param clock the start before, at 0  @returns -1 when there is no next one [ns]
 */
export function poissonGapNs(load: OpenLoad, clock: Float64Array): number {
  const wanted = -Math.log(1 - unitOf(load.draw));
  const left = (load.startNs + load.steadyNs - clock[0]!) / 1e9;
  return wanted < load.steadyPerSecond * left ? small(Math.round((wanted / load.steadyPerSecond) * 1e9)) : -1;
}

/**
 * An arrival of an open loop: integrates the rate over the stages from a time on until so many requests have gathered.
 * @returns Infinity when they never do [ns]
 */
function startOfOpen({ spec, startNs }: OpenLoad, fromNs: number, wanted: number): number {
  let left = wanted;
  let stageStartNs = startNs;
  for (const stage of spec.arrivals.kind === 'open' ? spec.arrivals.stages : []) {
    const endNs = stageStartNs + stage.durationNs;
    const beginNs = Math.max(fromNs, stageStartNs);
    if (beginNs < endNs) {
      const slope = (stage.toPerSecond - stage.fromPerSecond) / (stage.durationNs / 1e9);
      const rate = stage.fromPerSecond + slope * ((beginNs - stageStartNs) / 1e9);
      const seconds = (endNs - beginNs) / 1e9;
      const whole = rate * seconds + (slope * seconds * seconds) / 2;
      if (left < whole) {
        const after =
          Math.abs(slope) < 1e-12 ? left / rate : (-rate + Math.sqrt(rate * rate + 2 * slope * left)) / slope;
        return beginNs + Math.round(after * 1e9);
      }
      left -= whole;
    }
    stageStartNs = endNs;
  }
  return Number.POSITIVE_INFINITY;
}

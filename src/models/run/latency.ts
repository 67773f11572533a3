// Service times: one sampler per specification, drawing from the server's own stream. Durations are rounded once, at the draw.
import { type IntegerStream, unitOf } from '../../engine/random.ts';
import type { LatencySpec } from '../world.ts';
import { small } from './small.ts';

/** 99th percentile of the standard normal distribution. */
const Z99 = 2.3263478740408408;

/** Next duration [ns], an integer >= 0. */
export type Sampler = (draw: IntegerStream) => number;

export function samplerOf(spec: LatencySpec): Sampler {
  switch (spec.dist) {
    case 'fixed': {
      const ns = small(Math.max(0, Math.round(spec.ns)));
      return () => ns;
    }
    case 'uniform':
      return (draw) => small(Math.max(0, Math.round(spec.minNs + (spec.maxNs - spec.minNs) * unitOf(draw))));
    case 'exponential':
      return (draw) => small(Math.round(-Math.log(1 - unitOf(draw)) * spec.meanNs));
    case 'normal':
      return (draw) => small(Math.max(0, Math.round(spec.meanNs + spec.sdNs * standardNormal(draw))));
    case 'lognormal': {
      const sigma = Math.log(spec.p99Ns / spec.p50Ns) / Z99;
      return (draw) => small(Math.round(spec.p50Ns * Math.exp(sigma * standardNormal(draw))));
    }
  }
}

/** Box and Muller's cosine half; two draws a value. */
export function standardNormal(draw: IntegerStream): number {
  const radius = Math.sqrt(-2 * Math.log(1 - unitOf(draw)));
  return radius * Math.cos(2 * Math.PI * unitOf(draw));
}

/** Mean of the distribution [ns] (normal: without the cut at 0). */
export function meanOf(spec: LatencySpec): number {
  switch (spec.dist) {
    case 'fixed':
      return spec.ns;
    case 'uniform':
      return (spec.minNs + spec.maxNs) / 2;
    case 'exponential':
    case 'normal':
      return spec.meanNs;
    case 'lognormal': {
      const sigma = Math.log(spec.p99Ns / spec.p50Ns) / Z99;
      return spec.p50Ns * Math.exp((sigma * sigma) / 2);
    }
  }
}

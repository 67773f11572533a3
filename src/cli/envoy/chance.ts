// Real chance for the lab's stubs and clients: what is measured must not repeat itself.
import { randomInt } from 'node:crypto';
import type { LatencySpec } from '../../models/world.ts';

/** Uniform in [0, 1). */
export const chance = (): number => randomInt(2 ** 32) / 2 ** 32;

const gauss = () => Math.sqrt(-2 * Math.log(1 - chance())) * Math.cos(2 * Math.PI * chance());
/** Standard normal quantile of 0.99: a lognormal latency is given by its median and 99th percentile. */
const Z99 = 2.3263478740408408;

/** Service time in ms. */
export function latencyMs(spec: LatencySpec): number {
  switch (spec.dist) {
    case 'fixed':
      return spec.ns / 1e6;
    case 'uniform':
      return (spec.minNs + (spec.maxNs - spec.minNs) * chance()) / 1e6;
    case 'exponential':
      return (-spec.meanNs * Math.log(1 - chance())) / 1e6;
    case 'normal':
      return Math.max(0, spec.meanNs + spec.sdNs * gauss()) / 1e6;
    case 'lognormal':
      return (spec.p50Ns * Math.exp((gauss() * Math.log(spec.p99Ns / spec.p50Ns)) / Z99)) / 1e6;
  }
}

// What expectations need to know beside the runs, taken from the plan.
import { parseDurationNs } from '../../models/envoy/duration.ts';
import type { Diagnostic } from '../diagnostics.ts';
import { configAt, type Plan } from '../plan/plan.ts';
import type { Finding } from '../result.ts';
import type { ExpectationContext } from './expect.ts';

/** Envoy's default. Source: outlier_detection.proto interval. */
const DEFAULT_INTERVAL_NS = 10e9;

export function expectationContext(
  plan: Plan,
  findings: readonly Finding[],
  refused: readonly Diagnostic[] = [],
): ExpectationContext {
  return {
    ...plan.names,
    findings,
    refused,
    loadWindow: (load) => plan.loadWindows.get(load) ?? { fromNs: 0, toNs: Number.POSITIVE_INFINITY },
    ejectionIntervalNs(proxy, cluster) {
      const index = plan.world.proxies.findIndex((spec) => spec.name === proxy);
      if (index < 0) return DEFAULT_INTERVAL_NS;
      const { clusters } = configAt(plan.world, index, Number.POSITIVE_INFINITY);
      const found = clusters.find((entry) => entry.name === cluster);
      return parseDurationNs(found?.outlierDetection?.interval, DEFAULT_INTERVAL_NS);
    },
  };
}

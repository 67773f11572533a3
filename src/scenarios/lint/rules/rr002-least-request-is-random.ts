// RR002: the default is no rotation.
import { originOfBlock } from '../policy-place.ts';
import { defineRule } from '../rule.ts';
import { requestsOf } from '../samples.ts';
import { nameOfView, plural } from '../words.ts';

export const rr002 = defineRule({
  id: 'RR002',
  title: 'The default balancing is not a rotation',
  severity: 'info',
  symptom: 'Documentation says round robin, refreshes repeat a version.',
  cause:
    'LEAST_REQUEST (the default since 1.14) takes the less busy of two random endpoints; on idle ones that is a coin.',
  fix: 'simple: ROUND_ROBIN and concurrency 1 for a strict rotation.',
  example: 'P40-rotation-is-not-strict',
  *check(subject) {
    for (const view of subject.views) {
      const hosts = view.levels[0]?.length ?? 0;
      if (view.policy?.loadBalancer?.simple || view.cluster.lbPolicy !== 'LEAST_REQUEST' || hosts < 2)
        continue;
      if (view.cluster.commonLbConfig?.localityWeightedLbConfig || !view.isCalled) continue;
      if (new Set(view.levels[0]!.map((host) => host.weight)).size > 1) continue;
      const load = subject.scenario.load.find((one) => (requestsOf(one) ?? 1e9) <= 100);
      if (!load) continue;
      const requests = requestsOf(load)!;
      const mean = requests / hosts;
      const spread = 2 * Math.sqrt(mean * (1 - 1 / hosts));
      yield {
        at: originOfBlock(view, 'loadBalancer') ?? subject.kubeServicesOf(view.service)[0]?.origin,
        key: nameOfView(view),
        message: `${nameOfView(view)} has no loadBalancer.simple: LEAST_REQUEST, the order is random; ${plural(requests, 'request')} give${requests === 1 ? 's' : ''} each of ${hosts} endpoints about ${Number(mean.toFixed(1))} +- ${Number(spread.toFixed(0))}.`,
        hint: 'simple: ROUND_ROBIN with concurrency 1 rotates strictly',
      };
    }
  },
});

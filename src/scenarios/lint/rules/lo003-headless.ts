// LO003: a headless name is dialled, not balanced.
import { originOfBlock } from '../policy-place.ts';
import { defineRule } from '../rule.ts';
import { listed, nameOfView } from '../words.ts';

export const lo003 = defineRule({
  id: 'LO003',
  title: 'Balancing, locality and ejection do not apply to a headless or PASSTHROUGH destination',
  severity: 'warning',
  symptom: 'A DestinationRule for a headless Service changes nothing.',
  cause: 'The application dials a pod address; the proxy passes the connection on to it (ORIGINAL_DST).',
  fix: 'Use a Service with a cluster IP.',
  *check(subject) {
    for (const view of subject.views) {
      if (view.cluster.type !== 'ORIGINAL_DST' || !view.rule) continue;
      const { loadBalancer, outlierDetection } = view.policy ?? {};
      const words = [
        ...(loadBalancer?.localityLbSetting ? ['localityLbSetting'] : []),
        ...(loadBalancer?.consistentHash ? ['consistentHash'] : []),
        ...(loadBalancer?.simple && loadBalancer.simple !== 'PASSTHROUGH' ? ['loadBalancer.simple'] : []),
        ...(outlierDetection ? ['outlierDetection'] : []),
      ];
      if (words.length === 0) continue;
      yield {
        at: originOfBlock(view, outlierDetection ? 'outlierDetection' : 'loadBalancer'),
        key: nameOfView(view),
        message: `${nameOfView(view)} is ${view.policy?.loadBalancer?.simple === 'PASSTHROUGH' ? 'PASSTHROUGH' : 'headless'}: callers reach the pod that they dialled, so ${listed(words)} ${words.length === 1 ? 'has' : 'have'} no effect.`,
        hint: 'use a Service with a cluster IP',
      };
    }
  },
});

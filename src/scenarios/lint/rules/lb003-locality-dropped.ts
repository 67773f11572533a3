// LB003: blocks replace each other whole.
import { originOfPlace, originOfRule, placeOfBlock } from '../policy-place.ts';
import { defineRule } from '../rule.ts';
import { nameOfView } from '../words.ts';

export const lb003 = defineRule({
  id: 'LB003',
  title: 'A subset or port entry drops the locality setting',
  severity: 'warning',
  symptom: 'distribute or failover works for the service and not for one of its subsets or ports.',
  cause:
    'A loadBalancer block of a subset or port entry replaces the top-level one whole, localityLbSetting included.',
  fix: 'Repeat localityLbSetting in the block below.',
  *check(subject) {
    for (const view of subject.views) {
      const top = view.rule?.spec.trafficPolicy?.loadBalancer?.localityLbSetting;
      if (!top || top.enabled === false || view.isOwnSetting || !view.policy) continue;
      if (view.policy.loadBalancer === view.rule?.spec.trafficPolicy?.loadBalancer) continue;
      const place = placeOfBlock(view, 'loadBalancer');
      yield {
        at: place ? originOfPlace(place) : originOfRule(view),
        key: `${nameOfView(view)}:${view.port.port}`,
        message: `${nameOfView(view)} port ${view.port.port}: ${place ? 'its own loadBalancer replaces the top-level one' : 'its port entry replaces the top-level policy'}, so the rule's localityLbSetting does not apply.`,
        hint: 'repeat localityLbSetting there',
      };
    }
  },
});

// LB006: the callers' own zone takes all of their load, however small it is.
import { hasExplicitList, priorityViews, settingOrigin } from '../locality.ts';
import { originOfBlock } from '../policy-place.ts';
import { defineRule } from '../rule.ts';
import { callersOf, nameOfView, plural } from '../words.ts';

export const lb006 = defineRule({
  id: 'LB006',
  title: 'A zone with few pods takes the whole load of its callers',
  severity: 'info',
  symptom: 'One pod is overloaded while pods of other zones idle.',
  cause:
    'With locality priorities only the nearest endpoints are used while they are healthy; their number is not looked at.',
  fix: 'Spread pods evenly (topologySpreadConstraints), or use distribute, or switch locality off.',
  *check(subject) {
    for (const view of priorityViews(subject)) {
      if (hasExplicitList(view) && view.levels[0]!.length > 1) continue;
      const first = view.levels[0]!.length;
      const all = view.hosts.length;
      if (first / all > 0.5 || all - first < 2) continue;
      yield {
        at: settingOrigin(view, subject) ?? originOfBlock(view, 'outlierDetection'),
        key: nameOfView(view),
        message: `${nameOfView(view)}: all requests of ${callersOf(view)} go to ${first} of ${plural(all, 'endpoint')}: ${Number((all / first).toFixed(1))} times the load per pod that an even split would give.`,
      };
    }
  },
});

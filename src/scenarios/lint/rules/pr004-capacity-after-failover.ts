// PR004: whoever takes over takes over everything.
import { priorityViews, settingOrigin } from '../locality.ts';
import { originOfBlock } from '../policy-place.ts';
import { defineRule } from '../rule.ts';
import type { HostView } from '../views.ts';
import { listed, nameOfView, placesOf, plural } from '../words.ts';

export const pr004 = defineRule({
  id: 'PR004',
  title: 'The reserve has fewer pods than what it stands for',
  severity: 'info',
  symptom: 'The failover works and the second region melts under the whole load.',
  cause: 'Priorities know no capacity: when the first one is gone, all requests go to the next.',
  fix: 'Size the reserve for the whole load, or set limits (connectionPool) that shed it.',
  *check(subject) {
    for (const view of priorityViews(subject)) {
      const [first, next] = view.levels as [HostView[], HostView[]];
      if (first.length < 2 * next.length) continue;
      yield {
        at: settingOrigin(view, subject) ?? originOfBlock(view, 'outlierDetection'),
        key: nameOfView(view),
        message: `${nameOfView(view)}: when ${listed(placesOf(first))} (${plural(first.length, 'endpoint')}) is gone, ${listed(placesOf(next))} takes all of it with ${plural(next.length, 'endpoint')}: ${Number((first.length / next.length).toFixed(1))} times the load per pod.`,
      };
    }
  },
});

// DI006: callers that no `from` matches are not distributed at all.
import { localityMatches } from '../../../models/istio/locality-lb.ts';
import { settingOrigin } from '../locality.ts';
import { defineRule } from '../rule.ts';
import { nameOfView } from '../words.ts';

export const di006 = defineRule({
  id: 'DI006',
  title: 'distribute has no entry for some callers',
  severity: 'warning',
  symptom:
    'Requests of one caller (a gateway in another region, a pod without locality) are split by the number of pods.',
  cause:
    "The first entry whose `from` matches the caller's own locality applies; without one the endpoints form one flat pool.",
  fix: 'Add an entry for the region, or from: "*".',
  *check(subject) {
    for (const view of subject.views) {
      const list = view.setting?.setting.distribute;
      if (!list?.length || list.some(({ from }) => localityMatches(view.node.locality, from))) continue;
      if (new Set(view.endpoints.map(({ locality }) => locality)).size < 2) continue;
      yield {
        at: settingOrigin(view, subject, 'distribute'),
        key: `${nameOfView(view)} ${view.node.locality}`,
        message: `distribute for ${nameOfView(view)} has no entry for ${view.caller} in ${view.node.locality || 'no known locality'}: its requests are split by the number of endpoints.`,
        hint: `add { from: ${view.region || '"*"'}, to: … }`,
        // Where users' requests enter, the split that they see is at stake.
        severity:
          view.client.sites.some(({ load }) => load !== undefined) && view.isCalled ? 'warning' : 'info',
      };
    }
  },
});

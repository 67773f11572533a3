// DI001: what no target names gets nothing, not even in need.
import { localityMatches } from '../../../models/istio/locality-lb.ts';
import { recordOf } from '../../../models/istio/plain.ts';
import { settingOrigin } from '../locality.ts';
import { defineRule } from '../rule.ts';
import { listed, nameOfView, plural } from '../words.ts';

export const di001 = defineRule({
  id: 'DI001',
  title: 'distribute leaves localities out',
  severity: 'info',
  symptom:
    'Healthy pods in a region that distribute does not name never get a request, also when all others fail.',
  cause:
    'Endpoints that no `to` entry of the matching `from` claims are dropped for those callers: they are no reserve.',
  fix: 'Name every locality that may serve, a reserve with weight 1; or use failover.',
  *check(subject) {
    for (const view of subject.views) {
      const entry = view.setting?.setting.distribute?.find(({ from }) =>
        localityMatches(view.node.locality, from),
      );
      if (!entry || view.endpoints.length === 0) continue;
      const out = view.endpoints.filter(
        ({ locality }) =>
          !Object.keys(recordOf(entry.to)).some((target) => localityMatches(locality, target)),
      );
      if (out.length === 0) continue;
      const places = [...new Set(out.map(({ locality }) => locality || '(no locality)'))];
      yield {
        at: settingOrigin(view, subject, 'distribute'),
        key: `${nameOfView(view)} ${entry.from}`,
        message: `${nameOfView(view)}: distribute from ${entry.from} names no target for ${listed(places)}: ${plural(out.length, 'endpoint')} there never get a request of these callers.`,
      };
    }
  },
});

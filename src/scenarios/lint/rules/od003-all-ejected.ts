// OD003: nothing is left when all are ejected, and panic is off.
import { ejectingViews, ejectionsOf } from '../ejection.ts';
import { originOfBlock } from '../policy-place.ts';
import { defineRule } from '../rule.ts';
import { nameOfView, plural } from '../words.ts';

export const od003 = defineRule({
  id: 'OD003',
  title: 'All endpoints can be ejected at once',
  severity: 'info',
  symptom:
    'While every pod answers 5xx, callers get 503 UH from their own proxy, also for requests that would have been answered.',
  cause:
    'maxEjectionPercent allows every endpoint, and Istio sets the panic threshold to 0: with no healthy host Envoy answers by itself.',
  fix: 'Keep some endpoints with a smaller maxEjectionPercent, or set minHealthPercent so that ejections are ignored when too few are left.',
  *check(subject) {
    for (const view of ejectingViews(subject)) {
      if (ejectionsOf(view, subject) < view.hosts.length) continue;
      if ((view.cluster.commonLbConfig?.healthyPanicThreshold ?? 50) > 0) continue;
      yield {
        at: originOfBlock(view, 'outlierDetection', 'maxEjectionPercent'),
        key: nameOfView(view),
        message: `all ${plural(view.hosts.length, 'endpoint')} of ${nameOfView(view)} can be ejected at once; callers then get 503 UH, since panic is off (minHealthPercent 0).`,
      };
    }
  },
});

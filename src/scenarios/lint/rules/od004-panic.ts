// OD004: below the threshold ejections count for nothing.
import { ejectingViews, ejectionsOf } from '../ejection.ts';
import { originOfBlock } from '../policy-place.ts';
import { defineRule } from '../rule.ts';
import { nameOfView, plural } from '../words.ts';

export const od004 = defineRule({
  id: 'OD004',
  title: 'minHealthPercent switches panic on',
  severity: 'warning',
  symptom: 'Bad pods are ejected, yet their share of the requests goes on failing.',
  cause:
    "minHealthPercent is Envoy's panic threshold: with fewer healthy endpoints than that, health is ignored and ejected pods get requests again.",
  fix: 'Remove minHealthPercent (Istio then sets 0 = no panic), or choose it below what may fail together.',
  example: 'P05-od-minhealth-panic',
  *check(subject) {
    for (const view of ejectingViews(subject)) {
      const threshold = view.cluster.commonLbConfig?.healthyPanicThreshold ?? 0;
      if (threshold <= 0 || !view.policy?.outlierDetection?.minHealthPercent) continue;
      const hosts = view.hosts.length;
      const least = Math.ceil((threshold * hosts) / 100);
      if (hosts - ejectionsOf(view, subject) >= least) continue;
      const levels = view.levels.length > 1 ? ' per priority' : '';
      yield {
        at: originOfBlock(view, 'outlierDetection', 'minHealthPercent'),
        key: nameOfView(view),
        message: `minHealthPercent ${threshold}: with fewer than ${least} of ${plural(hosts, 'endpoint')} of ${nameOfView(view)} healthy, ejections are ignored${levels} (panic).`,
        hint: 'remove minHealthPercent',
      };
    }
  },
});

// OD002: some endpoints always stay, whatever happens.
import { ejectingViews, ejectionsOf, percentWords } from '../ejection.ts';
import { originOfBlock } from '../policy-place.ts';
import { defineRule } from '../rule.ts';
import { nameOfView, plural } from '../words.ts';

export const od002 = defineRule({
  id: 'OD002',
  title: 'Only some of the endpoints can be ejected',
  severity: 'info',
  symptom: 'All pods fail, and some of them keep getting requests.',
  cause:
    'maxEjectionPercent counts all endpoints of the cluster; the last ones stay, so requests to them go on failing.',
  fix: 'Wanted as protection; set maxEjectionPercent: 100 where a failover must take over everything.',
  example: 'P03-od-67pct-of-3-keeps-one',
  *check(subject) {
    for (const view of ejectingViews(subject)) {
      const most = ejectionsOf(view, subject);
      if (most === 0 || most >= view.hosts.length) continue;
      yield {
        at: originOfBlock(view, 'outlierDetection', 'maxEjectionPercent'),
        key: nameOfView(view),
        message: `with maxEjectionPercent ${percentWords(view.cluster)} and ${plural(view.hosts.length, 'endpoint')} of ${nameOfView(view)} at most ${most} are ejected at once.`,
      };
    }
  },
});

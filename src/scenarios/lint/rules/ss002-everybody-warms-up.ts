// SS002: when all are new, nobody is.
import { originOfBlock } from '../policy-place.ts';
import { defineRule } from '../rule.ts';
import { slowStartNs, slowStartViews } from '../samples.ts';
import { nameOfView, plural, timeWords } from '../words.ts';

export const ss002 = defineRule({
  id: 'SS002',
  title: 'Slow start does nothing when all endpoints are new',
  severity: 'info',
  symptom: 'After a full rollout every pod gets its share at once, cold.',
  cause:
    'Slow start lowers the weight of young endpoints against old ones; when all are young they share evenly.',
  fix: 'Roll out slowly (maxSurge, minReadySeconds as long as the window).',
  *check(subject) {
    for (const view of slowStartViews(subject)) {
      const fault = subject.faultsOn(view.service).find(({ kind }) => kind === 'rollout');
      if (!fault) continue;
      yield {
        at: originOfBlock(view, 'loadBalancer'),
        key: nameOfView(view),
        message: `a rollout of ${nameOfView(view)} makes all ${plural(view.hosts.length, 'endpoint')} young within the warm-up of ${timeWords(slowStartNs(view))}: they share evenly, cold.`,
      };
    }
  },
});

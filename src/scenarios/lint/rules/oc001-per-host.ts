// OC001: errors in a row are counted per host.
import { ejectingViews, ejectionsOf, errorsInARow } from '../ejection.ts';
import { originOfBlock } from '../policy-place.ts';
import { defineRule } from '../rule.ts';
import { nameOfView } from '../words.ts';

export const oc001 = defineRule({
  id: 'OC001',
  title: 'Consecutive errors are counted per endpoint',
  severity: 'info',
  symptom: 'With consecutive5xxErrors: 5 the first pod leaves after some 13 failures, not after 5.',
  cause: 'Every host has its own counter in every Envoy; in turn over n hosts each sees every n-th failure.',
  fix: 'Expect about n times the number; choose consecutive5xxErrors accordingly.',
  example: 'P54-consecutive-per-host',
  *check(subject) {
    for (const view of ejectingViews(subject)) {
      const errors = errorsInARow(view.cluster);
      const hosts = view.levels[0]!.length;
      if (errors < 2 || hosts < 2 || ejectionsOf(view, subject) === 0) continue;
      yield {
        at: originOfBlock(view, 'outlierDetection'),
        key: nameOfView(view),
        message: `${nameOfView(view)}: ${errors} errors in a row are counted per endpoint: when all ${hosts} fail in turn, the first ejection comes after ${(errors - 1) * hosts + 1} requests, the last after ${errors * hosts}.`,
      };
    }
  },
});

// OC002: counters are per Envoy, so many callers with little traffic each never reach them.
import { ejectingViews, errorsInARow } from '../ejection.ts';
import { originOfBlock } from '../policy-place.ts';
import { defineRule } from '../rule.ts';
import { clientsOf } from '../samples.ts';
import { nameOfView } from '../words.ts';

export const oc002 = defineRule({
  id: 'OC002',
  title: 'Every caller proxy counts for itself',
  severity: 'info',
  symptom: 'A bad pod stays although the service as a whole sees hundreds of errors from it.',
  cause:
    'Outlier detection has no common memory: each calling Envoy needs the whole number of errors in a row by itself, and ejects for itself.',
  fix: 'Use a smaller consecutive5xxErrors where many callers send little traffic each.',
  *check(subject) {
    for (const view of ejectingViews(subject)) {
      const callers = clientsOf(view, subject);
      const errors = errorsInARow(view.cluster);
      if (callers < 3 || errors < 2) continue;
      yield {
        at: originOfBlock(view, 'outlierDetection'),
        key: nameOfView(view),
        message: `${nameOfView(view)} is called by ${callers} proxies: each needs ${errors} errors in a row from one endpoint of its own before it ejects, and ejects only for itself.`,
      };
    }
  },
});

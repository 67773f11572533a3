// OC010: 4xx are good answers.
import { ejectingViews } from '../ejection.ts';
import { originOfBlock } from '../policy-place.ts';
import { defineRule } from '../rule.ts';
import { nameOfView } from '../words.ts';

export const oc010 = defineRule({
  id: 'OC010',
  title: 'Answers below 500 are good answers for outlierDetection',
  severity: 'info',
  symptom: 'A pod answers 429 or 404 for ever and is not ejected.',
  cause:
    'Only 5xx, and failures to connect or to answer, count (outlierDetectionHttpErrorCodes of 1.32 changes that).',
  fix: 'From Istio 1.32 on set outlierDetectionHttpErrorCodes.',
  *check(subject) {
    for (const view of ejectingViews(subject)) {
      if (view.cluster.outlierErrorStatusCodes) continue;
      const fault = subject
        .faultsOn(view.service)
        .find((one) => one.kind === 'respond' && one.status >= 400 && one.status < 500);
      if (fault?.kind !== 'respond') continue;
      yield {
        at: originOfBlock(view, 'outlierDetection'),
        key: nameOfView(view),
        message: `${nameOfView(view)}: ${fault.status} counts as a good answer: it ejects nothing and sets the counter back.`,
      };
    }
  },
});

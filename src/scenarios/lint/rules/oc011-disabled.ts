// OC011: every counter is off.
import { errorsInARow } from '../ejection.ts';
import { originOfBlock } from '../policy-place.ts';
import { defineRule } from '../rule.ts';
import { nameOfView } from '../words.ts';

export const oc011 = defineRule({
  id: 'OC011',
  title: 'outlierDetection with every counter switched off',
  severity: 'warning',
  symptom: 'outlierDetection is set, nothing is ever ejected.',
  cause: 'consecutive5xxErrors: 0 switches that counter off, and no other one was switched on.',
  fix: 'Set consecutive5xxErrors or consecutiveGatewayErrors above 0; an empty block means 5.',
  *check(subject) {
    for (const view of subject.views) {
      const detection = view.cluster.outlierDetection;
      if (!detection || errorsInARow(view.cluster) > 0 || view.hosts.length === 0) continue;
      if ((detection.enforcingConsecutiveLocalOriginFailure ?? 0) > 0) continue;
      yield {
        at: originOfBlock(view, 'outlierDetection'),
        key: nameOfView(view),
        message: `outlierDetection on ${nameOfView(view)} counts nothing: consecutive5xxErrors is 0 and consecutiveGatewayErrors is not set. (It still switches locality priorities on.)`,
        severity: view.levels.length > 1 ? 'info' : 'warning',
      };
    }
  },
});

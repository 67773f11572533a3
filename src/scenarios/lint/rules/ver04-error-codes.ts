// VER04: what counts as an error can be chosen.
import { originOfBlock } from '../policy-place.ts';
import { defineRule } from '../rule.ts';
import { nameOfView } from '../words.ts';

export const ver04 = defineRule({
  id: 'VER04',
  title: 'outlierDetectionHttpErrorCodes replaces the 5xx rule',
  severity: 'info',
  symptom: '500s do not eject any more, or the list has no effect.',
  cause: 'From 1.32 the listed statuses, and no others, count as errors; before, the field is not known.',
  fix: 'List every status that shall count.',
  example: 'P86-error-codes-field',
  *check(subject) {
    for (const view of subject.views) {
      const codes = view.policy?.outlierDetection?.outlierDetectionHttpErrorCodes;
      if (!Array.isArray(codes) || codes.length === 0) continue;
      yield {
        at: originOfBlock(view, 'outlierDetection', 'outlierDetectionHttpErrorCodes'),
        key: nameOfView(view),
        message: view.cluster.outlierErrorStatusCodes
          ? `only ${codes.map(String).join(', ')} count${codes.length === 1 ? 's' : ''} for ${nameOfView(view)}: other statuses, 5xx too, do not eject.`
          : `istio ${subject.mesh.profile.version} does not know outlierDetectionHttpErrorCodes (1.32): 5xx count for ${nameOfView(view)} as ever.`,
        severity: view.cluster.outlierErrorStatusCodes ? 'info' : 'warning',
      };
    }
  },
});

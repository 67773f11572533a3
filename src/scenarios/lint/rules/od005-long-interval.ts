// OD005: hosts come back only at a tick of the interval.
import { parseDurationNs } from '../../../models/envoy/duration.ts';
import { ejectingViews } from '../ejection.ts';
import { originOfBlock } from '../policy-place.ts';
import { defineRule } from '../rule.ts';
import { nameOfView, timeWords } from '../words.ts';

export const od005 = defineRule({
  id: 'OD005',
  title: 'The interval is longer than the ejection time',
  severity: 'info',
  symptom: 'Ejected pods stay away much longer than baseEjectionTime.',
  cause:
    'Returns are decided once per interval: a host stays out for its ejection time and up to one interval more.',
  fix: 'Make interval a fraction of baseEjectionTime.',
  *check(subject) {
    for (const view of ejectingViews(subject)) {
      const intervalNs = parseDurationNs(view.cluster.outlierDetection?.interval, 10e9);
      const baseNs = parseDurationNs(view.cluster.outlierDetection?.baseEjectionTime, 30e9);
      if (intervalNs <= baseNs) continue;
      yield {
        at: originOfBlock(view, 'outlierDetection', 'interval'),
        key: nameOfView(view),
        message: `${nameOfView(view)}: interval ${timeWords(intervalNs)} is longer than baseEjectionTime ${timeWords(baseNs)}: a first ejection lasts up to ${timeWords(intervalNs + baseNs)}.`,
      };
    }
  },
});

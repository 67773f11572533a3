// DI008: failoverPriority beside distribute is not looked at.
import { arrayOf } from '../../../models/istio/plain.ts';
import { rawSettings } from '../locality.ts';
import { defineRule } from '../rule.ts';

export const di008 = defineRule({
  id: 'DI008',
  title: 'failoverPriority is ignored beside distribute',
  severity: 'warning',
  symptom: 'failoverPriority is written, and endpoints share one priority.',
  cause: 'distribute is looked at first and alone; Istio accepts both without a word.',
  fix: 'Keep one of the two.',
  *check(subject) {
    for (const { setting, owner, originOf } of rawSettings(subject)) {
      if (arrayOf(setting.distribute).length === 0 || arrayOf(setting.failoverPriority).length === 0)
        continue;
      yield {
        at: originOf('failoverPriority'),
        message: `${owner}: failoverPriority is ignored, because distribute is set too.`,
        hint: 'keep one of the two',
      };
    }
  },
});

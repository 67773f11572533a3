// DI007: one or the other.
import { arrayOf } from '../../../models/istio/plain.ts';
import { rawSettings } from '../locality.ts';
import { defineRule } from '../rule.ts';

export const di007 = defineRule({
  id: 'DI007',
  title: 'distribute and failover exclude each other',
  severity: 'error',
  sameAs: ['IST0106'],
  symptom: 'The webhook refuses the rule; 90/10 and failover were wanted.',
  cause: 'Only one of distribute and failover may be set.',
  fix: 'Keep distribute and add outlierDetection: 90/10 then already moves 100 % to the surviving region when endpoints are ejected or gone.',
  example: 'P51-distribute-and-failover-rejected',
  *check(subject) {
    for (const { setting, owner, originOf } of rawSettings(subject)) {
      if (arrayOf(setting.distribute).length === 0 || arrayOf(setting.failover).length === 0) continue;
      const [at, other] = [originOf('distribute'), originOf('failover')];
      yield {
        at,
        message: `${owner}: distribute${at?.line ? ` (line ${at.line})` : ''} and failover${other?.line && other.line !== at?.line ? ` (line ${other.line})` : ''} are mutually exclusive.`,
        hint: '90/10 with outlierDetection { maxEjectionPercent: 100 } already moves 100 % to the surviving region',
      };
    }
  },
});

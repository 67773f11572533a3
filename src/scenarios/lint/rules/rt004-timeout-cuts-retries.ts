// RT004: the whole is shorter than its parts.
import { parseGoDurationNs } from '../../../models/istio/duration.ts';
import { recordOf } from '../../../models/istio/plain.ts';
import { defineRule } from '../rule.ts';
import { httpRules, virtualServices } from '../virtual-services.ts';
import { plural, timeWords } from '../words.ts';

export const rt004 = defineRule({
  id: 'RT004',
  title: 'timeout ends before the retries',
  severity: 'warning',
  symptom: 'attempts: 3 is written, and at most one or two tries happen.',
  cause: 'timeout covers all tries and pauses together; perTryTimeout x attempts beyond it is never used.',
  fix: 'timeout >= (attempts + 1) x perTryTimeout, plus pauses.',
  *check(subject) {
    for (const config of virtualServices(subject))
      for (const rule of httpRules(config, subject)) {
        const retries = recordOf(rule.spec['retries']);
        const timeoutNs = nsOf(rule.spec['timeout']);
        const tryNs = nsOf(retries['perTryTimeout']);
        const attempts = typeof retries['attempts'] === 'number' ? retries['attempts'] : 2;
        if (timeoutNs <= 0 || tryNs <= 0 || attempts <= 0 || timeoutNs >= (attempts + 1) * tryNs) continue;
        const fits = Math.max(1, Math.ceil(timeoutNs / tryNs));
        yield {
          at: rule.originOf(['timeout']),
          message: `VirtualService ${config.name}: timeout ${timeWords(timeoutNs)} ends before ${attempts + 1} tries of perTryTimeout ${timeWords(tryNs)}: at most ${plural(fits, 'slow try').replace(/ys$/, 'ies')} ${fits === 1 ? 'happens' : 'happen'}.`,
          hint: `timeout: ${timeWords((attempts + 1) * tryNs)} or more, or fewer attempts`,
        };
      }
  },
});

/** 0 = absent or no duration. */
function nsOf(value: unknown): number {
  try {
    return typeof value === 'string' ? parseGoDurationNs(value) : 0;
  } catch {
    return 0;
  }
}

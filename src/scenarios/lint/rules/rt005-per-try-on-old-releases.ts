// RT005: history.
import { recordOf } from '../../../models/istio/plain.ts';
import { defineRule } from '../rule.ts';
import { httpRules, virtualServices } from '../virtual-services.ts';

export const rt005 = defineRule({
  id: 'RT005',
  title: 'perTryTimeout without timeout on very old releases',
  severity: 'info',
  symptom: 'A 200 ms limit has no effect.',
  cause:
    'Below istio 1.5 a route without timeout switched the per-try limit off too. Outside the versions that foresail models.',
  fix: 'Set timeout as well, or upgrade.',
  example: 'P23-pertry-needs-timeout-old',
  *check(subject) {
    if (subject.minor >= 5) return;
    for (const config of virtualServices(subject))
      for (const rule of httpRules(config, subject)) {
        if (
          recordOf(rule.spec['retries'])['perTryTimeout'] === undefined ||
          rule.spec['timeout'] !== undefined
        )
          continue;
        yield {
          at: rule.originOf(['retries', 'perTryTimeout']),
          message: `VirtualService ${config.name}: istio ${subject.mesh.profile.version} (below 1.5) ignores perTryTimeout without timeout; this release is outside what is modelled.`,
        };
      }
  },
});

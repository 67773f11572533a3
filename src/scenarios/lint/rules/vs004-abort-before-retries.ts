// VS004: the injected answer comes before the router.
import { recordOf } from '../../../models/istio/plain.ts';
import { defineRule } from '../rule.ts';
import { httpRules, virtualServices } from '../virtual-services.ts';

export const vs004 = defineRule({
  id: 'VS004',
  title: 'fault.abort and retries on one route',
  severity: 'warning',
  symptom: 'The test of a retry policy by fault injection shows no retry.',
  cause: "The caller's proxy answers the abort in its fault filter, before the router that would retry.",
  fix: 'Break the server: faults of the scenario, or fault injection in a proxy behind it.',
  example: 'P25-fault-and-retry-same-vs',
  *check(subject) {
    for (const config of virtualServices(subject))
      for (const rule of httpRules(config, subject)) {
        const attempts = recordOf(rule.spec['retries'])['attempts'];
        if (
          !Object.hasOwn(recordOf(rule.spec['fault']), 'abort') ||
          rule.spec['retries'] === undefined ||
          attempts === 0
        )
          continue;
        yield {
          at: rule.originOf(['fault', 'abort']),
          message: `VirtualService ${config.name}: fault.abort is applied by the caller proxy; the retries on the same route do not run, and outlier detection does not see it.`,
          hint: 'use scenario faults (server side)',
        };
      }
  },
});

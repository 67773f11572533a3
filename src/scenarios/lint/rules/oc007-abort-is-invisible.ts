// OC007: an injected abort never reaches the counters.
import { recordOf } from '../../../models/istio/plain.ts';
import { defineRule } from '../rule.ts';
import { httpRules, virtualServices } from '../virtual-services.ts';

export const oc007 = defineRule({
  id: 'OC007',
  title: 'fault.abort cannot trigger outlierDetection',
  severity: 'warning',
  symptom: 'A game day with fault.abort shows no ejection.',
  cause: "The caller's own proxy answers the abort before a host is chosen, so no host gets a bad mark.",
  fix: 'Use faults of the scenario (respond, refuse), or break the server itself.',
  example: 'P60-injected-faults-are-invisible',
  *check(subject) {
    for (const config of virtualServices(subject))
      for (const rule of httpRules(config, subject)) {
        if (!Object.hasOwn(recordOf(rule.spec['fault']), 'abort')) continue;
        const hit = rule.destinations
          .flatMap(({ fullHost }) => subject.views.filter((view) => view.service.hostname === fullHost))
          .find((view) => view.cluster.outlierDetection);
        if (!hit) continue;
        yield {
          at: rule.originOf(['fault', 'abort']),
          message: `VirtualService ${config.name}: fault.abort is answered by the caller's proxy and cannot trigger the outlierDetection of ${subject.nameOf(hit.service)}.`,
          hint: 'use faults in the scenario',
        };
      }
  },
});

// MB006: the proxy's own user is never redirected.
import { arrayOf, recordOf } from '../../../models/istio/plain.ts';
import { templateKey } from '../../../models/kube/built-state.ts';
import { defineRule } from '../rule.ts';

export const mb006 = defineRule({
  id: 'MB006',
  title: 'The application runs as user 1337',
  severity: 'warning',
  sameAs: ['IST0144'],
  symptom: 'Policy has no effect for one caller, although it has a sidecar.',
  cause: "Traffic of uid 1337 is the proxy's own and is not redirected into it.",
  fix: 'Run the application as another user.',
  *check(subject) {
    const { state, templates } = subject;
    for (const workload of state.workloads) {
      const spec = recordOf(templates.get(templateKey(workload))?.spec);
      const users = [
        spec,
        ...arrayOf(spec['containers']).filter((one) => recordOf(one)['name'] !== 'istio-proxy'),
      ].map((one) => recordOf(recordOf(one)['securityContext'])['runAsUser']);
      if (!users.includes(1337)) continue;
      if (state.pods.some((pod) => pod.workload.name === workload.name && pod.isGateway)) continue;
      yield {
        at: workload.origin,
        message: `${workload.name} runs as user 1337: its calls are not redirected into the sidecar, so no policy applies to them.`,
        hint: 'choose another runAsUser',
      };
    }
  },
});

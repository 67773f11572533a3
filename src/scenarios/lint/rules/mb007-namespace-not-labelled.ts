// MB007: for those who wonder why nothing applies.
import { injectionOf } from '../../../models/kube/injection.ts';
import { defineRule } from '../rule.ts';

export const mb007 = defineRule({
  id: 'MB007',
  title: 'Workloads are not injected',
  severity: 'info',
  sameAs: ['IST0102', 'IST0103'],
  symptom: 'Pods are 1/1: the mesh does not see their calls.',
  cause: 'Neither the namespace nor the pod is labelled for injection, or the pod opts out.',
  fix: 'Label the namespace istio-injection=enabled, or leave it on purpose.',
  *check(subject) {
    const { state } = subject;
    const seen = new Set<string>();
    for (const pod of state.pods) {
      const key = `${pod.cluster}/${pod.namespace}/${pod.workload.name}`;
      if (pod.hasSidecar || pod.isGateway || seen.has(key)) continue;
      seen.add(key);
      const labels =
        state.namespaces.find((one) => one.name === pod.namespace && one.cluster === pod.cluster)?.labels ??
        null;
      const { why, isInjected } = injectionOf({
        namespace: pod.namespace,
        namespaceLabels: labels,
        labels: pod.labels,
        annotations: pod.annotations,
        hostNetwork: false,
      });
      if (isInjected) continue;
      yield {
        at:
          state.workloads.find((one) => one.name === pod.workload.name && one.namespace === pod.namespace)
            ?.origin ?? pod.origin,
        key,
        message: `${pod.workload.name} has no sidecar: ${why}.`,
      };
    }
  },
});

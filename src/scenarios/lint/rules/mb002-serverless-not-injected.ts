// MB002: two labels, two meanings.
import { templateKey } from '../../../models/kube/built-state.ts';
import { defineRule } from '../rule.ts';

export const mb002 = defineRule({
  id: 'MB002',
  title: 'Serverless (ECI) pods stay outside the mesh',
  severity: 'warning',
  sameAs: ['IST0102', 'IST0103'],
  symptom: 'Pods are 1/1 instead of 2/2: alibabacloud.com/eci=true alone does not inject.',
  cause:
    'The ECI label decides where a pod runs, the injection label whether it gets a sidecar; they are independent.',
  fix: 'Label the namespace istio-injection=enabled as well.',
  example: 'P69-eci-pod-not-injected',
  *check(subject) {
    const { state, templates } = subject;
    for (const workload of state.workloads) {
      const namespace = state.namespaces.find(
        (one) => one.name === workload.namespace && one.cluster === workload.cluster,
      );
      const labels = templates.get(templateKey(workload))?.labels ?? workload.labels;
      const isEci =
        state.clusters.find(({ id }) => id === workload.cluster)?.type === 'ask' ||
        [labels, namespace?.labels ?? {}].some((one) => one['alibabacloud.com/eci'] === 'true');
      if (!isEci) continue;
      const pods = state.pods.filter(
        (pod) =>
          pod.workload.name === workload.name &&
          pod.namespace === workload.namespace &&
          pod.cluster === workload.cluster,
      );
      if (pods.length === 0 || pods.some((pod) => pod.hasSidecar || pod.isGateway)) continue;
      yield {
        at: workload.origin,
        key: `${workload.cluster}/${workload.namespace}/${workload.name}`,
        message: `deployment ${workload.name} runs on ECI but namespace ${workload.namespace} has no istio-injection: as a caller it ignores all policy.`,
        hint: `label namespace ${workload.namespace} istio-injection=enabled`,
      };
    }
  },
});

// LO001: old releases took the locality from the caller's own services.
import { selects } from '../../../models/kube/selects.ts';
import { hasExplicitList } from '../locality.ts';
import { defineRule } from '../rule.ts';
import { nameOfView } from '../words.ts';

export const lo001 = defineRule({
  id: 'LO001',
  title: 'A caller without a Service has no locality on old releases',
  severity: 'warning',
  symptom: 'Locality works from the gateway, not from a pod without a Service.',
  cause: "Up to 1.14 istiod took a proxy's locality from its service instances.",
  fix: 'Give the caller a Service, or upgrade.',
  example: 'P70-caller-without-service',
  *check(subject) {
    if (subject.minor > 14) return;
    for (const view of subject.views) {
      if (!view.cluster.outlierDetection && !hasExplicitList(view)) continue;
      if (view.node.type !== 'sidecar' || new Set(view.hosts.map((host) => host.locality)).size < 2) continue;
      const { clusterId: cluster, namespace, labels } = view.node;
      const hasService = subject.state.services.some((service) =>
        selects(service, { cluster, namespace, labels }),
      );
      if (hasService) continue;
      yield {
        at: subject.state.workloads.find(({ name }) => name === view.caller)?.origin,
        key: view.caller,
        message: `caller ${view.caller} belongs to no Service: on istio ${subject.mesh.profile.version} (up to 1.14) its locality is unknown, so no endpoint of ${nameOfView(view)} is nearer than another.`,
        hint: 'add a Service that selects it',
      };
    }
  },
});

// MB005: what is not captured is not routed.
import { templateKey } from '../../../models/kube/built-state.ts';
import { defineRule } from '../rule.ts';
import { listed } from '../words.ts';

export const mb005 = defineRule({
  id: 'MB005',
  title: 'An annotation takes a port out of the sidecar',
  severity: 'warning',
  symptom: 'Policy for one port has no effect.',
  cause:
    'traffic.sidecar.istio.io/excludeOutboundPorts (or a narrow includeOutboundIPRanges) lets traffic leave without Envoy.',
  fix: 'Remove the annotation.',
  *check(subject) {
    const { state, templates } = subject;
    for (const workload of state.workloads) {
      const annotations = templates.get(templateKey(workload))?.annotations ?? {};
      const written = annotations['traffic.sidecar.istio.io/excludeOutboundPorts'];
      if (typeof written !== 'string') continue;
      const ports = new Set(written.split(',').map((port) => Number(port.trim())));
      const hit = subject.services.filter(({ ports: own }) => own.some(({ port }) => ports.has(port)));
      if (hit.length === 0) continue;
      yield {
        at: workload.origin,
        key: workload.name,
        message: `${workload.name}: excludeOutboundPorts ${written} bypasses the sidecar for ${listed(hit.map((one) => subject.nameOf(one)))}: no policy applies to those calls (the simulation captures them all the same).`,
        hint: 'remove the annotation',
      };
    }
  },
});

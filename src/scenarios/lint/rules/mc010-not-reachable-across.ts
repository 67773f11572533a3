// MC010: only pods with mTLS are behind a gateway.
import { defineRule } from '../rule.ts';
import { listed, nameOfView, plural } from '../words.ts';

export const mc010 = defineRule({
  id: 'MC010',
  title: 'Pods without sidecar are invisible from other networks',
  severity: 'warning',
  symptom: 'A remote cluster runs ten pods and gets no request from here.',
  cause:
    'East-west gateways pass mTLS by server name; pods without sidecar do not speak it, so they are left out.',
  fix: 'Inject the pods.',
  *check(subject) {
    for (const view of subject.views) {
      const hidden = view.endpoints.filter(
        (one) =>
          one.network !== view.node.network &&
          !one.mtls &&
          subject.mesh.networkGateways.some(({ network }) => network === one.network),
      );
      if (hidden.length === 0) continue;
      yield {
        at: subject.state.workloads.find(({ name }) => name === hidden[0]!.workload)?.origin,
        key: nameOfView(view),
        message: `${plural(hidden.length, 'pod')} of ${nameOfView(view)} in network ${listed([...new Set(hidden.map(({ network }) => network))])} ${hidden.length === 1 ? 'has' : 'have'} no sidecar: callers in network ${view.node.network || '(default)'} do not see ${hidden.length === 1 ? 'it' : 'them'}.`,
        hint: 'label the namespace istio-injection=enabled',
      };
    }
  },
});

// MC008: addresses of another network lead nowhere without a gateway.
import { defineRule } from '../rule.ts';
import { listed, nameOfView, plural } from '../words.ts';

export const mc008 = defineRule({
  id: 'MC008',
  title: 'A network has no east-west gateway',
  severity: 'error',
  symptom: 'A share of the calls times out: pod addresses of another network cannot be reached.',
  cause:
    'Endpoints of another network are replaced by its gateway; if istiod knows none, their raw addresses are sent.',
  fix: 'Label the gateway Service with topology.istio.io/network and give it an address, or list it in meshNetworks.',
  *check(subject) {
    for (const view of subject.views) {
      const raw = view.hosts.filter(
        ({ endpoint }) =>
          endpoint !== undefined &&
          endpoint.network !== view.node.network &&
          endpoint.network !== '' &&
          view.node.network !== '',
      );
      if (raw.length === 0) continue;
      const networks = [...new Set(raw.map(({ endpoint }) => endpoint!.network))];
      yield {
        at: view.service.origin ?? subject.kubeServicesOf(view.service)[0]?.origin,
        key: `${networks.join()} ${view.node.network}`,
        message: `network ${listed(networks)} has no east-west gateway: ${view.caller} in network ${view.node.network} gets ${plural(raw.length, 'raw pod address').replace(/ss$/, 'sses')} of ${nameOfView(view)} from there.`,
        hint: 'add a gateway Service labelled topology.istio.io/network',
      };
    }
  },
});

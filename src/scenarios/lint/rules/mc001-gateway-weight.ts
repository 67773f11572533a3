// MC001: the same gateway address in several locality groups counts once.
import { remoteGateways } from '../locality.ts';
import { defineRule } from '../rule.ts';
import { nameOfView, plural } from '../words.ts';

export const mc001 = defineRule({
  id: 'MC001',
  title: 'A remote network weighs less than its endpoints',
  severity: 'warning',
  symptom: 'A remote cluster with three pods over three zones gets the share of one.',
  cause:
    'The gateway address stands in one locality group per zone, and Envoy keeps an address only once, with the weight of the first group (reported on istio 1.30).',
  fix: 'Upgrade, put the remote pods into one zone, or write the shares with distribute.',
  example: 'P09-gateway-weight-first-zone',
  *check(subject) {
    for (const view of subject.views)
      for (const { network, hosts, behind } of remoteGateways(view, subject)) {
        const seen = new Map<string, number>();
        for (const host of hosts)
          if (!seen.has(`${host.address}:${host.port}`))
            seen.set(`${host.address}:${host.port}`, host.weight);
        const programmed = [...seen.values()].reduce((sum, weight) => sum + weight, 0);
        const ready = behind.filter(({ health }) => health === 'healthy').length;
        if (hosts.length < 2 || programmed >= ready) continue;
        yield {
          at: view.service.origin ?? subject.kubeServicesOf(view.service)[0]?.origin,
          key: `${nameOfView(view)} ${network}`,
          message: `remote network ${network}: programmed gateway weight ${programmed} for ${plural(ready, 'endpoint')} of ${nameOfView(view)} (known issue on istio ${subject.mesh.profile.version}).`,
        };
      }
  },
});

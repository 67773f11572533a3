// GW002: the Service in front does not pass the port on.

import { arrayOf, recordOf, textMapOf } from '../../../models/istio/plain.ts';
import { selects } from '../../../models/kube/selects.ts';
import { defineRule } from '../rule.ts';
import { listed } from '../words.ts';

export const gw002 = defineRule({
  id: 'GW002',
  title: "A gateway port is not exposed by the gateway's Service",
  severity: 'warning',
  sameAs: ['IST0162'],
  symptom: 'Clients cannot connect to a port that the Gateway declares.',
  cause: "The server's port is compared with the target ports of the Service that selects the gateway pods.",
  fix: 'Add the port to the Service.',
  *check(subject) {
    const { pods, services } = subject.state;
    for (const config of subject.configs('Gateway')) {
      const selector = Object.entries(textMapOf(config.spec['selector']));
      if (selector.length === 0) continue;
      const chosen = pods.filter((pod) => selector.every(([key, value]) => pod.labels[key] === value));
      const fronts = services.filter((service) => chosen.some((pod) => selects(service, pod)));
      if (fronts.length === 0) continue;
      const exposed = new Set(
        fronts.flatMap((service) =>
          service.ports.flatMap(({ port, targetPort }) => [
            port,
            ...(typeof targetPort === 'number' ? [targetPort] : []),
          ]),
        ),
      );
      for (const [i, server] of arrayOf(config.spec['servers']).entries()) {
        const port = recordOf(recordOf(server)['port'])['number'];
        if (typeof port !== 'number' || exposed.has(port)) continue;
        yield {
          at: subject.originOf(config, ['spec', 'servers', i, 'port', 'number']),
          message: `Gateway ${config.name}: port ${port} is not exposed by Service ${listed([...new Set(fronts.map(({ name }) => name))])} (${listed([...exposed].map(String))}).`,
          hint: 'add the port to the Service',
        };
      }
    }
  },
});

// SV004: the name resolves, the port is none of its own.
import { resolveShortName } from '../../../models/istio/host-name.ts';
import { defineRule } from '../rule.ts';
import { listed } from '../words.ts';

export const sv004 = defineRule({
  id: 'SV004',
  title: 'A call goes to a port that the Service does not have',
  severity: 'error',
  symptom: 'Connection refused, or a time-out.',
  cause:
    "Neither the proxy nor kube-proxy knows the port: the packets go to the Service's address and nobody answers.",
  fix: 'Call a port of the Service, or add it.',
  *check(subject) {
    for (const { site, client, caller } of subject.uses) {
      if (client.node.type !== 'sidecar') continue;
      const full = resolveShortName(
        site.request.host.replace(/:\d+$/, ''),
        client.node.namespace,
        subject.mesh.domain,
      );
      const service = subject.services.find(
        ({ hostname, name, namespace }) =>
          hostname === full || full === `${name}.${namespace}` || full === `${name}.${namespace}.svc`,
      );
      if (!service || service.ports.length === 0 || service.ports.some(({ port }) => port === site.port))
        continue;
      yield {
        at: service.origin ?? subject.kubeServicesOf(service)[0]?.origin,
        key: `${caller} ${service.hostname} ${site.port}`,
        message: `${caller} calls ${subject.nameOf(service)} on port ${site.port}; the Service has ${listed(service.ports.map(({ port }) => String(port)))}.`,
        hint: `call port ${service.ports[0]!.port}, or add ${site.port} to the Service`,
      };
    }
  },
});

// VS010: the gateway does not listen for this host.
import { hostsMatch } from '../../../models/istio/host-name.ts';
import { arrayOf, recordOf, stringsOf } from '../../../models/istio/plain.ts';
import { defineRule } from '../rule.ts';
import { gatewaysOf, hostsOf, isForMesh, virtualServices } from '../virtual-services.ts';
import { listed } from '../words.ts';

export const vs010 = defineRule({
  id: 'VS010',
  title: 'A VirtualService host is served by none of its gateways',
  severity: 'warning',
  sameAs: ['IST0132'],
  symptom: '404 at the gateway for one host.',
  cause: 'A gateway takes only hosts of its servers (NAMESPACE/HOST limits them further).',
  fix: "Add the host to the Gateway's servers.",
  *check(subject) {
    const gateways = subject.configs('Gateway');
    for (const config of virtualServices(subject)) {
      const bound = gatewaysOf(config)
        .filter((name) => name !== 'mesh')
        .flatMap((name) => {
          const full = name.includes('/') ? name : `${config.namespace}/${name}`;
          return gateways.filter((gateway) => `${gateway.namespace}/${gateway.name}` === full);
        });
      if (bound.length === 0 || isForMesh(config)) continue;
      const served = bound.flatMap((gateway) =>
        arrayOf(gateway.spec['servers']).flatMap((server) => stringsOf(recordOf(server)['hosts'])),
      );
      for (const [i, host] of hostsOf(config).entries()) {
        if (served.some((one) => hostsMatch(host, one.replace(/^[^/]*\//, '')))) continue;
        yield {
          at: subject.originOf(config, ['spec', 'hosts', i]),
          message: `VirtualService ${config.name}: host "${host}" is served by none of its gateways (${listed(served)}): 404.`,
          hint: 'add the host to the Gateway',
        };
      }
    }
  },
});

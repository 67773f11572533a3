// VS008: only one of two is used.
import { resolveShortName } from '../../../models/istio/host-name.ts';
import type { ConfigObject } from '../../../models/istio/model.ts';
import { stringsOf } from '../../../models/istio/plain.ts';
import { defineRule } from '../rule.ts';
import { gatewaysOf, hostsOf, virtualServices } from '../virtual-services.ts';

export const vs008 = defineRule({
  id: 'VS008',
  title: 'Several VirtualServices for one host',
  severity: 'warning',
  sameAs: ['IST0109', 'KIA1106'],
  symptom: 'Rules of one of the files have no effect.',
  cause:
    'For sidecars the oldest VirtualService of a host wins and the others are not used; at a gateway rules are merged in order of age.',
  fix: 'Put the rules of a host into one VirtualService, or use delegates.',
  *check(subject) {
    const owners = new Map<string, ConfigObject<Record<string, unknown>>>();
    for (const config of virtualServices(subject)) {
      const exportTo = stringsOf(config.spec['exportTo']);
      const reach = exportTo.length > 0 && exportTo.every((one) => one === '.') ? config.namespace : '*';
      for (const [i, host] of hostsOf(config).entries()) {
        const full = resolveShortName(host, config.namespace, subject.mesh.domain);
        for (const gateway of gatewaysOf(config)) {
          const key = `${gateway} ${full} ${reach}`;
          const first = owners.get(key);
          if (!first) owners.set(key, config);
          else if (first !== config && first.name !== config.name && gateway === 'mesh')
            yield {
              at: subject.originOf(config, ['spec', 'hosts', i]),
              message: `VirtualService ${config.name} is not used for ${host} in the mesh: ${first.name} is older and has it already.`,
              hint: `move its rules into ${first.name}`,
            };
        }
      }
    }
  },
});

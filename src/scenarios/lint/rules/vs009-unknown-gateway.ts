// VS009: bound to nothing.
import { stringsOf } from '../../../models/istio/plain.ts';
import { nearestName } from '../../diagnostics.ts';
import { defineRule } from '../rule.ts';
import { gatewaysOf, virtualServices } from '../virtual-services.ts';

export const vs009 = defineRule({
  id: 'VS009',
  title: 'A VirtualService names a gateway that does not exist',
  severity: 'error',
  sameAs: ['IST0101', 'KIA1102'],
  symptom: '404 at the gateway.',
  cause: "Gateway names without a namespace mean the VirtualService's own.",
  fix: 'Correct the name: NAMESPACE/NAME.',
  *check(subject) {
    const known = subject.configs('Gateway').map((config) => `${config.namespace}/${config.name}`);
    const isFolderOnly = known.length === 0;
    for (const config of virtualServices(subject))
      for (const [i, gateway] of stringsOf(config.spec['gateways']).entries()) {
        if (gateway === 'mesh') continue;
        const full = gateway.includes('/') ? gateway : `${config.namespace}/${gateway}`;
        if (known.includes(full)) continue;
        const near =
          nearestName(full, known) ?? known.find((one) => one.endsWith(`/${gateway.split('/').at(-1)}`));
        yield {
          at: subject.originOf(config, ['spec', 'gateways', i]),
          message: `VirtualService ${config.name}: there is no Gateway ${full}: nothing is routed there.`,
          hint: near === undefined ? 'add the Gateway, or its file' : `did you mean ${near}?`,
          severity: isFolderOnly && gatewaysOf(config).includes('mesh') ? 'warning' : 'error',
        };
      }
  },
});

// VS005: a route to nobody.
import { hostsMatch } from '../../../models/istio/host-name.ts';
import { nearestName } from '../../diagnostics.ts';
import { defineRule } from '../rule.ts';
import { allDestinations, virtualServices } from '../virtual-services.ts';

export const vs005 = defineRule({
  id: 'VS005',
  title: 'A destination host does not exist',
  severity: 'error',
  sameAs: ['IST0101', 'KIA1101'],
  symptom: '503 NC, or 500 in the gateway.',
  cause:
    "No Service and no ServiceEntry has the name (short names are looked up in the VirtualService's own namespace).",
  fix: 'Correct the name, or write it in full: NAME.NAMESPACE.svc.cluster.local.',
  *check(subject) {
    for (const config of virtualServices(subject))
      for (const { host, fullHost, at } of allDestinations(config, subject)) {
        if (
          host === '' ||
          subject.services.some(({ hostname }) => hostsMatch(hostname.toLowerCase(), fullHost))
        )
          continue;
        const near = nearestName(
          host.split('.')[0]!,
          subject.services.map(({ name }) => name),
        );
        const elsewhere = subject.services.find(({ name }) => name === host);
        yield {
          at,
          message: `VirtualService ${config.name}: destination "${host}" is no service${elsewhere ? ` in namespace ${config.namespace}` : ''}: its requests end with 503 NC.`,
          hint: elsewhere
            ? `write ${elsewhere.hostname}`
            : near !== undefined
              ? `did you mean ${near}?`
              : 'add the Service or a ServiceEntry',
        };
      }
  },
});

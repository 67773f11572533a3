// DR001: a rule for nobody.
import { stringOf } from '../../../models/istio/plain.ts';
import { nearestName } from '../../diagnostics.ts';
import { defineRule } from '../rule.ts';

export const dr001 = defineRule({
  id: 'DR001',
  title: 'A DestinationRule host matches no Service',
  severity: 'error',
  sameAs: ['IST0174', 'KIA0202'],
  symptom: 'A rule is silently unused.',
  cause:
    "A name with a dot is taken as it is: tcp-app.svc.cluster.local lacks the namespace. A short name means the rule's own namespace.",
  fix: 'Write the full name: NAME.NAMESPACE.svc.cluster.local.',
  example: 'P73-dr-host-does-not-match',
  *check(subject) {
    for (const config of subject.configs('DestinationRule')) {
      const host = stringOf(config.spec['host']);
      if (host === '' || host.includes('*') || subject.servicesOfHost(host, config.namespace).length > 0)
        continue;
      const short = host.split('.')[0]!;
      const meant =
        subject.services.find(({ name }) => name === short)?.hostname ??
        nearestName(
          host,
          subject.services.flatMap(({ hostname, name }) => [name, hostname]),
        );
      yield {
        at: subject.originOf(config, ['spec', 'host']),
        message: `DestinationRule ${config.name}: host "${host}" matches no Service${!host.includes('.') ? ` in namespace ${config.namespace}` : ''}.`,
        ...(meant !== undefined && {
          hint: `did you mean ${meant}?`,
          ...(config.origin && {
            fix: {
              object: `DestinationRule ${config.namespace}/${config.name}`,
              file: config.origin.file,
              path: ['spec', 'host'],
              value: meant,
            },
          }),
        }),
      };
    }
  },
});

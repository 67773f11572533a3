// SC002: imports nothing.
import { hostsMatch } from '../../../models/istio/host-name.ts';
import { arrayOf, recordOf, stringsOf } from '../../../models/istio/plain.ts';
import { defineRule } from '../rule.ts';

export const sc002 = defineRule({
  id: 'SC002',
  title: 'A Sidecar egress host matches no service',
  severity: 'warning',
  sameAs: ['KIA1004'],
  symptom: 'Calls pass through without policy.',
  cause: 'egress.hosts are NAMESPACE/FULL-NAME; a short name matches nothing.',
  fix: 'Write NAMESPACE/NAME.NAMESPACE.svc.cluster.local, or NAMESPACE/*.',
  *check(subject) {
    for (const config of subject.configs('Sidecar'))
      for (const [i, egress] of arrayOf(config.spec['egress']).entries())
        for (const [j, entry] of stringsOf(recordOf(egress)['hosts']).entries()) {
          const slash = entry.indexOf('/');
          const [namespace, host] = [entry.slice(0, slash), entry.slice(slash + 1)];
          if (slash < 0 || host === '*' || host.startsWith('*') || namespace === '~') continue;
          const home = namespace === '.' ? config.namespace : namespace;
          if (
            subject.services.some(
              (service) => (home === '*' || service.namespace === home) && hostsMatch(service.hostname, host),
            )
          )
            continue;
          const meant = subject.services.find((service) => service.name === host.split('.')[0]);
          yield {
            at: subject.originOf(config, ['spec', 'egress', i, 'hosts', j]),
            message: `Sidecar ${config.name}: egress host "${entry}" matches no service.`,
            ...(meant && { hint: `did you mean ${meant.namespace}/${meant.hostname}?` }),
          };
        }
  },
});

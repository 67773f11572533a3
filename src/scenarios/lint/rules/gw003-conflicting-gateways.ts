// GW003: two gateways claim one host.
import { arrayOf, recordOf, stringsOf, textMapOf } from '../../../models/istio/plain.ts';
import { defineRule } from '../rule.ts';

export const gw003 = defineRule({
  id: 'GW003',
  title: 'Two Gateways for one port and host',
  severity: 'warning',
  sameAs: ['IST0145', 'KIA0301'],
  symptom: 'Routes of one of them are not found.',
  cause: 'Servers of one workload, port and host are merged; TLS settings of the first one win.',
  fix: 'One Gateway per host.',
  *check(subject) {
    const owners = new Map<string, string>();
    for (const config of subject.configs('Gateway')) {
      const selector = JSON.stringify(Object.entries(textMapOf(config.spec['selector'])).sort());
      for (const [i, server] of arrayOf(config.spec['servers']).entries())
        for (const host of stringsOf(recordOf(server)['hosts'])) {
          const key = `${selector} ${String(recordOf(recordOf(server)['port'])['number'])} ${host}`;
          const first = owners.get(key);
          if (first === undefined) owners.set(key, config.name);
          else if (first !== config.name)
            yield {
              at: subject.originOf(config, ['spec', 'servers', i]),
              message: `Gateway ${config.name} and ${first} both serve ${host} on port ${String(recordOf(recordOf(server)['port'])['number'])} of the same workload.`,
            };
        }
    }
  },
});

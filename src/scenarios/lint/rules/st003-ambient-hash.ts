// ST003: no sidecar, no hash.
import { recordOf } from '../../../models/istio/plain.ts';
import { ambientNamespaces } from '../ambient.ts';
import { defineRule } from '../rule.ts';
import { listed } from '../words.ts';

export const st003 = defineRule({
  id: 'ST003',
  title: 'consistentHash in an ambient namespace',
  severity: 'info',
  symptom: 'The same configuration works with sidecars and not in ambient.',
  cause: 'ztunnel balances connections before any waypoint; the hash is not looked at on that hop.',
  fix: 'Use a waypoint in front of the callee and sidecars at the caller; foresail treats ambient as plain L4.',
  example: 'P93-sticky-ambient',
  *check(subject) {
    const names = new Set(ambientNamespaces(subject).map(({ name }) => name));
    if (names.size === 0) return;
    for (const config of subject.configs('DestinationRule')) {
      const hash = recordOf(recordOf(config.spec['trafficPolicy'])['loadBalancer'])['consistentHash'];
      if (hash === undefined) continue;
      yield {
        at: subject.originOf(config, ['spec', 'trafficPolicy', 'loadBalancer', 'consistentHash']),
        message: `DestinationRule ${config.name}: callers in ambient namespaces (${listed([...names])}) do not apply consistentHash; ambient is not simulated and treated as plain L4.`,
      };
    }
  },
});

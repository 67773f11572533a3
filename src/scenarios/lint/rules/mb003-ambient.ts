// MB003: ambient is another data plane.
import { ambientNamespaces } from '../ambient.ts';
import { defineRule } from '../rule.ts';

export const mb003 = defineRule({
  id: 'MB003',
  title: 'Ambient namespaces are not modelled',
  severity: 'warning',
  symptom: 'The prediction for an ambient namespace does not fit.',
  cause:
    'In ambient mode ztunnel balances connections, and only a waypoint applies HTTP policy; foresail simulates sidecars and gateways.',
  fix: 'Read the result as plain L4 behaviour, or use sidecars.',
  example: 'P93-sticky-ambient',
  *check(subject) {
    for (const { manifest, name } of ambientNamespaces(subject))
      yield {
        at: manifest,
        key: name,
        message: `namespace ${name} is in ambient mode, which is not modelled: its pods are treated as plain L4 callers and servers without sidecar.`,
      };
  },
});

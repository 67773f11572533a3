// RR003: a schedule starts somewhere.
import { remoteGateways } from '../locality.ts';
import { defineRule } from '../rule.ts';
import { nameOfView } from '../words.ts';

export const rr003 = defineRule({
  id: 'RR003',
  title: 'An endpoint with a small weight waits for its first request',
  severity: 'info',
  symptom: 'A low-weight endpoint gets nothing for the first requests (hours on a quiet service).',
  cause:
    'Unequal weights make a schedule (EDF) per worker with a random start; it starts anew with every change of the endpoints.',
  fix: 'Expected; use larger weights for a quicker first request.',
  example: 'P43-low-weight-host-starves',
  *check(subject) {
    for (const view of subject.views) {
      const weights = (view.levels[0] ?? []).map((host) => host.weight);
      if (weights.length < 2 || new Set(weights).size < 2) continue;
      if (remoteGateways(view, subject).length > 0) continue;
      const least = Math.min(...weights);
      const turns = Math.ceil(weights.reduce((sum, weight) => sum + weight, 0) / least);
      yield {
        at: view.service.origin ?? subject.kubeServicesOf(view.service)[0]?.origin,
        key: nameOfView(view),
        message: `${nameOfView(view)}: the first request to the weight-${least} endpoint comes within ${turns} picks per worker.`,
      };
    }
  },
});

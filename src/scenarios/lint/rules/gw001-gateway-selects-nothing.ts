// GW001: a gateway without pods.
import { textMapOf } from '../../../models/istio/plain.ts';
import { nearestName } from '../../diagnostics.ts';
import { defineRule } from '../rule.ts';

export const gw001 = defineRule({
  id: 'GW001',
  title: 'A Gateway selects no workload',
  severity: 'warning',
  sameAs: ['KIA0302', 'IST0101'],
  symptom: 'Nothing listens.',
  cause: 'spec.selector is compared with pod labels (istio: ingressgateway).',
  fix: "Correct the selector, or add the gateway to the scenario's topology.gateways.",
  *check(subject) {
    const { pods, workloads } = subject.state;
    if (
      !pods.some((pod) => pod.isGateway) &&
      subject.scenario.load.every((load) => !('gateway' in load.from))
    )
      return;
    for (const config of subject.configs('Gateway')) {
      const selector = Object.entries(textMapOf(config.spec['selector']));
      if (selector.length === 0 || workloads.length === 0) continue;
      if (pods.some((pod) => selector.every(([key, value]) => pod.labels[key] === value))) continue;
      const near = nearestName(
        selector.map(([, value]) => value).join(),
        pods.filter((pod) => pod.isGateway).flatMap((pod) => Object.values(pod.labels)),
      );
      yield {
        at: subject.originOf(config, ['spec', 'selector']),
        message: `Gateway ${config.name} selects no pod: none has ${selector.map(([key, value]) => `${key}=${value}`).join(', ')}.`,
        ...(near !== undefined && { hint: `did you mean ${near}?` }),
      };
    }
  },
});

// LL002: whoever is connected stays.
import { defineRule } from '../rule.ts';

export const ll002 = defineRule({
  id: 'LL002',
  title: 'Existing connections stay on the old gateway pods',
  severity: 'info',
  symptom: 'A scaled gateway pod stays idle.',
  cause:
    'Clients are spread over gateway pods when they connect; HTTP/2 and keep-alive clients do not connect again.',
  fix: 'Limit the age of connections (max_connection_duration, keepalive settings of the gateway).',
  example: 'P89-h2-to-gateway-pins',
  *check(subject) {
    const { state } = subject;
    for (const fault of subject.scenario.faults) {
      if (fault.kind !== 'scale') continue;
      const gateway = state.pods.find((pod) => pod.isGateway && pod.workload.name === fault.target.name);
      const load = subject.scenario.load.find((one) => 'gateway' in one.from && one.connections !== 'new');
      const before = state.workloads.find(({ name }) => name === fault.target.name)?.replicas ?? 0;
      if (!gateway || !load || fault.replicas <= before) continue;
      yield {
        at: fault.origin,
        message: `gateway ${fault.target.name} grows to ${fault.replicas} pods; the ${String(load.connections)} kept connection${load.connections === 1 ? '' : 's'} of ${load.name} stay where they are.`,
        hint: 'limit the age of connections',
      };
    }
  },
});

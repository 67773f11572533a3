// OD006: which endpoints Envoy hears of depends on the Istio version.
import { makesUnready } from '../fault-kinds.ts';
import { defineRule } from '../rule.ts';

export const od006 = defineRule({
  id: 'OD006',
  title: 'What happens to unready pods depends on the Istio version',
  severity: 'info',
  sameAs: ['IST0169'],
  symptom:
    'After an upgrade unready pods count in percentages, priorities and, once upon a time, got traffic.',
  cause:
    'Up to 1.30 unready endpoints are left out; from 1.31 they are sent as unhealthy, with the panic threshold at 0 (unless minHealthPercent is set), so they get nothing but count in every percentage.',
  fix: 'Nothing to do; run the scenario with --istio to compare versions before an upgrade.',
  example: 'P07-unready-in-panic',
  *check(subject) {
    for (const service of subject.services) {
      const pods = subject.podsOf(service);
      const fault = subject.faultsOn(service).find((one) => makesUnready(one, pods));
      const isUnready = pods.some((pod) => !pod.isReady && pod.blocked === undefined);
      if (!fault && !isUnready) continue;
      yield {
        at: fault?.origin ?? service.origin,
        key: service.hostname,
        message:
          subject.minor >= 31
            ? `istio ${subject.mesh.profile.version} sends unready endpoints of ${subject.nameOf(service)} as unhealthy (panic forced to 0); up to 1.30 they were left out.`
            : `istio ${subject.mesh.profile.version} leaves unready endpoints of ${subject.nameOf(service)} out; from 1.31 they are sent as unhealthy and count in percentages and priorities.`,
      };
    }
  },
});

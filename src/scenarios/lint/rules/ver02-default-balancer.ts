// VER02: the default changed.
import { originOfBlock } from '../policy-place.ts';
import { defineRule } from '../rule.ts';
import { nameOfView } from '../words.ts';

export const ver02 = defineRule({
  id: 'VER02',
  title: 'The default load balancer depends on the Istio version',
  severity: 'info',
  sameAs: ['IST0169'],
  symptom: 'The distribution in tests changes after an upgrade.',
  cause: 'Unset loadBalancer.simple is LEAST_REQUEST since 1.14, ROUND_ROBIN before.',
  fix: 'Write loadBalancer.simple down.',
  example: 'P84-default-lb-changed',
  *check(subject) {
    for (const view of subject.views) {
      if (view.policy?.loadBalancer?.simple || view.policy?.loadBalancer?.consistentHash || !view.isCalled)
        continue;
      if ((view.levels[0]?.length ?? 0) < 2) continue;
      const hasSlow = subject.faultsOn(view.service).some(({ kind }) => kind === 'slow');
      const latencies = new Set(
        subject
          .workloadsOf(view.service)
          .map(({ name }) =>
            JSON.stringify(
              Object.hasOwn(subject.scenario.behavior, name)
                ? (subject.scenario.behavior[name]!.latency ?? null)
                : null,
            ),
          ),
      );
      if (!hasSlow && latencies.size < 2 && subject.minor >= 14) continue;
      yield {
        at: originOfBlock(view, 'loadBalancer') ?? subject.kubeServicesOf(view.service)[0]?.origin,
        key: nameOfView(view),
        message: `loadBalancer.simple of ${nameOfView(view)} is unset: ${subject.minor >= 14 ? 'LEAST_REQUEST' : 'ROUND_ROBIN'} on ${subject.mesh.profile.version} (${subject.minor >= 14 ? 'ROUND_ROBIN before 1.14' : 'LEAST_REQUEST from 1.14'}).`,
      };
    }
  },
});

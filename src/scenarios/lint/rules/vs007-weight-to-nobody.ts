// VS007: a share of the requests fails.
import { originOfRule } from '../policy-place.ts';
import { defineRule } from '../rule.ts';
import { nameOfView, percent } from '../words.ts';

export const vs007 = defineRule({
  id: 'VS007',
  title: 'A share of the requests goes to a destination without endpoints',
  severity: 'error',
  symptom: "Exactly the canary's share of the requests fails with 503 UH.",
  cause:
    'The weighted destination is chosen first; its share is not given to others when it has no endpoints.',
  fix: 'Scale the workload up before giving it weight, or set its weight to 0.',
  *check(subject) {
    for (const { client, caller, resolution } of subject.uses)
      for (const target of resolution.targets) {
        const view = subject.allViews.find(
          (one) => one.client === client && one.cluster.name === target.cluster,
        );
        if (!view || view.hosts.some((host) => host.isHealthy) || view.cluster.type === 'ORIGINAL_DST')
          continue;
        const isScaled = subject.scenario.faults.some(
          (fault) => fault.kind === 'scale' && fault.replicas > 0,
        );
        if (isScaled) continue;
        yield {
          at: resolution.route?.origin ?? originOfRule(view) ?? view.service.origin,
          key: nameOfView(view),
          message: `${percent(target.share)} of the requests of ${caller} go to ${nameOfView(view)}, which has no ${view.hosts.length > 0 ? 'ready ' : ''}endpoints: they fail with 503 UH.`,
          hint: 'start the workload first, or take its weight away',
          severity: subject.workloadsOf(view.service).length > 0 || view.subset !== '' ? 'error' : 'warning',
        };
      }
  },
});

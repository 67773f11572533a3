// LB004: endpoints outside a subset are no reserve.
import { hasExplicitList } from '../locality.ts';
import { originOfRule } from '../policy-place.ts';
import { defineRule } from '../rule.ts';
import { nameOfView } from '../words.ts';

export const lb004 = defineRule({
  id: 'LB004',
  title: 'A route pins a subset that lives in one region only',
  severity: 'error',
  symptom: 'A drained region keeps getting 503 through its gateway although another region is healthy.',
  cause: 'The subset is chosen before the locality; failover only moves between endpoints of that subset.',
  fix: 'Route to the host without a subset and let outlierDetection and the locality setting choose.',
  example: 'P15-ingress-locality-failover',
  *check(subject) {
    for (const { client, resolution } of subject.uses)
      for (const target of resolution.targets) {
        const view = subject.views.find(
          (one) => one.client === client && one.cluster.name === target.cluster,
        );
        if (!view || view.subset === '' || view.endpoints.length === 0) continue;
        const inside = new Set(view.endpoints.map((endpoint) => endpoint.locality.split('/')[0] ?? ''));
        const region = [...inside][0]!;
        const outside = subject
          .endpointsOf(view.service)
          .some((endpoint) => (endpoint.locality.split('/')[0] ?? '') !== region);
        if (inside.size !== 1 || !outside) continue;
        const isPlace = Object.entries(view.subsetLabels ?? {}).some(
          ([key, value]) =>
            /(region|zone|topology|cluster|locality|datacenter|\bdc\b)/i.test(key) || value === region,
        );
        const isCovered = view.policy?.outlierDetection && hasExplicitList(view);
        if (!isPlace && !isCovered) continue;
        yield {
          at: resolution.route?.origin ?? originOfRule(view),
          key: nameOfView(view),
          message: `the route to ${nameOfView(view)} pins subset ${view.subset}: no endpoint outside ${region || 'its place'} can ever be used, whatever fails there.`,
          hint: 'route without a subset; outlierDetection and locality choose the region',
          severity: isPlace ? 'error' : 'warning',
        };
      }
  },
});

// DR004: an old merge forgot a field.
import { arrayOf, recordOf, stringOf } from '../../../models/istio/plain.ts';
import { defineRule } from '../rule.ts';

export const dr004 = defineRule({
  id: 'DR004',
  title: 'A subset loses the retryBudget',
  severity: 'warning',
  symptom: 'The retry budget holds for the service and not for its subsets.',
  cause: "Up to 1.29 the merge of a subset's own policy with the top level forgot retryBudget.",
  fix: 'Repeat retryBudget in the subset, or upgrade.',
  example: 'P20-subset-drops-retry-budget',
  *check(subject) {
    if (subject.minor >= 30) return;
    for (const config of subject.configs('DestinationRule')) {
      if (recordOf(config.spec['trafficPolicy'])['retryBudget'] === undefined) continue;
      for (const [i, subset] of arrayOf(config.spec['subsets']).entries()) {
        const policy = recordOf(subset)['trafficPolicy'];
        if (policy === undefined || recordOf(policy)['retryBudget'] !== undefined) continue;
        yield {
          at: subject.originOf(config, ['spec', 'subsets', i, 'trafficPolicy']),
          message: `DestinationRule ${config.name}: subset ${stringOf(recordOf(subset)['name'])} has no retryBudget on istio ${subject.mesh.profile.version} (below 1.30); the top-level one is not inherited.`,
          hint: 'repeat retryBudget in the subset',
        };
      }
    }
  },
});

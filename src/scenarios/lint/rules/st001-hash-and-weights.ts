// ST001: the weighted choice comes before the hash.
import { originOfBlock } from '../policy-place.ts';
import { defineRule } from '../rule.ts';
import { weightedUses } from '../samples.ts';
import { percent } from '../words.ts';

export const st001 = defineRule({
  id: 'ST001',
  title: 'Session affinity does not hold across weighted destinations',
  severity: 'error',
  symptom: 'The same cookie alternates between v1 and v2.',
  cause:
    'Weights are drawn at random for each request; the hash only chooses among the endpoints of the destination that was drawn.',
  fix: 'Route by a header or cookie match instead of weights, or one destination with hash.',
  example: 'P91-sticky-does-not-span-subsets',
  *check(subject) {
    for (const { client, resolution } of weightedUses(subject)) {
      const views = resolution.targets.flatMap(({ cluster }) =>
        subject.allViews.filter((one) => one.client === client && one.cluster.name === cluster),
      );
      const hashed = views.find((view) => view.policy?.loadBalancer?.consistentHash);
      if (!hashed) continue;
      const change = 1 - resolution.targets.reduce((sum, { share }) => sum + share ** 2, 0);
      yield {
        at: originOfBlock(hashed, 'loadBalancer', 'consistentHash'),
        key: hashed.service.hostname,
        message: `consistentHash on ${subject.nameOf(hashed.service)} + weights ${resolution.targets.map(({ share }) => Number((share * 100).toFixed(1))).join('/')}: the same session changes version on ${percent(change)} of requests.`,
        hint: 'match on a header or cookie instead of weights',
      };
    }
  },
});

// DR008: a subset of everything.
import { arrayOf, recordOf, stringOf } from '../../../models/istio/plain.ts';
import { defineRule } from '../rule.ts';

export const dr008 = defineRule({
  id: 'DR008',
  title: 'A subset without labels',
  severity: 'warning',
  sameAs: ['KIA0209'],
  symptom: 'A route to the subset reaches pods of every version.',
  cause: 'Without labels a subset is the whole service.',
  fix: 'Give the subset labels.',
  *check(subject) {
    for (const config of subject.configs('DestinationRule'))
      for (const [i, one] of arrayOf(config.spec['subsets']).entries()) {
        if (Object.keys(recordOf(recordOf(one)['labels'])).length > 0) continue;
        yield {
          at: subject.originOf(config, ['spec', 'subsets', i]),
          message: `DestinationRule ${config.name}: subset ${stringOf(recordOf(one)['name'])} has no labels: it holds all endpoints.`,
          hint: 'add labels',
        };
      }
  },
});

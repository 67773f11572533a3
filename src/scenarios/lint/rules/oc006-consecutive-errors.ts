// OC006: the old name is read by nobody.
import { arrayOf, recordOf } from '../../../models/istio/plain.ts';
import { defineRule } from '../rule.ts';

export const oc006 = defineRule({
  id: 'OC006',
  title: 'consecutiveErrors is ignored',
  severity: 'warning',
  sameAs: ['IST0133'],
  symptom: 'consecutiveErrors: 1 is set, and five errors in a row are needed.',
  cause:
    'The field was replaced by consecutive5xxErrors and consecutiveGatewayErrors; istiod takes it with a warning and drops the value.',
  fix: 'Write consecutive5xxErrors.',
  *check(subject) {
    for (const config of subject.configs('DestinationRule')) {
      const policies: [unknown, (string | number)[]][] = [
        [config.spec['trafficPolicy'], ['spec', 'trafficPolicy']],
        ...arrayOf(config.spec['subsets']).map((subset, i): [unknown, (string | number)[]] => [
          recordOf(subset)['trafficPolicy'],
          ['spec', 'subsets', i, 'trafficPolicy'],
        ]),
      ];
      for (const [policy, path] of policies) {
        const detection = recordOf(recordOf(policy)['outlierDetection']);
        if (!Object.hasOwn(detection, 'consecutiveErrors')) continue;
        yield {
          at: subject.originOf(config, [...path, 'outlierDetection', 'consecutiveErrors']),
          message: `DestinationRule ${config.name}: consecutiveErrors ${String(detection['consecutiveErrors'])} is ignored; ${detection['consecutive5xxErrors'] === undefined ? 'the default of 5 errors in a row holds' : `consecutive5xxErrors ${String(detection['consecutive5xxErrors'])} holds`}.`,
          hint: 'write consecutive5xxErrors',
        };
      }
    }
  },
});

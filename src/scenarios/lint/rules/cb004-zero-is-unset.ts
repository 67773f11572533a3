// CB004: 0 is not "none".
import { arrayOf, recordOf } from '../../../models/istio/plain.ts';
import { defineRule } from '../rule.ts';

export const cb004 = defineRule({
  id: 'CB004',
  title: 'A limit of 0 means unlimited',
  severity: 'warning',
  symptom: 'maxRetries: 0 or http1MaxPendingRequests: 0 limits nothing.',
  cause: 'Plain numbers of connectionPool cannot tell 0 from absent; Istio then writes its default, 2^32-1.',
  fix: 'Use 1 as the smallest limit.',
  *check(subject) {
    const fields: [string, string][] = [
      ['tcp', 'maxConnections'],
      ['http', 'http1MaxPendingRequests'],
      ['http', 'http2MaxRequests'],
      ['http', 'maxRetries'],
    ];
    for (const config of subject.configs('DestinationRule')) {
      const levels: [unknown, (string | number)[]][] = [
        [config.spec['trafficPolicy'], ['spec', 'trafficPolicy']],
        ...arrayOf(config.spec['subsets']).map((subset, i): [unknown, (string | number)[]] => [
          recordOf(subset)['trafficPolicy'],
          ['spec', 'subsets', i, 'trafficPolicy'],
        ]),
      ];
      for (const [policy, path] of levels)
        for (const [group, field] of fields) {
          if (recordOf(recordOf(recordOf(policy)['connectionPool'])[group])[field] !== 0) continue;
          yield {
            at: subject.originOf(config, [...path, 'connectionPool', group, field]),
            message: `DestinationRule ${config.name}: ${field}: 0 means unlimited (2^32-1), not none.`,
            hint:
              field === 'maxRetries'
                ? 'switch retries off with retries: { attempts: 0 }'
                : 'the smallest limit is 1',
          };
        }
    }
  },
});

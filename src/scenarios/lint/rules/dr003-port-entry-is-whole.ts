// DR003: a port entry stands for the whole policy.
import { arrayOf, recordOf, stringOf } from '../../../models/istio/plain.ts';
import { defineRule } from '../rule.ts';
import { listed } from '../words.ts';

export const dr003 = defineRule({
  id: 'DR003',
  title: 'A port entry drops the rest of the policy',
  severity: 'warning',
  symptom: 'outlierDetection is written at the top, and does not work on the port that has an entry.',
  cause: 'portLevelSettings replaces the policy for that port whole; what it leaves unset is not inherited.',
  fix: 'Repeat the blocks in the port entry.',
  *check(subject) {
    for (const config of subject.configs('DestinationRule')) {
      const levels: [Record<string, unknown>, (string | number)[], string][] = [
        [recordOf(config.spec['trafficPolicy']), ['spec', 'trafficPolicy'], ''],
        ...arrayOf(config.spec['subsets']).map(
          (subset, i): [Record<string, unknown>, (string | number)[], string] => [
            recordOf(recordOf(subset)['trafficPolicy']),
            ['spec', 'subsets', i, 'trafficPolicy'],
            ` of subset ${stringOf(recordOf(subset)['name'])}`,
          ],
        ),
      ];
      for (const [policy, path, where] of levels)
        for (const [i, entry] of arrayOf(policy['portLevelSettings']).entries()) {
          const own = recordOf(entry);
          const lost = ['outlierDetection', 'connectionPool', 'loadBalancer'].filter(
            (block) => policy[block] !== undefined && own[block] === undefined,
          );
          if (lost.length === 0) continue;
          yield {
            at: subject.originOf(config, [...path, 'portLevelSettings', i]),
            message: `DestinationRule ${config.name}: the entry for port ${String(recordOf(own['port'])['number'])}${where} drops ${listed(lost)} of the level above.`,
            hint: `repeat ${listed(lost)} in the entry`,
          };
        }
    }
  },
});

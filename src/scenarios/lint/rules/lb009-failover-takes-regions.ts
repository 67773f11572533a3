// LB009: regions only.
import { arrayOf, recordOf } from '../../../models/istio/plain.ts';
import { rawSettings } from '../locality.ts';
import { defineRule } from '../rule.ts';

export const lb009 = defineRule({
  id: 'LB009',
  title: 'failover entries take regions only',
  severity: 'error',
  sameAs: ['IST0106'],
  symptom: 'from: region1/zone1 to: region2/zone3 is refused.',
  cause:
    'The API knows failover between regions. Between zones the order same zone, same region, elsewhere is built in.',
  fix: 'Write regions; for zones use failoverPriority with topology.kubernetes.io/zone=NAME.',
  example: 'P31-failover-to-zone-invalid',
  *check(subject) {
    for (const { setting, owner, originOf } of rawSettings(subject))
      for (const [i, entry] of arrayOf(setting.failover).entries())
        for (const key of ['from', 'to'] as const) {
          const value = recordOf(entry)[key];
          if (typeof value !== 'string' || !/[/*]/.test(value)) continue;
          const at = originOf('failover', i, key);
          yield {
            at,
            message: `${owner}${at?.line ? `, line ${at.line}` : ''}: failover.${key} "${value}" must be a region.`,
            hint: `write ${value.split('/')[0]}; for zones use failoverPriority: ["topology.kubernetes.io/zone=NAME"]`,
          };
        }
  },
});

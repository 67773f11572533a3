// LB008: a failover to nowhere.
import { arrayOf, recordOf } from '../../../models/istio/plain.ts';
import { nearestName } from '../../diagnostics.ts';
import { nodeLocalities, rawSettings } from '../locality.ts';
import { defineRule } from '../rule.ts';
import { listed } from '../words.ts';

export const lb008 = defineRule({
  id: 'LB008',
  title: 'failover leads to a region without endpoints, or from one without callers',
  severity: 'warning',
  symptom: 'The failover goes to another region than the one that was written, or nowhere.',
  cause:
    'The `to` region is preferred among the others; if it has no endpoints, whichever other region is left gets the traffic.',
  fix: 'Correct the name; regions are the values of topology.kubernetes.io/region.',
  *check(subject) {
    const known = new Set(nodeLocalities(subject).map((locality) => locality.split('/')[0]!));
    if (known.size === 0) return;
    for (const { setting, owner, originOf } of rawSettings(subject))
      for (const [i, entry] of arrayOf(setting.failover).entries()) {
        const { from, to } = recordOf(entry);
        for (const [key, region] of [
          ['from', from],
          ['to', to],
        ] as const) {
          if (typeof region !== 'string' || /[/*]/.test(region) || known.has(region)) continue;
          const near = nearestName(region, known);
          yield {
            at: originOf('failover', i, key),
            message: `${owner}: failover.${key} "${region}" is no region of any node (${listed([...known])}).`,
            ...(near !== undefined && { hint: `did you mean ${near}?` }),
          };
        }
      }
  },
});

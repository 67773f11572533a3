// DI004: a name that nothing has removes its share.
import { localityMatches } from '../../../models/istio/locality-lb.ts';
import { recordOf } from '../../../models/istio/plain.ts';
import { nearestName } from '../../diagnostics.ts';
import { nodeLocalities, settingOrigin } from '../locality.ts';
import { defineRule } from '../rule.ts';
import { nameOfView } from '../words.ts';

export const di004 = defineRule({
  id: 'DI004',
  title: 'A distribute target matches no endpoint',
  severity: 'error',
  symptom: '80/20 is written, 0/100 happens.',
  cause:
    'A target whose locality no endpoint is in gives its share to the others. A typo, or nodes without topology labels, look the same.',
  fix: 'Correct the name; localities are region/zone/subzone from node labels.',
  example: 'P48-distribute-typo-removes-region',
  *check(subject) {
    const known = nodeLocalities(subject);
    for (const view of subject.views) {
      const list = view.setting?.setting.distribute;
      const index = list?.findIndex(({ from }) => localityMatches(view.node.locality, from)) ?? -1;
      const entry = list?.[index];
      if (!entry) continue;
      const targets = Object.keys(recordOf(entry.to));
      for (const target of targets) {
        if (view.endpoints.some(({ locality }) => localityMatches(locality, target))) continue;
        if (known.some((locality) => localityMatches(locality, target))) continue;
        const near = nearestName(target.replace(/\/\*$/, ''), [
          ...new Set(known.flatMap((locality) => [locality.split('/')[0]!, locality])),
        ]);
        const others = targets.filter(
          (other) =>
            other !== target && view.endpoints.some(({ locality }) => localityMatches(locality, other)),
        );
        yield {
          at: settingOrigin(view, subject, 'distribute', index, 'to', target),
          key: `${target}`,
          message: `distribute "to: ${target}" matches 0 endpoints of ${nameOfView(view)}${others.length === 1 ? `: 100 % will go to ${others[0]}` : others.length === 0 ? ': every request fails with 503' : ': its share goes to the others'}.`,
          ...(near !== undefined && { hint: `did you mean ${near}?` }),
        };
      }
    }
  },
});

// OD007: the percentage is measured over all priorities, so the first one cannot be emptied.
import { ejectionsOf, errorsInARow, percentWords } from '../ejection.ts';
import { hasExplicitList, priorityViews } from '../locality.ts';
import { fixOfBlock, originOfBlock } from '../policy-place.ts';
import { defineRule } from '../rule.ts';
import { listed, nameOfView, percent, placesOf, plural } from '../words.ts';

export const od007 = defineRule({
  id: 'OD007',
  title: 'Too few ejections for a full failover',
  severity: 'error',
  symptom: 'The whole local region is bad, and a part of the requests still fails there.',
  cause:
    'maxEjectionPercent counts endpoints of all priorities together. When not all local ones may go, the first priority keeps (healthy share x 1.4) of the load, on endpoints that fail.',
  fix: 'Set maxEjectionPercent: 100, as multi-cluster controllers do.',
  example: 'P08-od-percent-counts-all-priorities',
  *check(subject) {
    for (const view of priorityViews(subject)) {
      if (!view.cluster.outlierDetection || errorsInARow(view.cluster) === 0) continue;
      const most = ejectionsOf(view, subject);
      const first = view.levels[0]!;
      if (most === 0 || most >= first.length) continue;
      const rest = (first.length - most) / first.length;
      const stays = Math.min(1, rest * 1.4);
      const needed = Math.ceil((100 * first.length) / view.hosts.length);
      const fix = fixOfBlock(view, 'outlierDetection', ['maxEjectionPercent'], 100);
      yield {
        at: originOfBlock(view, 'outlierDetection', 'maxEjectionPercent'),
        key: nameOfView(view),
        message: `${nameOfView(view)}: ${plural(first.length, 'endpoint')} in ${listed(placesOf(first))}, ${view.hosts.length - first.length} elsewhere, maxEjectionPercent ${percentWords(view.cluster)} = ${plural(most, 'ejection')}: full failover out of ${listed(placesOf(first))} is impossible (needs ${needed}); ${percent(stays)} of the load stays.`,
        hint: 'set maxEjectionPercent: 100',
        severity: hasExplicitList(view) ? 'error' : 'warning',
        ...(fix && { fix }),
      };
    }
  },
});

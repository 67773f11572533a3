// OD008: ejections happen, and nothing moves: 5/7 healthy is full health.
import { ejectionsOf, errorsInARow } from '../ejection.ts';
import { priorityViews } from '../locality.ts';
import { originOfBlock } from '../policy-place.ts';
import { defineRule } from '../rule.ts';
import { nameOfView, percent } from '../words.ts';

export const od008 = defineRule({
  id: 'OD008',
  title: 'Ejections are allowed, but never enough to move traffic',
  severity: 'info',
  symptom: 'Pods are ejected, yet the other region gets not one request.',
  cause:
    'A priority keeps all its load while at least 72 % of it (1 / 1.4) is healthy. The ejections that maxEjectionPercent allows stay below that.',
  fix: 'Set maxEjectionPercent: 100.',
  *check(subject) {
    for (const view of priorityViews(subject)) {
      if (!view.cluster.outlierDetection || errorsInARow(view.cluster) === 0) continue;
      const most = ejectionsOf(view, subject);
      const first = view.levels[0]!.length;
      if (most === 0 || most >= first || (1.4 * (first - most)) / first < 1) continue;
      yield {
        at: originOfBlock(view, 'outlierDetection', 'maxEjectionPercent'),
        key: nameOfView(view),
        message: `${nameOfView(view)}: at most ${most} of ${first} endpoints of the first priority can be ejected; with ${percent((first - most) / first)} healthy it keeps all the load, nothing moves to the next.`,
        hint: 'set maxEjectionPercent: 100',
      };
    }
  },
});

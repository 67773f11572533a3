// SS004: a change in the window does not start it anew.
import { originOfBlock } from '../policy-place.ts';
import { defineRule } from '../rule.ts';
import { slowStartNs, slowStartViews } from '../samples.ts';
import { nameOfView, timeWords } from '../words.ts';

export const ss004 = defineRule({
  id: 'SS004',
  title: 'Another change of the endpoints inside the warm-up window',
  severity: 'info',
  symptom: 'Fear of a surge on pods that are still warming up.',
  cause:
    'Every change rebuilds the schedules of all workers; the age of endpoints is kept, so shares go on along their ramp (measured: no surge).',
  fix: 'Nothing to do.',
  example: 'P77-warmup-surge',
  *check(subject) {
    for (const view of slowStartViews(subject)) {
      const times = subject
        .faultsOn(view.service)
        .filter(({ kind }) => kind === 'scale')
        .map(({ atNs }) => atNs)
        .sort((a, b) => a - b);
      const windowNs = slowStartNs(view);
      const i = times.findIndex((atNs, at) => at > 0 && atNs - times[at - 1]! < windowNs);
      if (i < 0) continue;
      yield {
        at: originOfBlock(view, 'loadBalancer'),
        key: nameOfView(view),
        message: `the change of the endpoints of ${nameOfView(view)} at t=${timeWords(times[i]!)} comes inside the warm-up of ${timeWords(windowNs)}: schedules are rebuilt, ages are kept.`,
      };
    }
  },
});

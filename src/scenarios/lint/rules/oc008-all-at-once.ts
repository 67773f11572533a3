// OC008: the second and later ejections wait for the merge window.
import { ejectingViews, ejectionsOf } from '../ejection.ts';
import { leavesFailing, podsHit, rateOf } from '../fault-kinds.ts';
import { originOfBlock } from '../policy-place.ts';
import { defineRule } from '../rule.ts';
import { nameOfView } from '../words.ts';

export const oc008 = defineRule({
  id: 'OC008',
  title: 'When all endpoints of a priority fail together, about a second of requests suffers',
  severity: 'info',
  symptom: 'Hundreds of failures when three pods die in the same second, a handful when they die one by one.',
  cause:
    'Envoy merges health changes within 1 s (update_merge_window): the first ejection acts at once, the others only when the window is over. Until then most of the load still goes to the dead priority. Istio cannot change the window.',
  fix: 'Nothing to configure; retries hide a part. Spread pods so that fewer fail together.',
  example: 'P61-all-priority0-at-once',
  *check(subject) {
    for (const view of ejectingViews(subject)) {
      const first = view.levels[0]!;
      if (first.length < 2 || ejectionsOf(view, subject) < 2) continue;
      const fault = subject.faultsOn(view.service).find((one) => {
        if (!leavesFailing(one)) return false;
        const hit = new Set(podsHit(one, subject).map((pod) => pod.ip));
        return first.every((host) => hit.has(host.address));
      });
      if (!fault) continue;
      const rate = rateOf(subject.scenario);
      yield {
        at: fault.origin ?? originOfBlock(view, 'outlierDetection'),
        key: nameOfView(view),
        message: `${first.length} endpoints of ${nameOfView(view)} fail at once${rate > 0 ? ` at up to ${Math.round(rate)} requests per second` : ''}: all but the first ejection wait for the 1 s merge window, so up to about a second of requests fails.`,
      };
    }
  },
});

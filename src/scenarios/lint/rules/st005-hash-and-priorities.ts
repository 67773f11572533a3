// ST005: the ring belongs to a priority.
import { priorityViews } from '../locality.ts';
import { originOfBlock } from '../policy-place.ts';
import { defineRule } from '../rule.ts';
import { nameOfView } from '../words.ts';

export const st005 = defineRule({
  id: 'ST005',
  title: 'A failover moves sessions',
  severity: 'info',
  symptom: 'Sessions change their pod when a zone gets unhealthy, and again when it recovers.',
  cause: 'The priority is chosen before the hash; every change of the healthy set rebuilds the table.',
  fix: 'Keep sessions outside of pods, or accept the move.',
  *check(subject) {
    for (const view of priorityViews(subject)) {
      if (!view.policy?.loadBalancer?.consistentHash) continue;
      yield {
        at: originOfBlock(view, 'loadBalancer', 'consistentHash'),
        key: nameOfView(view),
        message: `${nameOfView(view)}: consistentHash holds inside each of ${view.levels.length} priorities; a failover moves the sessions.`,
      };
    }
  },
});

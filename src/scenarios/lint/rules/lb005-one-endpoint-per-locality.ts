// LB005: the policy chooses inside a locality only.
import { originOfBlock } from '../policy-place.ts';
import { defineRule } from '../rule.ts';
import { nameOfView } from '../words.ts';

export const lb005 = defineRule({
  id: 'LB005',
  title: 'loadBalancer.simple has nothing to choose from',
  severity: 'info',
  symptom: 'LEAST_REQUEST looks random: a slow pod keeps its full share.',
  cause: 'The algorithm runs inside the chosen priority and locality; with one pod there is no choice.',
  fix: 'More pods per zone, or loadBalancer.localityLbSetting: { enabled: false }.',
  example: 'P36-least-request-degenerates',
  *check(subject) {
    for (const view of subject.views) {
      if (!view.policy?.loadBalancer?.simple || view.hosts.length < 2) continue;
      const groups = new Map<string, number>();
      for (const host of view.hosts) {
        const key = `${host.priority} ${host.locality}`;
        groups.set(key, (groups.get(key) ?? 0) + 1);
      }
      const isSplit =
        view.levels.length > 1 || view.cluster.commonLbConfig?.localityWeightedLbConfig !== undefined;
      if (!isSplit || groups.size < 2 || [...groups.values()].some((count) => count > 1)) continue;
      yield {
        at: originOfBlock(view, 'loadBalancer', 'simple'),
        key: nameOfView(view),
        message: `${nameOfView(view)}: each locality has 1 endpoint, so loadBalancer.simple ${view.policy.loadBalancer.simple} has no effect.`,
      };
    }
  },
});

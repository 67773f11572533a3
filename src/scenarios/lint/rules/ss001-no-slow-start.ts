// SS001: warm-up needs a policy that knows it.
import { fixOfBlock, originOfBlock } from '../policy-place.ts';
import { defineRule } from '../rule.ts';
import { nameOfView } from '../words.ts';

export const ss001 = defineRule({
  id: 'SS001',
  title: 'warmup is set but there is no slow start',
  severity: 'error',
  symptom: 'No slow_start_config in the cluster: new pods get their full share at once.',
  cause: 'Only ROUND_ROBIN and LEAST_REQUEST know it; up to 1.14 not with loadBalancer.simple unset.',
  fix: 'simple: LEAST_REQUEST (or ROUND_ROBIN).',
  example: 'P74-warmup-needs-simple',
  *check(subject) {
    for (const view of subject.views) {
      const load = view.policy?.loadBalancer;
      if (!load || (load.warmup === undefined && load.warmupDurationSecs === undefined)) continue;
      const hasSlowStart =
        view.cluster.roundRobinLbConfig?.slowStartConfig ??
        view.cluster.leastRequestLbConfig?.slowStartConfig;
      const isOldDefault = subject.minor < 15 && !load.simple;
      if (hasSlowStart && !isOldDefault) continue;
      const fix = fixOfBlock(view, 'loadBalancer', ['simple'], 'LEAST_REQUEST');
      yield {
        at: originOfBlock(view, 'loadBalancer', load.warmup === undefined ? 'warmupDurationSecs' : 'warmup'),
        key: nameOfView(view),
        message: `warmup is set on ${nameOfView(view)} but ${load.consistentHash ? 'consistentHash' : load.simple ? `loadBalancer.simple ${load.simple}` : `loadBalancer.simple is unset (istio ${subject.mesh.profile.version})`}${load.simple || load.consistentHash ? ' knows none' : ''}: no slow start.`,
        hint: 'simple: LEAST_REQUEST',
        ...(fix && !load.consistentHash && { fix }),
      };
    }
  },
});

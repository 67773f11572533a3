// RT006: a retry needs another host.
import { leavesFailing } from '../fault-kinds.ts';
import { defineRule } from '../rule.ts';
import { nameOfView } from '../words.ts';

export const rt006 = defineRule({
  id: 'RT006',
  title: 'Retries have no other endpoint to go to',
  severity: 'info',
  symptom: 'Three tries, three failures: all on the same pod.',
  cause:
    'Retries stay in the chosen cluster (subset) and priority; with one endpoint there they all meet it again.',
  fix: 'More than one pod per subset and priority; or retryRemoteLocalities with priorities.',
  *check(subject) {
    for (const { client, resolution } of subject.uses) {
      const policy = resolution.route?.route?.retryPolicy;
      if (!policy || policy.numRetries === 0 || !resolution.route?.origin?.path?.startsWith('spec.http'))
        continue;
      for (const target of resolution.targets) {
        const view = subject.allViews.find(
          (one) => one.client === client && one.cluster.name === target.cluster,
        );
        if (view?.levels[0]?.length !== 1 || !subject.faultsOn(view.service).some(leavesFailing)) continue;
        if (policy.retryPriority && view.levels.length > 1) continue;
        yield {
          at: resolution.route.origin,
          key: nameOfView(view),
          message: `the ${policy.numRetries ?? 1} retries of the route to ${nameOfView(view)} meet the same endpoint again: it is the only one${view.levels.length > 1 ? ' in its priority' : ''}.`,
        };
      }
    }
  },
});

// RT008: there must be another priority to go to.
import { defineRule } from '../rule.ts';
import { nameOfView, plural } from '../words.ts';

export const rt008 = defineRule({
  id: 'RT008',
  title: 'retryRemoteLocalities without priorities',
  severity: 'warning',
  symptom: 'Retries do not go to another region.',
  cause:
    'retryRemoteLocalities makes retries prefer priorities that were not tried; without outlierDetection and locality there is only one.',
  fix: 'Add outlierDetection (and a locality setting) to the DestinationRule.',
  *check(subject) {
    for (const { client, resolution } of subject.uses) {
      if (!resolution.route?.route?.retryPolicy?.retryPriority) continue;
      for (const target of resolution.targets) {
        const view = subject.allViews.find(
          (one) => one.client === client && one.cluster.name === target.cluster,
        );
        if (view?.levels.length !== 1) continue;
        yield {
          at: resolution.route.origin,
          key: nameOfView(view),
          message: `retryRemoteLocalities has no effect for ${nameOfView(view)}: all ${plural(view.hosts.length, 'endpoint')} share one priority.`,
          hint: 'outlierDetection in the DestinationRule makes priorities',
        };
      }
    }
  },
});

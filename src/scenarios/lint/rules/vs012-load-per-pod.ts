// VS012: shares of requests are not shares of load per pod.
import { defineRule } from '../rule.ts';
import { weightedUses } from '../samples.ts';
import { nameOfView, percent, plural } from '../words.ts';

export const vs012 = defineRule({
  id: 'VS012',
  title: 'Weights and replicas give some pods far more than others',
  severity: 'info',
  symptom: "The canary's only pod is overloaded at 20 %.",
  cause: 'A weight goes to a subset whatever the number of its pods.',
  fix: 'Scale subsets in proportion to their weights.',
  *check(subject) {
    for (const { client, resolution } of weightedUses(subject)) {
      const parts = resolution.targets.flatMap(({ cluster, share }) => {
        const view = subject.allViews.find((one) => one.client === client && one.cluster.name === cluster);
        return view && view.hosts.length > 0 ? [{ view, perPod: share / view.hosts.length, share }] : [];
      });
      if (parts.length < 2) continue;
      const most = parts.reduce((a, b) => (b.perPod > a.perPod ? b : a));
      const least = parts.reduce((a, b) => (b.perPod < a.perPod ? b : a));
      // A small share on few pods is a canary; a pod of the smaller share that gets more than the others is a surprise.
      if (most.perPod < 1.5 * least.perPod || most.view.hosts.length >= least.view.hosts.length) continue;
      yield {
        at: resolution.route?.origin,
        key: `${nameOfView(most.view)} ${nameOfView(least.view)}`,
        message: `${percent(most.share)} to ${plural(most.view.hosts.length, 'pod')} of ${nameOfView(most.view)} and ${percent(least.share)} to ${least.view.hosts.length} of ${nameOfView(least.view)}: ${Number((most.perPod / least.perPod).toFixed(1))} times the load per pod.`,
      };
    }
  },
});

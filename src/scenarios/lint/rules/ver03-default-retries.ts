// VER03: what the default retries changed.
import { defineRule } from '../rule.ts';
import { nameOfView } from '../words.ts';

export const ver03 = defineRule({
  id: 'VER03',
  title: 'Whether a 503 is retried by default depends on the Istio version',
  severity: 'info',
  sameAs: ['IST0169'],
  symptom: 'After the upgrade to 1.24 users see 503s that retries used to hide.',
  cause: 'The default retryOn lost the status 503 in 1.24.',
  fix: 'Write retries.retryOn down (e.g. connect-failure,refused-stream,503).',
  *check(subject) {
    for (const { client, resolution } of subject.uses) {
      const policy = resolution.route?.route?.retryPolicy;
      if (!policy || policy.numRetries === 0 || !policy.retryOn.includes('unavailable')) continue;
      for (const target of resolution.targets) {
        const view = subject.allViews.find(
          (one) => one.client === client && one.cluster.name === target.cluster,
        );
        const fault =
          view && subject.faultsOn(view.service).find((one) => one.kind === 'respond' && one.status === 503);
        const errors = view
          ? subject.workloadsOf(view.service).some(({ name }) => {
              const behaviour = Object.hasOwn(subject.scenario.behavior, name)
                ? subject.scenario.behavior[name]
                : undefined;
              return behaviour?.errorStatus === 503 && (behaviour.errorRate ?? 0) > 0;
            })
          : false;
        if (!view || (!fault && !errors)) continue;
        yield {
          at: resolution.route?.origin ?? fault?.origin ?? view.service.origin,
          key: nameOfView(view),
          message: `an answered 503 of ${nameOfView(view)} is ${subject.minor < 24 ? 'retried' : 'not retried'} by default on istio ${subject.mesh.profile.version} (the default lost it in 1.24).`,
        };
      }
    }
  },
});

// RT001: a retry after an answer does the work again.
import { defineRule } from '../rule.ts';
import { readsAnswers } from '../samples.ts';

export const rt001 = defineRule({
  id: 'RT001',
  title: 'Calls that are not idempotent are retried',
  severity: 'warning',
  symptom: 'A POST is executed two or three times; double payouts.',
  cause:
    'Istio retries twice by default. Up to 1.23 a 503 that the application answered is retried too; from 1.24 only failures to connect and the like, after which nothing was done.',
  fix: 'retries: { attempts: 0 } on the route of such calls, or a retryOn without answered requests (connect-failure,refused-stream).',
  example: 'P18-default-retry-duplicates-post',
  *check(subject) {
    for (const { site, resolution } of subject.uses) {
      const { method, path } = site.request;
      if (!['POST', 'PATCH'].includes(method.toUpperCase())) continue;
      const policy = resolution.route?.route?.retryPolicy ?? resolution.virtualHost?.retryPolicy;
      const retries = policy ? (policy.numRetries ?? 1) : 0;
      if (retries === 0) continue;
      const isReplayed = readsAnswers(policy);
      const host = resolution.targets[0]?.cluster.split('|')[3] ?? site.request.host;
      const load = subject.scenario.load.find((one) => one.name === site.load);
      yield {
        at:
          resolution.route?.origin ??
          load?.origin ??
          subject.services.find((one) => one.hostname === host)?.origin,
        key: `${method} ${host} ${path}`,
        message: isReplayed
          ? `${method} ${path} to ${host.split('.')[0]} can be executed up to ${retries + 1} times: ${retries} retries, and "${policy!.retryOn}"${policy!.retriableStatusCodes ? ` (${policy!.retriableStatusCodes.join(', ')})` : ''} repeats requests that were answered.`
          : `${method} ${path} to ${host.split('.')[0]} has ${retries} retries; from istio 1.24 the default repeats only what was never answered, up to 1.23 also a 503: up to ${retries + 1} times.`,
        hint: 'retries: { attempts: 0 } for this route',
        severity: isReplayed ? 'warning' : 'info',
      };
    }
  },
});

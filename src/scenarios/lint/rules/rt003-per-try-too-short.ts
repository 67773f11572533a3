// RT003: perTryTimeout limits the first try as well.
import { parseDurationNs } from '../../../models/envoy/duration.ts';
import { defineRule } from '../rule.ts';
import { latencyOf } from '../samples.ts';
import { nameOfView, timeWords } from '../words.ts';

export const rt003 = defineRule({
  id: 'RT003',
  title: 'perTryTimeout is shorter than ordinary answers',
  severity: 'warning',
  symptom: 'Every call slower than perTryTimeout fails, although only retries were meant to be limited.',
  cause:
    'The limit holds for every try, the first one included; a 504 by it is retried only when retryOn covers it (5xx, gateway-error, reset).',
  fix: 'Remove perTryTimeout, or set it above the slowest ordinary answer, and use timeout for the whole.',
  example: 'P21-pertry-is-the-timeout',
  *check(subject) {
    for (const { client, resolution } of subject.uses) {
      const policy = resolution.route?.route?.retryPolicy;
      const tryNs = parseDurationNs(policy?.perTryTimeout, 0);
      if (!policy || tryNs <= 0) continue;
      for (const target of resolution.targets) {
        const view = subject.allViews.find(
          (one) => one.client === client && one.cluster.name === target.cluster,
        );
        if (!view) continue;
        const { p99Ns, p50Ns } = latencyOf(view, subject);
        if (p99Ns <= tryNs) continue;
        const isRetried = /(^|,)(5xx|gateway-error|reset)(,|$)/.test(policy.retryOn);
        const tries = 1 + (policy.numRetries ?? 1);
        yield {
          at: resolution.route?.origin,
          key: nameOfView(view),
          message: `perTryTimeout ${timeWords(tryNs)} is shorter than the ${p50Ns > tryNs ? 'ordinary answer' : 'declared p99'} (${timeWords(Math.round(p50Ns > tryNs ? p50Ns : p99Ns))}) of ${nameOfView(view)}: those requests fail after ${isRetried ? `${tries} tries x ${timeWords(tryNs)}` : `one try of ${timeWords(tryNs)}, since retryOn does not cover the 504`}.`,
          hint: 'remove perTryTimeout, or raise it',
        };
      }
    }
  },
});

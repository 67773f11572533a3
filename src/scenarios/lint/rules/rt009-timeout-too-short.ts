// RT009: the route gives up before the server answers.
import { parseDurationNs } from '../../../models/envoy/duration.ts';
import { defineRule } from '../rule.ts';
import { latencyOf } from '../samples.ts';
import { nameOfView, timeWords } from '../words.ts';

export const rt009 = defineRule({
  id: 'RT009',
  title: "The route's timeout is shorter than ordinary answers",
  severity: 'warning',
  symptom: '504 UT for a part of the requests or for all.',
  cause: 'timeout covers the whole request, retries included.',
  fix: 'Raise timeout above the slowest ordinary answer.',
  *check(subject) {
    for (const { client, resolution } of subject.uses) {
      const action = resolution.route?.route;
      const timeoutNs = parseDurationNs(action?.timeout, 15e9);
      if (!action || timeoutNs <= 0) continue;
      for (const target of resolution.targets) {
        const view = subject.allViews.find(
          (one) => one.client === client && one.cluster.name === target.cluster,
        );
        if (!view) continue;
        const { p99Ns, p50Ns } = latencyOf(view, subject);
        if (p99Ns <= timeoutNs) continue;
        yield {
          at: resolution.route?.origin,
          key: nameOfView(view),
          message: `timeout ${timeWords(timeoutNs)} is shorter than ${p50Ns > timeoutNs ? `ordinary answers (${timeWords(Math.round(p50Ns))})` : `the declared p99 (${timeWords(Math.round(p99Ns))})`} of ${nameOfView(view)}: ${p50Ns > timeoutNs ? 'most' : 'some'} requests end with 504.`,
          hint: 'raise timeout',
        };
      }
    }
  },
});

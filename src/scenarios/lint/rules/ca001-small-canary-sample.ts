// CA001: weights are drawn, request by request.
import { defineRule } from '../rule.ts';
import { requestsOf, weightedUses } from '../samples.ts';
import { percent, plural } from '../words.ts';

export const ca001 = defineRule({
  id: 'CA001',
  title: 'A few requests do not show the weights',
  severity: 'info',
  symptom: '10 requests at 90/10 give 10:0 or 7:3.',
  cause: 'Weighted destinations are drawn at random for every request: the counts are binomial.',
  fix: 'Judge a canary by hundreds of requests.',
  example: 'P42-replicas-not-weights',
  *check(subject) {
    for (const { site, resolution } of weightedUses(subject)) {
      const load = subject.scenario.load.find((one) => one.name === site.load) ?? subject.scenario.load[0];
      const requests = load && requestsOf(load);
      const smallest = [...resolution.targets].sort((a, b) => a.share - b.share)[0]!;
      if (requests === undefined || requests > 500) continue;
      const mean = requests * smallest.share;
      const sd = Math.sqrt(mean * (1 - smallest.share));
      const [, , subset, host] = smallest.cluster.split('|');
      yield {
        at: resolution.route?.origin,
        key: smallest.cluster,
        message: `${plural(requests, 'request')} at ${percent(smallest.share)} to ${host?.split('.')[0]}${subset ? `/${subset}` : ''} are ${Number(mean.toFixed(1))} +- ${Number((2 * sd).toFixed(1))} (weights are drawn per request).`,
      };
    }
  },
});

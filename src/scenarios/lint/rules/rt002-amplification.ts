// RT002: retries multiply over hops.
import { defineRule } from '../rule.ts';
import { readsAnswers } from '../samples.ts';
import type { RouteUse } from '../subject.ts';

export const rt002 = defineRule({
  id: 'RT002',
  title: 'Retries multiply along a chain of calls',
  severity: 'warning',
  symptom: 'A small outage at the end of the chain becomes a storm: 3, 9, 27 times the requests.',
  cause: 'Every hop retries by itself: with k hops of n tries the last service sees n^k.',
  fix: 'Retry at one place only (the edge), and set attempts: 0 on the inner hops; or a retryBudget.',
  *check(subject) {
    const triesOf = (use: RouteUse): number => {
      const policy = use.resolution.route?.route?.retryPolicy ?? use.resolution.virtualHost?.retryPolicy;
      return readsAnswers(policy) ? 1 + (policy?.numRetries ?? 1) : 1;
    };
    const calledBy = new Map<string, RouteUse[]>();
    for (const use of subject.uses) calledBy.set(use.caller, [...(calledBy.get(use.caller) ?? []), use]);
    const seen = new Set<string>();
    const worst = (use: RouteUse, depth: number): { tries: number; hops: string[]; hasOwn: boolean } => {
      const own = triesOf(use);
      const host = use.resolution.targets[0]?.cluster.split('|')[3];
      const service = subject.services.find((one) => one.hostname === host);
      const isWritten = use.resolution.route?.origin?.path?.startsWith('spec.http') === true && own > 1;
      let best = { tries: 1, hops: [] as string[], hasOwn: false };
      if (service && depth < 8)
        for (const { name } of subject.workloadsOf(service))
          for (const next of calledBy.get(name) ?? []) {
            const below = worst(next, depth + 1);
            if (below.tries > best.tries) best = below;
          }
      return {
        tries: own * best.tries,
        hops: [...(own > 1 ? [host?.split('.')[0] ?? '?'] : []), ...best.hops],
        hasOwn: isWritten || best.hasOwn,
      };
    };
    for (const use of subject.uses) {
      const found = worst(use, 0);
      if (found.hops.length < 2 || found.tries < 4) continue;
      const key = found.hops.join(' > ');
      if (seen.has(key) || [...seen].some((longer) => longer.endsWith(key))) continue;
      seen.add(key);
      yield {
        at: use.resolution.route?.origin,
        key,
        message: `retries multiply: one request to ${found.hops[0]} can become ${found.tries} to ${found.hops.at(-1)} (${found.hops.join(' > ')}).`,
        hint: 'retry at one hop only, or set a retryBudget',
        severity: found.hasOwn ? 'warning' : 'info',
      };
    }
  },
});

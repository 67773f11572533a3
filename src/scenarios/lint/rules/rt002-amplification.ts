// RT002: retries multiply over hops.
import { getOrCreate } from '../../../models/istio/get-or-create.ts';
import { defineRule } from '../rule.ts';
import { readsAnswers } from '../samples.ts';
import type { RouteUse } from '../subject.ts';

/** Longer chains are not followed. */
const MOST_HOPS = 8;

interface Chain {
  tries: number;
  hops: string[];
  /** One of the policies was written, not Istio's default. */
  hasOwn: boolean;
}

const NONE: Chain = { tries: 1, hops: [], hasOwn: false };

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
    for (const use of subject.uses)
      getOrCreate(calledBy, `${use.client.node.namespace}/${use.caller}`, () => []).push(use);
    const seen = new Set<string>();
    /** @param path hosts of the calls before: round a loop of calls the product would grow with every round that is looked at */
    const worst = (use: RouteUse, path: readonly string[]): Chain => {
      const host = use.resolution.targets[0]?.cluster.split('|')[3];
      if (host !== undefined && path.includes(host)) return NONE;
      const own = triesOf(use);
      const service = subject.services.find((one) => one.hostname === host);
      const isWritten = use.resolution.route?.origin?.path?.startsWith('spec.http') === true && own > 1;
      let best: Chain = NONE;
      if (service && host !== undefined && path.length < MOST_HOPS)
        for (const { name, namespace } of subject.workloadsOf(service))
          for (const next of calledBy.get(`${namespace}/${name}`) ?? []) {
            const below = worst(next, [...path, host]);
            if (below.tries > best.tries) best = below;
          }
      return {
        tries: own * best.tries,
        hops: [...(own > 1 ? [service ? subject.nameOf(service) : (host ?? '?')] : []), ...best.hops],
        hasOwn: isWritten || best.hasOwn,
      };
    };
    for (const use of subject.uses) {
      const found = worst(use, []);
      if (found.hops.length < 2 || found.tries < 4) continue;
      const key = found.hops.join(' > ');
      if (seen.has(key) || [...seen].some((longer) => longer.endsWith(` > ${key}`))) continue;
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

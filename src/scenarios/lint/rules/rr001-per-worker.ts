// RR001: every worker has a turn of its own.
import { originOfBlock } from '../policy-place.ts';
import { defineRule } from '../rule.ts';
import { plainLoads, requestsOf, workersOf } from '../samples.ts';
import { nameOfView, percent, plural } from '../words.ts';

export const rr001 = defineRule({
  id: 'RR001',
  title: 'Round robin is per worker thread',
  severity: 'info',
  symptom: 'Two requests in a row hit the same pod; 12 curls are not 4/4/4.',
  cause:
    'Each worker of an Envoy has its own balancer with its own start; a new connection lands on any worker.',
  fix: 'concurrency 1 or more requests for a strict check.',
  example: 'P39-rr-per-worker',
  *check(subject) {
    for (const view of subject.views) {
      if (view.cluster.lbPolicy !== 'ROUND_ROBIN' || (view.levels[0]?.length ?? 0) < 2) continue;
      const workers = workersOf(view, subject);
      const load = plainLoads(view, subject).find((one) => (requestsOf(one) ?? 1e9) <= 100);
      if (!load || workers < 2) continue;
      const requests = requestsOf(load)!;
      const hosts = view.levels[0]!.length;
      const odds = oddsOfEven(requests, hosts, workers);
      yield {
        at: originOfBlock(view, 'loadBalancer', 'simple'),
        key: nameOfView(view),
        message: `${requests} new connections to ${nameOfView(view)} over ${plural(hosts, 'endpoint')}: ${
          odds === undefined
            ? 'the exact split is a matter of luck'
            : `the exact split ${Array(hosts)
                .fill(requests / hosts)
                .join('/')} comes in ${percent(odds)} of runs`
        } with ${workers} workers, always with 1.`,
        hint: 'concurrency 1, or more requests',
      };
    }
  },
});

/** Connections fall on workers by chance; each serves hosts in turn from a start of its own. */
function oddsOfEven(requests: number, hosts: number, workers: number): number | undefined {
  if (requests % hosts !== 0 || requests > 60 || hosts > 5 || workers > 8) return undefined;
  // Only the requests left over after whole turns matter; a state is how often each host has had one more.
  let states = new Map<string, { odds: number; left: number; extra: number[] }>();
  states.set(`${requests}|`, { odds: 1, left: requests, extra: Array(hosts).fill(0) });
  for (let worker = workers; worker >= 1; worker--) {
    const next = new Map<string, { odds: number; left: number; extra: number[] }>();
    for (const { odds, left, extra } of states.values())
      for (let n = worker === 1 ? left : 0; n <= left; n++) {
        const chance = worker === 1 ? 1 : binomial(left, n, 1 / worker);
        if (chance < 1e-12) continue;
        for (let start = 0; start < hosts; start++) {
          const counts = extra.map(
            (count, host) =>
              count + Math.floor(n / hosts) + ((host - start + hosts) % hosts < n % hosts ? 1 : 0),
          );
          if (counts.some((count) => count > requests / hosts)) continue;
          const key = `${left - n}|${counts.join()}`;
          const known = next.get(key);
          const more = (odds * chance) / hosts;
          if (known) known.odds += more;
          else next.set(key, { odds: more, left: left - n, extra: counts });
        }
      }
    states = next;
  }
  return [...states.values()].reduce((sum, { odds }) => sum + odds, 0);
}

function binomial(n: number, k: number, p: number): number {
  let value = (1 - p) ** (n - k) * p ** k;
  for (let i = 1; i <= k; i++) value *= (n - k + i) / i;
  return value;
}

// CB001: every caller has limits of its own.
import { originOfBlock } from '../policy-place.ts';
import { defineRule } from '../rule.ts';
import { clientsOf } from '../samples.ts';
import { nameOfView } from '../words.ts';

export const cb001 = defineRule({
  id: 'CB001',
  title: 'Circuit breakers count per caller proxy',
  severity: 'info',
  symptom: 'maxConnections: 1 and the server sees three connections.',
  cause:
    "connectionPool limits live in each calling Envoy (shared by its workers) and in each subset's cluster; together callers have their sum.",
  fix: 'Divide the limit by the number of callers; limit on the server side for a total.',
  *check(subject) {
    for (const view of subject.views) {
      const pool = view.policy?.connectionPool;
      const limits = {
        maxConnections: pool?.tcp?.maxConnections,
        http1MaxPendingRequests: pool?.http?.http1MaxPendingRequests,
        http2MaxRequests: pool?.http?.http2MaxRequests,
      };
      const written = Object.entries(limits).filter((entry): entry is [string, number] => Boolean(entry[1]));
      const callers = clientsOf(view, subject);
      if (written.length === 0 || callers < 2) continue;
      yield {
        at: originOfBlock(view, 'connectionPool'),
        key: nameOfView(view),
        message: `${nameOfView(view)}: ${written.map(([name, value]) => `${name} ${value}`).join(', ')} hold${written.length === 1 ? 's' : ''} per caller: ${callers} proxies have ${callers} times that together.`,
      };
    }
  },
});

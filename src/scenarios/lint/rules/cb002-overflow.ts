// CB002: more at once than there is room for.
import { rateOf } from '../fault-kinds.ts';
import { originOfBlock } from '../policy-place.ts';
import { defineRule } from '../rule.ts';
import { latencyOf, plainLoads } from '../samples.ts';
import { nameOfView } from '../words.ts';

export const cb002 = defineRule({
  id: 'CB002',
  title: 'More concurrent requests than the pool has room for',
  severity: 'info',
  symptom: '"reset reason: overflow", 503 UO at a few parallel calls.',
  cause:
    'With HTTP/1.1 maxConnections requests run and http1MaxPendingRequests wait; the next one is refused at once.',
  fix: 'Raise http1MaxPendingRequests to queue instead of refusing.',
  example: 'P80-pending-1-throws-503',
  *check(subject) {
    for (const view of subject.views) {
      const [thresholds] = view.cluster.circuitBreakers?.thresholds ?? [];
      const pool = view.policy?.connectionPool;
      const connections = pool?.tcp?.maxConnections ? (thresholds?.maxConnections ?? 0) : 0;
      const pending = thresholds?.maxPendingRequests ?? 4294967295;
      if (!pool?.http?.http1MaxPendingRequests || view.cluster.http2ProtocolOptions) continue;
      const users = plainLoads(view, subject).reduce((sum, load) => sum + (load.users ?? 0), 0);
      const room = connections + pending;
      if (connections > 0 && users <= room) continue;
      const seconds = latencyOf(view, subject).p50Ns / 1e9;
      const busy = rateOf(subject.scenario) * seconds;
      if (users <= room && (connections === 0 || busy <= room)) continue;
      if (connections === 0 && users <= pending) continue;
      yield {
        at: originOfBlock(view, 'connectionPool'),
        key: nameOfView(view),
        message: `${nameOfView(view)}: ${users > 0 ? `${users} concurrent callers` : `about ${Math.ceil(busy)} requests at once`}, ${connections || 'unlimited'} connection${connections === 1 ? '' : 's'}, ${pending} pending: what does not fit is refused with 503 UO.`,
        hint: 'raise http1MaxPendingRequests',
      };
    }
  },
});

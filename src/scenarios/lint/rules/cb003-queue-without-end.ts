// CB003: connections alone only queue.
import { originOfBlock } from '../policy-place.ts';
import { defineRule } from '../rule.ts';
import { nameOfView } from '../words.ts';

export const cb003 = defineRule({
  id: 'CB003',
  title: 'maxConnections alone queues instead of refusing',
  severity: 'info',
  symptom: 'The circuit breaker never opens; latency grows.',
  cause:
    'Requests beyond maxConnections wait in a queue whose limit (http1MaxPendingRequests) is 2^32-1 in Istio; with HTTP/2 one connection carries any number of requests.',
  fix: 'Set http1MaxPendingRequests (HTTP/1.1) or http2MaxRequests (HTTP/2) too.',
  *check(subject) {
    for (const view of subject.views) {
      const pool = view.policy?.connectionPool;
      const isHttp2 = view.cluster.http2ProtocolOptions !== undefined;
      if (!pool?.tcp?.maxConnections) continue;
      if (isHttp2 ? pool.http?.http2MaxRequests : pool.http?.http1MaxPendingRequests) continue;
      yield {
        at: originOfBlock(view, 'connectionPool'),
        key: nameOfView(view),
        message: `${nameOfView(view)}: maxConnections ${pool.tcp.maxConnections} ${isHttp2 ? 'limits no requests over HTTP/2' : 'only queues: http1MaxPendingRequests is unlimited'}.`,
        hint: isHttp2 ? 'set http2MaxRequests' : 'set http1MaxPendingRequests',
      };
    }
  },
});

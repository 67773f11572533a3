// LL003: HTTP/2 multiplexes.
import { originOfBlock } from '../policy-place.ts';
import { defineRule } from '../rule.ts';
import { nameOfView } from '../words.ts';

export const ll003 = defineRule({
  id: 'LL003',
  title: 'maxConnections and maxRequestsPerConnection with HTTP/2',
  severity: 'info',
  symptom: 'Connection limits do not limit requests of gRPC callers.',
  cause: 'An HTTP/2 connection carries many requests; Envoy opens one per worker and endpoint.',
  fix: 'Limit with http2MaxRequests.',
  *check(subject) {
    for (const view of subject.views) {
      if (!view.cluster.http2ProtocolOptions || !view.policy?.connectionPool?.tcp?.maxConnections) continue;
      yield {
        at: originOfBlock(view, 'connectionPool', 'tcp', 'maxConnections'),
        key: nameOfView(view),
        message: `${nameOfView(view)} is spoken to in HTTP/2: maxConnections ${view.policy.connectionPool.tcp.maxConnections} limits connections (one per worker and endpoint), not requests.`,
        hint: 'http2MaxRequests limits requests',
      };
    }
  },
});

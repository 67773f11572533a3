// Clusters that belong to no service: where unknown destinations go, and nowhere.
// Source: istio/istio pilot/pkg/networking/core/cluster.go buildDefaultPassthroughCluster, buildBlackHoleCluster (1.31). Rules SC-2, SC-4.
import type { Cluster } from '../../envoy/config.ts';
import { UNLIMITED } from '../cluster-policy.ts';
import { protoDuration } from '../duration.ts';
import type { MeshSettings } from '../mesh-config.ts';

const unlimited = (): Cluster['circuitBreakers'] => ({
  thresholds: [
    {
      maxConnections: UNLIMITED,
      maxPendingRequests: UNLIMITED,
      maxRequests: UNLIMITED,
      maxRetries: UNLIMITED,
    },
  ],
});

export function specialClusters(settings: Pick<MeshSettings, 'connectTimeout'>): Cluster[] {
  const connectTimeout = protoDuration(settings.connectTimeout);
  return [
    { name: 'BlackHoleCluster', type: 'STATIC', connectTimeout, lbPolicy: 'ROUND_ROBIN' },
    {
      name: 'PassthroughCluster',
      type: 'ORIGINAL_DST',
      connectTimeout,
      lbPolicy: 'CLUSTER_PROVIDED',
      circuitBreakers: unlimited(),
      useDownstreamProtocol: true,
    },
  ];
}

/** What a sidecar does with inbound connections to ports of its pod that no service names. */
export const inboundPassthrough = (settings: Pick<MeshSettings, 'connectTimeout'>): Cluster => ({
  name: 'InboundPassthroughCluster',
  type: 'ORIGINAL_DST',
  connectTimeout: protoDuration(settings.connectTimeout),
  lbPolicy: 'CLUSTER_PROVIDED',
  circuitBreakers: unlimited(),
});

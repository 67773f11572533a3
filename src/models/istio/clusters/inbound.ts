// Inbound clusters: from a sidecar to its own application, one per port that the application listens on. Only connectionPool applies here.
// Source: istio/istio pilot/pkg/networking/core/cluster.go buildInboundClusters, cluster_traffic_policy.go applyConnectionPool (1.31). Rule DR-5.
import type { Cluster } from '../../envoy/config.ts';
import { clusterPolicy } from '../cluster-policy.ts';
import type { ServedPort, TranslationContext } from '../context.ts';
import { type ConnectionPoolSpec, policyOfPort } from '../destination-rule.ts';
import type { ProxyNode } from '../model.ts';
import { arrayOf, recordOf, stringOf } from '../plain.ts';
import { inboundPassthrough } from './special.ts';

export function inboundClusters(context: TranslationContext, node: ProxyNode): Cluster[] {
  if (node.type !== 'sidecar') return [];
  const sidecar = recordOf(context.sidecarOf(node)?.spec);
  const ingress = arrayOf(sidecar['ingress']).map(recordOf);
  const clusters =
    ingress.length > 0
      ? ingress.map((listener) => ingressCluster(context, sidecar, listener))
      : servedClusters(context, node, sidecar);
  return [inboundPassthrough(context.meshConfig), ...clusters];
}

/** One per target port; the first service that names it decides. */
function servedClusters(
  context: TranslationContext,
  node: ProxyNode,
  sidecar: Record<string, unknown>,
): Cluster[] {
  const byPort = new Map<number, ServedPort>();
  for (const served of context.servedPorts(node))
    if (!byPort.has(served.targetPort)) byPort.set(served.targetPort, served);
  return [...byPort.values()].map(({ service, port, targetPort }) => {
    // A rule with a workloadSelector is for clients; here only one without counts.
    const rule = context.destinationRuleFor({ ...node, labels: {} }, service);
    const pool =
      poolOf(sidecar['inboundConnectionPool']) ??
      policyOfPort(rule?.spec.trafficPolicy, port.port)?.connectionPool;
    return inboundCluster(context, targetPort, '', '127.0.0.1', targetPort, pool, port.protocol);
  });
}

function ingressCluster(
  context: TranslationContext,
  sidecar: Record<string, unknown>,
  listener: Record<string, unknown>,
): Cluster {
  const port = recordOf(listener['port']);
  const number = Number(port['number']);
  const [address = '', target = ''] = stringOf(listener['defaultEndpoint']).split(/:(?=\d+$)/);
  const pool = poolOf(listener['connectionPool']) ?? poolOf(sidecar['inboundConnectionPool']);
  const protocol = stringOf(port['protocol']).toUpperCase();
  return inboundCluster(
    context,
    number,
    stringOf(port['name']),
    address === '' || address === '0.0.0.0' ? '127.0.0.1' : address,
    target === '' ? number : Number(target),
    pool,
    protocol === 'HTTP2' || protocol === 'GRPC' ? protocol : 'HTTP',
  );
}

const poolOf = (value: unknown): ConnectionPoolSpec | undefined =>
  value === undefined || value === null ? undefined : (recordOf(value) as ConnectionPoolSpec);

function inboundCluster(
  context: TranslationContext,
  port: number,
  name: string,
  address: string,
  target: number,
  connectionPool: ConnectionPoolSpec | undefined,
  protocol: ServedPort['port']['protocol'],
): Cluster {
  const clusterName = context.clusterName('inbound', port, name, '');
  const policy = clusterPolicy(connectionPool ? { connectionPool } : null, {
    profile: context.profile,
    connectTimeout: context.meshConfig.connectTimeout,
    protocol,
    type: 'STATIC',
  });
  return {
    name: clusterName,
    ...policy,
    lbPolicy: 'ROUND_ROBIN',
    transportSocket: 'raw_buffer',
    loadAssignment: {
      clusterName,
      endpoints: [{ lbEndpoints: [{ endpoint: { address, port: target } }] }],
    },
  };
}

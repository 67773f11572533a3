// Gateways that the topology names and no manifest holds: as the workload and the Service that their installation would have applied.
import { ADDRESS_TYPE } from '../../models/asm/load-balancer.ts';
import type { ManifestObject } from '../../models/kube/model.ts';
import type { Topology } from '../scenario.ts';

/** Ports of Istio's ingress gateway chart. Source: istio/istio manifests/charts/gateway/values.yaml (1.31). */
const PORTS = [80, 443];

export function gatewayManifests(
  gateway: Topology['gateways'][number],
  serverPorts: readonly number[],
): ManifestObject[] {
  const labels = gateway.labels ?? { app: gateway.name, istio: gateway.name.replace(/^istio-/, '') };
  const metadata = { name: gateway.name, namespace: gateway.namespace, labels };
  const ports = [...new Set([...PORTS, ...serverPorts])].sort((a, b) => a - b);
  const place = gateway.origin && { origin: gateway.origin, originOf: () => gateway.origin! };
  return [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: {
        replicas: gateway.replicas,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels, annotations: { 'inject.istio.io/templates': 'gateway' } },
          spec: {
            ...(gateway.zone && { nodeSelector: { 'topology.kubernetes.io/zone': gateway.zone } }),
            containers: [{ name: 'istio-proxy', ports: ports.map((port) => ({ containerPort: port })) }],
          },
        },
      },
      ...place,
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {
        ...metadata,
        ...(gateway.loadBalancer === 'intranet' && { annotations: { [ADDRESS_TYPE]: 'intranet' } }),
      },
      spec: {
        type: gateway.serviceType ?? (gateway.loadBalancer === 'none' ? 'ClusterIP' : 'LoadBalancer'),
        selector: labels,
        ports: ports.map((port) => ({ name: `port-${port}`, port, targetPort: port })),
      },
      ...place,
    },
  ];
}

/** Ports of the servers of all Gateway objects. */
export function gatewayServerPorts(specs: readonly unknown[]): number[] {
  return specs.flatMap((spec) => {
    const servers = (spec as { servers?: unknown } | null)?.servers;
    if (!Array.isArray(servers)) return [];
    return servers.flatMap((server) => {
      const number = (server as { port?: { number?: unknown } } | null)?.port?.number;
      return typeof number === 'number' && Number.isInteger(number) && number > 0 && number < 65536
        ? [number]
        : [];
    });
  });
}

// The Istio network of a pod. Rule EP-14: the pod's label, else the label of istio-system in its cluster, else MeshNetworks (registry,
// then address range); the scenario's topology stands in for the namespace label.
// Source: istio/istio pilot/pkg/serviceregistry/kube/controller/network.go (1.31).
import { isInCIDR } from './addresses.ts';
import type { KubeState } from './model.ts';
import { isPort, label, list, record, text } from './shape.ts';

export const NETWORK_LABEL = 'topology.istio.io/network';

export interface MeshNetwork {
  name: string;
  registries: string[];
  cidrs: string[];
  gateways: { address?: string; registryServiceName?: string; port: number }[];
}

/** In the order of the file, so that the first of overlapping ranges wins. */
export function parseMeshNetworks(value: unknown): MeshNetwork[] {
  return Object.entries(record(record(value)['networks'])).map(([name, raw]) => {
    const network = record(raw);
    const endpoints = list(network['endpoints']).map(record);
    return {
      name,
      registries: endpoints.map((endpoint) => text(endpoint['fromRegistry'])).filter(Boolean),
      cidrs: endpoints.map((endpoint) => text(endpoint['fromCidr'])).filter(Boolean),
      gateways: list(network['gateways'])
        .map(record)
        .map((gateway) => ({
          ...(text(gateway['address']) && { address: text(gateway['address']) }),
          ...(text(gateway['registryServiceName']) && {
            registryServiceName: text(gateway['registryServiceName']),
          }),
          port: isPort(gateway['port']) ? gateway['port'] : 15443,
        })),
    };
  });
}

export function networkOf(
  state: KubeState,
  cluster: string,
  podLabels: Record<string, string>,
  ip: string,
  meshNetworks: MeshNetwork[],
): string {
  const own = label(podLabels, NETWORK_LABEL);
  if (own) return own;
  const system = state.namespaces.find(
    (namespace) => namespace.cluster === cluster && namespace.name === 'istio-system',
  );
  const labelled = system && label(system.labels, NETWORK_LABEL);
  if (labelled) return labelled;
  const stated = state.clusters.find((spec) => spec.id === cluster)?.network;
  if (stated) return stated;
  const byRegistry = meshNetworks.find((network) => network.registries.includes(cluster));
  const byAddress = meshNetworks.find((network) => network.cidrs.some((cidr) => isInCIDR(ip, cidr)));
  return (byRegistry ?? byAddress)?.name ?? '';
}

// Gateways that lead into a network from outside it. Rule SH-1.
// Source: istio/istio pilot/pkg/serviceregistry/kube/controller/network.go, pilot/pkg/model/network.go (1.31).
import type { NetworkGateway } from '../istio/model.ts';
import type { KubeService, KubeState } from './model.ts';
import { type MeshNetwork, NETWORK_LABEL } from './networks.ts';
import { label } from './shape.ts';

/** Source: pilot/pkg/model DefaultNetworkGatewayPort. */
const DEFAULT_PORT = 15443;
const PORT_LABEL = 'networking.istio.io/gatewayPort';

export function networkGatewaysOf(
  state: KubeState,
  services: readonly KubeService[],
  meshNetworks: readonly MeshNetwork[],
  domain: string,
): NetworkGateway[] {
  const gateways = new Map<string, NetworkGateway>();
  const add = (network: string, cluster: string | undefined, address: string, port: number) =>
    gateways.set(`${network}|${cluster ?? ''}|${address}|${port}`, {
      network,
      ...(cluster !== undefined && { cluster }),
      address,
      port,
    });
  const addService = (network: string, service: KubeService, wanted: number) => {
    for (const { address, port } of outsideAddresses(state, service, wanted))
      add(network, service.cluster, address, port);
  };
  for (const service of services) {
    const network = label(service.labels, NETWORK_LABEL);
    if (!network) continue;
    const written = Number(label(service.labels, PORT_LABEL));
    addService(network, service, Number.isInteger(written) && written > 0 ? written : DEFAULT_PORT);
  }
  for (const network of meshNetworks) {
    for (const gateway of network.gateways) {
      if (gateway.address !== undefined) add(network.name, undefined, gateway.address, gateway.port);
      for (const service of services)
        if (`${service.name}.${service.namespace}.svc.${domain}` === gateway.registryServiceName)
          addService(network.name, service, gateway.port);
    }
  }
  return [...gateways.values()];
}

function outsideAddresses(
  state: KubeState,
  service: KubeService,
  port: number,
): { address: string; port: number }[] {
  const found = [...(service.loadBalancerAddresses ?? []), ...service.externalIPs].map((address) => ({
    address,
    port,
  }));
  if (service.type !== 'NodePort') return found;
  const nodePort = service.ports.find((entry) => entry.port === port)?.nodePort;
  if (nodePort === undefined) return found;
  const nodes = state.nodes.filter((node) => node.cluster === service.cluster);
  return [
    ...found,
    ...nodes.flatMap((node) => (node.addresses ?? []).map((address) => ({ address, port: nodePort }))),
  ];
}

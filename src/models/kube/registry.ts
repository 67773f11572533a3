// istiod's view of the clusters: one service per hostname and namespace, its endpoints from every cluster's own Service object, and the
// gateways between networks. Rules EP-1, EP-2, EP-3, EP-36, EP-37.
// Source: istio/istio pilot/pkg/serviceregistry/aggregate, kube/conversion.go ConvertService (1.31).
import type { IstioEndpoint, NetworkGateway, ProxyNode, Service } from '../istio/model.ts';
import { localityText } from './locality.ts';
import type { KubeNamespace, KubeService, KubeState, Pod } from './model.ts';
import { networkGatewaysOf } from './network-gateways.ts';
import { parseMeshNetworks } from './networks.ts';
import { matchesSelector } from './node-affinity.ts';
import { augmentedLabels, endpointsOf, indexPods, targetPortOf } from './service-endpoints.ts';
import { isHeadless } from './services.ts';
import { isSelected, label } from './shape.ts';

export interface RegistryOptions {
  /** Absent = cluster.local. */
  domain?: string;
  /** Clusters that istiod can read; absent = all. */
  visibleClusters?: string[];
  meshNetworks?: unknown;
  /** MeshConfig.discoverySelectors: istiod knows only what is in namespaces that one of these label selectors matches. */
  discoverySelectors?: readonly unknown[];
}

export interface Registry {
  services: Service[];
  /** hostname + "/" + namespace -> endpoints of all clusters. */
  endpoints: Map<string, IstioEndpoint[]>;
  networkGateways: NetworkGateway[];
  namespaces: KubeNamespace[];
}

export function assembleRegistry(state: KubeState, options: RegistryOptions = {}): Registry {
  const domain = options.domain ?? 'cluster.local';
  const visible = state.clusters
    .map((cluster) => cluster.id)
    .filter((id) => options.visibleClusters?.includes(id) ?? true);
  // The first registry that has a service gives its attributes, so clusters are read one after the other.
  const isDiscovered = discovery(state, options.discoverySelectors ?? []);
  const ofVisible = visible.flatMap((id) =>
    state.services.filter((service) => service.cluster === id && isDiscovered(id, service.namespace)),
  );
  const pods = indexPods(state);
  const services = new Map<string, Service>();
  const endpoints = new Map<string, IstioEndpoint[]>();
  for (const kube of ofVisible) {
    const hostname = hostnameOf(kube, domain);
    const key = `${hostname}/${kube.namespace}`;
    const service = services.get(key) ?? serviceOf(kube, hostname, services.size);
    services.set(key, service);
    if (kube.type !== 'ExternalName')
      service.clusterVIPs[kube.cluster] = isHeadless(kube) ? [] : [kube.clusterIP];
    endpoints.set(key, [...(endpoints.get(key) ?? []), ...endpointsOf(state, kube, pods)]);
  }
  return {
    services: [...services.values()],
    endpoints,
    networkGateways: networkGatewaysOf(state, ofVisible, parseMeshNetworks(options.meshNetworks), domain),
    namespaces: state.namespaces.filter((namespace) => visible.includes(namespace.cluster)),
  };
}

/** No selectors: everything is discovered. A namespace that is not in the manifests has the label of its name only. */
function discovery(
  state: KubeState,
  selectors: readonly unknown[],
): (cluster: string, name: string) => boolean {
  if (selectors.length === 0) return () => true;
  const labels = new Map(
    state.namespaces.map((namespace) => [`${namespace.cluster}/${namespace.name}`, namespace.labels]),
  );
  return (cluster, name) =>
    selectors.some((selector) =>
      matchesSelector(selector, {
        'kubernetes.io/metadata.name': name,
        ...labels.get(`${cluster}/${name}`),
      }),
    );
}

export const hostnameOf = (service: { name: string; namespace: string }, domain = 'cluster.local'): string =>
  `${service.name}.${service.namespace}.svc.${domain}`;

function serviceOf(kube: KubeService, hostname: string, creation: number): Service {
  const exportTo = label(kube.annotations, 'networking.istio.io/exportTo') ?? '';
  const isAlias = kube.type === 'ExternalName';
  return {
    hostname,
    name: kube.name,
    namespace: kube.namespace,
    ports: kube.ports.map(({ name, port, targetPort, protocol }) => ({
      name,
      port,
      ...(targetPort !== undefined && { targetPort }),
      protocol,
    })),
    registry: 'Kubernetes',
    resolution: isAlias ? 'Alias' : isHeadless(kube) ? 'Passthrough' : 'ClientSideLB',
    clusterVIPs: {},
    labels: { ...kube.labels },
    annotations: { ...kube.annotations },
    exportTo: exportTo
      .split(',')
      .map((entry) => entry.trim())
      .filter(Boolean),
    ...(kube.trafficDistribution !== undefined && { trafficDistribution: kube.trafficDistribution }),
    internalTrafficPolicyLocal: kube.internalTrafficPolicyLocal,
    publishNotReadyAddresses: kube.publishNotReadyAddresses,
    ...(kube.externalName !== undefined && { externalName: kube.externalName }),
    creation,
    origin: kube.origin,
  };
}

/** The proxy that runs in a pod, as istiod sees it when it connects. */
export function proxyNodeOf(pod: Pod, state: KubeState): ProxyNode {
  const ports = new Set<number>(pod.containerPorts.map((entry) => entry.port));
  for (const service of state.services) {
    if (service.cluster !== pod.cluster || service.namespace !== pod.namespace) continue;
    if (Object.keys(service.selector).length === 0 || !isSelected(pod.labels, service.selector)) continue;
    for (const port of service.ports) {
      const target = targetPortOf(port, pod);
      if (target !== null) ports.add(target);
    }
  }
  return {
    id: `${pod.name}.${pod.namespace}`,
    type: pod.isGateway ? 'router' : 'sidecar',
    namespace: pod.namespace,
    labels: augmentedLabels(pod),
    clusterId: pod.cluster,
    network: pod.network,
    locality: localityText(pod),
    ...(pod.node && { nodeName: pod.node }),
    ipAddresses: [pod.ip],
    ports: [...ports].sort((a, b) => a - b),
  };
}

// The endpoints of one Service object, as the EndpointSlice controller and istiod read them. Rules EP-10 to EP-16, EP-20, EP-37.
// Source: kubernetes/staging/src/k8s.io/endpointslice/utils.go; istio/istio pilot/pkg/serviceregistry/kube/controller
// endpointslice.go, endpoint_builder.go, pkg/serviceregistry/util/label AugmentLabels (1.31).
import type { IstioEndpoint } from '../istio/model.ts';
import { localityText } from './locality.ts';
import type { KubeService, KubeServicePort, KubeState, Pod } from './model.ts';
import { NETWORK_LABEL } from './networks.ts';
import { isSelected, label } from './shape.ts';

/** Port on the pod that traffic for a service port reaches; null = the pod has no container port of that name. */
export function targetPortOf(port: KubeServicePort, pod: Pod): number | null {
  const target = port.targetPort ?? port.port;
  if (typeof target === 'number') return target;
  return pod.containerPorts.find((entry) => entry.name === target)?.port ?? null;
}

/** Indexes of pods that the service selects in its own cluster and namespace; pods that have no node have no address yet. */
export function selectedPods(state: KubeState, service: KubeService, pods?: PodIndex): number[] {
  if (Object.keys(service.selector).length === 0) return [];
  const candidates = pods ? fewestCandidates(pods, service) : state.pods.keys();
  const selected: number[] = [];
  for (const index of candidates) {
    const pod = state.pods[index]!;
    if (pod.isGone || pod.node === '') continue;
    if (pod.cluster !== service.cluster || pod.namespace !== service.namespace) continue;
    if (isSelected(pod.labels, service.selector)) selected.push(index);
  }
  return selected;
}

/** Pod indexes by "cluster/namespace/label=value", so that many services over many pods stay cheap. */
export type PodIndex = Map<string, number[]>;

function fewestCandidates(pods: PodIndex, service: KubeService): number[] {
  const lists = Object.entries(service.selector).map(
    ([key, value]) => pods.get(`${service.cluster}/${service.namespace}/${key}=${value}`) ?? [],
  );
  return lists.reduce((fewest, other) => (other.length < fewest.length ? other : fewest));
}

export function indexPods(state: KubeState): PodIndex {
  const pods: PodIndex = new Map();
  for (const [index, pod] of state.pods.entries()) {
    if (pod.isGone) continue;
    for (const [label, value] of Object.entries(pod.labels)) {
      const key = `${pod.cluster}/${pod.namespace}/${label}=${value}`;
      const known = pods.get(key);
      if (known) known.push(index);
      else pods.set(key, [index]);
    }
  }
  return pods;
}

export function endpointsOf(state: KubeState, service: KubeService, pods: PodIndex): IstioEndpoint[] {
  if (service.type === 'ExternalName') return [];
  const endpoints: IstioEndpoint[] = [];
  for (const index of selectedPods(state, service, pods)) {
    const pod = state.pods[index]!;
    for (const port of service.ports) {
      const endpointPort = targetPortOf(port, pod);
      if (endpointPort === null) continue;
      endpoints.push(endpointOf(pod, port.name, endpointPort, podHealth(pod, service)));
    }
  }
  if (Object.keys(service.selector).length === 0) endpoints.push(...writtenEndpoints(state, service));
  return endpoints;
}

type Health = IstioEndpoint['health'];

/** publishNotReadyAddresses makes Kubernetes write "ready" whatever the pod is. */
function podHealth(pod: Pod, service: KubeService): Health {
  if (service.publishNotReadyAddresses) return 'healthy';
  if (pod.isTerminating) return keepsSessions(service) ? 'draining' : 'terminating';
  return pod.isReady ? 'healthy' : 'unhealthy';
}

/** Source: istio/istio pilot/pkg/model/service.go SupportsDrainingEndpoints. */
const keepsSessions = (service: KubeService): boolean =>
  (label(service.labels, 'istio.io/persistent-session') ?? '') !== '' ||
  (label(service.labels, 'istio.io/persistent-session-header') ?? '') !== '';

function endpointOf(pod: Pod, servicePortName: string, endpointPort: number, health: Health): IstioEndpoint {
  return {
    address: pod.ip,
    servicePortName,
    endpointPort,
    labels: augmentedLabels(pod),
    locality: localityText(pod),
    clusterId: pod.cluster,
    network: pod.network,
    weight: 1,
    ...(pod.node && { nodeName: pod.node }),
    mtls: label(pod.labels, 'security.istio.io/tlsMode') === 'istio',
    health,
    pod: pod.name,
    namespace: pod.namespace,
    workload: pod.workload.name,
  };
}

/** Labels for subsets and failover: the pod's, and where it runs (EP-12). A network label of the pod's own is kept. */
export function augmentedLabels(pod: Pod): Record<string, string> {
  return {
    ...(pod.network && { [NETWORK_LABEL]: pod.network }),
    ...pod.labels,
    ...(pod.region && { 'topology.kubernetes.io/region': pod.region }),
    ...(pod.zone && { 'topology.kubernetes.io/zone': pod.zone }),
    ...(pod.subzone && { 'topology.istio.io/subzone': pod.subzone }),
    'topology.istio.io/cluster': pod.cluster,
    ...(pod.node && { 'kubernetes.io/hostname': pod.node }),
  };
}

function writtenEndpoints(state: KubeState, service: KubeService): IstioEndpoint[] {
  const endpoints: IstioEndpoint[] = [];
  for (const slice of state.slices) {
    if (
      slice.cluster !== service.cluster ||
      slice.namespace !== service.namespace ||
      slice.service !== service.name
    )
      continue;
    for (const address of slice.addresses) {
      const pod = state.pods.find(
        (entry) =>
          !entry.isGone &&
          entry.cluster === slice.cluster &&
          (entry.ip === address.ip || (entry.name === address.pod && entry.namespace === slice.namespace)),
      );
      if (address.pod !== undefined && !pod) continue;
      for (const port of slice.ports) {
        const health = writtenHealth(address, service);
        endpoints.push(
          pod
            ? { ...endpointOf(pod, port.name, port.port, health), address: address.ip }
            : {
                address: address.ip,
                servicePortName: port.name,
                endpointPort: port.port,
                ...placeOfAddress(state, slice.cluster, address.node),
                clusterId: slice.cluster,
                network: state.clusters.find((spec) => spec.id === slice.cluster)?.network ?? '',
                weight: 1,
                mtls: false,
                health,
              },
        );
      }
    }
  }
  return endpoints;
}

/** What is not said counts as possible: only an outspoken "not terminating" makes an unready endpoint merely unhealthy (EP-20). */
function writtenHealth(
  address: KubeState['slices'][number]['addresses'][number],
  service: KubeService,
): Health {
  if (address.isReady) return 'healthy';
  if (address.isTerminating === false) return 'unhealthy';
  if (keepsSessions(service) && address.isServing !== false) return 'draining';
  return 'terminating';
}

function placeOfAddress(
  state: KubeState,
  cluster: string,
  nodeName: string | undefined,
): Pick<IstioEndpoint, 'labels' | 'locality' | 'nodeName'> {
  const node = state.nodes.find((entry) => entry.cluster === cluster && entry.name === nodeName);
  return {
    labels: {
      ...(node?.region && { 'topology.kubernetes.io/region': node.region }),
      ...(node?.zone && { 'topology.kubernetes.io/zone': node.zone }),
      ...(node?.subzone && { 'topology.istio.io/subzone': node.subzone }),
      'topology.istio.io/cluster': cluster,
      ...(nodeName && { 'kubernetes.io/hostname': nodeName }),
    },
    locality: node ? localityText(node) : '',
    ...(nodeName && { nodeName }),
  };
}

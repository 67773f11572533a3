// A mesh as the Kubernetes registries gave it, completed by what Istio's own objects add: ServiceEntry and WorkloadEntry, with the pods and
// Services that selectors join. Rules EP-30, EP-34.
import { localityText } from '../kube/locality.ts';
import type { KubeState } from '../kube/model.ts';
import { hostnameOf } from '../kube/registry.ts';
import { augmentedLabels } from '../kube/service-endpoints.ts';
import type { Mesh } from './model.ts';
import { addExternalServices, type SelectablePod } from './service-entry.ts';

/** The same mesh where no such object exists. */
export function withExternalServices(mesh: Mesh, state: KubeState): Mesh {
  if (!mesh.configs.some(({ kind }) => kind === 'ServiceEntry' || kind === 'WorkloadEntry')) return mesh;
  const clusters = state.clusters.map(({ id }) => id);
  const selectors = new Map(
    state.services.map((service) => [
      `${hostnameOf(service, mesh.domain)}/${service.namespace}`,
      service.selector,
    ]),
  );
  const added = addExternalServices({
    configs: mesh.configs,
    services: mesh.services,
    endpoints: mesh.endpoints,
    clusters,
    configCluster: clusters[0] ?? '',
    pods: podsOf(state),
    selectorOf: ({ hostname, namespace }) => selectors.get(`${hostname}/${namespace}`),
  });
  return { ...mesh, ...added };
}

function* podsOf(state: KubeState): Generator<SelectablePod> {
  for (const pod of state.pods) {
    if (pod.isGone || pod.isTerminating || pod.node === '') continue;
    yield {
      address: pod.ip,
      labels: augmentedLabels(pod),
      locality: localityText(pod),
      clusterId: pod.cluster,
      network: pod.network,
      nodeName: pod.node,
      mtls: pod.labels['security.istio.io/tlsMode'] === 'istio',
      health: pod.isReady ? 'healthy' : 'unhealthy',
      pod: pod.name,
      namespace: pod.namespace,
      workload: pod.workload.name,
    };
  }
}

// MeshConfig.discoverySelectors: namespaces that istiod does not look at have no services, pods or (since 1.22) Istio objects in the mesh.
// The root namespace is always looked at. A namespace without an object of its own has no labels.
// Source: istio/istio pkg/kube/namespace/filter.go, ENABLE_ENHANCED_RESOURCE_SCOPING (1.31).
import { isDiscovered, type MeshSettings } from '../mesh-config.ts';
import type { Mesh, Service } from '../model.ts';

const SCOPES_OBJECTS_SINCE = 22;

export function discoveredMesh(
  mesh: Mesh,
  settings: Pick<MeshSettings, 'discoverySelectors' | 'rootNamespace'>,
): Mesh {
  const { discoverySelectors, rootNamespace } = settings;
  if (discoverySelectors.length === 0) return mesh;
  const seen = new Set<string>();
  for (const { cluster, name, labels } of mesh.namespaces)
    if (isDiscovered(labels, discoverySelectors)) seen.add(`${cluster}/${name}`).add(`/${name}`);
  /** @param cluster '' = in any cluster */
  const isSeen = (cluster: string, namespace: string) =>
    namespace === rootNamespace || seen.has(`${cluster}/${namespace}`);
  return {
    ...mesh,
    services: mesh.services.flatMap((service) => partOf(service, isSeen)),
    endpoints: new Map(
      [...mesh.endpoints].map(([key, endpoints]) => [
        key,
        endpoints.filter(
          ({ clusterId, namespace }) => namespace === undefined || isSeen(clusterId, namespace),
        ),
      ]),
    ),
    configs:
      mesh.profile.minor < SCOPES_OBJECTS_SINCE
        ? mesh.configs
        : mesh.configs.filter(({ namespace }) => isSeen('', namespace)),
  };
}

/** The service as the clusters whose namespace is seen have it. */
function partOf(service: Service, isSeen: (cluster: string, namespace: string) => boolean): Service[] {
  const { namespace } = service;
  if (service.registry === 'External' || Object.keys(service.clusterVIPs).length === 0)
    return isSeen('', namespace) ? [service] : [];
  const clusterVIPs = Object.fromEntries(
    Object.entries(service.clusterVIPs).filter(([cluster]) => isSeen(cluster, namespace)),
  );
  return Object.keys(clusterVIPs).length > 0 ? [{ ...service, clusterVIPs }] : [];
}

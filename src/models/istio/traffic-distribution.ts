// trafficDistribution of a Service: its field, its annotation, or (1.30) its namespace's annotation; and what follows from it.
// Source: istio/istio pilot/pkg/model/service.go GetTrafficDistribution (1.31). Rules TD-1, EP-22.
import type { Mesh, Service } from './model.ts';
import type { IstioProfile } from './profile.ts';

const ANNOTATION = 'networking.istio.io/traffic-distribution';

/** First release whose sidecars know each value. */
const SINCE: Record<string, number> = { PreferClose: 25, PreferSameZone: 27, PreferSameNode: 27 };

/** The value where this release acts on it; undefined = Any. */
export function trafficDistributionOf(
  service: Pick<Service, 'trafficDistribution' | 'annotations' | 'namespace'>,
  mesh: Pick<Mesh, 'profile' | 'namespaces'>,
): string | undefined {
  const text =
    service.trafficDistribution ??
    service.annotations[ANNOTATION] ??
    (mesh.profile.minor >= 30 ? namespaceAnnotation(service.namespace, mesh) : undefined);
  return isKnownDistribution(text, mesh.profile) ? text : undefined;
}

function namespaceAnnotation(name: string, mesh: Pick<Mesh, 'namespaces'>): string | undefined {
  for (const namespace of mesh.namespaces)
    if (namespace.name === name && namespace.annotations[ANNOTATION] !== undefined)
      return namespace.annotations[ANNOTATION];
  return undefined;
}

export const isKnownDistribution = (text: string | undefined, profile: IstioProfile): boolean =>
  text !== undefined && Object.hasOwn(SINCE, text) && profile.minor >= SINCE[text]!;

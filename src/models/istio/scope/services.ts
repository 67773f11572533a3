// Which services of all namespaces one namespace sees, in istiod's order.
// Source: istio/istio pilot/pkg/model/push_context.go servicesExportedToNamespace, initServiceRegistry (1.31). Rules EP-8, EP-34.

import type { MeshSettings } from '../mesh-config.ts';
import type { Service } from '../model.ts';
import { isExportedTo, isPrivate, isPublic } from './visibility.ts';

export interface ServiceIndex {
  /** By creation, then hostname, then namespace. */
  all: readonly Service[];
  byHost: Map<string, Service[]>;
  /** Seen by their own namespace only. */
  privateOf: Map<string, Service[]>;
  /** Exported to named namespaces. */
  exportedTo: Map<string, Service[]>;
  public: Service[];
}

export function indexServices(
  services: readonly Service[],
  settings: Pick<MeshSettings, 'defaultServiceExportTo'>,
): ServiceIndex {
  const all = [...services].sort(
    (a, b) => a.creation - b.creation || compare(a.hostname, b.hostname) || compare(a.namespace, b.namespace),
  );
  const index: ServiceIndex = {
    all,
    byHost: groupByHost(all),
    privateOf: new Map(),
    exportedTo: new Map(),
    public: [],
  };
  const defaults = settings.defaultServiceExportTo;
  for (const service of all) {
    const exportTo = service.exportTo.length > 0 ? service.exportTo : defaults;
    if (exportTo.includes('~')) continue;
    if (isPublic(exportTo, defaults)) index.public.push(service);
    else if (isPrivate(exportTo, defaults, service.namespace))
      push(index.privateOf, service.namespace, service);
    else
      for (const namespace of new Set(exportTo.map((entry) => (entry === '.' ? service.namespace : entry))))
        push(index.exportedTo, namespace, service);
  }
  return index;
}

const compare = (a: string, b: string) => (a < b ? -1 : Number(a > b));

function groupByHost(services: readonly Service[]): Map<string, Service[]> {
  const map = new Map<string, Service[]>();
  for (const service of services) push(map, service.hostname, service);
  return map;
}

function push(map: Map<string, Service[]>, key: string, service: Service): void {
  const list = map.get(key);
  if (list) list.push(service);
  else map.set(key, [service]);
}

/** Own private ones, those exported to the namespace, then public ones. */
export const servicesExportedTo = (index: ServiceIndex, namespace: string): Service[] => [
  ...(index.privateOf.get(namespace) ?? []),
  ...(index.exportedTo.get(namespace) ?? []),
  ...index.public,
];

export const isServiceVisible = (
  service: Service,
  namespace: string,
  settings: Pick<MeshSettings, 'defaultServiceExportTo'>,
): boolean => isExportedTo(service.exportTo, settings.defaultServiceExportTo, service.namespace, namespace);

// Which VirtualServices one namespace sees for a gateway name, in istiod's order, and what they send to.
// Source: istio/istio pilot/pkg/model/{push_context,virtualservice}.go VirtualServicesForGateway, virtualServiceDestinations (1.31). Rules EP-8, VS-1, VS-2.
import { resolveShortName } from '../host-name.ts';
import type { MeshSettings } from '../mesh-config.ts';
import type { ConfigObject } from '../model.ts';
import { arrayOf, recordOf, stringOf, stringsOf } from '../plain.ts';

/** "mesh" or "namespace/name" of a gateway. */
type Gateway = string;

export interface VirtualServiceIndex {
  privateOf: Map<string, Map<Gateway, ConfigObject[]>>;
  exportedTo: Map<string, Map<Gateway, ConfigObject[]>>;
  public: Map<Gateway, ConfigObject[]>;
  /** What each one sends to; see destinationsOf(). */
  destinations: Map<ConfigObject, Map<string, Set<number>>>;
}

export function indexVirtualServices(
  configs: readonly ConfigObject[],
  settings: Pick<MeshSettings, 'defaultVirtualServiceExportTo'>,
  domain: string,
): VirtualServiceIndex {
  const index: VirtualServiceIndex = {
    privateOf: new Map(),
    exportedTo: new Map(),
    public: new Map(),
    destinations: new Map(),
  };
  const sorted = [...configs].sort(
    (a, b) => a.creation - b.creation || compare(a.name, b.name) || compare(a.namespace, b.namespace),
  );
  for (const config of sorted) {
    index.destinations.set(config, destinationsOf(config, domain));
    const spec = recordOf(config.spec);
    const written = stringsOf(spec['exportTo']);
    const exportTo = new Set(written.length > 0 ? written : settings.defaultVirtualServiceExportTo);
    for (const gateway of new Set(gatewaysOf(config))) {
      if (exportTo.has('~')) continue;
      if (exportTo.has('*')) push(index.public, gateway, config);
      else if (exportTo.size === 1 && (exportTo.has('.') || exportTo.has(config.namespace)))
        push(mapOf(index.privateOf, config.namespace), gateway, config);
      else
        for (const entry of exportTo)
          push(mapOf(index.exportedTo, entry === '.' ? config.namespace : entry), gateway, config);
    }
  }
  return index;
}

/** VS-1: names without namespace resolve in the object's own; none = mesh. */
export function gatewaysOf(config: ConfigObject): Gateway[] {
  const names = stringsOf(recordOf(config.spec)['gateways']);
  if (names.length === 0) return ['mesh'];
  return names.map((name) => {
    if (name === 'mesh' || name.includes('/'))
      return name.startsWith('./') ? config.namespace + name.slice(1) : name;
    // "gateway.namespace" was once how another namespace's gateway was named.
    const dot = name.indexOf('.');
    return dot < 0
      ? `${config.namespace}/${name}`
      : `${name.slice(dot + 1).split('.')[0]}/${name.slice(0, dot)}`;
  });
}

/** Own private ones, then those exported to the namespace, then public ones; each by creation. */
export const virtualServicesFor = (
  index: VirtualServiceIndex,
  namespace: string,
  gateway: Gateway,
): ConfigObject[] => [
  ...(index.privateOf.get(namespace)?.get(gateway) ?? []),
  ...(index.exportedTo.get(namespace)?.get(gateway) ?? []),
  ...(index.public.get(gateway) ?? []),
];

/** Hosts that the rules of a VirtualService send or mirror to -> service ports named there; 0 = every port. */
export function destinationsOf(config: ConfigObject, domain: string): Map<string, Set<number>> {
  const result = new Map<string, Set<number>>();
  const add = (value: unknown) => {
    const destination = recordOf(value);
    const host = stringOf(destination['host']);
    if (host === '') return;
    const full = resolveShortName(host, config.namespace, domain);
    const number = recordOf(destination['port'])['number'];
    const ports = result.get(full) ?? new Set();
    result.set(full, ports.add(typeof number === 'number' ? number : 0));
  };
  const spec = recordOf(config.spec);
  for (const kind of ['http', 'tcp', 'tls']) {
    for (const rule of arrayOf(spec[kind]).map(recordOf)) {
      for (const route of arrayOf(rule['route'])) add(recordOf(route)['destination']);
      add(rule['mirror']);
      for (const mirror of arrayOf(rule['mirrors'])) add(recordOf(mirror)['destination']);
    }
  }
  return result;
}

const compare = (a: string, b: string) => (a < b ? -1 : Number(a > b));

function mapOf<K, V>(map: Map<string, Map<K, V>>, key: string): Map<K, V> {
  const inner = map.get(key) ?? new Map<K, V>();
  map.set(key, inner);
  return inner;
}

function push(map: Map<string, ConfigObject[]>, key: string, config: ConfigObject): void {
  const list = map.get(key);
  if (list) list.push(config);
  else map.set(key, [config]);
}

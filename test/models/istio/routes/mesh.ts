// Small meshes for tests of routes: objects and services in the fewest words.
import type { Listener, Route, RouteConfiguration } from '../../../../src/models/envoy/config.ts';
import { createContext } from '../../../../src/models/istio/create-context.ts';
import type {
  ConfigObject,
  IstioEndpoint,
  Mesh,
  Protocol,
  ProxyNode,
  Service,
} from '../../../../src/models/istio/model.ts';
import { istioProfile } from '../../../../src/models/istio/profile.ts';
import { buildListenersAndRoutes } from '../../../../src/models/istio/routes/index.ts';

export interface MeshText {
  version?: string;
  objects?: ConfigObject[];
  services?: Service[];
  endpoints?: Record<string, Partial<IstioEndpoint>[]>;
  meshConfig?: Record<string, unknown>;
  namespaces?: { name: string; labels?: Record<string, string> }[];
  node?: Partial<ProxyNode>;
}

let creation = 0;

export function object(kind: string, name: string, spec: unknown, namespace = 'shop'): ConfigObject {
  return {
    kind,
    name,
    namespace,
    labels: {},
    annotations: {},
    spec,
    creation: creation++,
    originOf: (path) => ({ file: `${name}.yaml`, line: 1, col: 1, path: path.join('.') }),
  };
}

export const virtualService = (name: string, spec: unknown, namespace = 'shop') =>
  object('VirtualService', name, spec, namespace);

export function service(
  name: string,
  ports: Record<number, Protocol> = { 80: 'HTTP' },
  extra: Partial<Service> = {},
): Service {
  const namespace = extra.namespace ?? 'shop';
  return {
    hostname: `${name}.${namespace}.svc.cluster.local`,
    name,
    namespace,
    ports: Object.entries(ports).map(([port, protocol]) => ({
      name: `p${port}`,
      port: Number(port),
      protocol,
    })),
    registry: 'Kubernetes',
    resolution: 'ClientSideLB',
    clusterVIPs: { c1: [`172.16.0.${(creation++ % 200) + 10}`] },
    labels: {},
    annotations: {},
    exportTo: ['*'],
    creation: creation++,
    ...extra,
  };
}

export interface Built {
  listeners: Listener[];
  tables: RouteConfiguration[];
  table: (name: string) => RouteConfiguration;
  /** Routes of the virtual host with this domain. */
  routes: (table: string, domain: string) => Route[];
  /** Names of the clusters of these routes, weighted ones joined. */
  targets: (table: string, domain: string) => string[];
}

export function build(text: MeshText): Built {
  const mesh: Mesh = {
    profile: istioProfile(text.version ?? '1.31'),
    meshConfig: text.meshConfig ?? {},
    configs: text.objects ?? [],
    services: text.services ?? [service('web')],
    endpoints: new Map(Object.entries(text.endpoints ?? {}).map(([key, list]) => [key, list.map(endpoint)])),
    networkGateways: [],
    namespaces: (text.namespaces ?? []).map(({ name, labels }) => ({
      cluster: 'c1',
      name,
      labels: labels ?? {},
      annotations: {},
    })),
    domain: 'cluster.local',
  };
  const node: ProxyNode = {
    id: 'client',
    type: 'sidecar',
    namespace: 'shop',
    labels: {},
    clusterId: 'c1',
    network: '',
    locality: '',
    ipAddresses: ['10.0.0.1'],
    ...text.node,
  };
  const { listeners, routeConfigurations } = buildListenersAndRoutes(createContext(mesh), node);
  const table = (name: string) => {
    const found = routeConfigurations.find((entry) => entry.name === name);
    if (!found) throw new Error(`no table ${name} in ${routeConfigurations.map((entry) => entry.name)}`);
    return found;
  };
  const routes = (name: string, domain: string) => {
    const host = table(name).virtualHosts.find((entry) => entry.domains.includes(domain));
    if (!host) throw new Error(`nobody serves ${domain}`);
    return host.routes;
  };
  return {
    listeners,
    tables: routeConfigurations,
    table,
    routes,
    targets: (name, domain) => routes(name, domain).map(targetOf),
  };
}

export function targetOf({ route, redirect, directResponse }: Route): string {
  if (redirect) return 'redirect';
  if (directResponse) return String(directResponse.status);
  if (route?.weightedClusters)
    return route.weightedClusters.clusters.map(({ name, weight }) => `${name}=${weight}`).join(' ');
  return route?.cluster ?? 'none';
}

function endpoint(entry: Partial<IstioEndpoint>): IstioEndpoint {
  return {
    address: '10.0.0.1',
    servicePortName: 'p80',
    endpointPort: 8080,
    labels: {},
    locality: '',
    clusterId: 'c1',
    network: '',
    weight: 1,
    mtls: true,
    health: 'healthy',
    ...entry,
  };
}

export const gatewayNode: Partial<ProxyNode> = {
  type: 'router',
  namespace: 'edge',
  labels: { istio: 'ingress' },
};

/** A rule to one destination. */
export const to = (host: string, extra: object = {}) => ({
  route: [{ destination: { host } }],
  ...extra,
});

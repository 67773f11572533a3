// A recorded case's mesh: its objects, the service that all cases share, and the client.
import type { ConfigObject, Mesh, ProxyNode, Service, ServicePort } from '../../../src/models/istio/model.ts';
import { istioProfile } from '../../../src/models/istio/profile.ts';
import type { Json } from './registry.ts';

/** The recordings were made on the master branch after 1.31. */
export const RECORDED_RELEASE = '1.32';

const WEB: Json = {
  host: 'web.shop.svc.cluster.local',
  namespace: 'shop',
  address: '172.16.0.10',
  ports: [
    { name: 'http', port: 80, protocol: 'HTTP' },
    { name: 'tcp', port: 9000, protocol: 'TCP' },
  ],
};

export function configOf(object: Json, creation = 0): ConfigObject {
  return {
    kind: object.kind,
    name: object.metadata?.name ?? 'x',
    namespace: object.metadata?.namespace ?? 'default',
    labels: object.metadata?.labels ?? {},
    annotations: object.metadata?.annotations ?? {},
    spec: object.spec,
    creation,
  };
}

function serviceOf(entry: Json, cluster: string, creation: number): Service {
  return {
    hostname: entry.host,
    name: entry.host.split('.')[0],
    namespace: entry.namespace,
    ports: entry.ports as ServicePort[],
    registry: entry.registry ?? 'Kubernetes',
    resolution: entry.resolution ?? 'ClientSideLB',
    clusterVIPs: { [cluster]: entry.address ? [entry.address] : [] },
    labels: {},
    annotations: {},
    exportTo: entry.exportTo ?? ['*'],
    creation,
  };
}

export function recordedMesh(input: Json): { mesh: Mesh; node: ProxyNode } {
  const { client } = input;
  const cluster = client.cluster ?? 'c1';
  const mesh: Mesh = {
    profile: istioProfile(RECORDED_RELEASE),
    meshConfig: input.mesh ?? {},
    configs: (input.resources ?? []).map(configOf),
    services: [WEB, ...(input.services ?? [])].map((entry, index) => serviceOf(entry, cluster, index)),
    endpoints: new Map(),
    networkGateways: [],
    namespaces: [],
    domain: 'cluster.local',
  };
  const node: ProxyNode = {
    id: 'client',
    type: client.type === 'gateway' ? 'router' : 'sidecar',
    namespace: client.namespace ?? 'shop',
    labels: client.labels ?? {},
    clusterId: cluster,
    network: client.network ?? '',
    locality: client.locality ?? '',
    ipAddresses: ['10.0.0.1'],
  };
  return { mesh, node };
}

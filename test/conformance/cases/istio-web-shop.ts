// The mesh that Istio's end-to-end cases stand on: one service web.shop with ports 80 http and 9000 tcp, plus what the case brings.
import type { Cluster, ClusterLoadAssignment } from '../../../src/models/envoy/config.ts';
import type {
  ConfigObject,
  IstioEndpoint,
  Mesh,
  ProxyNode,
  Service,
} from '../../../src/models/istio/model.ts';
import { istioProfile } from '../../../src/models/istio/profile.ts';
import { createTranslator } from '../../../src/models/istio/translate.ts';
import type { Json } from './registry.ts';

/** The commit that the cases were recorded at: 1.31 with what came after it. */
export const profile = istioProfile('1.32');
export const HOST = 'web.shop.svc.cluster.local';

export function configObjects(resources: Json[]): ConfigObject[] {
  return (resources ?? []).map((object, creation) => ({
    kind: object.kind,
    name: object.metadata?.name ?? '',
    namespace: object.metadata?.namespace ?? 'shop',
    labels: object.metadata?.labels ?? {},
    annotations: object.metadata?.annotations ?? {},
    spec: object.spec ?? {},
    creation,
  }));
}

export function webService(input: Json): Service {
  return {
    hostname: HOST,
    name: 'web',
    namespace: 'shop',
    ports: [
      { name: 'http', port: 80, protocol: 'HTTP' },
      { name: 'tcp', port: 9000, protocol: 'TCP' },
    ],
    registry: 'Kubernetes',
    resolution: 'ClientSideLB',
    clusterVIPs: Object.fromEntries(
      ['c1', 'c2', 'c3', 'c4', 'c5', input.client?.cluster ?? 'c1'].map((cluster) => [
        cluster,
        ['172.16.0.10'],
      ]),
    ),
    labels: input.serviceLabels ?? {},
    annotations: input.serviceAnnotations ?? {},
    exportTo: [],
    ...(input.trafficDistribution !== undefined && { trafficDistribution: input.trafficDistribution }),
    ...(input.nodeLocal !== undefined && { internalTrafficPolicyLocal: input.nodeLocal }),
    creation: 0,
  };
}

/** The harness adds the labels that istiod adds. */
export function endpointOf(entry: Json): IstioEndpoint {
  const addresses: string[] = entry.addresses ?? [entry.address ?? ''];
  const [region, zone, subzone] = (entry.locality ?? '').split('/');
  return {
    address: addresses[0] ?? '',
    addresses,
    servicePortName: entry.portName ?? 'http',
    endpointPort: entry.port ?? 8080,
    labels: {
      ...entry.labels,
      ...(region && { 'topology.kubernetes.io/region': region }),
      ...(zone && { 'topology.kubernetes.io/zone': zone }),
      ...(subzone && { 'topology.istio.io/subzone': subzone }),
      ...(entry.cluster && { 'topology.istio.io/cluster': entry.cluster }),
      ...(entry.network && { 'topology.istio.io/network': entry.network }),
      ...(entry.node && { 'kubernetes.io/hostname': entry.node }),
    },
    locality: entry.locality ?? '',
    clusterId: entry.cluster ?? '',
    network: entry.network ?? '',
    weight: entry.weight ?? 1,
    ...(entry.node && { nodeName: entry.node }),
    mtls: entry.mtls ?? true,
    health: entry.health ?? 'healthy',
    namespace: 'shop',
  };
}

export function clientOf(client: Json): ProxyNode {
  return {
    id: 'client',
    type: client?.type === 'gateway' || client?.type === 'router' ? 'router' : 'sidecar',
    namespace: client?.namespace ?? 'shop',
    labels: client?.labels ?? {},
    clusterId: client?.cluster ?? '',
    network: client?.network ?? '',
    locality: client?.locality ?? '',
    ...(client?.node && { nodeName: client.node }),
    ipAddresses: client?.ips ?? ['10.255.0.1'],
  };
}

export function meshOf(input: Json): Mesh {
  return {
    profile,
    meshConfig: input.mesh ?? {},
    configs: configObjects(input.resources),
    services: [webService(input)],
    endpoints: new Map([[`${HOST}/shop`, (input.endpoints ?? []).map(endpointOf)]]),
    networkGateways: input.gateways ?? [],
    namespaces: [],
    domain: 'cluster.local',
  };
}

/** The cluster that a case asks about, with its endpoints; null = it does not exist. */
export function translated(
  input: Json,
): { cluster: Cluster; assignment: ClusterLoadAssignment | null } | null {
  const name = `outbound|${input.port ?? 80}|${input.subset ?? ''}|${HOST}`;
  const config = createTranslator(meshOf(input)).configOf(clientOf(input.client));
  const cluster = config.clusters.find((candidate) => candidate.name === name);
  if (!cluster) return null;
  const assignment = config.endpoints.find((candidate) => candidate.clusterName === name);
  return { cluster, assignment: assignment ?? cluster.loadAssignment ?? null };
}

// Small meshes for tests of the translation.
import type {
  ConfigObject,
  IstioEndpoint,
  Mesh,
  ProxyNode,
  Service,
} from '../../../src/models/istio/model.ts';
import { istioProfile } from '../../../src/models/istio/profile.ts';

export const config = (
  kind: string,
  spec: unknown,
  rest: Partial<ConfigObject> & { namespace?: string } = {},
): ConfigObject => ({
  kind,
  name: 'x',
  namespace: 'shop',
  labels: {},
  annotations: {},
  creation: 0,
  ...rest,
  spec,
});

export const service = (name: string, rest: Partial<Service> = {}): Service => ({
  hostname: `${name}.${rest.namespace ?? 'shop'}.svc.cluster.local`,
  name,
  namespace: 'shop',
  ports: [{ name: 'http', port: 80, targetPort: 8080, protocol: 'HTTP' }],
  registry: 'Kubernetes',
  resolution: 'ClientSideLB',
  clusterVIPs: { c1: ['172.16.0.10'] },
  labels: {},
  annotations: {},
  exportTo: [],
  creation: 0,
  ...rest,
});

export const endpoint = (address: string, rest: Partial<IstioEndpoint> = {}): IstioEndpoint => ({
  address,
  servicePortName: 'http',
  endpointPort: 8080,
  labels: {},
  locality: '',
  clusterId: 'c1',
  network: '',
  weight: 1,
  mtls: true,
  health: 'healthy',
  ...rest,
});

export const client = (rest: Partial<ProxyNode> = {}): ProxyNode => ({
  id: 'client',
  type: 'sidecar',
  namespace: 'shop',
  labels: {},
  clusterId: 'c1',
  network: '',
  locality: '',
  ipAddresses: ['10.255.0.1'],
  ...rest,
});

export const mesh = (
  parts: Partial<Omit<Mesh, 'endpoints' | 'profile'>> & {
    version?: string;
    endpoints?: Record<string, IstioEndpoint[]>;
  } = {},
): Mesh => {
  const { version = '1.32', endpoints = {}, ...rest } = parts;
  return {
    profile: istioProfile(version),
    meshConfig: {},
    configs: [],
    services: [],
    networkGateways: [],
    namespaces: [],
    domain: 'cluster.local',
    ...rest,
    endpoints: new Map(
      Object.entries(endpoints).map(([name, list]) => [
        name.includes('/') ? name : `${name}.shop.svc.cluster.local/shop`,
        list,
      ]),
    ),
  };
};

import { expect, it } from 'vitest';
import { withExternalServices } from '../../../src/models/istio/external-services.ts';
import type { KubeState, Pod } from '../../../src/models/kube/model.ts';
import { config, endpoint, mesh, service } from './mesh-fixtures.ts';

const pod = (ip: string, rest: Partial<Pod> = {}): Pod => ({
  cluster: 'c1',
  namespace: 'shop',
  name: `db-${ip}`,
  ip,
  workload: { kind: 'Deployment', name: 'db' },
  ordinal: 0,
  labels: { app: 'db', 'security.istio.io/tlsMode': 'istio' },
  annotations: {},
  serviceAccount: 'default',
  node: 'n1',
  region: 'r1',
  zone: 'z1',
  subzone: '',
  network: 'net1',
  containerPorts: [],
  hasSidecar: true,
  isGateway: false,
  preStopNs: 0,
  isReady: true,
  isTerminating: false,
  isGone: false,
  ...rest,
});
const state = (pods: Pod[]): KubeState => ({
  clusters: [{ id: 'c1' }, { id: 'c2' }],
  nodes: [],
  namespaces: [],
  workloads: [],
  pods,
  services: [
    {
      cluster: 'c1',
      namespace: 'shop',
      name: 'web',
      type: 'ClusterIP',
      clusterIP: '172.16.0.10',
      ports: [],
      selector: { app: 'web' },
      labels: {},
      annotations: {},
      internalTrafficPolicyLocal: false,
      publishNotReadyAddresses: false,
      externalIPs: [],
    },
  ],
  slices: [],
});

it('leaves a mesh without ServiceEntry and WorkloadEntry as it is', () => {
  const plain = mesh({ services: [service('web')] });
  expect(withExternalServices(plain, state([]))).toBe(plain);
});

it('lets a ServiceEntry select pods, and a Kubernetes Service select WorkloadEntries', () => {
  const whole = withExternalServices(
    mesh({
      services: [service('web')],
      endpoints: { web: [endpoint('10.0.0.1')] },
      configs: [
        config('ServiceEntry', {
          hosts: ['db.internal'],
          location: 'MESH_INTERNAL',
          resolution: 'STATIC',
          ports: [{ number: 5432, name: 'tcp', protocol: 'TCP' }],
          workloadSelector: { labels: { app: 'db' } },
        }),
        config('WorkloadEntry', { address: '9.0.0.1', labels: { app: 'web' } }),
      ],
    }),
    state([pod('10.0.1.1'), pod('10.0.1.2', { isReady: false }), pod('10.0.1.3', { isGone: true })]),
  );
  expect(whole.services.map(({ hostname }) => hostname)).toEqual([
    'web.shop.svc.cluster.local',
    'db.internal',
  ]);
  expect(whole.endpoints.get('db.internal/shop')).toMatchObject([
    {
      address: '10.0.1.1',
      endpointPort: 5432,
      locality: 'r1/z1',
      network: 'net1',
      mtls: true,
      clusterId: 'c1',
    },
  ]);
  expect(whole.endpoints.get('web.shop.svc.cluster.local/shop')?.map(({ address }) => address)).toEqual([
    '10.0.0.1',
    '9.0.0.1',
  ]);
});

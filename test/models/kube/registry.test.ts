import { describe, expect, it } from 'vitest';
import { buildKubeState } from '../../../src/models/kube/build-state.ts';
import type { ClusterSpec, ManifestObject } from '../../../src/models/kube/model.ts';
import { assembleRegistry, proxyNodeOf } from '../../../src/models/kube/registry.ts';
import { build, deployment, injected, object, podOf, service, workload, zoned } from './cluster.ts';

const two = (c1: ManifestObject[], c2: ManifestObject[], spec: Partial<ClusterSpec> = {}) =>
  buildKubeState(
    [zoned, { id: 'c2', region: 'r2', podCIDR: '10.2.0.0/16', serviceCIDR: '172.18.0.0/16', ...spec }],
    [
      { cluster: 'c1', objects: [injected, ...c1] },
      { cluster: 'c2', objects: [injected, ...c2] },
    ],
    { gatewaySelectors: [] },
  );
const WEB = 'web.shop.svc.cluster.local/shop';
const endpointsOf = (built: ReturnType<typeof build>, key = WEB) =>
  assembleRegistry(built.state).endpoints.get(key)!;

describe('services over clusters', () => {
  it('are one per hostname, with the attributes of the first and the address of each', () => {
    const built = two(
      [service('web', { trafficDistribution: 'PreferClose' }), deployment('web', 1)],
      [service('web', { ports: [{ name: 'http', port: 80 }] }), deployment('web', 1)],
    );
    const { services, endpoints } = assembleRegistry(built.state);
    expect(services).toHaveLength(1);
    expect(services[0]).toMatchObject({
      hostname: 'web.shop.svc.cluster.local',
      ports: [{ name: 'http', port: 9080, protocol: 'HTTP' }],
      trafficDistribution: 'PreferClose',
      resolution: 'ClientSideLB',
      clusterVIPs: { c1: ['172.16.0.10'], c2: ['172.18.0.10'] },
    });
    // Each cluster's own Service decides the port of its own pods.
    expect(endpoints.get(WEB)!.map((entry) => [entry.clusterId, entry.endpointPort])).toEqual([
      ['c1', 9080],
      ['c2', 80],
    ]);
  });

  it('have no endpoints from a cluster without the Service object', () => {
    const built = two([service('web'), deployment('web', 1)], [deployment('web', 1)]);
    const { services, endpoints } = assembleRegistry(built.state);
    expect(services[0]!.clusterVIPs).toEqual({ c1: ['172.16.0.10'] });
    expect(endpoints.get(WEB)!.map((entry) => entry.clusterId)).toEqual(['c1']);
  });

  it('are not seen in clusters that istiod cannot read', () => {
    const built = two(
      [service('web'), deployment('web', 1)],
      [service('web'), service('api'), deployment('web', 1)],
    );
    const { services, endpoints, namespaces } = assembleRegistry(built.state, { visibleClusters: ['c2'] });
    expect(services.map((entry) => entry.name)).toEqual(['web', 'api']);
    expect(services[0]!.clusterVIPs).toEqual({ c2: ['172.18.0.10'] });
    expect(endpoints.get(WEB)!.map((entry) => entry.clusterId)).toEqual(['c2']);
    expect(namespaces.map((entry) => entry.cluster)).toEqual(['c2']);
  });

  it('are not seen in namespaces that no discovery selector matches', () => {
    const built = build([service('web'), service('api', {}, { namespace: 'other' })]);
    const seen = (...discoverySelectors: unknown[]) =>
      assembleRegistry(built.state, { discoverySelectors }).services.map((entry) => entry.name);
    expect(seen()).toEqual(['web', 'api']);
    expect(seen({ matchLabels: { 'istio-injection': 'enabled' } })).toEqual(['web']);
    expect(seen({ matchLabels: { 'kubernetes.io/metadata.name': 'other' } })).toEqual(['api']);
    expect(
      seen({ matchLabels: { no: 'such' } }, { matchExpressions: [{ key: 'no', operator: 'DoesNotExist' }] }),
    ).toEqual(['web', 'api']);
  });

  it('follow the domain and exportTo', () => {
    const annotated = service('web', {}, { annotations: { 'networking.istio.io/exportTo': '., other' } });
    const { services } = assembleRegistry(build([annotated]).state, { domain: 'corp.example' });
    expect(services[0]).toMatchObject({ hostname: 'web.shop.svc.corp.example', exportTo: ['.', 'other'] });
  });

  it('are passthrough when headless, aliases when external', () => {
    const { services, endpoints } = assembleRegistry(
      build([
        service('web', { clusterIP: 'None' }),
        object('Service', 'ext', { type: 'ExternalName', externalName: 'example.com' }),
        deployment('web', 1),
      ]).state,
    );
    expect(services.map((entry) => [entry.resolution, entry.clusterVIPs, entry.externalName])).toEqual([
      ['Passthrough', { c1: [] }, undefined],
      ['Alias', {}, 'example.com'],
    ]);
    expect(endpoints.get(WEB)).toHaveLength(1);
    expect(endpoints.get('ext.shop.svc.cluster.local/shop')).toEqual([]);
  });
});

describe('endpoints', () => {
  it('carry the pod labels, where the pod runs, and whether it speaks mutual TLS', () => {
    const built = build([service('web'), deployment('web', 1, { labels: { version: 'v1' } })], {
      network: 'n1',
    });
    expect(endpointsOf(built)).toEqual([
      {
        address: '10.1.0.2',
        servicePortName: 'http',
        endpointPort: 9080,
        labels: {
          app: 'web',
          version: 'v1',
          'security.istio.io/tlsMode': 'istio',
          'service.istio.io/canonical-name': 'web',
          'service.istio.io/canonical-revision': 'v1',
          'topology.kubernetes.io/region': 'r1',
          'topology.kubernetes.io/zone': 'z1',
          'topology.istio.io/cluster': 'c1',
          'topology.istio.io/network': 'n1',
          'kubernetes.io/hostname': 'c1-node-0',
        },
        locality: 'r1/z1',
        clusterId: 'c1',
        network: 'n1',
        weight: 1,
        nodeName: 'c1-node-0',
        mtls: true,
        health: 'healthy',
        pod: 'web-0',
        namespace: 'shop',
        workload: 'web',
      },
    ]);
  });

  it('resolve a named target port pod by pod, and leave pods out that lack the name', () => {
    const ports = (name: string, port: number) => ({
      labels: { tier: 'front' },
      spec: { containers: [{ name: 'app', ports: [{ name, containerPort: port }] }] },
    });
    const built = build([
      service('web', { selector: { tier: 'front' }, ports: [{ name: 'http', port: 80, targetPort: 'web' }] }),
      deployment('a', 1, ports('web', 8080)),
      deployment('b', 1, ports('web', 9090)),
      deployment('c', 1, ports('admin', 7070)),
    ]);
    expect(endpointsOf(built).map((entry) => [entry.pod, entry.endpointPort])).toEqual([
      ['a-0', 8080],
      ['b-0', 9090],
    ]);
  });

  it('stay within the namespace of their service', () => {
    const built = build([service('web'), workload('Deployment', 'web', 1, {}, {}, { namespace: 'other' })]);
    expect(endpointsOf(built)).toEqual([]);
  });

  it('tell healthy, unhealthy and terminating pods apart, and forget gone ones', () => {
    const built = build([service('web'), deployment('web', 4)]);
    podOf(built, 'web-1').isReady = false;
    Object.assign(podOf(built, 'web-2'), { isReady: false, isTerminating: true });
    podOf(built, 'web-3').isGone = true;
    expect(endpointsOf(built).map((entry) => entry.health)).toEqual(['healthy', 'unhealthy', 'terminating']);
  });

  it('drain instead of terminate where sessions are kept', () => {
    const sticky = service('web', {}, { labels: { 'istio.io/persistent-session': 'cookie:/' } });
    const built = build([sticky, deployment('web', 1)]);
    Object.assign(podOf(built, 'web-0'), { isReady: false, isTerminating: true });
    expect(endpointsOf(built).map((entry) => entry.health)).toEqual(['draining']);
  });

  it('count as ready whatever they are when the service publishes all addresses', () => {
    const built = build([service('web', { publishNotReadyAddresses: true }), deployment('web', 1)]);
    podOf(built, 'web-0').isReady = false;
    expect(endpointsOf(built).map((entry) => entry.health)).toEqual(['healthy']);
  });

  it('do not exist for pods without a node', () => {
    const built = build([service('web'), deployment('web', 1, { spec: { nodeName: 'nowhere' } })]);
    expect(endpointsOf(built)).toEqual([]);
  });

  it('without a sidecar speak plain text', () => {
    const plain = { labels: { 'sidecar.istio.io/inject': 'false' } };
    expect(endpointsOf(build([service('web'), deployment('web', 1, plain)]))[0]!.mtls).toBe(false);
    const disabled = { labels: { 'security.istio.io/tlsMode': 'disabled' } };
    expect(endpointsOf(build([service('web'), deployment('web', 1, disabled)]))[0]!.mtls).toBe(false);
  });

  it('come from hand-written slices for services without a selector', () => {
    const bare = service('web', { selector: undefined });
    const slice: ManifestObject = {
      ...object('EndpointSlice', 'web-1', undefined, { labels: { 'kubernetes.io/service-name': 'web' } }),
      addressType: 'IPv4',
      endpoints: [
        { addresses: ['192.0.2.1'], nodeName: 'c1-node-0' },
        { addresses: ['192.0.2.2'], conditions: { ready: false, terminating: false } },
        { addresses: ['192.0.2.3'], conditions: { ready: false } },
        { addresses: ['192.0.2.4'], targetRef: { kind: 'Pod', name: 'not-there' } },
        { addresses: ['10.1.0.2'], conditions: { ready: true } },
      ],
      ports: [{ name: 'http', port: 8080 }],
    };
    const endpoints = endpointsOf(build([bare, slice, deployment('db', 1)]));
    expect(endpoints.map((entry) => [entry.address, entry.health, entry.locality, entry.pod])).toEqual([
      ['192.0.2.1', 'healthy', 'r1/z1', undefined],
      ['192.0.2.2', 'unhealthy', '', undefined],
      ['192.0.2.3', 'terminating', '', undefined],
      ['10.1.0.2', 'healthy', 'r1/z1', 'db-0'],
    ]);
    expect(endpointsOf(build([bare, { ...slice, addressType: 'FQDN' }]))).toEqual([]);
    // A slice beside a selector only repeats the pods.
    expect(endpointsOf(build([service('web'), slice]))).toEqual([]);
  });

  it('come from Endpoints objects too', () => {
    const written: ManifestObject = {
      ...object('Endpoints', 'web'),
      subsets: [
        {
          addresses: [{ ip: '192.0.2.1' }],
          notReadyAddresses: [{ ip: '192.0.2.2' }],
          ports: [{ name: 'http', port: 80 }],
        },
      ],
    };
    expect(
      endpointsOf(build([service('web', { selector: null }), written])).map((e) => [e.address, e.health]),
    ).toEqual([
      ['192.0.2.1', 'healthy'],
      ['192.0.2.2', 'terminating'],
    ]);
  });
});

describe('network gateways', () => {
  const eastWest = (spec: object, labels = {}) =>
    service(
      'gw',
      { ...spec, ports: [{ name: 'tls', port: 15443, nodePort: 30443 }] },
      {
        labels: { 'topology.istio.io/network': 'n1', ...labels },
      },
    );
  const gatewaysOf = (objects: ManifestObject[]) => assembleRegistry(build(objects).state).networkGateways;

  it('are the outside addresses of labelled services', () => {
    const exported = {
      ...eastWest({ type: 'LoadBalancer' }),
      status: { loadBalancer: { ingress: [{ ip: '192.0.2.9' }] } },
    };
    expect(gatewaysOf([exported])).toEqual([
      { network: 'n1', cluster: 'c1', address: '192.0.2.9', port: 15443 },
    ]);
    expect(
      gatewaysOf([eastWest({ externalIPs: ['192.0.2.7'] }, { 'networking.istio.io/gatewayPort': '443' })]),
    ).toEqual([{ network: 'n1', cluster: 'c1', address: '192.0.2.7', port: 443 }]);
    expect(gatewaysOf([eastWest({})])).toEqual([]);
  });

  it('are the nodes behind a NodePort', () => {
    const node = {
      ...object('Node', 'n', {}),
      status: { addresses: [{ type: 'InternalIP', address: '192.0.2.5' }] },
    };
    expect(gatewaysOf([node, eastWest({ type: 'NodePort' })])).toEqual([
      { network: 'n1', cluster: 'c1', address: '192.0.2.5', port: 30443 },
    ]);
  });

  it('are what MeshNetworks says', () => {
    const meshNetworks = {
      networks: {
        n2: { gateways: [{ address: '192.0.2.1', port: 443 }] },
        n3: { gateways: [{ registryServiceName: 'web.shop.svc.cluster.local', port: 15443 }] },
      },
    };
    const built = build([service('web', { externalIPs: ['192.0.2.3'] })]);
    expect(assembleRegistry(built.state, { meshNetworks }).networkGateways).toEqual([
      { network: 'n2', address: '192.0.2.1', port: 443 },
      { network: 'n3', cluster: 'c1', address: '192.0.2.3', port: 15443 },
    ]);
  });
});

it('describes the proxy of a pod as istiod sees it', () => {
  const built = build([
    service('web', { ports: [{ name: 'http', port: 80, targetPort: 8080 }] }),
    deployment('web', 1),
  ]);
  expect(proxyNodeOf(podOf(built, 'web-0'), built.state)).toMatchObject({
    id: 'web-0.shop',
    type: 'sidecar',
    namespace: 'shop',
    clusterId: 'c1',
    network: '',
    locality: 'r1/z1',
    nodeName: 'c1-node-0',
    ipAddresses: ['10.1.0.2'],
    ports: [8080, 9080],
  });
});

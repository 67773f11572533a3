import { describe, expect, it } from 'vitest';
import type { ClusterLoadAssignment, EnvoyConfig } from '../../../src/models/envoy/config.ts';
import type { ConfigObject, Mesh, ProxyNode } from '../../../src/models/istio/model.ts';
import { createTranslator } from '../../../src/models/istio/translate.ts';
import { client, config, endpoint, mesh, service } from './mesh-fixtures.ts';

const WEB = 'outbound|80||web.shop.svc.cluster.local';
const rule = (spec: Record<string, unknown>, rest: Partial<ConfigObject> = {}) =>
  config('DestinationRule', { host: 'web.shop.svc.cluster.local', ...spec }, rest);
const configFor = (parts: Mesh, node: Partial<ProxyNode> = {}) =>
  createTranslator(parts).configOf(client(node));
const clusterOf = (found: EnvoyConfig, name = WEB) => found.clusters.find((cluster) => cluster.name === name);
const assignmentOf = (found: EnvoyConfig, name = WEB) =>
  found.endpoints.find(({ clusterName }) => clusterName === name);
/** "r1/z1 p0 w2: 10.0.0.1,10.0.0.2" */
const told = (assignment: ClusterLoadAssignment | undefined) =>
  assignment?.endpoints.map(
    ({ locality, priority, loadBalancingWeight, lbEndpoints }) =>
      `${[locality?.region, locality?.zone].filter(Boolean).join('/')} p${priority} w${loadBalancingWeight}: ${lbEndpoints
        .map((entry) => entry.endpoint.address + (entry.healthStatus ? `(${entry.healthStatus})` : ''))
        .join()}`,
  );
const web = service('web');
const zones = {
  web: [
    endpoint('10.0.0.1', { locality: 'r1/z1' }),
    endpoint('10.0.0.2', { locality: 'r1/z2' }),
    endpoint('10.1.0.1', { locality: 'r2/z1', clusterId: 'c2' }),
  ],
};
const outlier = { outlierDetection: { consecutive5xxErrors: 3 } };

describe('clusters', () => {
  it('are one per port and one per port and subset (DR-13)', () => {
    const two = service('web', {
      ports: [
        { name: 'http', port: 80, protocol: 'HTTP' },
        { name: 'tcp', port: 9000, protocol: 'TCP' },
      ],
    });
    const found = configFor(
      mesh({ services: [two], configs: [rule({ subsets: [{ name: 'v1', labels: { version: 'v1' } }] })] }),
    );
    expect(found.clusters.map(({ name }) => name)).toEqual([
      WEB,
      'outbound|80|v1|web.shop.svc.cluster.local',
      'outbound|9000||web.shop.svc.cluster.local',
      'outbound|9000|v1|web.shop.svc.cluster.local',
      'BlackHoleCluster',
      'PassthroughCluster',
      'InboundPassthroughCluster',
    ]);
    expect(assignmentOf(found, 'outbound|80|v1|web.shop.svc.cluster.local')?.endpoints).toEqual([]);
  });

  it('of headless services go to the dialled address from sidecars, and are balanced by gateways (EP-37)', () => {
    const parts = mesh({ services: [service('web', { resolution: 'Passthrough' })], endpoints: zones });
    const sidecar = configFor(parts);
    expect(clusterOf(sidecar)).toMatchObject({ type: 'ORIGINAL_DST', lbPolicy: 'CLUSTER_PROVIDED' });
    expect(assignmentOf(sidecar)).toBeUndefined();
    const gateway = configFor(parts, { type: 'router' });
    expect(clusterOf(gateway)?.type).toBe('EDS');
    expect(assignmentOf(gateway)?.endpoints).toHaveLength(3);
  });

  it('of ExternalName services do not exist: they are an alias (EP-36)', () => {
    const alias = service('old', { resolution: 'Alias', externalName: 'web.shop.svc.cluster.local' });
    expect(configFor(mesh({ services: [alias] })).clusters.some(({ name }) => name.includes('old'))).toBe(
      false,
    );
  });

  it('with DNS and no endpoint do not exist, with EDS and no endpoint are empty (EP-42)', () => {
    const parts = mesh({ services: [web, service('dns', { resolution: 'DNSLB' })] });
    const found = configFor(parts);
    expect(clusterOf(found, 'outbound|80||dns.shop.svc.cluster.local')).toBeUndefined();
    expect(assignmentOf(found)?.endpoints).toEqual([]);
  });

  it('speak HTTP/2 where the port, the rule or the mesh says so', () => {
    const h2 = (protocol: 'HTTP' | 'GRPC' | 'TCP', spec: Record<string, unknown>, meshConfig = {}) =>
      clusterOf(
        configFor(
          mesh({
            services: [service('web', { ports: [{ name: 'http', port: 80, protocol }] })],
            configs: [rule({ trafficPolicy: { connectionPool: { http: spec } } })],
            meshConfig,
          }),
        ),
      )?.http2ProtocolOptions;
    expect(h2('HTTP', {})).toBeUndefined();
    expect(h2('GRPC', { maxConcurrentStreams: 7 })).toEqual({ maxConcurrentStreams: 7 });
    expect(h2('HTTP', { h2UpgradePolicy: 'UPGRADE' })).toEqual({});
    expect(h2('HTTP', {}, { h2UpgradePolicy: 'UPGRADE' })).toEqual({});
    expect(h2('HTTP', { h2UpgradePolicy: 'DO_NOT_UPGRADE' }, { h2UpgradePolicy: 'UPGRADE' })).toBeUndefined();
    expect(h2('TCP', {}, { h2UpgradePolicy: 'UPGRADE' })).toBeUndefined();
    expect(h2('HTTP', { useClientProtocol: true, h2UpgradePolicy: 'UPGRADE' })).toBeUndefined();
  });

  it('say where their policy was written', () => {
    const origin = { file: 'dr.yaml', line: 3, col: 1 };
    const written = rule(
      { trafficPolicy: outlier },
      { origin, originOf: (path) => ({ ...origin, path: path.join('.') }) },
    );
    const cluster = clusterOf(configFor(mesh({ services: [web], configs: [written] })));
    expect(cluster?.origin?.path).toBe('spec.trafficPolicy');
    expect(cluster?.outlierOrigin?.path).toBe('spec.trafficPolicy.outlierDetection');
  });

  it('balanced round robin by default until 1.13', () => {
    const policy = (version: string) => clusterOf(configFor(mesh({ version, services: [web] })))?.lbPolicy;
    expect([policy('1.13'), policy('1.14')]).toEqual(['ROUND_ROBIN', 'LEAST_REQUEST']);
  });
});

describe('inbound clusters', () => {
  const served = mesh({
    services: [web],
    endpoints: { web: [endpoint('10.0.0.1')] },
    configs: [
      rule({ trafficPolicy: { connectionPool: { http: { http1MaxPendingRequests: 5 } }, ...outlier } }),
    ],
  });
  const pod = { ipAddresses: ['10.0.0.1'] };

  it('apply the connection pool of the rule a second time, and nothing else (DR-5)', () => {
    const inbound = clusterOf(configFor(served, pod), 'inbound|8080||');
    expect(inbound?.circuitBreakers?.thresholds?.[0]?.maxPendingRequests).toBe(5);
    expect(inbound?.outlierDetection).toBeUndefined();
    expect(inbound?.loadAssignment?.endpoints[0]?.lbEndpoints[0]?.endpoint).toEqual({
      address: '127.0.0.1',
      port: 8080,
    });
  });

  it('take the pool of the Sidecar object first', () => {
    const sidecar = config('Sidecar', { inboundConnectionPool: { http: { http1MaxPendingRequests: 2 } } });
    const inbound = clusterOf(
      configFor({ ...served, configs: [...served.configs, sidecar] }, pod),
      'inbound|8080||',
    );
    expect(inbound?.circuitBreakers?.thresholds?.[0]?.maxPendingRequests).toBe(2);
  });

  it('do not exist on gateways', () => {
    const found = configFor(served, { ...pod, type: 'router' });
    expect(found.clusters.some(({ name }) => name.toLowerCase().startsWith('inbound'))).toBe(false);
  });
});

describe('endpoints', () => {
  it('get priorities by locality as soon as there is outlier detection (LO-3)', () => {
    const near = { locality: 'r1/z1' };
    expect(told(assignmentOf(configFor(mesh({ services: [web], endpoints: zones }), near)))).toEqual([
      'r1/z1 p0 w1: 10.0.0.1',
      'r1/z2 p0 w1: 10.0.0.2',
      'r2/z1 p0 w1: 10.1.0.1',
    ]);
    const detected = mesh({ services: [web], endpoints: zones, configs: [rule({ trafficPolicy: outlier })] });
    expect(told(assignmentOf(configFor(detected, near)))).toEqual([
      'r1/z1 p0 w1: 10.0.0.1',
      'r1/z2 p1 w1: 10.0.0.2',
      'r2/z1 p2 w1: 10.1.0.1',
    ]);
  });

  it('that are unready are sent since 1.31, unless the rule sets minHealthPercent (EP-22)', () => {
    const half = { web: [endpoint('10.0.0.1'), endpoint('10.0.0.2', { health: 'unhealthy' })] };
    const sent = (version: string, minHealthPercent = 0) => {
      const configs = [rule({ trafficPolicy: { outlierDetection: { minHealthPercent } } })];
      return told(assignmentOf(configFor(mesh({ version, services: [web], endpoints: half, configs }))));
    };
    expect(sent('1.30')).toEqual([' p0 w1: 10.0.0.1']);
    expect(sent('1.31')).toEqual([' p0 w2: 10.0.0.1,10.0.0.2(UNHEALTHY)']);
    expect(sent('1.31', 50)).toEqual([' p0 w1: 10.0.0.1']);
  });

  it('leave panic at 50 % until 1.30 where there is no outlier detection, and off from 1.31 (EP-23)', () => {
    const panic = (version: string) =>
      clusterOf(configFor(mesh({ version, services: [web] })))?.commonLbConfig?.healthyPanicThreshold;
    expect([panic('1.30'), panic('1.31')]).toEqual([50, 0]);
  });

  it('of terminating pods are never sent, of draining ones only with persistent sessions (EP-21)', () => {
    const going = {
      web: [endpoint('10.0.0.1', { health: 'terminating' }), endpoint('10.0.0.2', { health: 'draining' })],
    };
    const sent = (labels: Record<string, string>) =>
      told(assignmentOf(configFor(mesh({ services: [service('web', { labels })], endpoints: going }))));
    expect(sent({})).toEqual([]);
    expect(sent({ 'istio.io/persistent-session': 'cookie' })).toEqual([' p0 w1: 10.0.0.2(DRAINING)']);
  });

  it('stay on the node and in the cluster of the client with internalTrafficPolicy Local (EP-6)', () => {
    const nodes = {
      web: [
        endpoint('10.0.0.1', { nodeName: 'a' }),
        endpoint('10.0.0.2', { nodeName: 'b' }),
        endpoint('10.1.0.1', { nodeName: 'a', clusterId: 'c2' }),
      ],
    };
    const translator = createTranslator(
      mesh({ services: [service('web', { internalTrafficPolicyLocal: true })], endpoints: nodes }),
    );
    const on = (nodeName: string) => told(assignmentOf(translator.configOf(client({ nodeName }))));
    expect(on('a')).toEqual([' p0 w1: 10.0.0.1']);
    expect(on('z')).toEqual([]);
  });

  it('stay in the cluster for cluster-local hosts; the mesh can take a default back (EP-5)', () => {
    const dns = service('dns', { namespace: 'kube-system' });
    const both = {
      'dns.kube-system.svc.cluster.local/kube-system': [
        endpoint('10.0.0.1'),
        endpoint('10.1.0.1', { clusterId: 'c2' }),
      ],
    };
    const seen = (meshConfig: Record<string, unknown>) =>
      told(
        assignmentOf(
          configFor(mesh({ services: [dns], endpoints: both, meshConfig })),
          'outbound|80||dns.kube-system.svc.cluster.local',
        ),
      );
    expect(seen({})).toEqual([' p0 w1: 10.0.0.1']);
    const wide = { settings: { clusterLocal: false }, hosts: ['*.kube-system.svc.cluster.local'] };
    expect(seen({ serviceSettings: [wide] })).toEqual([' p0 w2: 10.0.0.1,10.1.0.1']);
  });

  it('with a name for an address are dropped from EDS (EP-32)', () => {
    const names = { web: [endpoint('db.example.com'), endpoint('10.0.0.1')] };
    expect(told(assignmentOf(configFor(mesh({ services: [web], endpoints: names }))))).toEqual([
      ' p0 w1: 10.0.0.1',
    ]);
  });

  it('follow trafficDistribution only in releases that know it, the namespace annotation since 1.30 (TD-1)', () => {
    const at = (version: string, annotated: 'service' | 'namespace') => {
      const annotations = { 'networking.istio.io/traffic-distribution': 'PreferClose' };
      const parts = mesh({
        version,
        services: [annotated === 'service' ? service('web', { annotations }) : web],
        namespaces: [
          {
            cluster: 'c1',
            name: 'shop',
            labels: {},
            annotations: annotated === 'namespace' ? annotations : {},
          },
        ],
        endpoints: {
          web: zones.web.map((entry) => ({
            ...entry,
            labels: {
              'topology.kubernetes.io/region': entry.locality.split('/')[0]!,
              'topology.kubernetes.io/zone': entry.locality.split('/')[1]!,
            },
          })),
        },
      });
      return assignmentOf(configFor(parts, { locality: 'r1/z1' }))?.endpoints.map(({ priority }) => priority);
    };
    expect(at('1.24', 'service')).toEqual([0, 0, 0]);
    expect(at('1.25', 'service')).toEqual([0, 1, 2]);
    expect(at('1.29', 'namespace')).toEqual([0, 0, 0]);
    expect(at('1.30', 'namespace')).toEqual([0, 1, 2]);
  });
});

describe('endpoints of DNS clusters', () => {
  const dns = service('web', { resolution: 'DNSLB' });
  const named = {
    web: ['a', 'b'].map((zone) => endpoint(`${zone}.example.com`, { locality: `r1/${zone}` })),
  };

  it('get priorities in the cluster itself (EP-35), by the mesh-wide outlier detection too (LO-4)', () => {
    const parts = mesh({ services: [dns], endpoints: named, meshConfig: { defaultTrafficPolicy: outlier } });
    const found = configFor(parts, { locality: 'r1/b' });
    expect(told(clusterOf(found)?.loadAssignment)).toEqual([
      'r1/a p1 w1: a.example.com',
      'r1/b p0 w1: b.example.com',
    ]);
    expect(assignmentOf(found)).toBeUndefined();
  });

  it('heed failoverPriority since 1.30, with one locality group only', () => {
    const configs = [
      rule({
        trafficPolicy: { ...outlier, loadBalancer: { localityLbSetting: { failoverPriority: ['version'] } } },
      }),
    ];
    const priorities = (version: string, localities: string[]) => {
      const endpoints = {
        web: localities.map((locality, i) =>
          endpoint(`${i}.example.com`, { locality, labels: { version: `v${i}` } }),
        ),
      };
      const found = configFor(mesh({ version, services: [dns], endpoints, configs }), {
        labels: { version: 'v1' },
      });
      return told(clusterOf(found)?.loadAssignment);
    };
    expect(priorities('1.29', ['r1', 'r1'])).toEqual(['r1 p0 w2: 0.example.com,1.example.com']);
    expect(priorities('1.30', ['r1', 'r1'])).toEqual(['r1 p0 w1: 1.example.com', 'r1 p1 w1: 0.example.com']);
    expect(priorities('1.30', ['r1', 'r2'])).toEqual(['r1 p0 w1: 0.example.com', 'r2 p0 w1: 1.example.com']);
  });
});

describe('networks behind gateways', () => {
  const remote = {
    web: [
      endpoint('10.0.0.1', { network: 'n1' }),
      endpoint('10.5.0.1', { network: 'n2', clusterId: 'c2', namespace: 'shop' }),
    ],
  };
  const networkGateways = [{ network: 'n2', cluster: 'c2', address: '100.0.0.1', port: 15443 }];
  const parts = (rest: Partial<Parameters<typeof mesh>[0]> = {}) =>
    mesh({ services: [web], endpoints: remote, networkGateways, ...rest });

  it('stand for the pods of their network', () => {
    expect(told(assignmentOf(configFor(parts(), { network: 'n1' })))).toEqual([' p0 w2: 10.0.0.1,100.0.0.1']);
  });

  it('were passed by clients without a network until 1.29 (SH-4)', () => {
    const seen = (version: string) => told(assignmentOf(configFor(parts({ version }))));
    expect(seen('1.29')).toEqual([' p0 w2: 10.0.0.1,10.5.0.1']);
    expect(seen('1.30')).toEqual([' p0 w2: 10.0.0.1,100.0.0.1']);
  });

  it('were not chosen by IP family until 1.29 (SH-5)', () => {
    const seen = (version: string) =>
      told(assignmentOf(configFor(parts({ version }), { network: 'n1', ipAddresses: ['2001:db8::1'] })));
    expect(seen('1.29')).toEqual([' p0 w2: 10.0.0.1,100.0.0.1']);
    expect(seen('1.30')).toEqual([' p0 w1: 10.0.0.1']);
  });

  it('lose endpoints without mTLS, by PeerAuthentication or by the TLS mode of a rule (SH-5)', () => {
    const seen = (configs: ConfigObject[]) =>
      told(assignmentOf(configFor(parts({ configs }), { network: 'n1' })));
    const local = [' p0 w1: 10.0.0.1'];
    expect(seen([config('PeerAuthentication', { mtls: { mode: 'DISABLE' } })])).toEqual(local);
    expect(seen([config('PeerAuthentication', { mtls: { mode: 'STRICT' } })])).not.toEqual(local);
    const port = { portLevelMtls: { 8080: { mode: 'DISABLE' } }, selector: { matchLabels: {} } };
    expect(seen([config('PeerAuthentication', port)])).not.toEqual(local);
    expect(seen([rule({ trafficPolicy: { tls: { mode: 'SIMPLE' } } })])).toEqual(local);
    expect(seen([rule({ trafficPolicy: { tls: { mode: 'ISTIO_MUTUAL' } } })])).not.toEqual(local);
  });

  it('get clusters by SNI of their own, with mTLS endpoints only (SH-9)', () => {
    const gateway = config(
      'Gateway',
      {
        selector: { istio: 'eastwest' },
        servers: [{ port: { number: 15443 }, tls: { mode: 'AUTO_PASSTHROUGH' } }],
      },
      { namespace: 'istio-system' },
    );
    const plain = endpoint('10.0.0.9', { network: 'n1', mtls: false });
    const found = configFor(parts({ configs: [gateway], endpoints: { web: [...remote.web, plain] } }), {
      type: 'router',
      labels: { istio: 'eastwest' },
      network: 'n1',
      namespace: 'istio-system',
    });
    expect(told(assignmentOf(found, 'outbound_.80_._.web.shop.svc.cluster.local'))).toEqual([
      ' p0 w1: 10.0.0.1',
    ]);
    expect(told(assignmentOf(found))).toEqual([' p0 w3: 10.0.0.1,10.0.0.9,100.0.0.1']);
  });
});

describe('zone-aware routing', () => {
  const pods = zones.web.map((entry) => ({ ...entry, workload: 'web-v1' }));
  const parts = mesh({
    services: [web],
    endpoints: { web: [...pods, endpoint('10.0.0.9', { locality: 'r1/z1', workload: 'web-v2' })] },
    configs: [rule({ trafficPolicy: { loadBalancer: { zoneAwareLbSetting: { minClusterSize: 2 } } } })],
    meshConfig: { defaultConfig: { proxyMetadata: { ISTIO_META_ENABLE_SELF_DISCOVERY: 'true' } } },
  });
  const pod = { ipAddresses: ['10.0.0.1'], locality: 'r1/z1' };

  it('is told its share, and knows its own workload once self-discovery is on (ZA-1)', () => {
    const found = configFor(parts, pod);
    expect(clusterOf(found)?.commonLbConfig?.zoneAwareLbConfig).toEqual({
      routingEnabled: 100,
      minClusterSize: 2,
    });
    expect(found.localClusterName).toBe('local_cluster');
    const own = assignmentOf(found, 'local_cluster')?.endpoints.flatMap(({ lbEndpoints }) => lbEndpoints);
    expect(own?.map((entry) => entry.endpoint.address)).toEqual(['10.0.0.1', '10.0.0.2', '10.1.0.1']);
    expect(configFor({ ...parts, meshConfig: {} }, pod).localClusterName).toBeUndefined();
  });

  it('did not exist before 1.31', () => {
    const found = configFor({ ...parts, profile: mesh({ version: '1.30' }).profile }, pod);
    expect(clusterOf(found)?.commonLbConfig?.zoneAwareLbConfig).toBeUndefined();
    expect(found.localClusterName).toBeUndefined();
  });
});

describe('proxies that look alike', () => {
  const translator = createTranslator(
    mesh({
      services: [web, service('api')],
      endpoints: { ...zones, api: [endpoint('10.0.0.7')] },
      configs: [rule({ trafficPolicy: outlier })],
    }),
  );
  const at = (rest: Partial<ProxyNode>) => translator.configOf(client(rest));

  it('share everything but their id', () => {
    const a = at({
      id: 'a',
      locality: 'r1/z1',
      ipAddresses: ['10.9.0.1'],
      nodeName: 'n1',
      labels: { app: 'a' },
    });
    const b = at({
      id: 'b',
      locality: 'r1/z1',
      ipAddresses: ['10.9.0.2'],
      nodeName: 'n2',
      labels: { app: 'b' },
    });
    expect([a.node.id, b.node.id]).toEqual(['a', 'b']);
    expect(a.clusters).toBe(b.clusters);
    expect(a.endpoints).toBe(b.endpoints);
    expect(a.listeners).toBe(b.listeners);
    expect(a.routeConfigurations).toBe(b.routeConfigurations);
    expect(translator.endpointsOf(client({ locality: 'r1/z1' }))).toBe(a.endpoints);
  });

  it('share the endpoints of services that do not look at what tells them apart', () => {
    const a = at({ locality: 'r1/z1' });
    const b = at({ locality: 'r2/z1' });
    const api = 'outbound|80||api.shop.svc.cluster.local';
    expect(assignmentOf(a, api)).toBe(assignmentOf(b, api));
    expect(assignmentOf(a)).not.toBe(assignmentOf(b));
    expect(assignmentOf(a)?.endpoints[0]?.lbEndpoints).toBe(assignmentOf(b)?.endpoints[0]?.lbEndpoints);
    expect(clusterOf(a)).toBe(clusterOf(b));
  });
});

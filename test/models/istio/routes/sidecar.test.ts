// Rules VS, EP-4, LB-1, SC, LI of a sidecar's tables and listeners.
import { describe, expect, it } from 'vitest';
import { build, object, service, to, virtualService } from './mesh.ts';

const WEB = 'web.shop.svc.cluster.local';
const API = 'api.shop.svc.cluster.local';
const domainsOf = (version: string, namespace: string) =>
  build({
    version,
    node: { namespace },
    services: [
      service(
        'web',
        {},
        { ports: [{ name: 'http', port: 80, protocol: 'HTTP' }], clusterVIPs: { c1: ['172.16.0.10'] } },
      ),
    ],
  }).table('80').virtualHosts[0]!.domains;

describe('domains of a service (EP-4)', () => {
  it('has the bare name in its own namespace only', () => {
    expect(domainsOf('1.26', 'shop')).toEqual([WEB, 'web', 'web.shop.svc', 'web.shop', '172.16.0.10']);
    expect(domainsOf('1.26', 'other')).toEqual([WEB, 'web.shop', 'web.shop.svc', '172.16.0.10']);
  });

  it('has the name with a dot at its end since 1.27', () => {
    expect(domainsOf('1.27', 'shop')).toContain(`${WEB}.`);
    expect(domainsOf('1.26', 'shop')).not.toContain(`${WEB}.`);
  });

  it('has each pod of a headless service by a wildcard', () => {
    const headless = service('db', { 80: 'HTTP' }, { resolution: 'Passthrough', clusterVIPs: {} });
    const { domains } = build({ services: [headless] }).table('80').virtualHosts[0]!;
    expect(domains).toContain('*.db.shop.svc.cluster.local');
  });

  it('never gives a shortened name away that is another service’s full one', () => {
    const services = [
      service('web'),
      service('x', { 80: 'HTTP' }, { hostname: 'web.shop', registry: 'External', clusterVIPs: {} }),
    ];
    const hosts = build({ services }).table('80').virtualHosts;
    expect(hosts.find((host) => host.name === 'web.shop:80')?.domains).toContain('web.shop');
    expect(hosts.filter((host) => host.domains.includes('web.shop'))).toHaveLength(1);
  });
});

describe('which VirtualService a sidecar uses', () => {
  const services = [service('web', { 80: 'HTTP', 8080: 'HTTP' }), service('api')];
  const v = (name: string, spec: object) => virtualService(name, { hosts: ['web'], ...spec });

  it('VS-1 one without mesh is not for sidecars', () => {
    const objects = [v('v', { gateways: ['gw'], http: [to('api')] })];
    expect(build({ services, objects }).targets('80', WEB)).toEqual([`outbound|80||${WEB}`]);
    const both = [v('v', { gateways: ['gw', 'mesh'], http: [to('api')] })];
    expect(build({ services, objects: both }).targets('80', WEB)).toEqual([`outbound|80||${API}`]);
  });

  it('VS-2 the oldest of one host has it alone', () => {
    const objects = [
      v('a', { http: [to('api', { match: [{ uri: { prefix: '/a' } }] })] }),
      v('b', { http: [to('web')] }),
    ];
    expect(build({ services, objects }).targets('80', WEB)).toEqual([`outbound|80||${API}`]);
  });

  it('VS-2 an exact host beats a wildcard, the longer wildcard the shorter', () => {
    const objects = [
      virtualService('wide', { hosts: ['*.cluster.local'], http: [to('wide.example.com')] }),
      virtualService('narrow', { hosts: ['*.shop.svc.cluster.local'], http: [to('narrow.example.com')] }),
      virtualService('exact', { hosts: ['web'], http: [to('exact.example.com')] }),
    ];
    const built = build({ services, objects });
    expect(built.targets('80', WEB)).toEqual(['outbound|80||exact.example.com']);
    expect(built.targets('80', API)).toEqual(['outbound|80||narrow.example.com']);
  });

  it('VS-4 one whose rules all miss is as if it were not there; one that hits leaves 404 for the rest', () => {
    const miss = [v('v', { http: [to('api', { match: [{ sourceLabels: { a: 'b' } }] })] })];
    expect(build({ services, objects: miss }).targets('80', WEB)).toEqual([`outbound|80||${WEB}`]);
    const hit = [v('v', { http: [to('api', { match: [{ uri: { exact: '/a' } }] })] })];
    expect(build({ services, objects: hit }).routes('80', WEB)).toHaveLength(1);
  });

  it('VS-5 unknown hosts get a virtual host on port 80 only', () => {
    const objects = [virtualService('v', { hosts: ['ext.example.com'], http: [to('api')] })];
    const built = build({ services, objects });
    expect(built.targets('80', 'ext.example.com')).toEqual([`outbound|80||${API}`]);
    expect(() => built.routes('8080', 'ext.example.com')).toThrow();
  });

  it('VS-6 rules do not reach a TCP port', () => {
    const built = build({
      services: [service('web', { 9000: 'TCP' })],
      objects: [v('v', { http: [to('api')] })],
    });
    expect(built.tables).toEqual([]);
    expect(built.listeners[0]?.filterChains[0]?.tcpProxy?.cluster).toBe(`outbound|9000||${WEB}`);
  });

  it('EP-8 sees private ones of its own namespace only', () => {
    const objects = [v('v', { http: [to('api')], exportTo: ['.'] })];
    expect(build({ services, objects, node: { namespace: 'x' } }).targets('80', WEB)).toEqual([
      `outbound|80||${WEB}`,
    ]);
  });
});

describe('hash policies (LB-1)', () => {
  const rule = (spec: object) => object('DestinationRule', 'd', { host: 'web', ...spec });
  const hash = (consistentHash: object) => ({ loadBalancer: { consistentHash } });
  const hashesOf = (spec: object, destination?: object) =>
    build({
      objects: [
        rule(spec),
        ...(destination
          ? [
              virtualService('v', {
                hosts: ['web'],
                http: [{ route: [{ destination: { host: 'web', ...destination } }] }],
              }),
            ]
          : []),
      ],
    }).routes('80', WEB)[0]!.route;

  it('a service without VirtualService has that of its rule, or of the port’s entry', () => {
    expect(hashesOf({ trafficPolicy: hash({ httpHeaderName: 'x' }) })?.hashPolicy).toEqual([
      { header: { headerName: 'x' } },
    ]);
    const portLevelSettings = [{ port: { number: 80 }, ...hash({ useSourceIp: true }) }];
    expect(
      hashesOf({ trafficPolicy: { ...hash({ httpHeaderName: 'x' }), portLevelSettings } })?.hashPolicy,
    ).toEqual([{ connectionProperties: { sourceIp: true } }]);
  });

  it('a destination takes its subset’s before the rule’s; a port entry only when it names the port', () => {
    const subsets = [{ name: 'v1', trafficPolicy: hash({ httpQueryParameterName: 'q' }) }];
    const portLevelSettings = [{ port: { number: 80 }, ...hash({ httpCookie: { name: 'c', ttl: '5s' } }) }];
    const spec = { trafficPolicy: { ...hash({ httpHeaderName: 'x' }), portLevelSettings }, subsets };
    expect(hashesOf(spec, { subset: 'v1' })?.hashPolicy).toEqual([{ queryParameter: { name: 'q' } }]);
    expect(hashesOf(spec, {})?.hashPolicy).toEqual([{ header: { headerName: 'x' } }]);
    expect(hashesOf(spec, { port: { number: 80 } })?.hashPolicy).toEqual([
      { cookie: { name: 'c', ttl: '5s' } },
    ]);
  });

  it('RT-5 one hashed destination is tried again where it was', () => {
    const policy = hashesOf({ trafficPolicy: hash({ httpHeaderName: 'x' }) }, {})?.retryPolicy;
    expect(policy).not.toHaveProperty('retryHostPredicate');
    expect(policy?.hostSelectionRetryMaxAttempts).toBe(5);
  });
});

describe('what is not known (SC-2, SC-4)', () => {
  it('goes where it was dialled, or is answered 502', () => {
    expect(build({}).targets('80', '*')).toEqual(['PassthroughCluster']);
    const strict = build({ meshConfig: { outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' } } });
    expect(strict.targets('80', '*')).toEqual(['502']);
    expect(
      strict.listeners.find((listener) => listener.name === 'virtualOutbound')?.defaultFilterChain?.tcpProxy
        ?.cluster,
    ).toBe('BlackHoleCluster');
  });

  it('is also what a Sidecar object does not import', () => {
    const objects = [object('Sidecar', 's', { egress: [{ hosts: ['./api.shop.svc.cluster.local'] }] })];
    const built = build({ objects, services: [service('web'), service('api')] });
    expect(() => built.routes('80', WEB)).toThrow();
    expect(built.targets('80', API)).toEqual([`outbound|80||${API}`]);
  });
});

describe('outbound listeners', () => {
  it('LI-2 HTTP services of a port share a wildcard listener, a TCP service has one on its address', () => {
    const services = [
      service('web'),
      service('api'),
      service('db', { 5432: 'TCP' }, { clusterVIPs: { c1: ['172.16.9.9'] } }),
    ];
    const { listeners } = build({ services });
    expect(listeners.map((listener) => listener.name)).toEqual([
      '0.0.0.0_80',
      '172.16.9.9_5432',
      'virtualOutbound',
      'virtualInbound',
    ]);
    expect(listeners[0]?.filterChains[0]?.httpConnectionManager?.routeConfigName).toBe('80');
  });

  it('VS-6 a sniffed port has both chains on its address, and a table of its own', () => {
    const built = build({
      services: [service('web', { 80: 'UNSUPPORTED' }, { clusterVIPs: { c1: ['172.16.9.9'] } })],
    });
    const [listener] = built.listeners;
    expect(listener?.name).toBe('172.16.9.9_80');
    expect(listener?.filterChains[0]?.httpConnectionManager?.routeConfigName).toBe(`${WEB}:80`);
    expect(listener?.defaultFilterChain?.tcpProxy?.cluster).toBe(`outbound|80||${WEB}`);
    expect(built.table(`${WEB}:80`).virtualHosts[0]?.domains).toEqual(['*']);
  });

  it('LI-2 a headless TCP service has a listener per pod of the own cluster', () => {
    const db = service('db', { 5432: 'TCP' }, { resolution: 'Passthrough', clusterVIPs: {} });
    const endpoints = {
      [`${db.hostname}/shop`]: [
        { address: '10.0.0.5', servicePortName: 'p5432' },
        { address: '10.9.0.5', servicePortName: 'p5432', clusterId: 'c2' },
      ],
    };
    expect(build({ services: [db], endpoints }).listeners[0]?.name).toBe('10.0.0.5_5432');
  });

  it('says by which names applications dial an address', () => {
    const services = [service('db', { 5432: 'TCP' }), service('sql', { 5432: 'TCP' })];
    const { listeners } = build({ services });
    expect(listeners[1]?.dialledAs).toEqual(
      expect.arrayContaining(['sql', 'sql.shop', services[1]!.hostname]),
    );
    expect(listeners[0]?.dialledAs).not.toContain('sql');
  });

  it('VW-6 TCP rules weigh connections and drop what has no weight', () => {
    const db = service('db', { 5432: 'TCP' });
    const route = ['a', 'b', 'c'].map((host, i) => ({ destination: { host }, weight: i * 10 }));
    const objects = [virtualService('v', { hosts: ['db'], tcp: [{ match: [{ port: 5432 }], route }] })];
    expect(
      build({ services: [db], objects }).listeners[0]?.filterChains[0]?.tcpProxy?.weightedClusters,
    ).toEqual({
      clusters: [
        { name: 'outbound|5432||b.shop.svc.cluster.local', weight: 10 },
        { name: 'outbound|5432||c.shop.svc.cluster.local', weight: 20 },
      ],
    });
  });

  it('LI-6 TLS rules go by server name, the service itself takes the rest', () => {
    const tls = service('sec', { 443: 'TLS' });
    const objects = [
      virtualService('v', {
        hosts: ['sec'],
        tls: [{ match: [{ sniHosts: ['a.com'] }], route: [{ destination: { host: 'other' } }] }],
      }),
    ];
    const [listener] = build({ services: [tls], objects }).listeners;
    expect(listener?.filterChains).toMatchObject([
      {
        filterChainMatch: { serverNames: ['a.com'] },
        tcpProxy: { cluster: 'outbound|443||other.shop.svc.cluster.local' },
      },
      { tcpProxy: { cluster: `outbound|443||${tls.hostname}` } },
    ]);
  });
});

describe('inbound (RT-8)', () => {
  const inbound = (version: string, protocol: 'HTTP' | 'GRPC' | 'TCP') => {
    const web = service('web', { 80: protocol });
    const { listeners } = build({
      version,
      services: [web],
      endpoints: { [`${web.hostname}/shop`]: [{ address: '10.0.0.1', endpointPort: 8080 }] },
    });
    return listeners.at(-1)!.filterChains;
  };
  const retryOf = (version: string, protocol: 'HTTP' | 'GRPC') =>
    inbound(version, protocol)[0]?.httpConnectionManager?.routeConfig?.virtualHosts[0]?.routes[0]?.route;

  it('has a chain per port of the pod', () => {
    expect(inbound('1.31', 'HTTP')[0]?.filterChainMatch).toEqual({ destinationPort: 8080 });
    expect(inbound('1.31', 'TCP')[0]?.tcpProxy?.cluster).toBe('inbound|8080||');
    expect(retryOf('1.31', 'HTTP')?.cluster).toBe('inbound|8080||');
  });

  it('retries what the application has not begun since 1.24, except gRPC later on', () => {
    expect(retryOf('1.23', 'HTTP')).not.toHaveProperty('retryPolicy');
    expect(retryOf('1.24', 'HTTP')?.retryPolicy).toMatchObject({
      retryOn: 'reset-before-request',
      numRetries: 2,
    });
    expect(retryOf('1.31', 'GRPC')).not.toHaveProperty('retryPolicy');
  });
});

describe('domains that two services want', () => {
  const hostsOf = (services: ReturnType<typeof service>[]) =>
    new Map(
      build({ services })
        .table('80')
        .virtualHosts.map(({ name, domains }) => [name, domains]),
    );

  it('leaves an address to the older one', () => {
    const vips = { clusterVIPs: { c1: ['172.16.0.10'] } };
    const hosts = hostsOf([
      service('web', { 80: 'HTTP' }, { ...vips, creation: 2 }),
      service('api', { 80: 'HTTP' }, { ...vips, creation: 1 }),
    ]);
    expect(hosts.get(`${API}:80`)).toContain('172.16.0.10');
    expect(hosts.get(`${WEB}:80`)).not.toContain('172.16.0.10');
    expect(hosts.get(`${WEB}:80`)).toContain(WEB);
  });

  it('leaves an address to the older one even if it is the other’s name', () => {
    const named = { hostname: '172.16.0.10', registry: 'External' as const, clusterVIPs: {} };
    const addressed = { clusterVIPs: { c1: ['172.16.0.10'] } };
    const first = hostsOf([
      service('web', { 80: 'HTTP' }, { ...addressed, creation: 1 }),
      service('x', { 80: 'HTTP' }, { ...named, creation: 2 }),
    ]);
    expect(first.get(`${WEB}:80`)).toContain('172.16.0.10');
    expect(first.has('172.16.0.10:80')).toBe(false);
    const second = hostsOf([
      service('web', { 80: 'HTTP' }, { ...addressed, creation: 2 }),
      service('x', { 80: 'HTTP' }, { ...named, creation: 1 }),
    ]);
    expect(second.get('172.16.0.10:80')).toContain('172.16.0.10');
    expect(second.get(`${WEB}:80`)).not.toContain('172.16.0.10');
  });
});

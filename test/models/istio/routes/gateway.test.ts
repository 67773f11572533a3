// Rules GW and VS-3 of gateway proxies.
import { describe, expect, it } from 'vitest';
import { build, gatewayNode, type MeshText, object, service, to, virtualService } from './mesh.ts';

const server = (hosts: string[], extra: Record<string, unknown> = {}) => ({
  port: { number: 80, name: 'http', protocol: 'HTTP' },
  hosts,
  ...extra,
});
const gateway = (name: string, servers: unknown[], selector: unknown = { istio: 'ingress' }) =>
  object('Gateway', name, { selector, servers }, 'edge');
const bound = (name: string, hosts: string[], http: unknown[], namespace = 'shop') =>
  virtualService(name, { hosts, gateways: ['edge/gw'], http }, namespace);
const atGateway = (text: MeshText) =>
  build({ services: [service('web'), service('api')], node: gatewayNode, ...text });

const WEB = 'outbound|80||web.shop.svc.cluster.local';
const API = 'outbound|80||api.shop.svc.cluster.local';

describe('which gateways run in a pod (GW-1)', () => {
  it('those whose selector its labels fulfil', () => {
    const objects = [gateway('gw', [server(['*'])]), bound('v', ['a.com'], [to('web')])];
    expect(atGateway({ objects }).targets('http.80', 'a.com')).toEqual([WEB]);
    expect(atGateway({ objects, node: { ...gatewayNode, labels: { istio: 'egress' } } }).listeners).toEqual(
      [],
    );
  });

  it('two gateways on one port share the table', () => {
    const objects = [
      gateway('gw', [server(['a.com'])]),
      gateway('gw2', [server(['b.com'])]),
      bound('v', ['a.com'], [to('web')]),
      virtualService('w', { hosts: ['b.com'], gateways: ['edge/gw2'], http: [to('api')] }),
    ];
    const built = atGateway({ objects });
    expect(built.listeners).toHaveLength(1);
    expect(built.targets('http.80', 'a.com')).toEqual([WEB]);
    expect(built.targets('http.80', 'b.com')).toEqual([API]);
  });

  it('a TCP server on a port that has HTTP already is dropped', () => {
    const objects = [
      gateway('gw', [server(['*'])]),
      gateway('late', [server(['*'], { port: { number: 80, name: 'tcp', protocol: 'TCP' } })]),
    ];
    expect(atGateway({ objects }).listeners[0]?.filterChains).toHaveLength(1);
    expect(atGateway({ objects }).listeners[0]?.filterChains[0]).toHaveProperty('httpConnectionManager');
  });
});

describe('hosts (GW-2)', () => {
  const hostsOf = (serverHosts: string[], hosts: string[], namespace = 'shop') =>
    atGateway({ objects: [gateway('gw', [server(serverHosts)]), bound('v', hosts, [to('web')], namespace)] })
      .table('http.80')
      .virtualHosts.flatMap((host) => (host.routes.length > 0 ? host.domains : []));

  it('are what server and VirtualService have in common, the narrower of the two', () => {
    expect(hostsOf(['*.example.com'], ['a.example.com', 'b.other.com'])).toEqual(['a.example.com']);
    expect(hostsOf(['a.example.com', 'b.example.com'], ['*.example.com'])).toEqual([
      'a.example.com',
      'b.example.com',
    ]);
    expect(hostsOf(['*'], ['*'])).toEqual(['*']);
  });

  it('of a namespace are open to objects of that namespace', () => {
    expect(hostsOf(['shop/a.com'], ['a.com'])).toEqual(['a.com']);
    expect(hostsOf(['other/a.com'], ['a.com'])).toEqual([]);
    expect(hostsOf(['./a.com'], ['a.com'])).toEqual([]);
    expect(hostsOf(['./a.com'], ['a.com'], 'edge')).toEqual(['a.com']);
    expect(hostsOf(['*/a.com'], ['a.com'])).toEqual(['a.com']);
  });
});

describe('route tables', () => {
  it('VS-3 rules of all VirtualServices of a host follow each other, catch-alls last', () => {
    const objects = [
      gateway('gw', [server(['*'])]),
      bound('a', ['a.com'], [to('web')]),
      bound('b', ['a.com'], [to('api', { match: [{ uri: { prefix: '/api' } }] })]),
    ];
    expect(atGateway({ objects }).targets('http.80', 'a.com')).toEqual([API, WEB]);
  });

  it('GW-3 a port without any route answers 404 to everything', () => {
    const { virtualHosts } = atGateway({ objects: [gateway('gw', [server(['a.com'])])] }).table('http.80');
    expect(virtualHosts).toEqual([{ name: 'blackhole:80', domains: ['*'], routes: [] }]);
  });

  it('GW-3 httpsRedirect holds for all hosts of the server, with or without routes', () => {
    const objects = [
      gateway('gw', [server(['a.com', 'b.com'], { tls: { httpsRedirect: true } })]),
      bound('v', ['a.com'], [to('web')]),
    ];
    const { virtualHosts } = atGateway({ objects }).table('http.80');
    expect(virtualHosts.map((host) => [host.domains[0], host.requireTls, host.routes.length])).toEqual([
      ['a.com', 'ALL', 1],
      ['b.com', 'ALL', 0],
    ]);
  });

  it('hosts with the same routes share a virtual host', () => {
    const objects = [gateway('gw', [server(['*'])]), bound('v', ['a.com', 'b.com'], [to('web')])];
    expect(atGateway({ objects }).table('http.80').virtualHosts[0]?.domains).toEqual(['a.com', 'b.com']);
  });

  it('VM-4 a match can be for one gateway', () => {
    const objects = [
      gateway('gw', [server(['*'])]),
      bound(
        'v',
        ['a.com'],
        [
          to('api', { match: [{ gateways: ['edge/other'] }] }),
          to('web', { match: [{ gateways: ['edge/gw'] }] }),
        ],
      ),
    ];
    expect(atGateway({ objects }).targets('http.80', 'a.com')).toEqual([WEB]);
  });

  it('VW-1 a destination without port has the only port of its service', () => {
    const objects = [gateway('gw', [server(['*'])]), bound('v', ['a.com'], [to('one'), to('web')])];
    const services = [service('one', { 8080: 'HTTP' }), service('two', { 80: 'HTTP', 8080: 'HTTP' })];
    expect(atGateway({ objects, services }).targets('http.80', 'a.com')).toEqual([
      'outbound|8080||one.shop.svc.cluster.local',
    ]);
  });
});

describe('ports and TLS', () => {
  it('GW-4 listens on the pod’s port that its Service maps the server’s port to', () => {
    const ingress = service('ingress', { 80: 'HTTP' }, { namespace: 'edge' });
    const built = atGateway({
      objects: [gateway('gw', [server(['*'])]), bound('v', ['a.com'], [to('web')])],
      services: [service('web'), ingress],
      endpoints: { [`${ingress.hostname}/edge`]: [{ address: '10.0.0.1', endpointPort: 8080 }] },
    });
    expect(built.listeners[0]?.name).toBe('0.0.0.0_8080');
    expect(built.targets('http.8080', 'a.com')).toEqual([WEB]);
  });

  const https = (name: string, hosts: string[], tls: Record<string, unknown>) =>
    server(hosts, { port: { number: 443, name, protocol: 'HTTPS' }, tls });

  it('HTTPS that ends at the gateway has a table per server, chosen by server name', () => {
    const objects = [
      gateway('gw', [https('h', ['a.com'], { mode: 'SIMPLE', credentialName: 'c' })]),
      bound('v', ['a.com'], [to('web')]),
    ];
    const built = atGateway({ objects });
    expect(built.listeners[0]?.filterChains[0]).toMatchObject({
      filterChainMatch: { serverNames: ['a.com'] },
      httpConnectionManager: { routeConfigName: 'https.443.h.gw.edge' },
    });
    expect(built.targets('https.443.h.gw.edge', 'a.com')).toEqual([WEB]);
  });

  it('passed-through TLS goes by tls rules', () => {
    const objects = [
      gateway('gw', [https('h', ['a.com'], { mode: 'PASSTHROUGH' })]),
      virtualService('v', {
        hosts: ['a.com'],
        gateways: ['edge/gw'],
        tls: [{ match: [{ sniHosts: ['a.com'], port: 443 }], route: [{ destination: { host: 'web' } }] }],
      }),
    ];
    expect(atGateway({ objects }).listeners[0]?.filterChains).toEqual([
      { filterChainMatch: { serverNames: ['a.com'] }, tcpProxy: { statPrefix: WEB, cluster: WEB } },
    ]);
  });

  it('a TCP server without a rule listens to nothing', () => {
    const tcp = server(['*'], { port: { number: 9000, name: 'tcp', protocol: 'TCP' } });
    expect(atGateway({ objects: [gateway('gw', [tcp])] }).listeners).toEqual([]);
    const rule = virtualService('v', {
      hosts: ['*'],
      gateways: ['edge/gw'],
      tcp: [{ match: [{ port: 9000 }], route: [{ destination: { host: 'web', port: { number: 80 } } }] }],
    });
    expect(
      atGateway({ objects: [gateway('gw', [tcp]), rule] }).listeners[0]?.filterChains[0]?.tcpProxy?.cluster,
    ).toBe(WEB);
  });

  it('SH-9 an east-west gateway takes the server name for service, port and subset', () => {
    const eastWest = server(['*.local'], {
      port: { number: 15443, name: 'tls', protocol: 'TLS' },
      tls: { mode: 'AUTO_PASSTHROUGH' },
    });
    const rule = object('DestinationRule', 'd', { host: 'web', subsets: [{ name: 'v1' }] });
    const outside = service('ext', { 80: 'HTTP' }, { meshExternal: true });
    const built = atGateway({
      objects: [gateway('gw', [eastWest]), rule],
      services: [service('web'), outside],
    });
    expect(built.listeners[0]?.filterChains.map((chain) => chain.tcpProxy?.cluster)).toEqual([
      'outbound_.80_._.web.shop.svc.cluster.local',
      'outbound_.80_.v1_.web.shop.svc.cluster.local',
    ]);
  });
});

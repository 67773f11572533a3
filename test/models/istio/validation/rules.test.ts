// Verdicts rule by rule, each with the place that it points to.
import { describe, expect, it } from 'vitest';
import { validateIstioObject } from '../../../../src/models/istio/validation/index.ts';

/** "error spec.x.0.y" for each verdict. */
const verdicts = (kind: string, spec: unknown, metadata: unknown = { name: 'x', namespace: 'shop' }) =>
  validateIstioObject({ kind, metadata, spec }).map(({ severity, path }) => `${severity} ${path.join('.')}`);

describe('VirtualService', () => {
  const route = [{ destination: { host: 'web' } }];
  const v = (spec: object) => verdicts('VirtualService', { hosts: ['web'], http: [{ route }], ...spec });
  const rule = (extra: object) => v({ http: [{ route, ...extra }] });

  it('accepts the plain one', () => expect(v({})).toEqual([]));

  it('wants something to do in each rule, and one thing only', () => {
    expect(v({ http: [{}] })).toEqual(['error spec.http.0']);
    expect(rule({ redirect: { uri: '/' } })).toEqual(['error spec.http.0.route']);
    expect(rule({ directResponse: { status: 200 } })).toEqual(['error spec.http.0.route']);
    expect(v({ http: [{ redirect: { uri: '/' }, fault: { delay: { fixedDelay: '1s' } } }] })).toEqual([
      'error spec.http.0.fault',
    ]);
    expect(v({ http: [{ delegate: { name: 'd' } }] })).toEqual([]);
    expect(rule({ delegate: { name: 'd' } })).toEqual(['error spec.http.0.route']);
  });

  it('weighs destinations', () => {
    const weighted = (...weights: (number | undefined)[]) =>
      v({ http: [{ route: weights.map((weight) => ({ destination: { host: 'web' }, weight })) }] });
    expect(weighted(80, 40)).toEqual([]);
    expect(weighted(0, undefined)).toEqual(['error spec.http.0.route']);
    expect(weighted(-1, 101)).toEqual(['error spec.http.0.route.0.weight']);
    expect(v({ http: [{ route: [{ weight: 1 }] }] })).toEqual(['error spec.http.0.route.0']);
  });

  it('checks destinations', () => {
    const destination = (extra: object) =>
      v({ http: [{ route: [{ destination: { host: 'web', ...extra } }] }] });
    expect(destination({ host: '*' })).toEqual(['error spec.http.0.route.0.destination.host']);
    expect(destination({ host: 'a_b' })).toEqual(['error spec.http.0.route.0.destination.host']);
    expect(destination({ subset: 'v_1' })).toEqual(['error spec.http.0.route.0.destination.subset']);
    expect(destination({ port: { number: 70000 } })).toEqual([
      'error spec.http.0.route.0.destination.port.number',
    ]);
    expect(destination({ port: {} })).toEqual(['error spec.http.0.route.0.destination.port.number']);
  });

  it('checks matches', () => {
    const match = (extra: object) => rule({ match: [extra] });
    expect(match({ uri: { regex: '(?!a)' } })).toEqual(['error spec.http.0.match.0.uri.regex']);
    expect(match({ uri: { regex: 'a'.repeat(1025) } })).toEqual(['error spec.http.0.match.0.uri.regex']);
    expect(match({ uri: { prefix: '' } })).toEqual([]);
    expect(match({ method: { prefix: '' } })).toEqual(['error spec.http.0.match.0.method.prefix']);
    expect(match({ uri: { prefix: '/', exact: '/' } })).toEqual(['error spec.http.0.match.0.uri.prefix']);
    expect(match({ headers: { 'a b': {} } })).toEqual(['error spec.http.0.match.0.headers.a b']);
    expect(match({ headers: { h: null } })).toEqual(['error spec.http.0.match.0.headers.h']);
    expect(match({ withoutHeaders: { h: { regex: '*' } } })).toEqual([]);
    expect(match({ port: 70000 })).toEqual(['error spec.http.0.match.0.port']);
    expect(match({ sourceNamespace: 'a.b' })).toEqual(['error spec.http.0.match.0.sourceNamespace']);
    expect(match({ headers: { '@request.auth.claims.sub': { exact: 'x' } } })).toHaveLength(1);
  });

  it('checks times, retries and percentages', () => {
    expect(rule({ timeout: '0s' })).toEqual(['error spec.http.0.timeout']);
    expect(rule({ timeout: '1500us' })).toEqual(['error spec.http.0.timeout']);
    expect(rule({ retries: { attempts: -1 } })).toEqual(['error spec.http.0.retries.attempts']);
    expect(rule({ retries: { retryOn: '5xx' } })).toEqual(['error spec.http.0.retries']);
    expect(rule({ retries: { attempts: 1, retryOn: '5xx, reset' } })).toEqual([
      'error spec.http.0.retries.retryOn',
    ]);
    expect(rule({ retries: { attempts: 1, retryOn: '5xx,503,777' } })).toEqual([
      'error spec.http.0.retries.retryOn',
    ]);
    expect(rule({ fault: {} })).toEqual(['error spec.http.0.fault']);
    expect(rule({ fault: { abort: { httpStatus: 503, percentage: { value: 0.00001 } } } })).toEqual([
      'error spec.http.0.fault.abort.percentage.value',
    ]);
    expect(rule({ fault: { abort: { grpcStatus: 'NOPE' } } })).toEqual([
      'error spec.http.0.fault.abort.grpcStatus',
    ]);
    expect(rule({ mirror: { host: 'web' }, mirrorPercent: 50 })).toEqual([
      'warning spec.http.0.mirrorPercent',
    ]);
    expect(rule({ mirrors: [{ percentage: { value: 101 } }] })).toEqual([
      'error spec.http.0.mirrors.0',
      'error spec.http.0.mirrors.0.percentage.value',
    ]);
  });

  it('checks rewrites and headers', () => {
    expect(rule({ rewrite: {} })).toEqual(['error spec.http.0.rewrite']);
    expect(rule({ rewrite: { uri: '/', uriRegexRewrite: { match: 'a', rewrite: 'b' } } })).toEqual([
      'error spec.http.0.rewrite',
    ]);
    expect(rule({ rewrite: { authority: 'a' }, headers: { request: { set: { host: 'b' } } } })).toEqual([
      'error spec.http.0',
    ]);
    expect(rule({ headers: { response: { set: { host: 'b' } } } })).toEqual([
      'error spec.http.0.headers.response.set.host',
    ]);
    expect(rule({ headers: { request: { set: { x: 'abc%123' } } } })).toEqual([
      'error spec.http.0.headers.request.set.x',
    ]);
    expect(rule({ headers: { request: { set: { x: '100%% %HOSTNAME% %REQ(:path)%' } } } })).toEqual([]);
  });

  it('checks hosts and gateways', () => {
    expect(v({ hosts: ['*'] })).toEqual(['error spec.hosts.0']);
    expect(v({ hosts: ['*'], gateways: ['edge/gw'] })).toEqual([]);
    expect(v({ hosts: ['a.com', '*.com'] })).toEqual(['error spec.hosts.1']);
    expect(v({ hosts: ['10.0.0.1'] })).toEqual([]);
    expect(v({ gateways: ['gw.edge.svc.cluster.local'] })).toEqual(['warning spec.gateways.0']);
    expect(v({ gateways: ['Edge_/gw'] })).toEqual(['error spec.gateways.0']);
    expect(v({ hosts: undefined, gateways: ['edge/gw'] })).toEqual(['error spec.gateways']);
    expect(v({ exportTo: ['.', 'shop'] })).toEqual(['error spec.exportTo.1']);
    expect(v({ exportTo: ['*', 'a'] })).toEqual(['error spec.exportTo']);
  });

  it('warns of rules that nothing is left for', () => {
    const match = [{ uri: { prefix: '/a' } }];
    expect(v({ http: [{ route }, { match, route }] })).toEqual(['warning spec.http.1']);
    expect(v({ http: [{ route }, { route }] })).toEqual(['warning spec.http.1']);
    expect(
      v({
        http: [
          { match, route },
          { match: [{ ...match[0], name: 'again' }], route },
        ],
      }),
    ).toEqual(['warning spec.http.1.match.0', 'warning spec.http.1']);
    expect(
      v({
        http: [
          { match, route },
          { match: [{ uri: { prefix: '/a/b' } }], route },
        ],
      }),
    ).toEqual(['warning spec.http.1.match.0']);
    expect(
      v({
        http: [
          { match, route },
          { match: [{ uri: { prefix: '/a/b' }, headers: { x: {} } }], route },
        ],
      }),
    ).toEqual([]);
  });

  it('checks tls and tcp rules', () => {
    const tls = (match: unknown) => v({ http: undefined, tls: [{ match, route }] });
    expect(tls([{ sniHosts: ['web'] }])).toEqual([]);
    expect(tls([{ sniHosts: ['other.com'] }])).toEqual(['error spec.tls.0.match.0.sniHosts.0']);
    expect(tls([{}])).toEqual(['error spec.tls.0.match.0']);
    expect(tls(undefined)).toEqual(['error spec.tls.0']);
    expect(
      v({ http: undefined, tcp: [{ match: [{ destinationSubnets: ['1.2.3.4/33'] }], route: [] }] }),
    ).toEqual(['error spec.tcp.0.match.0.destinationSubnets.0', 'error spec.tcp.0']);
  });
});

describe('DestinationRule', () => {
  const d = (trafficPolicy: unknown, extra: object = {}) =>
    verdicts('DestinationRule', { host: 'web', trafficPolicy, ...extra });
  const at = 'spec.trafficPolicy.loadBalancer.localityLbSetting';
  const locality = (localityLbSetting: object) =>
    d({ loadBalancer: { localityLbSetting }, outlierDetection: {} });

  it('checks localities', () => {
    const distribute = (to: object, from = 'r1') => locality({ distribute: [{ from, to }] });
    expect(distribute({ 'r1/*': 60, 'r2/*': 40 })).toEqual([]);
    expect(distribute({ r1: 60, r2: 30 })).toEqual([`error ${at}.distribute.0.to`]);
    expect(distribute({ r1: 0, r2: 100 })).toEqual([`error ${at}.distribute.0.to.r1`]);
    expect(distribute({ 'r1/z1': 50, r1: 50 })).toEqual([`error ${at}.distribute.0.to.r1`]);
    expect(distribute({ r1: 100 }, 'r1/*/s')).toEqual([`error ${at}.distribute.0.from`]);
    expect(locality({ failover: [{ from: 'r1', to: 'r1' }] })).toEqual([`error ${at}.failover.0`]);
    expect(locality({ failover: [{ from: 'r1/z', to: 'r2' }] })).toEqual([`error ${at}.failover.0`]);
  });

  it('reads the from entries in order: a wide one after a narrow one is fine', () => {
    const from = (...list: string[]) =>
      locality({ distribute: list.map((entry) => ({ from: entry, to: { r1: 100 } })) });
    expect(from('r1/z1', '*')).toEqual([]);
    expect(from('*', 'r1/z1')).toEqual([`error ${at}.distribute.1.from`]);
  });

  it('warns of failover without outlierDetection at the top, not in ports and subsets', () => {
    const loadBalancer = { localityLbSetting: { failover: [{ from: 'r1', to: 'r2' }] } };
    expect(d({ loadBalancer })).toEqual([`warning ${at}.failover`]);
    expect(d({ outlierDetection: {}, portLevelSettings: [{ port: { number: 80 }, loadBalancer }] })).toEqual(
      [],
    );
    expect(d(undefined, { subsets: [{ name: 'v1', trafficPolicy: { loadBalancer } }] })).toEqual([]);
  });

  it('checks subsets, selectors, exportTo', () => {
    expect(d(undefined, { subsets: [{ name: 'a' }, { name: 'a' }] })).toEqual(['error spec.subsets.1.name']);
    expect(d(undefined, { subsets: [{ name: 'a', labels: { 'x y': '1' } }] })).toEqual([
      'error spec.subsets.0.labels.x y',
    ]);
    const workloadSelector = { matchLabels: { app: 'x' } };
    expect(d(undefined, { workloadSelector, exportTo: ['.'] })).toEqual([]);
    expect(d(undefined, { workloadSelector, exportTo: ['a'] })).toEqual(['error spec.exportTo']);
    expect(d(undefined, { workloadSelector: {} })).toEqual(['warning spec.workloadSelector']);
  });

  it('checks pools, tables, warm-up and TLS', () => {
    expect(d({ connectionPool: {} })).toEqual(['error spec.trafficPolicy.connectionPool']);
    expect(d({ connectionPool: { http: { idleTimeout: '0s' } } })).toEqual([
      'error spec.trafficPolicy.connectionPool.http.idleTimeout',
    ]);
    const maglev = (tableSize: number) =>
      d({ loadBalancer: { consistentHash: { useSourceIp: true, maglev: { tableSize } } } }).length;
    expect([65537, 65536, 5000011].map(maglev)).toEqual([0, 1, 1]);
    expect(d({ loadBalancer: { warmup: {} } })).toEqual(['error spec.trafficPolicy.loadBalancer.warmup']);
    expect(d({ tls: { mode: 'MUTUAL' } })).toHaveLength(2);
    expect(d({ tls: { mode: 'MUTUAL', credentialName: 'c' } })).toEqual([]);
    expect(d({ outlierDetection: { consecutiveErrors: 5 } })).toEqual([
      'warning spec.trafficPolicy.outlierDetection.consecutiveErrors',
    ]);
  });
});

describe('Gateway', () => {
  const g = (server: object, metadata?: object) =>
    verdicts(
      'Gateway',
      { servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['a.com'], ...server }] },
      metadata ?? { name: 'gw' },
    );
  it('checks servers', () => {
    expect(g({})).toEqual([]);
    expect(verdicts('Gateway', {})).toEqual(['error spec.servers']);
    expect(g({}, { name: 'a.b' })).toEqual(['error metadata.name']);
    expect(g({ hosts: ['short'] })).toEqual(['error spec.servers.0.hosts.0']);
    expect(g({ hosts: ['ns/*', './a.com', '*/b.com'] })).toEqual([]);
    expect(g({ hosts: ['*a.com'] })).toEqual(['error spec.servers.0.hosts.0']);
    expect(g({ port: { number: 80, protocol: 'XYZ' } })).toEqual([
      'error spec.servers.0.port.protocol',
      'error spec.servers.0.port',
    ]);
    expect(g({ port: { number: 443, name: 'https', protocol: 'HTTPS' } })).toEqual(['error spec.servers.0']);
    expect(g({ tls: { mode: 'SIMPLE', credentialName: 'c' } })).toEqual(['error spec.servers.0.tls']);
    expect(g({ tls: { httpsRedirect: true } })).toEqual([]);
    const https = { port: { number: 443, name: 'https', protocol: 'HTTPS' } };
    expect(g({ ...https, tls: { mode: 'SIMPLE' } })).toHaveLength(2);
    expect(g({ ...https, tls: { mode: 'ISTIO_MUTUAL', credentialName: 'c' } })).toHaveLength(1);
    expect(g({ ...https, tls: { mode: 'PASSTHROUGH', httpsRedirect: true } })).toEqual([
      'warning spec.servers.0.tls.httpsRedirect',
    ]);
  });
});

describe('ServiceEntry and workloads', () => {
  const http = [{ number: 80, name: 'http', protocol: 'HTTP' }];
  const s = (spec: object) =>
    verdicts('ServiceEntry', { hosts: ['a.com'], ports: http, resolution: 'DNS', ...spec });
  it('checks hosts, ports and resolution', () => {
    expect(s({})).toEqual([]);
    expect(s({ hosts: [] })).toEqual(['error spec.hosts']);
    expect(s({ hosts: ['*'], resolution: 'NONE' })).toEqual(['error spec.hosts.0']);
    expect(s({ hosts: ['*.com'] })).toEqual(['error spec.hosts.0']);
    expect(s({ addresses: ['10.0.0.0/8'] })).toEqual(['error spec.addresses']);
    expect(s({ ports: [...http, ...http] })).toEqual([
      'error spec.ports.1.name',
      'error spec.ports.1.number',
    ]);
    expect(s({ workloadSelector: { labels: { a: 'b' } }, endpoints: [{ address: 'b.com' }] })).toEqual([
      'error spec.endpoints',
    ]);
    expect(s({ resolution: 'STATIC', endpoints: [{ address: 'b.com' }] })).toEqual([
      'error spec.endpoints.0.address',
    ]);
    expect(s({ resolution: 'NONE', ports: [{ number: 9000, name: 'tcp', protocol: 'TCP' }] })).toEqual([
      'warning spec.ports.0',
    ]);
    expect(s({ exportTo: ['~'] })).toEqual([]);
  });
  it('checks entries and groups', () => {
    expect(verdicts('WorkloadEntry', {})).toEqual(['error spec']);
    expect(verdicts('WorkloadEntry', { address: 'unix:///x', ports: { http: 80 } })).toEqual([
      'error spec.ports',
    ]);
    expect(verdicts('WorkloadEntry', { address: '1.1.1.1', ports: { '@': 80, http: 99999 } })).toHaveLength(
      2,
    );
    expect(verdicts('WorkloadGroup', {})).toEqual(['error spec']);
    expect(verdicts('WorkloadGroup', { template: {}, probe: { tcpSocket: { port: 65536 } } })).toEqual([
      'error spec.probe.tcpSocket.port',
    ]);
  });
});

describe('Sidecar', () => {
  const c = (spec: object) => verdicts('Sidecar', spec);
  it('checks listeners', () => {
    expect(c({})).toEqual(['error spec']);
    expect(c({ egress: [{ hosts: ['./*', 'istio-system/*'] }] })).toEqual([]);
    expect(c({ egress: [{ hosts: ['a.com'] }] })).toEqual(['error spec.egress.0.hosts.0']);
    expect(c({ egress: [{ hosts: ['*/*', 'a/b.com'] }] })).toEqual(['warning spec.egress.0.hosts']);
    expect(
      c({ egress: [{ hosts: ['./*'] }, { port: { number: 80, protocol: 'HTTP' }, hosts: ['./*'] }] }),
    ).toEqual(['error spec.egress.0']);
    expect(
      c({ ingress: [{ port: { number: 80, protocol: 'HTTP' }, defaultEndpoint: '10.0.0.1:80' }] }),
    ).toEqual(['error spec.ingress.0.defaultEndpoint']);
    expect(c({ outboundTrafficPolicy: { egressProxy: { host: 'a.com' } } })).toEqual([
      'error spec.outboundTrafficPolicy.egressProxy',
    ]);
  });
});

it('MeshConfig: failover needs no outlierDetection beside it, yet the weights must add up', () => {
  const mesh = (spec: unknown) =>
    validateIstioObject({ kind: 'MeshConfig', spec }).map(({ severity }) => severity);
  expect(
    mesh({ localityLbSetting: { failover: [{ from: 'a', to: 'b' }] }, accessLogFile: '/dev/stdout' }),
  ).toEqual([]);
  expect(mesh({ localityLbSetting: { distribute: [{ from: 'a', to: { a: 90 } }] } })).toEqual(['error']);
  expect(mesh({ connectTimeout: '2h' })).toEqual(['error']);
});

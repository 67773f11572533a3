// Rules GW-7 and GW-8: the Kubernetes Gateway API.
import { describe, expect, it } from 'vitest';
import { build, type MeshText, object, service, targetOf } from './mesh.ts';

const listener = (extra: Record<string, unknown> = {}) => ({
  name: 'http',
  port: 80,
  protocol: 'HTTP',
  allowedRoutes: { namespaces: { from: 'All' } },
  ...extra,
});
const gateway = (listeners: unknown[]) =>
  object('Gateway', 'gw', { gatewayClassName: 'istio', listeners }, 'edge');
const route = (name: string, rules: unknown[], extra: Record<string, unknown> = {}, namespace = 'shop') =>
  object(
    'HTTPRoute',
    name,
    { parentRefs: [{ name: 'gw', namespace: 'edge' }], hostnames: ['a.com'], rules, ...extra },
    namespace,
  );
const backend = (name: string, extra: Record<string, unknown> = {}) => ({ name, port: 80, ...extra });
const rule = (name: string, matches: unknown[], extra: Record<string, unknown> = {}) => ({
  matches,
  backendRefs: [backend(name)],
  ...extra,
});
const path = (value: string, type = 'PathPrefix') => ({ path: { type, value } });

const at = (text: MeshText) =>
  build({
    services: [service('web'), service('api'), service('far', { 80: 'HTTP' }, { namespace: 'far' })],
    node: { type: 'router', namespace: 'edge', labels: { 'gateway.networking.k8s.io/gateway-name': 'gw' } },
    ...text,
  });
const routesOf = (rules: unknown[], extra: object[] = []) =>
  at({ objects: [gateway([listener()]), route('r', rules), ...(extra as never[])] }).routes(
    'http.80',
    'a.com',
  );

const WEB = 'outbound|80||web.shop.svc.cluster.local';
const API = 'outbound|80||api.shop.svc.cluster.local';

describe('HTTPRoute at a gateway (GW-7)', () => {
  it('takes whole path segments, answers 500 for what is missing, keeps its place', () => {
    const [made] = routesOf([rule('web', [path('/foo/')])]);
    expect(made).toMatchObject({
      match: { pathSeparatedPrefix: '/foo' },
      route: { cluster: WEB, clusterNotFoundResponseCode: 'INTERNAL_SERVER_ERROR' },
      origin: { path: 'spec.rules.0' },
    });
  });

  it('orders rules across routes: exact, prefix, regex; longer; method; headers; query; older', () => {
    const header = (...names: string[]) => ({ headers: names.map((name) => ({ name, value: '1' })) });
    const objects = [
      gateway([listener()]),
      route('old', [
        rule('web', [path('/.*', 'RegularExpression')]),
        rule('web', [path('/a')]),
        rule('web', [path('/a/b')]),
      ]),
      route('new', [
        rule('api', [{ ...path('/a'), ...header('x') }]),
        rule('api', [{ ...path('/a'), ...header('x', 'y') }]),
        rule('api', [{ ...path('/a'), method: 'GET' }]),
        rule('api', [path('/x', 'Exact')]),
        rule('api', [path('/a')]),
      ]),
    ];
    const made = at({ objects }).routes('http.80', 'a.com');
    expect(made.map((entry) => `${targetOf(entry) === WEB ? 'old' : 'new'} ${entry.origin?.path}`)).toEqual([
      'new spec.rules.3',
      'old spec.rules.2',
      'new spec.rules.2',
      'new spec.rules.1',
      'new spec.rules.0',
      'old spec.rules.1',
      'new spec.rules.4',
      'old spec.rules.0',
    ]);
  });

  it('weighs backends: default 1, 0 is gone, a single one has all, none at all is 500', () => {
    const weighted = (...weights: (number | undefined)[]) =>
      routesOf([
        { backendRefs: weights.map((weight, i) => backend(i === 0 ? 'web' : 'api', { weight })) },
      ]).map(targetOf)[0];
    expect(weighted(undefined, 3)).toBe(`${WEB}=1 ${API}=3`);
    expect(weighted(5, 0)).toBe(WEB);
    expect(weighted(0, 0)).toBe('500');
    expect(routesOf([{}]).map(targetOf)).toEqual(['500']);
  });

  it('needs a ReferenceGrant for another namespace; without it that share answers 500', () => {
    const rules = [{ backendRefs: [backend('web'), backend('far', { namespace: 'far' })] }];
    expect(routesOf(rules).map(targetOf)).toEqual([`${WEB}=1 UnknownService=1`]);
    const grant = object(
      'ReferenceGrant',
      'g',
      { from: [{ kind: 'HTTPRoute', namespace: 'shop' }], to: [{ kind: 'Service' }] },
      'far',
    );
    expect(routesOf(rules, [grant]).map(targetOf)).toEqual([
      `${WEB}=1 outbound|80||far.far.svc.cluster.local=1`,
    ]);
  });

  it('a backend without port spoils the whole route', () => {
    expect(() => routesOf([{ backendRefs: [{ name: 'web' }] }])).toThrow();
  });

  it('bounds the request, or each try when retries are on', () => {
    const [plain] = routesOf([
      rule('web', [path('/')], { timeouts: { request: '10s', backendRequest: '2s' } }),
    ]);
    expect(plain?.route?.timeout).toBe('2s');
    const [retried] = routesOf([
      rule('web', [path('/')], {
        timeouts: { request: '10s', backendRequest: '2s' },
        retry: { codes: [503] },
      }),
    ]);
    expect(retried?.route).toMatchObject({
      timeout: '10s',
      retryPolicy: { numRetries: 2, perTryTimeout: '2s', retriableStatusCodes: [503] },
    });
  });

  it('redirects, rewrites and mirrors', () => {
    const filtered = (filter: Record<string, unknown>, match = path('/foo')) =>
      routesOf([rule('web', [match], { filters: [filter] })])[0]!;
    const requestRedirect = {
      scheme: 'https',
      path: { type: 'ReplacePrefixMatch', replacePrefixMatch: '/bar' },
    };
    expect(filtered({ type: 'RequestRedirect', requestRedirect }).redirect).toEqual({
      schemeRedirect: 'https',
      prefixRewrite: '/bar',
      responseCode: 'FOUND',
    });
    const urlRewrite = { hostname: 'b.com', path: { type: 'ReplacePrefixMatch', replacePrefixMatch: '/' } };
    expect(filtered({ type: 'URLRewrite', urlRewrite }).route).toMatchObject({
      hostRewriteLiteral: 'b.com',
      regexRewrite: { pattern: { regex: '^/foo(/?)(.*)' }, substitution: '/\\2' },
    });
    const requestMirror = { backendRef: backend('api'), fraction: { numerator: 1, denominator: 8 } };
    expect(
      filtered({ type: 'RequestMirror', requestMirror }).route?.requestMirrorPolicies?.[0],
    ).toMatchObject({
      cluster: API,
      runtimeFraction: { numerator: 125000, denominator: 'MILLION' },
    });
  });

  it('GRPCRoute matches service and method by path', () => {
    const grpc = object('GRPCRoute', 'g', {
      parentRefs: [{ name: 'gw', namespace: 'edge' }],
      hostnames: ['a.com'],
      rules: [
        {
          matches: [{ method: { service: 'Cart', method: 'Add' } }, { method: { service: 'Cart' } }],
          backendRefs: [backend('web')],
        },
      ],
    });
    const made = at({ objects: [gateway([listener()]), grpc] }).routes('http.80', 'a.com');
    expect(made.map((entry) => entry.match)).toEqual([
      { path: '/Cart/Add' },
      { pathSeparatedPrefix: '/Cart' },
    ]);
  });
});

describe('which routes a listener takes', () => {
  const served = (listeners: unknown[], extra: Record<string, unknown>, text: MeshText = {}) => {
    const built = at({
      objects: [gateway(listeners), route('r', [rule('web', [path('/')])], extra)],
      ...text,
    });
    return built.tables.flatMap((table) =>
      table.virtualHosts.flatMap((host) => (host.routes.length > 0 ? host.domains : [])),
    );
  };

  it('those of its own namespace unless it says otherwise', () => {
    expect(served([listener({ allowedRoutes: undefined })], {})).toEqual([]);
    const selector = { from: 'Selector', selector: { matchLabels: { team: 'a' } } };
    const namespaces = [{ name: 'shop', labels: { team: 'a' } }];
    expect(served([listener({ allowedRoutes: { namespaces: selector } })], {}, { namespaces })).toEqual([
      'a.com',
    ]);
    expect(served([listener({ allowedRoutes: { namespaces: selector } })], {})).toEqual([]);
  });

  it('those that name it by section or port, with a host that fits', () => {
    const parent = (extra: object) => ({ parentRefs: [{ name: 'gw', namespace: 'edge', ...extra }] });
    expect(served([listener()], parent({ sectionName: 'other' }))).toEqual([]);
    expect(served([listener()], parent({ port: 81 }))).toEqual([]);
    expect(served([listener({ hostname: '*.com' })], {})).toEqual(['a.com']);
    expect(served([listener({ hostname: 'b.com' })], {})).toEqual([]);
  });

  it('a host that a more exact listener has is not served by the wider one', () => {
    const listeners = [listener({ hostname: '*.com' }), listener({ name: 'exact', hostname: 'a.com' })];
    const objects = [
      gateway(listeners),
      route('r', [rule('web', [path('/')])], {
        parentRefs: [{ name: 'gw', namespace: 'edge', sectionName: 'http' }],
      }),
    ];
    expect(at({ objects }).table('http.80').virtualHosts[0]?.domains).toEqual(['*']);
  });

  it('leaves gateways of other classes alone', () => {
    const other = object('Gateway', 'gw', { gatewayClassName: 'nginx', listeners: [listener()] }, 'edge');
    expect(at({ objects: [other, route('r', [rule('web', [path('/')])])] }).listeners).toEqual([]);
  });
});

describe('HTTPRoute in the mesh (GW-8)', () => {
  const inMesh = (routeNamespace: string, clientNamespace: string, parent: object = {}) =>
    build({
      services: [service('web', { 80: 'HTTP', 8080: 'HTTP' }), service('api')],
      node: { namespace: clientNamespace },
      objects: [
        route(
          'r',
          [rule('api', [path('/')], { backendRefs: [backend('api', { namespace: 'shop' })] })],
          {
            parentRefs: [{ kind: 'Service', group: '', name: 'web', namespace: 'shop', ...parent }],
            hostnames: undefined,
          },
          routeNamespace,
        ),
      ],
    });

  it('of the service’s namespace is for all clients, of another one for that namespace’s clients', () => {
    const host = 'web.shop.svc.cluster.local';
    expect(inMesh('shop', 'else').targets('80', host)).toEqual([API]);
    expect(inMesh('client', 'client').targets('80', host)).toEqual([API]);
    expect(inMesh('client', 'else').targets('80', host)).toEqual([WEB]);
  });

  it('can be for one port', () => {
    const built = inMesh('shop', 'shop', { port: 80 });
    expect(built.targets('80', 'web.shop.svc.cluster.local')).toEqual([API]);
    expect(built.targets('8080', 'web.shop.svc.cluster.local')).toEqual([
      'outbound|8080||web.shop.svc.cluster.local',
    ]);
  });
});

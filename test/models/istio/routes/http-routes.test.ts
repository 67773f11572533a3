// Rules VM, VW, VF, RT of HTTP rules, read from the Envoy routes that come out.
import { describe, expect, it } from 'vitest';
import { build, service, to, virtualService } from './mesh.ts';

const WEB = 'web.shop.svc.cluster.local';
/** Routes of web for one VirtualService with these rules. */
const routesOf = (http: unknown[], extra: Parameters<typeof build>[0] = {}) =>
  build({
    services: [service('web'), service('api')],
    ...extra,
    objects: [virtualService('v', { hosts: ['web'], http }), ...(extra.objects ?? [])],
  }).routes('80', WEB);
const matchOf = (match: unknown) => routesOf([to('web', { match: [match] })])[0]!.match;

describe('matches', () => {
  it('VM-2 keeps a prefix a plain string prefix', () => {
    expect(matchOf({ uri: { prefix: '/foo' } })).toEqual({ prefix: '/foo' });
    expect(matchOf({ uri: { exact: '/foo' } })).toEqual({ path: '/foo' });
    expect(matchOf({ uri: { regex: '/f.*' } })).toEqual({ safeRegex: { regex: '/f.*' } });
  });

  it('VM-2 ignoreUriCase is about the path only', () => {
    expect(matchOf({ uri: { prefix: '/A' }, ignoreUriCase: true, headers: { h: { exact: 'A' } } })).toEqual({
      prefix: '/A',
      caseSensitive: false,
      headers: [{ name: 'h', stringMatch: { exact: 'A' } }],
    });
  });

  it('VM-3 an empty matcher, null and the regex "*" mean present', () => {
    for (const value of [{}, null, { regex: '*' }])
      expect(matchOf({ headers: { h: value } }).headers).toEqual([{ name: 'h', presentMatch: true }]);
  });

  it('VM-3 withoutHeaders inverts and takes an absent header for an empty one, unless it asks for presence', () => {
    expect(matchOf({ withoutHeaders: { a: {}, b: { prefix: 'x' } } }).headers).toEqual([
      { name: 'a', presentMatch: true, invertMatch: true },
      { name: 'b', stringMatch: { prefix: 'x' }, invertMatch: true, treatMissingHeaderAsEmpty: true },
    ]);
  });

  it('VM-3 method, authority and scheme follow the headers as pseudo headers', () => {
    const match = {
      method: { exact: 'GET' },
      authority: { prefix: 'w' },
      scheme: { exact: 'http' },
      headers: { z: {} },
    };
    expect(matchOf(match).headers?.map((header) => header.name)).toEqual([
      'z',
      ':method',
      ':authority',
      ':scheme',
    ]);
  });

  it('VM-3 query parameters', () => {
    expect(matchOf({ queryParams: { q: { regex: '1+' }, p: {} } }).queryParameters).toEqual([
      { name: 'q', stringMatch: { safeRegex: { regex: '1+' } } },
      { name: 'p', presentMatch: true },
    ]);
  });

  it('VM-4 a match for another port, another source or another gateway is not made', () => {
    const rules = [
      to('api', { match: [{ port: 81 }] }),
      to('api', { match: [{ sourceLabels: { app: 'x' } }] }),
      to('api', { match: [{ sourceNamespace: 'other' }] }),
      to('api', { match: [{ gateways: ['gw'] }] }),
      to('web', { match: [{ gateways: ['mesh'], sourceLabels: { app: 'x' } }] }),
    ];
    expect(routesOf(rules).map((route) => route.route?.cluster)).toEqual([`outbound|80||${WEB}`]);
  });

  it('VM-1 makes nothing behind a catch-all', () => {
    const rules = [to('web', { match: [{ uri: { prefix: '/' } }, { uri: { prefix: '/a' } }] }), to('api')];
    expect(routesOf(rules)).toHaveLength(1);
  });

  it('points every route to its place', () => {
    const rules = [to('web', { match: [{ uri: { prefix: '/a' } }, { uri: { prefix: '/b' } }] }), to('web')];
    expect(routesOf(rules).map((route) => route.origin?.path)).toEqual([
      'spec.http.0.match.0',
      'spec.http.0.match.1',
      'spec.http.1',
    ]);
  });
});

describe('destinations', () => {
  const weights = (...list: (number | undefined)[]) =>
    routesOf([
      { route: list.map((weight, i) => ({ destination: { host: 'web', subset: `v${i}` }, weight })) },
    ])[0]!.route;

  it('VW-2 one destination has all whatever its weight', () => {
    expect(weights(0)).toMatchObject({ cluster: `outbound|80|v0|${WEB}` });
  });

  it('VW-2 of several those without weight are dropped, the rest stays weighted', () => {
    expect(weights(80, undefined, 40)?.weightedClusters?.clusters.map(({ weight }) => weight)).toEqual([
      80, 40,
    ]);
    expect(weights(0, 10)?.weightedClusters?.clusters).toHaveLength(1);
  });

  it('VW-5 short names are of the VirtualService’s namespace', () => {
    const built = build({
      services: [service('web'), service('web', {}, { namespace: 'edge' })],
      objects: [virtualService('v', { hosts: [WEB], http: [to('api')] }, 'edge')],
    });
    expect(built.targets('80', WEB)).toEqual(['outbound|80||api.edge.svc.cluster.local']);
  });

  it('VW-4 names clusters that nobody has', () => {
    expect(routesOf([to('ghost.example.com')])[0]!.route?.cluster).toBe('outbound|80||ghost.example.com');
  });
});

describe('actions', () => {
  it('VF-1 a fault without percentage never happens; parts per million are cut', () => {
    const fault = {
      abort: { httpStatus: 503, percentage: { value: 12.34567 } },
      delay: { fixedDelay: '1m' },
    };
    expect(routesOf([to('web', { fault })])[0]!.fault).toEqual({
      abort: { httpStatus: 503, percentage: { numerator: 123456, denominator: 'MILLION' } },
      delay: { fixedDelay: '60s', percentage: { numerator: 0 } },
    });
  });

  it('VF-1 an abort without status is no abort, a gRPC one has a number', () => {
    expect(
      routesOf([to('web', { fault: { abort: { percentage: { value: 1 } } } })])[0]!.fault,
    ).toBeUndefined();
    const fault = { abort: { grpcStatus: 'UNAVAILABLE', percentage: { value: 100 } } };
    expect(routesOf([to('web', { fault })])[0]!.fault?.abort?.grpcStatus).toBe(14);
  });

  it('VF-2 mirrors all unless told otherwise; 0 % takes the mirror away; no -shadow since 1.28', () => {
    const mirrored = (rule: object, version?: string) =>
      routesOf([to('web', rule)], { version })[0]!.route?.requestMirrorPolicies;
    expect(mirrored({ mirror: { host: 'api' } })).toEqual([
      {
        cluster: 'outbound|80||api.shop.svc.cluster.local',
        runtimeFraction: { numerator: 100 },
        disableShadowHostSuffixAppend: true,
      },
    ]);
    expect(mirrored({ mirror: { host: 'api' } }, '1.27')?.[0]).not.toHaveProperty(
      'disableShadowHostSuffixAppend',
    );
    expect(mirrored({ mirror: { host: 'api' }, mirrorPercentage: { value: 0 } })).toBeUndefined();
    expect(
      mirrored({ mirrors: [{ destination: { host: 'api' } }, { destination: { host: 'web' } }] }),
    ).toHaveLength(2);
  });

  it('VF-3 redirects with 301 unless told otherwise and leaves the scheme’s own port out', () => {
    const redirected = (redirect: object) => routesOf([{ redirect }])[0]!;
    expect(redirected({ authority: 'a.com' }).redirect).toEqual({
      hostRedirect: 'a.com',
      responseCode: 'MOVED_PERMANENTLY',
    });
    expect(redirected({ uri: '/x', port: 443, scheme: 'https', redirectCode: 307 }).redirect).toEqual({
      pathRedirect: '/x',
      schemeRedirect: 'https',
      responseCode: 'TEMPORARY_REDIRECT',
    });
    expect(redirected({ uri: '/x', derivePort: 'FROM_REQUEST_PORT' }).redirect).not.toHaveProperty(
      'portRedirect',
    );
    expect(redirected({ uri: '/x', port: 8443 }).redirect?.portRedirect).toBe(8443);
    expect(redirected({ uri: '/x', redirectCode: 305 })).not.toHaveProperty('redirect');
  });

  it('VF-3 rewrites path and Host, the rewrite before the header operation', () => {
    const headers = { request: { set: { Host: 'b.com' }, add: { ':authority': 'c.com' } } };
    const action = (rule: object) => routesOf([to('web', rule)])[0]!.route;
    expect(action({ headers })?.hostRewriteLiteral).toBe('b.com');
    expect(action({ headers, rewrite: { authority: 'a.com', uri: '/x' } })).toMatchObject({
      hostRewriteLiteral: 'a.com',
      prefixRewrite: '/x',
    });
    const uriRegexRewrite = { match: '/(.*)', rewrite: '/v1/\\1' };
    expect(action({ rewrite: { uriRegexRewrite } })?.regexRewrite).toEqual({
      pattern: { regex: '/(.*)' },
      substitution: '/v1/\\1',
    });
  });

  it('RT-1, RT-2 the mesh default, the rule’s own, and off', () => {
    const retry = (rule: object, meshConfig?: Record<string, unknown>) =>
      routesOf([to('web', rule)], { meshConfig })[0]!.route?.retryPolicy;
    expect(retry({})?.numRetries).toBe(2);
    expect(retry({}, { defaultHttpRetryPolicy: { attempts: 0 } })).toBeUndefined();
    expect(retry({ retries: { attempts: 0 } })).toBeUndefined();
    expect(retry({ retries: { retryOn: '5xx' } })).toBeUndefined();
    expect(retry({ retries: { attempts: 3, retryOn: '503' } })).toMatchObject({
      numRetries: 3,
      retryOn: 'retriable-status-codes',
      retriableStatusCodes: [503],
    });
  });

  it('RT-3 no timeout unless written', () => {
    expect(routesOf([to('web')])[0]!.route?.timeout).toBe('0s');
    expect(routesOf([to('web', { timeout: '1m' })])[0]!.route?.timeout).toBe('60s');
    expect(routesOf([to('web', { timeout: 60 })])[0]!.route?.timeout).toBe('0s');
  });
});

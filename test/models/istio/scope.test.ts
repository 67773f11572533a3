import { describe, expect, it } from 'vitest';
import { createContext } from '../../../src/models/istio/create-context.ts';
import {
  bySpecificity,
  isSubsetOf,
  mostSpecific,
  resolveShortName,
} from '../../../src/models/istio/host-name.ts';
import type { ConfigObject, Mesh, ProxyNode } from '../../../src/models/istio/model.ts';
import { client, config, endpoint, mesh, service } from './mesh-fixtures.ts';

const web = service('web');
const api = service('api', { namespace: 'back' });
const seen = (parts: Mesh, node: Partial<ProxyNode> = {}) =>
  createContext(parts)
    .visibleServices(client(node))
    .map(({ hostname, namespace }) => `${hostname.split('.')[0]}/${namespace}`);
const sidecar = (spec: unknown, rest: Partial<ConfigObject> = {}) => config('Sidecar', spec, rest);

describe('host names', () => {
  it('lie inside wildcards by their end', () => {
    expect(isSubsetOf('a.example.com', '*.example.com')).toBe(true);
    expect(isSubsetOf('*.a.example.com', '*.example.com')).toBe(true);
    expect(isSubsetOf('*.example.com', 'a.example.com')).toBe(false);
    expect(isSubsetOf('anything', '*')).toBe(true);
    expect(isSubsetOf('example.com', '*.example.com')).toBe(false);
  });

  it('prefer the exact, then the longest wildcard', () => {
    expect(mostSpecific('a.b.com', ['*', '*.com', '*.b.com'])).toBe('*.b.com');
    expect(mostSpecific('a.b.com', ['*.b.com', 'a.b.com'])).toBe('a.b.com');
    expect(mostSpecific('a.b.com', ['c.b.com'])).toBeUndefined();
    expect(['*', 'a.com', '*.b.com', '*.com'].sort(bySpecificity)).toEqual([
      'a.com',
      '*.b.com',
      '*.com',
      '*',
    ]);
  });

  it('resolve short in the namespace of the object (DR-2)', () => {
    expect(resolveShortName('web', 'app', 'cluster.local')).toBe('web.app.svc.cluster.local');
    expect(resolveShortName('web.shop', 'app', 'cluster.local')).toBe('web.shop');
    expect(resolveShortName('*', 'app', 'cluster.local')).toBe('*');
  });
});

describe('services', () => {
  it('are seen by exportTo: everybody, own namespace, named namespaces, nobody (EP-8)', () => {
    const services = [
      web,
      service('own', { exportTo: ['.'] }),
      service('named', { exportTo: ['back'] }),
      service('hidden', { exportTo: ['~'] }),
      service('foreign', { namespace: 'back', exportTo: ['.'] }),
    ];
    expect(seen(mesh({ services }))).toEqual(['own/shop', 'web/shop']);
    expect(seen(mesh({ services }), { namespace: 'back' })).toEqual([
      'foreign/back',
      'named/shop',
      'web/shop',
    ]);
    expect(
      seen(mesh({ services, meshConfig: { defaultServiceExportTo: ['.'] } }), { namespace: 'back' }),
    ).toEqual(['foreign/back', 'named/shop']);
  });

  it('are imported by the Sidecar of the workload, the namespace, or the root namespace (SC-1)', () => {
    const services = [web, api];
    const root = sidecar({ egress: [{ hosts: ['istio-system/*'] }] }, { namespace: 'istio-system' });
    const wide = sidecar({ egress: [{ hosts: ['./*'] }] });
    const own = sidecar(
      {
        workloadSelector: { labels: { app: 'front' } },
        egress: [{ hosts: ['*/api.back.svc.cluster.local'] }],
      },
      { name: 'own' },
    );
    expect(seen(mesh({ services, configs: [root] }))).toEqual([]);
    expect(seen(mesh({ services, configs: [root, wide] }))).toEqual(['web/shop']);
    expect(seen(mesh({ services, configs: [root, wide, own] }), { labels: { app: 'front' } })).toEqual([
      'api/back',
    ]);
    expect(seen(mesh({ services, configs: [root, wide, own] }), { labels: { app: 'other' } })).toEqual([
      'web/shop',
    ]);
    expect(seen(mesh({ services, configs: [root] }), { type: 'router' })).toEqual(['api/back', 'web/shop']);
  });

  it('that imported VirtualServices send to are added, for the ports they name (SC-1)', () => {
    const two = { ...api, ports: [...api.ports, { name: 'more', port: 81, protocol: 'HTTP' as const }] };
    const route = (destination: Record<string, unknown>) =>
      config('VirtualService', { hosts: ['web'], http: [{ route: [{ destination }] }] });
    const configs = (destination: Record<string, unknown>) => [
      sidecar({ egress: [{ hosts: ['./*'] }] }),
      route(destination),
    ];
    const host = 'api.back.svc.cluster.local';
    expect(seen(mesh({ services: [web, two], configs: configs({ host }) }))).toEqual([
      'web/shop',
      'api/back',
    ]);
    const context = createContext(
      mesh({ services: [web, two], configs: configs({ host, port: { number: 81 } }) }),
    );
    expect(context.serviceByHost(client(), host)?.ports.map(({ port }) => port)).toEqual([81]);
    expect(seen(mesh({ services: [web, two], configs: configs({ host, port: { number: 99 } }) }))).toEqual([
      'web/shop',
    ]);
  });

  it('of one hostname: Kubernetes before others, the own namespace before all (EP-34)', () => {
    const entry = (namespace: string, creation: number) =>
      service('web', { hostname: web.hostname, namespace, registry: 'External', creation });
    expect(
      seen(mesh({ services: [entry('a', 0), { ...web, creation: 5 }] }), { namespace: 'other' }),
    ).toEqual(['web/shop']);
    expect(seen(mesh({ services: [entry('b', 1), entry('a', 2)] }), { namespace: 'other' })).toEqual([
      'web/b',
    ]);
    expect(seen(mesh({ services: [entry('b', 1), entry('a', 2)] }), { namespace: 'a' })).toEqual(['web/a']);
  });

  it('on an egress listener with a port are cut down to it', () => {
    const two = { ...web, ports: [...web.ports, { name: 'more', port: 81, protocol: 'HTTP' as const }] };
    const egress = [{ port: { number: 81, protocol: 'HTTP', name: 'x' }, hosts: ['./*'] }];
    const context = createContext(mesh({ services: [two], configs: [sidecar({ egress })] }));
    expect(context.visibleServices(client())[0]?.ports.map(({ port }) => port)).toEqual([81]);
  });
});

it('namespaces that no discovery selector fits do not exist, cluster by cluster; the root namespace always does', () => {
  const namespace = (cluster: string, name: string, labels: Record<string, string>) => ({
    cluster,
    name,
    labels,
    annotations: {},
  });
  const parts = mesh({
    services: [
      { ...web, clusterVIPs: { c1: ['1.1.1.1'], c2: ['2.2.2.2'] } },
      { ...api, clusterVIPs: { c1: ['3.3.3.3'] } },
    ],
    endpoints: {
      web: ['c1', 'c2'].map((clusterId) =>
        endpoint(`10.0.0.${clusterId[1]}`, { clusterId, namespace: 'shop' }),
      ),
    },
    configs: [
      config('DestinationRule', { host: '*' }, { namespace: 'back' }),
      config('DestinationRule', { host: '*' }, { namespace: 'istio-system' }),
    ],
    namespaces: [
      namespace('c1', 'shop', { mesh: 'on' }),
      namespace('c2', 'shop', {}),
      namespace('c1', 'back', {}),
    ],
    meshConfig: { discoverySelectors: [{ matchLabels: { mesh: 'on' } }] },
  });
  const context = createContext(parts);
  expect(context.visibleServices(client())).toMatchObject([
    { name: 'web', clusterVIPs: { c1: ['1.1.1.1'] } },
  ]);
  expect(context.visibleServices(client())).toHaveLength(1);
  expect([...context.mesh.endpoints.values()].flat().map(({ clusterId }) => clusterId)).toEqual(['c1']);
  expect(context.configsOfKind('DestinationRule').map(({ namespace }) => namespace)).toEqual([
    'istio-system',
  ]);
});

it('outbound traffic policy: the Sidecar before the mesh, and its own default is REGISTRY_ONLY (SC-4)', () => {
  const policy = (meshConfig: Record<string, unknown>, ...configs: ConfigObject[]) =>
    createContext(mesh({ meshConfig, configs })).outboundTrafficPolicy(client());
  const only = { outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' } };
  expect(policy({})).toBe('ALLOW_ANY');
  expect(policy(only)).toBe('REGISTRY_ONLY');
  expect(policy(only, sidecar({ outboundTrafficPolicy: { mode: 'ALLOW_ANY' } }))).toBe('ALLOW_ANY');
  expect(policy({}, sidecar({ outboundTrafficPolicy: {} }))).toBe('REGISTRY_ONLY');
});

describe('the rule of a service', () => {
  const rule = (name: string, namespace: string, spec: Record<string, unknown> = {}) =>
    config('DestinationRule', { host: web.hostname, ...spec }, { name, namespace });
  const chosen = (
    configs: ConfigObject[],
    node: Partial<ProxyNode> = {},
    version = '1.32',
    meshConfig = {},
  ) =>
    createContext(
      mesh({
        version,
        services: [web],
        configs: configs.map((entry, creation) => ({ ...entry, creation })),
        meshConfig,
      }),
    )
      .destinationRuleFor(client(node), web)
      ?.sources.map(({ name }) => name) ?? null;
  const away = { namespace: 'app' };

  it('is looked for in the namespace of the client, of the service, of the root; the first with a host ends it (DR-1)', () => {
    const all = [
      rule('root', 'istio-system', { host: '*.local' }),
      rule('theirs', 'shop'),
      rule('mine', 'app', { host: '*' }),
    ];
    expect(chosen(all, away)).toEqual(['mine']);
    expect(chosen(all.slice(0, 2), away)).toEqual(['theirs']);
    expect(chosen(all.slice(0, 1), away)).toEqual(['root']);
    expect(chosen([rule('other', 'elsewhere')], away)).toBeNull();
  });

  it('of the root namespace is for everybody, not first for proxies that live there (DR-1)', () => {
    const both = [rule('root', 'istio-system'), rule('theirs', 'shop')];
    expect(chosen(both, { namespace: 'istio-system' })).toEqual(['theirs']);
    expect(
      chosen([rule('root', 'istio-system', { exportTo: ['.'] }), both[1]!], { namespace: 'istio-system' }),
    ).toEqual(['root']);
  });

  it('is hidden by exportTo, and so is what lies behind it in its namespace (EP-8)', () => {
    const hidden = rule('hidden', 'shop', { exportTo: ['.'] });
    expect(chosen([hidden], away)).toBeNull();
    expect(chosen([hidden])).toEqual(['hidden']);
    expect(chosen([rule('named', 'shop', { exportTo: ['app'] })], away)).toEqual(['named']);
    expect(chosen([rule('named', 'shop', { exportTo: ['app'] })])).toBeNull();
    expect(chosen([rule('all', 'shop')], away, '1.32', { defaultDestinationRuleExportTo: ['.'] })).toBeNull();
  });

  it('prefers the exact host to wildcards of the same namespace', () => {
    expect(
      chosen([rule('wild', 'shop', { host: '*.shop.svc.cluster.local' }), rule('exact', 'shop')]),
    ).toEqual(['exact']);
  });

  it('merges with later ones of equal exportTo; until 1.23 with all (DR-3)', () => {
    const two = [rule('a', 'shop'), rule('b', 'shop', { exportTo: ['shop', 'app'] })];
    expect(chosen([rule('a', 'shop'), rule('b', 'shop')])).toEqual(['a', 'b']);
    expect(chosen(two)).toEqual(['b']);
    expect(chosen(two, {}, '1.23')).toEqual(['a', 'b']);
  });

  it('with a workloadSelector is for clients of its namespace with these labels; others see none of the later steps (DR-4)', () => {
    const selects = rule('selects', 'app', { workloadSelector: { matchLabels: { app: 'front' } } });
    const theirs = rule('theirs', 'shop');
    expect(chosen([selects, theirs], { ...away, labels: { app: 'front' } })).toEqual(['selects']);
    expect(chosen([selects, theirs], { ...away, labels: { app: 'back' } })).toBeNull();
    expect(chosen([rule('plain', 'app'), selects, theirs], { ...away, labels: { app: 'back' } })).toEqual([
      'plain',
    ]);
  });
});

describe('VirtualServices', () => {
  const vs = (name: string, spec: Record<string, unknown>, namespace = 'shop') =>
    config('VirtualService', { hosts: [web.hostname], ...spec }, { name, namespace });
  const names = (configs: ConfigObject[], node: Partial<ProxyNode> = {}, gateway = 'mesh') =>
    createContext(
      mesh({ services: [web], configs: configs.map((entry, creation) => ({ ...entry, creation })) }),
    )
      .virtualServices(client(node), gateway)
      .map(({ name }) => name);

  it('come private first, then exported to the namespace, then public, each by creation (VS-2)', () => {
    const all = [
      vs('public', {}),
      vs('named', { exportTo: ['shop', 'x'] }),
      vs('own', { exportTo: ['.'] }),
      vs('hidden', { exportTo: ['~'] }),
    ];
    expect(names(all)).toEqual(['own', 'named', 'public']);
    expect(names(all, { namespace: 'x' })).toEqual(['named', 'public']);
  });

  it('bind to the gateways they name, resolved in their own namespace (VS-1)', () => {
    const all = [
      vs('mesh', {}),
      vs('edge', { gateways: ['edge'] }),
      vs('both', { gateways: ['mesh', 'istio-system/main'] }),
    ];
    expect(names(all)).toEqual(['mesh', 'both']);
    expect(names(all, { type: 'router', namespace: 'istio-system' }, 'shop/edge')).toEqual(['edge']);
    expect(names(all, { type: 'router', namespace: 'istio-system' }, 'istio-system/main')).toEqual(['both']);
  });

  it('are imported by a Sidecar with their hosts', () => {
    const only = sidecar({ egress: [{ hosts: ['*/api.back.svc.cluster.local'] }] });
    expect(names([vs('a', {}), only])).toEqual([]);
    expect(names([vs('wild', { hosts: ['*.back.svc.cluster.local'] }), only])).toEqual(['wild']);
  });
});

import { describe, expect, it } from 'vitest';
import { addExternalServices, type SelectablePod } from '../../../src/models/istio/service-entry.ts';
import { createTranslator } from '../../../src/models/istio/translate.ts';
import { client, config, endpoint, mesh, service } from './mesh-fixtures.ts';

const parts = { services: [], endpoints: new Map(), clusters: ['c1', 'c2'], configCluster: 'c1' };
const entry = (spec: Record<string, unknown>, rest = {}) =>
  config(
    'ServiceEntry',
    { hosts: ['api.example.com'], ports: [{ number: 443, name: 'tls', protocol: 'TLS' }], ...spec },
    rest,
  );
const ports = (list: { address: string; endpointPort: number }[] | undefined) =>
  (list ?? []).map((found) => `${found.address}:${found.endpointPort}`);
const key = 'api.example.com/shop';

describe('a ServiceEntry', () => {
  it('takes the port of its endpoint, else its target port, else its number (EP-31)', () => {
    const { endpoints } = addExternalServices({
      ...parts,
      configs: [
        entry({
          resolution: 'STATIC',
          ports: [
            { number: 80, name: 'http', protocol: 'HTTP', targetPort: 8080 },
            { number: 81, name: 'more', protocol: 'HTTP' },
          ],
          endpoints: [{ address: '1.1.1.1', ports: { http: 9090 } }, { address: '1.1.1.2' }],
        }),
      ],
    });
    expect(ports(endpoints.get(key))).toEqual(['1.1.1.1:9090', '1.1.1.1:81', '1.1.1.2:8080', '1.1.1.2:81']);
  });

  it('resolves its own name where DNS has no endpoints, and becomes a DNS cluster with that name', () => {
    const { services, endpoints } = addExternalServices({
      ...parts,
      configs: [entry({ resolution: 'DNS' })],
    });
    expect(ports(endpoints.get(key))).toEqual(['api.example.com:443']);
    const { clusters } = createTranslator({ ...mesh({ services }), endpoints }).configOf(client());
    const found = clusters.find(({ name }) => name === 'outbound|443||api.example.com');
    expect(found).toMatchObject({ type: 'STRICT_DNS', respectDnsTtl: true, dnsRefreshRate: '60s' });
    expect(found?.loadAssignment?.endpoints[0]?.lbEndpoints[0]?.endpoint.address).toBe('api.example.com');
  });

  it('of resolution NONE leads sidecars on to the dialled address and gateways to its endpoints', () => {
    const { services, endpoints } = addExternalServices({
      ...parts,
      configs: [entry({ resolution: 'NONE', endpoints: [{ address: '1.1.1.1' }] })],
    });
    const translator = createTranslator({ ...mesh({ services }), endpoints });
    const typeFor = (type: 'sidecar' | 'router') =>
      translator.configOf(client({ type })).clusters.find(({ name }) => name.includes('api.example.com'))
        ?.type;
    expect([typeFor('sidecar'), typeFor('router')]).toEqual(['ORIGINAL_DST', 'EDS']);
  });

  it('selects WorkloadEntries and ready pods of its own namespace (EP-30)', () => {
    const pod = (address: string, rest: Partial<SelectablePod> = {}): SelectablePod => ({
      ...endpoint(address, { labels: { app: 'db' } }),
      namespace: 'shop',
      ...rest,
    });
    const workload = (address: string, rest = {}) =>
      config(
        'WorkloadEntry',
        { address, labels: { app: 'db' }, weight: 3, serviceAccount: 'vm' },
        { name: address, ...rest },
      );
    const { endpoints } = addExternalServices({
      ...parts,
      pods: [pod('2.2.2.1'), pod('2.2.2.2', { namespace: 'other' }), pod('2.2.2.3', { health: 'unhealthy' })],
      configs: [
        entry({ resolution: 'STATIC', workloadSelector: { labels: { app: 'db' } } }),
        workload('3.3.3.1'),
        workload('3.3.3.2', { namespace: 'other' }),
      ],
    });
    expect(endpoints.get(key)!.map(({ address, weight, mtls }) => [address, weight, mtls])).toEqual([
      ['3.3.3.1', 3, true],
      ['2.2.2.1', 1, true],
    ]);
  });

  it('gives its WorkloadEntries their place as labels and waits for their health checks (EP-26)', () => {
    const checked = (name: string, status?: unknown) => ({
      ...config(
        'WorkloadEntry',
        { address: '3.3.3.1', labels: { app: 'db' }, locality: 'r1/z1', network: 'n2' },
        {
          name,
          annotations: { 'proxy.istio.io/health-checks-enabled': 'true' },
        },
      ),
      status,
    });
    const { endpoints } = addExternalServices({
      ...parts,
      configs: [
        entry({ resolution: 'STATIC', workloadSelector: { labels: { app: 'db' } } }),
        checked('a'),
        checked('b', { conditions: [{ type: 'Healthy', status: 'True' }] }),
      ],
    });
    const [first, second] = endpoints.get(key)!;
    expect([first?.health, second?.health]).toEqual(['unhealthy', 'healthy']);
    expect(first).toMatchObject({ locality: 'r1/z1', network: 'n2', clusterId: 'c1' });
    expect(first?.labels).toMatchObject({
      'topology.kubernetes.io/zone': 'z1',
      'topology.istio.io/network': 'n2',
      'topology.istio.io/cluster': 'c1',
    });
  });

  it('joins ports and endpoints with another entry for its host in the namespace (EP-34)', () => {
    const { services, endpoints } = addExternalServices({
      ...parts,
      configs: [
        entry({ resolution: 'STATIC', addresses: ['9.9.9.9/32'], endpoints: [{ address: '1.1.1.1' }] }),
        entry({
          resolution: 'STATIC',
          ports: [{ number: 80, name: 'http', protocol: 'HTTP' }],
          endpoints: [{ address: '1.1.1.2' }],
        }),
      ],
    });
    expect(services).toHaveLength(1);
    expect(services[0]).toMatchObject({
      clusterVIPs: { c1: ['9.9.9.9'], c2: ['9.9.9.9'] },
      meshExternal: true,
    });
    expect(services[0]?.ports.map(({ port }) => port)).toEqual([443, 80]);
    expect(ports(endpoints.get(key))).toEqual(['1.1.1.1:443', '1.1.1.2:80']);
  });

  it('adds WorkloadEntries to a Kubernetes Service that selects them, addresses only', () => {
    const web = service('web');
    const { endpoints } = addExternalServices({
      ...parts,
      services: [web],
      endpoints: new Map([['web.shop.svc.cluster.local/shop', [endpoint('10.0.0.1')]]]),
      selectorOf: () => ({ app: 'web' }),
      configs: ['5.5.5.5', 'vm.example.com'].map((address) =>
        config('WorkloadEntry', { address, labels: { app: 'web' } }, { name: address }),
      ),
    });
    expect(ports(endpoints.get('web.shop.svc.cluster.local/shop'))).toEqual([
      '10.0.0.1:8080',
      '5.5.5.5:8080',
    ]);
  });

  it('survives fields of the wrong kind', () => {
    const odd = {
      hosts: 'x',
      ports: [1, { number: 'a' }, null],
      endpoints: { a: 1 },
      resolution: 'constructor',
    };
    expect(
      addExternalServices({ ...parts, configs: [entry(odd), config('WorkloadEntry', null)] }).services,
    ).toEqual([]);
    const strange = entry({
      resolution: 'STATIC',
      ports: [{ number: 80, name: 'constructor' }],
      endpoints: [7, { address: '1.1.1.1' }],
    });
    const { endpoints } = addExternalServices({ ...parts, configs: [strange] });
    expect(ports(endpoints.get(key))).toEqual([':80', '1.1.1.1:80']);
  });
});

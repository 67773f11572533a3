import { describe, expect, it } from 'vitest';
import { HEAD, LOAD, load, loadClean, told } from './helpers.ts';

const withMesh = (manifest: string) =>
  load(HEAD.replace('topology:', '  - { mesh: true, paths: [mesh.yaml] }\ntopology:') + LOAD, {
    'mesh.yaml': manifest,
  });

const rule = (name: string, spec: string, namespace = 'shop') =>
  `---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: { name: ${name}, namespace: ${namespace} }\nspec: ${spec}\n`;
const route = (destination: string) =>
  `---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: { name: reviews, namespace: shop }\nspec: { hosts: [reviews], http: [{ route: [{ destination: ${destination} }] }] }\n`;
const V1 = 'subsets: [{ name: v1, labels: { version: v1 } }]';

describe('subsets', () => {
  it.each([
    ['by the short name', rule('r', `{ host: reviews, ${V1} }`), '{ host: reviews, subset: v1 }'],
    [
      'by the long name',
      rule('r', `{ host: reviews.shop.svc.cluster.local, ${V1} }`),
      '{ host: reviews, subset: v1 }',
    ],
    [
      'by a wildcard',
      rule('r', `{ host: "*.shop.svc.cluster.local", ${V1} }`),
      '{ host: reviews, subset: v1 }',
    ],
    [
      'in another namespace',
      rule('r', `{ host: reviews.shop.svc.cluster.local, ${V1} }`, 'istio-system'),
      '{ host: reviews, subset: v1 }',
    ],
  ])('are found %s', (_, rules, destination) => {
    expect(told(withMesh(rules + route(destination)))).toEqual([]);
  });

  it.each([
    ['no rule at all', '', 'add a DestinationRule for reviews'],
    ['a rule of another host', rule('r', `{ host: front, ${V1} }`), 'add a DestinationRule for reviews'],
    [
      'a short name in another namespace',
      rule('r', `{ host: reviews, ${V1} }`, 'other'),
      'add a DestinationRule for reviews',
    ],
    [
      'other subsets only',
      rule('r', `{ host: reviews, ${V1.replace('name: v1', 'name: stable')} }`),
      'known: stable',
    ],
  ])('are missed with %s', (_, rules, hint) => {
    const { diagnostics } = withMesh(rules + route('{ host: reviews, subset: v1 }'));
    expect(diagnostics).toMatchObject([{ code: 'FS3008', file: 'mesh.yaml' }]);
    expect(diagnostics[0]!.hint).toContain(hint);
  });

  it('that a later `apply` brings are known', () => {
    const text = `${HEAD.replace('topology:', '  - { mesh: true, paths: [vs.yaml] }\ntopology:')}${LOAD}faults: [{ at: 2s, apply: dr.yaml }]\n`;
    const files = {
      'vs.yaml': route('{ host: reviews, subset: v1 }'),
      'dr.yaml': rule('r', `{ host: reviews, ${V1} }`),
    };
    expect(loadClean(text, files).base.faults[0]).toMatchObject({
      kind: 'apply',
      objects: [{ kind: 'DestinationRule' }],
    });
  });
});

describe('regions of a DestinationRule', () => {
  const failover = (to: string) =>
    rule(
      'r',
      `{ host: reviews, trafficPolicy: { outlierDetection: { consecutive5xxErrors: 1 }, loadBalancer: { localityLbSetting: { failover: [{ from: cn-hangzhou, to: ${to} }] } } } }`,
    );

  it('are errors when misspelt, and warnings when they are just not played here', () => {
    const shanghai = HEAD.replace('region: cn-hangzhou,', 'region: cn-hangzhou,').replace(
      /$/,
      '    there: { region: cn-shanghai }\n',
    );
    const mesh = (to: string) =>
      load(shanghai.replace('topology:', '  - { mesh: true, paths: [m.yaml] }\ntopology:') + LOAD, {
        'm.yaml': failover(to),
      });
    expect(told(mesh('cn-shanghai'))).toEqual([]);
    expect(mesh('cn-shanghia').diagnostics).toMatchObject([
      { code: 'FS3007', severity: 'warning', hint: 'did you mean "cn-shanghai"?' },
    ]);
    expect(mesh('eu-west-1').diagnostics).toMatchObject([{ code: 'FS3007', severity: 'warning' }]);
  });
});

describe('calls', () => {
  it.each([
    'reviews',
    'reviews:9080',
    'reviews.shop',
    'reviews.shop.svc',
    'reviews.shop.svc.cluster.local:9080',
  ])('%s is a service', (host) => {
    expect(told(load(`${LOAD}behavior:\n  front-v1: { script: [{ call: "${host}" }] }\n`))).toEqual([]);
  });

  it('need the namespace of a service elsewhere', () => {
    const other =
      'apiVersion: v1\nkind: Service\nmetadata: { name: stock, namespace: depot }\nspec: { ports: [{ port: 80 }] }\n';
    const text = `${HEAD.replace('[shop.yaml]', '[shop.yaml, depot.yaml]')}${LOAD}behavior:\n  front-v1: { script: [stock] }\n`;
    expect(load(text, { 'depot.yaml': other }).diagnostics).toMatchObject([
      { code: 'FS3005', hint: 'it is in namespace depot: write stock.depot' },
    ]);
  });

  it('reach hosts of ServiceEntries, wildcards too', () => {
    const entry =
      'apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: { name: e, namespace: shop }\nspec: { hosts: ["*.example.com"], ports: [{ number: 80, name: http, protocol: HTTP }] }\n';
    const text = `${HEAD.replace('topology:', '  - { mesh: true, paths: [e.yaml] }\ntopology:')}${LOAD}behavior:\n  front-v1: { script: [api.example.com] }\n`;
    expect(told(load(text, { 'e.yaml': entry }))).toEqual([]);
    expect(told(load(text.replace('api.example.com', 'api.example.org'), { 'e.yaml': entry }))).toEqual([
      'FS3005 main.yaml:11 no Service is named "api.example.org"',
    ]);
  });

  it('of a preset to services that are not there are only a warning', () => {
    const page =
      'apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: productpage-v1 }\nspec: { selector: { matchLabels: { app: p } }, template: { metadata: { labels: { app: p } } } }\n';
    const text = HEAD.replace('[shop.yaml]', '[page.yaml]');
    const { diagnostics } = load(`${text}behavior: bookinfo\n`, { 'page.yaml': page });
    expect(diagnostics.map((each) => [each.code, each.severity])).toEqual([
      ['FS3005', 'warning'],
      ['FS3005', 'warning'],
    ]);
  });

  it('to itself are the shortest circle', () => {
    expect(told(load(`${LOAD}behavior:\n  reviews-v1: { script: [reviews] }\n`))).toEqual([
      'FS3006 main.yaml:10 applications call each other in a circle: reviews-v1 -> reviews-v1',
    ]);
  });

  it('of a load are checked like calls', () => {
    expect(told(load(LOAD.replace('http://reviews:9080', 'http://reviwes:9080')))).toEqual([
      'FS3005 main.yaml:8 no Service is named "reviwes"',
    ]);
  });
});

describe('what ServiceEntries bring', () => {
  const entry =
    'apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: { name: e, namespace: shop }\nspec:\n  hosts: [pay.example.com]\n  ports: [{ number: 80, name: http, protocol: HTTP }]\n  resolution: STATIC\n  endpoints: [{ address: 203.0.113.7, labels: { app: pay, version: v9 }, locality: cn-beijing/cn-beijing-a }]\n';
  const text = HEAD.replace('topology:', '  - { mesh: true, paths: [e.yaml] }\ntopology:') + LOAD;

  it.each([
    'expect: [{ of: pay.example.com, share: { version=v9: 100%, region=cn-beijing: 100%, pod=203.0.113.7:80: 100% } }]',
    'expect: [{ of: pay.example.com, requests: { pay: 10 } }]',
    'behavior: { 203.0.113.7: { latency: 5ms } }',
    'behavior: { pay.example.com: { errorRate: 1% } }',
    'faults: [{ at: 1s, regionDown: cn-beijing }]',
  ])('is known: %s', (more) => {
    expect(told(load(`${text}${more}\n`, { 'e.yaml': entry }))).toEqual([]);
  });
});

describe('targets', () => {
  it.each([
    '{ pod: "reviews-v1[0]" }',
    '{ pod: reviews-v1-0 }',
    '{ service: reviews }',
    '{ workload: reviews-v1, namespace: shop }',
  ])('%s is known', (target) => {
    expect(told(load(`${LOAD}faults: [{ at: 1s, hang: ${target} }]\n`))).toEqual([]);
  });

  it.each([
    ['{ pod: reviews-v7-0 }', 'FS3003'],
    ['{ service: review }', 'FS3005'],
    ['{ workload: reviews-v1, namespace: shopp }', 'FS3003'],
    ['{ cluster: there }', 'FS3002'],
    ['{ region: cn-beijing }', 'FS3007'],
  ])('%s is not', (target, code) => {
    expect(load(`${LOAD}faults: [{ at: 1s, hang: ${target} }]\n`).diagnostics).toMatchObject([{ code }]);
  });
});

describe('networks of the cloud', () => {
  const cloud = (cluster: string, more: string) =>
    told(load(`${HEAD.replace('region: cn-hangzhou,', `region: cn-hangzhou, ${cluster}`)}${more}${LOAD}`));
  const vpcs = '  vpcs: { net: { cidr: 192.168.0.0/16, vSwitches: { sw: { cidr: 192.168.0.0/24 } } } }\n';

  it.each([
    ['vpc: net, vSwitches: [sw],', vpcs],
    [
      'securityGroup: sg,',
      '  securityGroups: { sg: { ingress: [{ from: 10.0.0.0/8, ports: 9080 }, { from: sg }] } }\n',
    ],
    [
      'vpc: net,',
      `${vpcs}  cen: { attach: [net], bandwidthPackage: 10Mbps, publish: { net: [10.45.0.0/16] }, bandwidth: [{ between: [cn-hangzhou, cn-hangzhou], limit: 5Mbps }] }\n`,
    ],
  ])('%s is whole', (cluster, more) => {
    expect(cloud(cluster, more)).toEqual([]);
  });

  it.each([
    ['vpc: net, vSwitches: [sx],', vpcs, /^FS3013 .*vSwitch of net "sx"/],
    ['securityGroup: sx,', '  securityGroups: { sg: {} }\n', /^FS3013 .*security group "sx"/],
    ['', '  securityGroups: { sg: { ingress: [{ from: other }] } }\n', /^FS3013 .*security group "other"/],
    ['', '  securityGroups: { sg: { ingress: [{ from: 10.0.0.1/8 }] } }\n', /^FS2006 /],
    ['', `${vpcs}  cen: { attach: [nett] }\n`, /^FS3013 .*VPC "nett"/],
    ['', `${vpcs}  cen: { publish: { nett: [10.0.0.0/8] } }\n`, /^FS3013 .*VPC "nett"/],
    [
      '',
      `  cen: { bandwidth: [{ between: [cn-hangzhou, cn-beijing], limit: 5Mbps }] }\n`,
      /^FS3007 .*"cn-beijing"/,
    ],
    ['', '  gateways: { edge: { cluster: her } }\n', /^FS3002 .*"her"/],
    ['', '  gateways: { edge: { cluster: here, clusterIds: [here, ther] } }\n', /^FS3002 .*"ther"/],
    ['', '  proxies: { fron-v1: { concurrency: 1 } }\n', /^FS3003 .*"fron-v1"/],
  ])('%s %s is not', (cluster, more, expected) => {
    const said = cloud(cluster, more);
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(expected);
  });
});

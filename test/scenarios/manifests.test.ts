import { describe, expect, it } from 'vitest';
import { HEAD, LOAD, load, loadClean, SHOP, told } from './helpers.ts';

/** What the cluster's (or mesh's) manifests load to. */
function read(manifest: string, isMesh = false, name = 'more.yaml') {
  const set = isMesh ? `{ mesh: true, paths: [${name}] }` : `{ cluster: here, paths: [${name}] }`;
  const text = HEAD.replace('topology:', `  - ${set}\ntopology:`) + LOAD;
  const loaded = load(text, { [name]: manifest });
  return { loaded, objects: loaded.base.manifests[1]!.objects, told: told(loaded), base: loaded.base };
}

const rule = (spec: string, version = 'v1') =>
  `apiVersion: networking.istio.io/${version}\nkind: DestinationRule\nmetadata: { name: reviews, namespace: shop }\nspec: ${spec}\n`;

describe('objects', () => {
  it('know the place of every value', () => {
    const { objects } = read(
      `# comment\n---\n${rule('\n  host: reviews\n  trafficPolicy: { connectionPool: { http: { maxRetries: 3 } } }')}`,
      true,
    );
    const path = ['spec', 'trafficPolicy', 'connectionPool', 'http', 'maxRetries'];
    expect(objects[0]!.originOf!(path)).toMatchObject({ file: 'more.yaml', line: 8, col: 58 });
    expect(objects[0]!.origin).toMatchObject({ line: 3, col: 1 });
  });

  it('come out of Lists and JSON, and a file that two paths name counts once', () => {
    const list = JSON.stringify(
      {
        apiVersion: 'v1',
        kind: 'List',
        items: [{ apiVersion: 'v1', kind: 'Service', metadata: { name: 'x' } }],
      },
      null,
      '\t',
    );
    const { objects, told: said } = read(list, false, 'list.json');
    expect(said).toEqual([]);
    expect(objects.map((object) => object.metadata.name)).toEqual(['x']);
    expect(objects[0]!.originOf!(['metadata', 'name'])).toMatchObject({ line: 9 });
    const twice = HEAD.replace('[shop.yaml]', '[shop.yaml, "*.yaml", ./shop.yaml]').replace(
      'version: 1',
      'version: 1',
    );
    const { base } = load(twice.replace('"*.yaml"', '"shop.*"'));
    expect(base.manifests[0]!.objects).toHaveLength(4);
  });

  it.each(['v1', 'v1beta1', 'v1alpha3'])('of Istio may be of version %s', (version) => {
    expect(read(rule('{ host: reviews }', version), true).told).toEqual([]);
  });

  it.each([
    [rule('{ host: reviews }', 'v2'), 'networking.istio.io has no version "v2"'],
    [rule('{ host: reviews }').replace('DestinationRule', 'DestinationRul'), 'has no kind "DestinationRul"'],
    [rule('{ host: reviews }').replace('networking.istio.io/v1', 'v1'), 'DestinationRule is not in "v1"'],
    ['apiVersion: extensions/v1beta1\nkind: Deployment\nmetadata: { name: x }\n', 'Deployment is not in'],
    ['- 1\n', 'the document is no Kubernetes object'],
    ['apiVersion: v1\nkind: Service\nmetadata: { generateName: x- }\n', 'metadata.name must be a name'],
    ['apiVersion: v1\nkind: Service\nmetadata: [x]\n', 'metadata.name must be a name'],
    [
      'apiVersion: v1\nkind: Service\nmetadata: { name: x, namespace: 7 }\n',
      'metadata.namespace must be text',
    ],
    ['apiVersion: v1\nkind: Service\nmetadata: { name: x, namespace: A_B }\n', 'is no namespace name'],
    ['apiVersion: v1\nkind: Service\nmetadata: { name: 1x }\n', 'is no name for a Service'],
    ['apiVersion: v1\nkind: Service\nmetadata: { name: x, labels: [a] }\n', 'must be a mapping of texts'],
    ['apiVersion: 1\nkind: Service\nmetadata: { name: x }\n', 'the object has no apiVersion'],
    ['version: 1\nload: []\n', 'the object has no apiVersion'],
  ])('that the API server refuses are errors: %#', (manifest, message) => {
    const { told: said } = read(manifest);
    expect(said).toHaveLength(1);
    expect(said[0]).toContain(message);
  });

  it('keep strange keys as keys', () => {
    const { objects, told: said } = read(
      'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: x }\ndata: { __proto__: a, constructor: b }\n',
    );
    expect(said).toEqual([]);
    expect(Object.keys(objects[0]!.data as object)).toEqual(['__proto__', 'constructor']);
    expect(({} as Record<string, unknown>)['a']).toBeUndefined();
  });

  it.each([
    ['spec: { clusterIp: None, ports: [{ port: 80 }] }', 'clusterIP'],
    ['spec: { ports: [{ port: 80, targetport: 8080 }] }', 'targetPort'],
    ['sepc: {}', 'spec'],
  ])('with a misspelt field are warned about: %s', (text, meant) => {
    const { loaded } = read(`apiVersion: v1\nkind: Service\nmetadata: { name: x }\n${text}\n`);
    expect(loaded.diagnostics).toMatchObject([
      { code: 'FS2012', severity: 'warning', hint: `did you mean "${meant}"?` },
    ]);
  });

  it('with fields nobody knows are taken silently', () => {
    expect(
      read(
        'apiVersion: v1\nkind: Service\nmetadata: { name: x }\nspec: { somethingNew: 1, ports: [{ port: 80 }] }\n',
      ).told,
    ).toEqual([]);
  });

  it('that Istio takes with a warning are taken with a warning', () => {
    const { loaded } = read(
      'apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: { name: reviews, namespace: shop }\nspec:\n  hosts: [reviews]\n  http:\n    - route: [{ destination: { host: reviews } }]\n    - route: [{ destination: { host: reviews } }]\n',
      true,
    );
    expect(loaded.diagnostics.every((each) => each.severity === 'warning')).toBe(true);
    expect(loaded.diagnostics.map((each) => each.code)).toContain('FS2021');
  });
});

describe('what is not simulated', () => {
  it('is counted once per kind, with its possible effect', () => {
    const filter = (name: string) =>
      `---\napiVersion: networking.istio.io/v1alpha3\nkind: EnvoyFilter\nmetadata: { name: ${name} }\nspec: {}\n`;
    const { base, told: said } = read(
      `${filter('a')}${filter('b')}---\napiVersion: example.com/v1\nkind: Widget\nmetadata: { name: w }\n---\napiVersion: v1\nkind: Secret\nmetadata: { name: s }\n---\napiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: { name: p }\n`,
    );
    expect(said).toEqual([]);
    expect(base.notSimulated).toEqual([
      {
        what: '2 objects of kind EnvoyFilter',
        why: 'it can change any listener, route or cluster',
        file: 'more.yaml',
        line: 2,
      },
      {
        what: 'Widget w',
        why: 'this kind is not known here; its effect on traffic is not either',
        file: 'more.yaml',
        line: 12,
      },
      {
        what: 'PodDisruptionBudget p',
        why: 'it limits evictions, which are not simulated',
        file: 'more.yaml',
        line: 20,
      },
    ]);
  });

  it.each([
    ['gateway.networking.k8s.io/v1', 'HTTPRoute', []],
    ['gateway.networking.k8s.io/v1', 'Gateway', []],
    ['gateway.networking.k8s.io/v1alpha2', 'TCPRoute', ['TCPRoute x']],
    ['security.istio.io/v1', 'AuthorizationPolicy', ['AuthorizationPolicy x']],
    ['example.com/v1', 'Deployment', ['Deployment x']],
    ['v1', 'ServiceAccount', []],
  ])('%s %s', (apiVersion, kind, expected) => {
    const { base, told: said } = read(`apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: { name: x }\n`);
    expect(said).toEqual([]);
    expect(base.notSimulated.map((each) => each.what)).toEqual(expected);
  });

  it('names the size of a body too', () => {
    const text =
      'load:\n  - { from: { workload: front-v1 }, request: { host: reviews, body: 2KiB }, iterations: 1 }\n';
    expect(loadClean(text).base.notSimulated).toEqual([
      { what: 'load[0].request.body', why: 'a body takes no time to pass', file: 'main.yaml', line: 8 },
    ]);
  });

  it('names fields as well, once each with how many objects have them', () => {
    const service = (name: string) =>
      `---\napiVersion: v1\nkind: Service\nmetadata: { name: ${name} }\nspec: { sessionAffinity: ClientIP, externalTrafficPolicy: Cluster, ports: [{ port: 80 }] }\n`;
    const cors = `---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: { name: reviews, namespace: shop }\nspec: { hosts: [reviews], http: [{ corsPolicy: { allowOrigins: [{ exact: "*" }] }, route: [{ destination: { host: reviews } }] }] }\n`;
    expect(read(`${service('a')}${service('b')}${cors}`).base.notSimulated).toEqual([
      {
        what: 'Service spec.sessionAffinity (2 objects)',
        why: 'callers without a sidecar would stay with one pod',
        file: 'more.yaml',
        line: 5,
      },
      {
        what: 'VirtualService spec.http[].corsPolicy',
        why: 'browsers ask first (OPTIONS); these requests are not made',
        file: 'more.yaml',
        line: 15,
      },
    ]);
  });
});

describe('MeshConfig', () => {
  const configMap = (mesh: string) =>
    `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: istio, namespace: istio-system }\ndata:\n  mesh: |-\n${mesh.replace(/^/gm, '    ')}\n`;

  it('may be a bare document, an IstioOperator or a ConfigMap', () => {
    const bare = read('outboundTrafficPolicy: { mode: REGISTRY_ONLY }\n', true);
    expect(bare.told).toEqual([]);
    expect(bare.objects).toMatchObject([
      { kind: 'MeshConfig', spec: { outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' } } },
    ]);
    const operator = read(
      'apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nspec: { meshConfig: { connectTimeout: 3s } }\n',
      true,
    );
    expect(operator.told).toEqual([]);
    expect(read(configMap('connectTimeout: 3s'), true).told).toEqual([]);
  });

  it('is checked wherever it stands, at its own line', () => {
    const weights =
      'localityLbSetting:\n  distribute:\n    - from: cn-hangzhou\n      to: { cn-hangzhou: 90 }';
    const said = read(configMap(weights), true).told;
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(/^FS2020 more\.yaml:9 .*100/);
    expect(read(configMap('a: [1'), true).told[0]).toMatch(/^FS1001 more\.yaml:6 /);
    expect(read(weights, true).told[0]).toMatch(/^FS2020 more\.yaml:4 .*100/);
    const operator = `apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nspec:\n  meshConfig: { conectTimeout: 3s }\n`;
    expect(read(operator, true).told).toEqual([
      'FS2004 more.yaml:4 unknown field "conectTimeout" in MeshConfig',
    ]);
  });

  it('as a bare document among a cluster’s manifests is no object', () => {
    expect(read('connectTimeout: 3s\n').told[0]).toContain('the object has no apiVersion');
  });
});

describe('sets', () => {
  it('read folders, globs and files relative to the scenario', () => {
    const { base } = loadClean(`${HEAD.replace('[shop.yaml]', '[k8s/, "extra/*.yaml"]')}${LOAD}`, {
      'k8s/shop.yaml': SHOP,
      'extra/ns.yaml':
        'apiVersion: v1\nkind: Namespace\nmetadata: { name: shop, labels: { istio-injection: enabled } }\n',
    });
    expect(base.manifests[0]!.objects).toHaveLength(5);
  });

  it('an empty manifest is only a warning', () => {
    expect(read('# nothing yet\n').loaded.diagnostics).toMatchObject([
      { code: 'FS1006', severity: 'warning' },
    ]);
  });
});

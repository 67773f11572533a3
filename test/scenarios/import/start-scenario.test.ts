import { describe, expect, it } from 'vitest';
import { memoryFiles } from '../../../src/scenarios/files-memory.ts';
import { type Started, startScenario } from '../../../src/scenarios/import/start-scenario.ts';
import { loadScenario } from '../../../src/scenarios/load.ts';
import { runScenario } from '../../../src/scenarios/run.ts';
import { all, deployment, GATEWAY, SHOP_TREE, service, virtualService } from './trees.ts';

function start(tree: Record<string, string>): Started {
  const started = startScenario(memoryFiles(tree), Object.keys(tree).sort(), 'foresail.yaml');
  if ('problem' in started) throw new Error(started.problem);
  return started;
}

/** Loads and runs what was written, as the next command would. */
function runOf(tree: Record<string, string>, started = start(tree)) {
  const loaded = loadScenario('foresail.yaml', memoryFiles({ ...tree, 'foresail.yaml': started.text }));
  const errors = loaded.diagnostics.filter(({ severity }) => severity === 'error');
  expect(errors).toEqual([]);
  const result = runScenario(loaded.base);
  expect(result.expectations.filter(({ ok }) => !ok)).toEqual([]);
  return { base: loaded.base, result };
}

const scripts = (base: ReturnType<typeof runOf>['base']) =>
  Object.fromEntries(
    Object.entries(base.behavior).map(([name, { script }]) => [
      name,
      (script ?? []).map((step) => ('call' in step ? step.call : '')),
    ]),
  );

describe('a scenario from a tree of manifests', () => {
  it('runs at once: gateway, host and path from the rules, calls from the environment', () => {
    const { base, result } = runOf(SHOP_TREE);
    expect(base.load[0]).toMatchObject({
      from: { gateway: 'istio-ingressgateway' },
      request: { host: 'shop.example.com', path: '/shop' },
    });
    expect(result.loads[0]).toMatchObject({ requests: 100, ok: 100 });
    expect(result.services.map(({ service }) => service).sort()).toEqual([
      'cart.default',
      'catalog.default',
      'frontend.default',
    ]);
  });

  it('leaves stores out of the calls, and the call that would close a circle', () => {
    const { base } = runOf(SHOP_TREE);
    expect(scripts(base)).toMatchObject({
      frontend: ['catalog:3550', 'cart'],
      cart: ['catalog'],
      catalog: [],
    });
  });

  it('leaves out what is no manifest, and says why', () => {
    const { leftOut, counts } = start(SHOP_TREE);
    expect(leftOut).toMatchObject([
      { file: 'broken/half.yaml' },
      {
        file: 'chart/templates/web.yaml',
        why: 'a template: render it first (helm template, kustomize build)',
      },
    ]);
    expect(counts).toMatchObject({ Deployment: 5, Service: 5, Gateway: 1, VirtualService: 1 });
  });

  it('tells clusters by folders that hold the same objects, and gives each what they share', () => {
    const cluster = all(deployment('api'), service('api', 8080));
    const tree = {
      'k8s/east/api.yaml': cluster,
      'k8s/west/api.yaml': cluster,
      'k8s/west-more/extra.yaml': deployment('batch'),
      'k8s/common/ns.yaml':
        'apiVersion: v1\nkind: Namespace\nmetadata: { name: default, labels: { istio-injection: enabled } }\n',
      'mesh/gateway.yaml': all(GATEWAY, virtualService('*', 'api', 8080)),
    };
    const { base, result } = runOf(tree);
    expect(base.manifests.map(({ cluster }) => cluster)).toEqual(['east', 'west', null]);
    expect(base.manifests[1]!.objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
      'Namespace default',
      'Deployment batch',
      'Deployment api',
      'Service api',
    ]);
    expect(base.topology.clusters.map(({ id, region }) => [id, region])).toEqual([
      ['east', 'east'],
      ['west', 'west'],
    ]);
    expect(Object.keys(result.services[0]!.by.cluster)).toEqual(['east', 'west']);
  });

  it('takes a namespace that is written beside each application for no sign of another cluster', () => {
    const namespace =
      'apiVersion: v1\nkind: Namespace\nmetadata: { name: default, labels: { istio-injection: enabled } }\n';
    const tree = {
      'apps/web/ns.yaml': namespace,
      'apps/web/web.yaml': all(
        deployment('web', { env: { API_URL: 'http://api:8080' } }),
        service('web', 80),
      ),
      'apps/api/ns.yaml': namespace,
      'apps/api/api.yaml': all(deployment('api'), service('api', 8080)),
      'apps/api/api-more.yaml': deployment('api'),
    };
    const { base } = runOf(tree);
    expect(base.manifests.map(({ cluster }) => cluster)).toEqual(['apps']);
  });

  it('takes regions from the locality settings and zones from node selectors, so that pods have a place', () => {
    const tree = {
      'clusters/ack-hangzhou/api.yaml': all(
        deployment('api', { pod: 'nodeSelector: { topology.kubernetes.io/zone: cn-hangzhou-k, disk: ssd }' }),
        service('api', 8080),
      ),
      'clusters/ack-shanghai/api.yaml': all(deployment('api'), service('api', 8080)),
      'mesh.yaml': all(
        GATEWAY,
        virtualService('*', 'api', 8080),
        `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: api }
spec:
  host: api
  trafficPolicy:
    loadBalancer: { localityLbSetting: { failover: [{ from: cn-hangzhou, to: cn-shanghai }] } }
    outlierDetection: { consecutive5xxErrors: 3 }
`,
      ),
    };
    const { base, result } = runOf(tree);
    expect(base.topology.clusters.map(({ id, region }) => [id, region])).toEqual([
      ['ack-hangzhou', 'cn-hangzhou'],
      ['ack-shanghai', 'cn-shanghai'],
    ]);
    expect(Object.keys(result.services[0]!.by.region)).toEqual(['cn-hangzhou']);
  });

  it('finds a gateway whose pods are in the manifests, behind the port of its Service', () => {
    const tree = {
      'all.yaml': all(
        deployment('edge').replace('labels: { app: edge }', 'labels: { app: edge, istio: ingressgateway }'),
        'apiVersion: v1\nkind: Service\nmetadata: { name: edge }\nspec: { selector: { app: edge }, ports: [{ name: http, port: 80 }] }\n',
        deployment('api'),
        service('api', 8080),
        GATEWAY,
        virtualService('api.example.com', 'api', 8080),
      ),
    };
    const { base, result } = runOf(tree);
    expect(base.load[0]!.from).toEqual({ gateway: 'edge' });
    expect(base.topology.gateways).toEqual([]);
    expect(result.loads[0]!.errorRate).toBe(0);
  });

  it('finds a Gateway of the Gateway API and its HTTPRoute', () => {
    const tree = {
      'all.yaml': all(
        deployment('api'),
        service('api', 8080),
        `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: door }
spec: { gatewayClassName: istio, listeners: [{ name: http, port: 80, protocol: HTTP }] }
`,
        `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: api }
spec:
  parentRefs: [{ name: door }]
  hostnames: [api.example.com]
  rules: [{ matches: [{ path: { type: PathPrefix, value: /v1 } }], backendRefs: [{ name: api, port: 8080 }] }]
`,
      ),
    };
    const { base, result } = runOf(tree);
    expect(base.load[0]).toMatchObject({
      from: { gateway: 'door-istio' },
      request: { host: 'api.example.com', path: '/v1' },
    });
    expect(result.loads[0]!.errorRate).toBe(0);
  });

  it('lets a workload ask where there is no gateway', () => {
    const tree = {
      'a.yaml': all(
        deployment('client'),
        deployment('web', { env: { API_URL: 'http://api:8080' } }),
        service('web', 80),
      ),
      'b.json': JSON.stringify({
        apiVersion: 'v1',
        kind: 'List',
        items: [
          {
            apiVersion: 'v1',
            kind: 'Service',
            metadata: { name: 'api' },
            spec: { selector: { app: 'api' }, ports: [{ name: 'http', port: 8080 }] },
          },
        ],
      }),
      'c.yaml': deployment('api'),
    };
    const { base, result } = runOf(tree);
    expect(base.load[0]).toMatchObject({ from: { workload: 'client' }, request: { host: 'web' } });
    expect(result.services.map(({ service }) => service).sort()).toEqual(['api.default', 'web.default']);
  });

  it('leaves out an object that Istio refuses instead of writing a scenario that does not run', () => {
    const tree = {
      ...SHOP_TREE,
      'app/bad.yaml':
        'apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: { name: bad }\nspec: { host: cart, trafficPolicy: { outlierDetection: { interval: often } } }\n',
    };
    const started = start(tree);
    expect(started.leftOut.map(({ file }) => file)).toContain('app/bad.yaml');
    expect(started.text).toContain('app/istio.yaml');
    runOf(tree, started);
  });

  it('reads the Istio version from the image of istiod', () => {
    const tree = {
      ...SHOP_TREE,
      'istio/istiod.yaml': deployment('istiod', { namespace: 'istio-system' }).replace(
        'example/istiod:1',
        'docker.io/istio/pilot:1.22.3',
      ),
    };
    expect(runOf(tree).base.istioVersion).toBe('1.22');
  });

  it.each([
    ['an empty folder', {}, 'no Deployment'],
    ['Services alone', { 'a.yaml': service('api', 80) }, 'no Deployment'],
    ['a workload without Service', { 'a.yaml': deployment('api') }, 'nothing to ask'],
  ])('says what is missing in %s', (_, tree, words) => {
    expect(startScenario(memoryFiles(tree), Object.keys(tree), 'foresail.yaml')).toMatchObject({
      problem: expect.stringContaining(words),
    });
  });

  it('survives objects of any shape', () => {
    const odd = [null, 1, 'x', [], {}, [null], { '*': 1 }];
    for (const value of odd) {
      const document = (kind: string, apiVersion: string) =>
        JSON.stringify({
          apiVersion,
          kind,
          metadata: { name: 'x', labels: value, annotations: value },
          spec: value,
          data: value,
          items: value,
        });
      const tree: Record<string, string> = { ...SHOP_TREE };
      for (const [kind, api] of [
        ['Deployment', 'apps/v1'],
        ['Service', 'v1'],
        ['Gateway', 'networking.istio.io/v1'],
        ['VirtualService', 'networking.istio.io/v1'],
        ['DestinationRule', 'networking.istio.io/v1'],
        ['HTTPRoute', 'gateway.networking.k8s.io/v1'],
        ['List', 'v1'],
        ['ConfigMap', 'v1'],
      ] as const)
        tree[`odd/${kind}.json`] = document(kind, api);
      runOf(tree);
    }
  });
});

import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { fileName, importContexts } from '../../../src/scenarios/import/kubectl-export.ts';

const meta = (name: string, more: object = {}) => ({
  name,
  namespace: 'shop',
  uid: 'f3c1',
  resourceVersion: '77',
  creationTimestamp: '2026-01-01T00:00:00Z',
  managedFields: [{ manager: 'kubectl' }],
  annotations: {
    'kubectl.kubernetes.io/last-applied-configuration': '{"password":"hunter2"}',
    'sidecar.istio.io/inject': 'true',
  },
  ...more,
});

const DEPLOYMENT = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: meta('api'),
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'api' } },
    template: {
      metadata: { labels: { app: 'api' }, creationTimestamp: null },
      spec: {
        containers: [
          {
            name: 'main',
            image: 'example/api:1',
            args: ['--token=hunter2'],
            env: [{ name: 'PASSWORD', value: 'hunter2' }],
            ports: [{ name: 'http', containerPort: 8080 }],
            readinessProbe: {
              httpGet: { path: '/x', httpHeaders: [{ name: 'Authorization', value: 'hunter2' }] },
              periodSeconds: 5,
            },
            lifecycle: { preStop: { exec: { command: ['sh', '-c', 'curl -u hunter2 http://x; sleep 7'] } } },
          },
        ],
        volumes: [{ name: 's', secret: { secretName: 'hunter2' } }],
        nodeSelector: { disk: 'ssd' },
      },
    },
  },
  status: { readyReplicas: 2 },
};
const owned = (kind: string, name: string, owner: [string, string]) => ({
  apiVersion: kind === 'Pod' ? 'v1' : kind === 'EndpointSlice' ? 'discovery.k8s.io/v1' : 'apps/v1',
  kind,
  metadata: meta(name, { ownerReferences: [{ kind: owner[0], name: owner[1] }] }),
  spec: { containers: [{ name: 'main', image: 'i' }] },
});
const ITEMS = [
  DEPLOYMENT,
  owned('ReplicaSet', 'api-1', ['Deployment', 'api']),
  owned('Pod', 'api-1-x', ['ReplicaSet', 'api-1']),
  owned('EndpointSlice', 'api-abc', ['Service', 'api']),
  {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: meta('s'),
    data: { password: 'aHVudGVyMg==' },
    stringData: { p: 'hunter2' },
  },
  { apiVersion: 'v1', kind: 'ConfigMap', metadata: meta('settings'), data: { token: 'hunter2' } },
  {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'istio', namespace: 'istio-system' },
    data: { mesh: 'enableAutoMtls: true\n', values: 'hunter2' },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: meta('api'),
    spec: {
      clusterIP: '10.0.0.9',
      clusterIPs: ['10.0.0.9'],
      selector: { app: 'api' },
      ports: [{ name: 'http', port: 80 }],
    },
    status: { loadBalancer: {} },
  },
  {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'n1', labels: { 'topology.kubernetes.io/zone': 'z' } },
    spec: { providerID: 'p', taints: [] },
    status: { images: [] },
  },
  {
    apiVersion: 'networking.istio.io/v1',
    kind: 'DestinationRule',
    metadata: meta('api'),
    spec: { host: 'api' },
  },
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: meta('coredns', { namespace: 'kube-system' }),
    spec: {},
  },
];
const TEXT = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: ITEMS });
const importOne = (context = 'east', text = TEXT) =>
  importContexts([{ context, source: `${context}.json`, text }]);

describe('what kubectl says', () => {
  const { files, notes, problems } = importOne();
  const whole = [...files.values()].join('\n');

  it('becomes a file a namespace of each cluster, and one of the mesh', () => {
    expect(problems).toEqual([]);
    expect([...files.keys()]).toEqual([
      'k8s/east/cluster.yaml',
      'k8s/east/shop.yaml',
      'mesh/istio-system.yaml',
      'mesh/shop.yaml',
    ]);
    const kinds = parseAllDocuments(files.get('k8s/east/shop.yaml')!).map((document) => document.get('kind'));
    expect(kinds).toEqual(['Deployment', 'Service']);
  });

  it('is written without secrets, environment, commands, headers or anybody else’s text', () => {
    expect(whole).not.toMatch(/hunter2|aHVudGVyMg|Secret|PASSWORD|Authorization/);
  });

  it('is written without what the API server added', () => {
    expect(whole).not.toMatch(
      /uid|resourceVersion|managedFields|creationTimestamp|status|last-applied|clusterIPs|providerID/,
    );
  });

  it('keeps what decides where traffic goes', () => {
    const [deployment, service] = parseAllDocuments(files.get('k8s/east/shop.yaml')!).map((document) =>
      document.toJS(),
    );
    expect(deployment.spec).toMatchObject({
      replicas: 2,
      template: {
        spec: {
          nodeSelector: { disk: 'ssd' },
          containers: [
            {
              ports: [{ name: 'http', containerPort: 8080 }],
              readinessProbe: { periodSeconds: 5 },
              lifecycle: { preStop: { sleep: { seconds: 7 } } },
            },
          ],
        },
      },
    });
    expect(deployment.metadata.annotations).toEqual({ 'sidecar.istio.io/inject': 'true' });
    expect(service.spec.clusterIP).toBe('10.0.0.9');
    expect(whole).toContain('enableAutoMtls: true');
  });

  it('tells what was left out, and how much of it', () => {
    expect(notes.sort()).toEqual([
      '1 left out: ConfigMaps other than istio',
      '1 left out: EndpointSlices of Services with a selector',
      '1 left out: ReplicaSets of Deployments',
      '1 left out: Secrets (never written)',
      '1 left out: pods of workloads that are there',
      '1 left out: workloads and services of the system',
    ]);
  });

  it('of two clusters with different rules says whose is written', () => {
    const other = TEXT.replace('"host":"api"', '"host":"api.shop"');
    const two = importContexts([
      { context: 'east', source: 'east', text: TEXT },
      { context: 'west', source: 'west', text: other },
    ]);
    expect(two.notes).toContain(
      'DestinationRule/shop/api differs between east and west; that of east is written',
    );
    expect(two.files.has('k8s/west/shop.yaml')).toBe(true);
    expect(two.files.get('mesh/shop.yaml')).not.toContain('api.shop');
  });

  it('that is no object, or no YAML, is a problem with its place', () => {
    expect(importOne('x', 'error: the server could not be reached').problems[0]).toMatch(
      /^x\.json: no Kubernetes object/,
    );
    expect(importOne('x', 'a: [').problems[0]).toMatch(/^x\.json:1: /);
  });

  it('names files so that none leads out of the folder', () => {
    expect(['../../etc', '..', 'a/b', '.hidden', ''].map(fileName)).toEqual([
      'etc',
      'unnamed',
      'a-b',
      'hidden',
      'unnamed',
    ]);
  });
});

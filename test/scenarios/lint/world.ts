// A small world that rules find nothing wrong with, and what is found when a part of it is changed.
import { memoryFiles } from '../../../src/scenarios/files-memory.ts';
import { lintLoaded } from '../../../src/scenarios/lint/lint-loaded.ts';
import { loadScenario } from '../../../src/scenarios/load.ts';

export const service = (
  name: string,
  ports = '{ name: http, port: 80, targetPort: 8080 }',
  more = '',
  namespace = 'default',
) =>
  `---\napiVersion: v1\nkind: Service\nmetadata: { name: ${name}, namespace: ${namespace} }\nspec: { selector: { app: ${name} }, ports: [${ports}]${more} }\n`;

export interface Pods {
  app?: string;
  replicas?: number;
  version?: string;
  zone?: string;
  namespace?: string;
  labels?: string;
  pod?: string;
  annotations?: string;
}
export const deployment = (name: string, pods: Pods = {}) => {
  const {
    app = name,
    replicas = 1,
    version,
    zone,
    namespace = 'default',
    labels = '',
    pod = '',
    annotations,
  } = pods;
  const own = `app: ${app}${version ? `, version: ${version}` : ''}${labels}`;
  return `---
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, namespace: ${namespace} }
spec:
  replicas: ${replicas}
  selector: { matchLabels: { ${own} } }
  template:
    metadata: { labels: { ${own} }${annotations ? `, annotations: { ${annotations} }` : ''} }
    spec:
${zone ? `      nodeSelector: { topology.kubernetes.io/zone: ${zone} }\n` : ''}${pod ? `      ${pod}\n` : ''}      containers: [{ name: app, image: app, ports: [{ containerPort: 8080 }] }]
`;
};
export const namespace = (name: string, labels = 'istio-injection: enabled') =>
  `---\napiVersion: v1\nkind: Namespace\nmetadata: { name: ${name}, labels: { ${labels} } }\n`;
export const istio = (
  kind: string,
  name: string,
  spec: string,
  home = 'default',
  version = 'networking.istio.io/v1',
) =>
  `---\napiVersion: ${version}\nkind: ${kind}\nmetadata: { name: ${name}, namespace: ${home} }\nspec:\n${spec.replace(/^/gm, '  ')}\n`;
export const rule = (policy: string, more = '', host = 'svc', name = 'svc', home = 'default') =>
  istio(
    'DestinationRule',
    name,
    `host: "${host}"\n${policy ? `trafficPolicy: { ${policy} }\n` : ''}${more}`,
    home,
  );
export const route = (http: string, more = '', host = 'svc', name = 'svc') =>
  istio('VirtualService', name, `hosts: ["${host}"]\n${more}${more ? '\n' : ''}http:\n${http}`);

/** Region r1 with the client and two pods, region r2 with two. */
export const K8S =
  namespace('default') +
  service('svc') +
  deployment('svc-v1', { app: 'svc', version: 'v1', replicas: 2, zone: 'r1-a' }) +
  deployment('svc-v2', { app: 'svc', version: 'v2', replicas: 2, zone: 'r2-a' }) +
  deployment('client', { zone: 'r1-a' });
export const NODES = '[{ zone: r1-a, region: r1, count: 2 }, { zone: r2-a, region: r2, count: 2 }]';

export interface World {
  k8s?: string;
  mesh?: string;
  /** Clusters, each with its manifests; in place of k8s. */
  clusters?: Record<string, { spec: string; k8s: string }>;
  /** Lines of the scenario file at the top level. */
  top?: string;
  /** Further lines of topology, indented by two. */
  topology?: string;
  load?: string;
  version?: string;
}

export const LOAD =
  '{ name: calls, from: { workload: client }, request: GET http://svc/, executor: constant-rate, rate: 10/s, duration: 10s }';

export function lint(world: World) {
  const { mesh = '', top = '', topology = '', load = LOAD, version = '1.32' } = world;
  const clusters = world.clusters ?? {
    here: { spec: `{ region: r1, nodes: ${NODES} }`, k8s: world.k8s ?? K8S },
  };
  const ids = Object.keys(clusters);
  const text = `version: 1
istioVersion: "${version}"
manifests:
${ids.map((id) => `  - { cluster: ${id}, paths: [${id}.yaml] }\n`).join('')}${mesh ? '  - { mesh: true, paths: [mesh.yaml] }\n' : ''}topology:
  clusters:
${ids.map((id) => `    ${id}: ${clusters[id]!.spec}\n`).join('')}  proxies: { default: { concurrency: 1 } }
${topology}${load ? `load:\n  - ${load}\n` : ''}${top}`;
  const loaded = loadScenario(
    'scenario.yaml',
    memoryFiles({
      'scenario.yaml': text,
      'mesh.yaml': mesh,
      ...Object.fromEntries(ids.map((id) => [`${id}.yaml`, clusters[id]!.k8s])),
    }),
  );
  return { findings: lintLoaded(loaded), diagnostics: loaded.diagnostics, loaded };
}

/** Ids of what is found, each once. */
export const found = (world: World): string[] =>
  [...new Set(lint(world).findings.map((finding) => finding.rule))].sort();

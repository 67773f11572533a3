// A small shop over any number of clusters, as the files a user would have: web calls api; api runs where a test wants it.
import { memoryFiles } from '../../src/scenarios/files-memory.ts';
import { loadScenario } from '../../src/scenarios/load.ts';
import type { RunOptions } from '../../src/scenarios/run.ts';
import { runLoaded } from '../../src/scenarios/run.ts';

export interface ShopCluster {
  /** "eu-1/eu-1a" for each node. */
  nodes: string[];
  /** api workload -> replicas; its version is the last letter of the name. */
  api?: Record<string, number>;
  hasWeb?: boolean;
  /** False = no Service api in this cluster. */
  hasApiService?: boolean;
}

const deployment = (name: string, app: string, version: string, replicas: number) => `
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, namespace: shop }
spec:
  replicas: ${replicas}
  selector: { matchLabels: { app: ${app}, version: ${version} } }
  template:
    metadata: { labels: { app: ${app}, version: ${version} } }
    spec: { containers: [{ name: main, image: main, ports: [{ name: http, containerPort: 8080 }] }] }
`;

const service = (name: string) => `
---
apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: shop }
spec: { selector: { app: ${name} }, ports: [{ name: http, port: 8080, targetPort: http }] }
`;

function manifests(cluster: ShopCluster): string {
  const nodes = cluster.nodes.map((place, i) => {
    const [region, zone] = place.split('/');
    return `
---
apiVersion: v1
kind: Node
metadata: { name: node-${zone}-${i}, labels: { topology.kubernetes.io/region: ${region}, topology.kubernetes.io/zone: ${zone} } }
`;
  });
  return [
    'apiVersion: v1\nkind: Namespace\nmetadata: { name: shop, labels: { istio-injection: enabled } }\n',
    ...nodes,
    service('web'),
    cluster.hasApiService === false ? '' : service('api'),
    cluster.hasWeb ? deployment('web', 'web', 'v1', 1) : '',
    ...Object.entries(cluster.api ?? {}).map(([name, replicas]) =>
      deployment(name, 'api', `v${name.at(-1)}`, replicas),
    ),
  ].join('\n');
}

export interface Shop {
  clusters: Record<string, ShopCluster>;
  /** Istio objects. */
  mesh?: string;
  /** Keys of the scenario file: load, faults, expect... as YAML text, over the defaults. */
  scenario: string;
  istioVersion?: string;
  files?: Record<string, string>;
}

/** A workload `web` that calls `api` on a kept connection, asked directly by the loads. */
export function loadShop(shop: Shop) {
  const contents: Record<string, string> = { ...shop.files };
  const sets: string[] = [];
  for (const [name, cluster] of Object.entries(shop.clusters)) {
    contents[`/shop/${name}.yaml`] = manifests(cluster);
    sets.push(`  - { cluster: ${name}, paths: [${name}.yaml] }`);
  }
  if (shop.mesh) {
    contents['/shop/mesh.yaml'] = shop.mesh;
    sets.push('  - { mesh: true, paths: [mesh.yaml] }');
  }
  contents['/shop/scenario.yaml'] = [
    'version: 1',
    'name: shop',
    `istioVersion: "${shop.istioVersion ?? '1.24'}"`,
    'manifests:',
    ...sets,
    shop.scenario,
  ].join('\n');
  return loadScenario('/shop/scenario.yaml', memoryFiles(contents));
}

export function runShop(shop: Shop, options: RunOptions = {}) {
  const loaded = loadShop(shop);
  const errors = loaded.diagnostics.filter((diagnostic) => diagnostic.severity === 'error');
  if (errors.length > 0) throw new Error(JSON.stringify(errors[0]));
  return runLoaded(loaded, options);
}

/** Mean answers by workload of one service and load. */
export function answers(result: ReturnType<typeof runShop>, service: string, load: string) {
  const report = result.services.find((entry) => entry.service === service && entry.load === load);
  return Object.fromEntries(
    Object.entries(report?.by.workload ?? {}).map(([name, { mean }]) => [name, mean]),
  );
}

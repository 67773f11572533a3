// Scenario files in memory: a small shop, and what a text of it loads to.
import { memoryFiles } from '../../src/scenarios/files-memory.ts';
import { type LoadOptions, loadScenario } from '../../src/scenarios/load.ts';

export const SHOP = `apiVersion: v1
kind: Service
metadata: { name: front, namespace: shop }
spec: { selector: { app: front }, ports: [{ name: http, port: 80 }] }
---
apiVersion: v1
kind: Service
metadata: { name: reviews, namespace: shop }
spec: { selector: { app: reviews }, ports: [{ name: http, port: 9080 }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: front-v1, namespace: shop }
spec:
  selector: { matchLabels: { app: front } }
  template:
    metadata: { labels: { app: front, version: v1 } }
    spec: { containers: [{ name: front, image: front }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: reviews-v1, namespace: shop }
spec:
  selector: { matchLabels: { app: reviews } }
  template:
    metadata: { labels: { app: reviews, version: v1 } }
    spec: { containers: [{ name: reviews, image: reviews }] }
`;

export const HEAD = `version: 1
manifests:
  - { cluster: here, paths: [shop.yaml] }
topology:
  clusters:
    here: { region: cn-hangzhou, nodes: [{ zone: cn-hangzhou-h, count: 2 }] }
`;

export const LOAD = `load:
  - { name: curls, from: { workload: front-v1 }, request: GET http://reviews:9080/, executor: iterations, iterations: 10, pace: 1s }
`;

/** @param text main.yaml; its head is HEAD when it does not start with `version:` */
export function load(text: string, more: Record<string, string | Uint8Array> = {}, options?: LoadOptions) {
  const main = text.startsWith('version:') ? text : HEAD + text;
  return loadScenario('main.yaml', memoryFiles({ 'shop.yaml': SHOP, 'main.yaml': main, ...more }), options);
}

/** Loads what must be free of mistakes. */
export function loadClean(text: string, more?: Record<string, string | Uint8Array>, options?: LoadOptions) {
  const loaded = load(text, more, options);
  if (loaded.diagnostics.length > 0)
    throw new Error(loaded.diagnostics.map((each) => each.message).join('\n'));
  return loaded;
}

export const told = (loaded: ReturnType<typeof load>) =>
  loaded.diagnostics.map(({ code, file, line, message }) => `${code} ${file}:${line} ${message}`);

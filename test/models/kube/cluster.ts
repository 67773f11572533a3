// Short ways to write manifests and to follow a timeline in tests.
import { type BuildOptions, type BuiltState, buildKubeState } from '../../../src/models/kube/build-state.ts';
import type { ClusterSpec, ManifestObject, Pod } from '../../../src/models/kube/model.ts';
import { type KubeChange, kubeTimeline, type TimelineOptions } from '../../../src/models/kube/timeline.ts';

type Metadata = Partial<ManifestObject['metadata']>;

export function object(kind: string, name: string, spec?: unknown, more: Metadata = {}): ManifestObject {
  return { apiVersion: 'v1', kind, metadata: { name, namespace: 'shop', ...more }, spec };
}

export interface TemplateParts {
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  spec?: Record<string, unknown>;
}

/** A workload whose pods carry app=<name>. */
export function workload(
  kind: string,
  name: string,
  replicas: number | undefined,
  template: TemplateParts = {},
  spec: Record<string, unknown> = {},
  more: Metadata = {},
): ManifestObject {
  const labels = { app: name, ...template.labels };
  return object(
    kind,
    name,
    {
      ...(replicas !== undefined && { replicas }),
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels, annotations: template.annotations },
        spec: {
          containers: [{ name: 'app', ports: [{ name: 'web', containerPort: 9080 }] }],
          ...template.spec,
        },
      },
      ...spec,
    },
    more,
  );
}

export const deployment = (name: string, replicas: number, template: TemplateParts = {}, spec = {}) =>
  workload('Deployment', name, replicas, template, spec);

export const service = (name: string, spec: Record<string, unknown> = {}, more: Metadata = {}) =>
  object('Service', name, { selector: { app: name }, ports: [{ name: 'http', port: 9080 }], ...spec }, more);

export const injected = object('Namespace', 'shop', undefined, { labels: { 'istio-injection': 'enabled' } });

export const zoned: ClusterSpec = {
  id: 'c1',
  region: 'r1',
  podCIDR: '10.1.0.0/16',
  serviceCIDR: '172.16.0.0/16',
  nodes: [
    { zone: 'z1', count: 2 },
    { zone: 'z2', count: 1 },
  ],
};

export function build(
  objects: ManifestObject[],
  spec: Partial<ClusterSpec> = {},
  options: Partial<BuildOptions> = {},
): BuiltState {
  return buildKubeState([{ ...zoned, ...spec }], [{ cluster: 'c1', objects: [injected, ...objects] }], {
    gatewaySelectors: [],
    ...options,
  });
}

export const podOf = (built: BuiltState, name: string): Pod => {
  const pod = built.state.pods.find((entry) => entry.name === name);
  if (!pod) throw new Error(`no pod ${name}`);
  return pod;
};

/** "12s podReady web-0" per event, the words left out. */
export function play(built: BuiltState, changes: KubeChange[], options: TimelineOptions = {}): string[] {
  const lines: string[] = [];
  for (const step of kubeTimeline(built, changes, options))
    for (const event of step.events) {
      const name = event.pod < 0 ? '' : ` ${built.state.pods[event.pod]!.name}`;
      lines.push(`${step.atNs / 1e9}s ${event.kind}${name}`);
    }
  return lines;
}

export const ref = (name: string) => ({ cluster: 'c1', namespace: 'shop', name });
export const at = (seconds: number) => seconds * 1e9;

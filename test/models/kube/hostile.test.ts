import fc from 'fast-check';
import { expect, it } from 'vitest';
import { buildKubeState } from '../../../src/models/kube/build-state.ts';
import { kubeProxyCandidates } from '../../../src/models/kube/kube-proxy.ts';
import type { ManifestObject } from '../../../src/models/kube/model.ts';
import { assembleRegistry, proxyNodeOf } from '../../../src/models/kube/registry.ts';
import { kubeTimeline } from '../../../src/models/kube/timeline.ts';
import { build, deployment, object, service, workload, zoned } from './cluster.ts';

const KINDS = [
  'Namespace',
  'Node',
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'ReplicaSet',
  'Pod',
  'Service',
  'EndpointSlice',
  'Endpoints',
];
const junk = fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<unknown>;

/** Puts any value at any place of a well-formed object, on objects without a prototype as the YAML reader makes them. */
function spoil(value: unknown, path: number[], put: unknown): unknown {
  if (value === null || typeof value !== 'object' || path.length === 0) return put;
  const keys = Object.keys(value);
  if (keys.length === 0) return put;
  const key = keys[path[0]! % keys.length]!;
  if (Array.isArray(value))
    return value.map((entry, i) => (String(i) === key ? spoil(entry, path.slice(1), put) : entry));
  const copy: Record<string, unknown> = Object.assign(Object.create(null), value);
  copy[key] = spoil(copy[key], path.slice(1), put);
  return copy;
}

const full = {
  spec: {
    nodeSelector: { disk: 'ssd' },
    tolerations: [{ key: 'a', operator: 'Exists', effect: 'NoSchedule' }],
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'In', values: ['b'] }] }],
        },
      },
    },
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: 'zone',
        whenUnsatisfiable: 'DoNotSchedule',
        labelSelector: { matchLabels: { a: 'b' } },
      },
    ],
    terminationGracePeriodSeconds: 5,
    containers: [
      {
        name: 'app',
        ports: [{ name: 'web', containerPort: 80 }],
        readinessProbe: { periodSeconds: 1, failureThreshold: 1, initialDelaySeconds: 1 },
        lifecycle: { preStop: { sleep: { seconds: 1 }, exec: { command: ['sleep', '1'] } } },
        resources: { limits: { cpu: '1' } },
      },
    ],
  },
  annotations: { 'proxy.istio.io/config': 'concurrency: 1', 'sidecar.istio.io/proxyCPULimit': '1' },
};
const WELL_FORMED: ManifestObject[] = [
  deployment('web', 1, full, {
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: '5%' } },
  }),
  workload('StatefulSet', 'db', 1, full, {
    serviceName: 'db',
    updateStrategy: { rollingUpdate: { partition: 0 } },
  }),
  {
    ...service('web', { type: 'LoadBalancer', externalIPs: ['1.2.3.4'] }),
    status: { loadBalancer: { ingress: [{ ip: '1.1.1.1' }] } },
  },
  {
    ...object('Node', 'n', { taints: [{ key: 'a' }] }),
    status: { addresses: [{ type: 'InternalIP', address: '1.1.1.1' }] },
  },
  {
    ...object('EndpointSlice', 's', undefined, { labels: { 'kubernetes.io/service-name': 'x' } }),
    endpoints: [
      { addresses: ['1.1.1.1'], conditions: { ready: true }, targetRef: { kind: 'Pod', name: 'p' } },
    ],
    ports: [{ name: 'http', port: 80 }],
  },
  {
    ...object('Endpoints', 'e'),
    subsets: [{ addresses: [{ ip: '1.1.1.1' }], ports: [{ name: 'http', port: 80 }] }],
  },
  {
    ...object('Pod', 'p', full.spec, { ownerReferences: [{ kind: 'ReplicaSet', name: 'r' }] }),
    status: { podIP: '1.1.1.1' },
  },
];

function exercise(objects: ManifestObject[]): void {
  const built = buildKubeState([zoned], [{ cluster: 'c1', objects }], { gatewaySelectors: [{ istio: 'x' }] });
  const changes = [
    { atNs: 1e9, kind: 'apply', cluster: 'c1', objects },
    { atNs: 2e9, kind: 'nodesDown', nodes: [0, 1], untilNs: 9e9 },
    { atNs: 3e9, kind: 'crash', pods: [0, 1] },
    { atNs: 3e9, kind: 'refuse', pods: [0, 1] },
    { atNs: 4e9, kind: 'rollout', workload: { cluster: 'c1', namespace: 'shop', name: 'web' } },
  ] as const;
  for (const step of kubeTimeline(built, changes, { untilNs: 1e12 }))
    expect(step.events.length).toBeGreaterThan(0);
  assembleRegistry(built.state);
  for (const pod of built.state.pods) proxyNodeOf(pod, built.state);
  for (const kube of built.state.services)
    kubeProxyCandidates(built.state, 'c1', kube.name, 80, kube.namespace);
}

it('reads objects of any content without an exception', () => {
  const any = fc.record({
    kind: fc.constantFrom(...KINDS),
    apiVersion: junk,
    metadata: junk,
    spec: junk,
    status: junk,
  });
  fc.assert(
    fc.property(fc.array(any, { maxLength: 4 }), (objects) =>
      exercise(objects as unknown as ManifestObject[]),
    ),
    { seed: 1, numRuns: 100 },
  );
});

it('reads well-formed objects with one value replaced by anything without an exception', () => {
  const path = fc.array(fc.nat(20), { minLength: 1, maxLength: 9 });
  fc.assert(
    fc.property(fc.constantFrom(...WELL_FORMED.keys()), path, junk, (at, steps, value) => {
      const spoiled = spoil(WELL_FORMED[at], steps, value) as ManifestObject;
      if (!KINDS.includes(spoiled?.kind)) return;
      exercise([...WELL_FORMED.filter((_, i) => i !== at), spoiled]);
    }),
    { seed: 1, numRuns: 200 },
  );
});

it('takes names that objects inherit for ordinary labels', () => {
  const labels = Object.assign(Object.create(null), { ['__proto__']: 'x', constructor: 'y' });
  const built = build([
    service('web', { selector: { constructor: 'y' } }),
    service('all', { selector: { toString: 'z' } }),
    deployment('web', 1, { labels }),
  ]);
  const { endpoints } = assembleRegistry(built.state);
  expect(endpoints.get('web.shop.svc.cluster.local/shop')).toHaveLength(1);
  expect(endpoints.get('all.shop.svc.cluster.local/shop')).toEqual([]);
  expect(({} as Record<string, unknown>)['x']).toBeUndefined();
});

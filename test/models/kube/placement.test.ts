import { describe, expect, it } from 'vitest';
import { build, deployment, object } from './cluster.ts';

const node = (name: string, labels: Record<string, string>, spec: unknown = {}) =>
  object('Node', name, spec, { labels });
const NODES = [
  node('a', {
    'topology.kubernetes.io/region': 'r1',
    'topology.kubernetes.io/zone': 'z1',
    cpu: '4',
    disk: 'ssd',
  }),
  node('b', { 'topology.kubernetes.io/region': 'r1', 'topology.kubernetes.io/zone': 'z2', cpu: '16' }),
  node('c', { 'failure-domain.beta.kubernetes.io/zone': 'z3', cpu: '8', disk: 'hdd' }),
];
const nodesFor = (replicas: number, spec: Record<string, unknown>, labels = {}) =>
  build([...NODES, deployment('web', replicas, { spec, labels })]).state.pods.map(
    (pod) => pod.node || pod.blocked,
  );
const required = (...terms: unknown[]) => ({
  affinity: {
    nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } },
  },
});
const term = (key: string, operator: string, values?: string[]) => ({
  matchExpressions: [{ key, operator, values }],
});

describe('node choice', () => {
  it('follows nodeName and nodeSelector', () => {
    expect(nodesFor(2, { nodeName: 'c' })).toEqual(['c', 'c']);
    expect(nodesFor(2, { nodeSelector: { disk: 'ssd' } })).toEqual(['a', 'a']);
  });

  it.each([
    [term('disk', 'In', ['hdd', 'tape']), ['c']],
    [term('disk', 'NotIn', ['ssd']), ['b']],
    [term('disk', 'Exists'), ['a']],
    [term('disk', 'DoesNotExist'), ['b']],
    [term('cpu', 'Gt', ['8']), ['b']],
    [term('cpu', 'Lt', ['8']), ['a']],
    [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['c'] }] }, ['c']],
  ])('obeys the required affinity %j', (one, expected) => {
    expect(nodesFor(1, required(one))).toEqual(expected);
  });

  it('lets pods select Linux where nodes are only described', () => {
    const spec = { nodeSelector: { 'kubernetes.io/os': 'linux' } };
    expect(build([deployment('web', 1, { spec })]).state.pods[0]!.node).toBe('c1-node-0');
  });

  it('takes terms as alternatives, and an empty term as matching nothing', () => {
    expect(nodesFor(2, required(term('disk', 'In', ['hdd']), term('cpu', 'Gt', ['8'])))).toEqual(['b', 'c']);
    expect(nodesFor(1, required({}))).toEqual([
      'Pending: no node of cluster c1 has the labels that nodeSelector or node affinity asks for',
    ]);
  });

  it('spreads within maxSkew and leaves the rest pending', () => {
    const constraint = {
      maxSkew: 1,
      topologyKey: 'topology.kubernetes.io/zone',
      whenUnsatisfiable: 'DoNotSchedule',
      labelSelector: { matchLabels: { app: 'web' } },
    };
    expect(nodesFor(4, { topologySpreadConstraints: [constraint] })).toEqual(['a', 'b', 'a', 'b']);
    const selective = { ...constraint, minDomains: 3 };
    expect(nodesFor(3, { topologySpreadConstraints: [selective] })).toEqual([
      'a',
      'b',
      'Pending: no node satisfies its topologySpreadConstraints (DoNotSchedule)',
    ]);
  });

  it('avoids cordoned nodes and taints that are not tolerated', () => {
    const busy = [node('t', {}, { taints: [{ key: 'k', value: 'v', effect: 'NoSchedule' }] })];
    const cordoned = node('u', {}, { unschedulable: true });
    const place = (spec: Record<string, unknown>) =>
      build([...busy, cordoned, deployment('web', 1, { spec })]).state.pods[0]!;
    expect(place({}).blocked).toBe('Pending: every node of cluster c1 is tainted or cordoned');
    expect(place({ tolerations: [{ key: 'k', value: 'v', effect: 'NoSchedule' }] }).node).toBe('t');
  });

  it('knows no locality where the node has no labels', () => {
    const pod = build([node('bare', {}), deployment('web', 1)]).state.pods[0]!;
    expect([pod.node, pod.region, pod.zone]).toEqual(['bare', '', '']);
  });
});

describe('locality by label', () => {
  const localityOf = (labels: Record<string, string>, istioMinor: number) => {
    const { region, zone, subzone } = build([deployment('web', 1, { labels })], {}, { istioMinor }).state
      .pods[0]!;
    return [region, zone, subzone];
  };
  it('reads istio-locality, with dots for slashes', () => {
    expect(localityOf({ 'istio-locality': 'r9.z9.s9' }, 20)).toEqual(['r9', 'z9', 's9']);
    expect(localityOf({ 'istio-locality': 'r9/z.9' }, 20)).toEqual(['r9', 'z.9', '']);
  });
  it('reads topology.istio.io/locality from 1.29 on, before the old one', () => {
    const labels = { 'topology.istio.io/locality': 'r8.z8', 'istio-locality': 'r9' };
    expect(localityOf(labels, 29)).toEqual(['r8', 'z8', '']);
    expect(localityOf(labels, 28)).toEqual(['r9', '', '']);
  });
});

describe('elastic container instances', () => {
  const eci = { 'alibabacloud.com/eci': 'true' };
  const ack = { type: 'ack', components: ['ack-virtual-node'] };
  it('run on the virtual node of their zone when the pod asks for it', () => {
    const { state } = build([deployment('web', 2, { labels: eci }), deployment('plain', 1)], ack);
    expect(state.pods.map((pod) => [pod.node, pod.zone])).toEqual([
      ['virtual-kubelet-z1', 'z1'],
      ['virtual-kubelet-z2', 'z2'],
      ['c1-node-0', 'z1'],
    ]);
  });
  it('run there when the namespace asks for it', () => {
    const namespace = object('Namespace', 'shop', undefined, {
      labels: { ...eci, 'istio-injection': 'enabled' },
    });
    expect(build([namespace, deployment('web', 1)], ack).state.pods[0]!.node).toBe('virtual-kubelet-z1');
  });
  it('stay pending without the component', () => {
    const pod = build([deployment('web', 1, { labels: eci })], { type: 'ack' }).state.pods[0]!;
    expect([pod.node, pod.isReady]).toEqual(['', false]);
    expect(pod.blocked).toContain('ack-virtual-node');
  });
  it('mean nothing to other clusters, and everything to a serverless one', () => {
    expect(build([deployment('web', 1, { labels: eci })]).state.pods[0]!.node).toBe('c1-node-0');
    expect(build([deployment('web', 1)], { type: 'ask' }).state.pods[0]!.node).toBe('virtual-kubelet-c1-0');
  });
});

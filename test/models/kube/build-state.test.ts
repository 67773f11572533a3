import { expect, it } from 'vitest';
import { buildKubeState } from '../../../src/models/kube/build-state.ts';
import { build, deployment, injected, object, podOf, service, workload, zoned } from './cluster.ts';

it('makes the pods of a deployment, in turn over the zones, with addresses of the pod block', () => {
  const { state, problems } = build([deployment('web', 4)]);
  expect(problems).toEqual([]);
  expect(state.pods.map((pod) => [pod.name, pod.node, pod.zone, pod.ip])).toEqual([
    ['web-0', 'c1-node-0', 'z1', '10.1.0.2'],
    ['web-1', 'c1-node-2', 'z2', '10.1.0.3'],
    ['web-2', 'c1-node-1', 'z1', '10.1.0.4'],
    ['web-3', 'c1-node-2', 'z2', '10.1.0.5'],
  ]);
  expect(state.pods.every((pod) => pod.isReady && pod.region === 'r1')).toBe(true);
});

it('keeps workloads of one name apart when cluster or namespace differ', () => {
  const blocked = deployment('web', 1, { spec: { nodeName: 'nowhere' } });
  const other = workload('Deployment', 'web', 2, {}, {}, { namespace: 'other' });
  const { state } = buildKubeState(
    [zoned, { ...zoned, id: 'c2', podCIDR: '10.2.0.0/16' }],
    [
      { cluster: 'c1', objects: [injected, deployment('web', 1), other] },
      { cluster: 'c2', objects: [injected, blocked] },
    ],
    { gatewaySelectors: [] },
  );
  expect(state.pods.map((pod) => [pod.cluster, pod.namespace, pod.name, pod.isReady])).toEqual([
    ['c1', 'shop', 'web-0', true],
    ['c1', 'other', 'web-0', true],
    ['c1', 'other', 'web-1', true],
    ['c2', 'shop', 'web-0', false],
  ]);
  expect(state.pods[3]!.blocked).toBe('Pending: cluster c2 has no node nowhere');
});

it('counts only the outermost owner of an export', () => {
  const owner = (kind: string, name: string) => ({ ownerReferences: [{ kind, name }] });
  const { state } = build([
    deployment('web', 2),
    workload('ReplicaSet', 'web-5d8f', 2, {}, {}, owner('Deployment', 'web')),
    object('Pod', 'web-5d8f-x', {}, { labels: { app: 'web' }, ...owner('ReplicaSet', 'web-5d8f') }),
    object('Pod', 'job-1', {}, owner('Job', 'job')),
    workload('ReplicaSet', 'alone', 1),
  ]);
  expect(state.workloads.map((entry) => `${entry.kind}/${entry.name}`)).toEqual([
    'Deployment/web',
    'ReplicaSet/alone',
  ]);
});

it('leaves a pod out whose ReplicaSet is missing but whose Deployment is there', () => {
  const pod = object(
    'Pod',
    'web-5d8f-x',
    {},
    {
      labels: { app: 'web', 'pod-template-hash': '5d8f' },
      ownerReferences: [{ kind: 'ReplicaSet', name: 'web-5d8f' }],
    },
  );
  expect(build([deployment('web', 1), pod]).state.pods.map((entry) => entry.name)).toEqual(['web-0']);
  expect(build([pod]).state.pods.map((entry) => entry.name)).toEqual(['web-5d8f-x']);
});

it('keeps name, address, node and labels of an exported pod, and gives its address to no other', () => {
  const exported = {
    ...object('Pod', 'web-abc', { nodeName: 'gone-node' }, { labels: { app: 'web' } }),
    status: { podIP: '10.1.0.2', phase: 'Running' },
  };
  const { state } = build([deployment('api', 1), exported]);
  expect(state.pods.map((pod) => [pod.name, pod.ip, pod.node, pod.zone, pod.blocked])).toEqual([
    ['api-0', '10.1.0.3', 'c1-node-0', 'z1', undefined],
    ['web-abc', '10.1.0.2', 'gone-node', '', undefined],
  ]);
});

it('leaves pods out that have ended', () => {
  const ended = { ...object('Pod', 'once', {}), status: { phase: 'Succeeded' } };
  expect(build([ended]).state.pods).toEqual([]);
});

it('runs one daemon on every node that tolerates it', () => {
  const tainted = object('Node', 'n2', { taints: [{ key: 'gpu', value: '', effect: 'NoSchedule' }] });
  const nodes = [object('Node', 'n1', {}), tainted];
  expect(build([...nodes, workload('DaemonSet', 'log', undefined)]).state.pods.map((p) => p.node)).toEqual([
    'n1',
  ]);
  const tolerant = workload('DaemonSet', 'log', undefined, {
    spec: { tolerations: [{ key: 'gpu', operator: 'Exists' }] },
  });
  expect(build([...nodes, tolerant]).state.pods.map((pod) => pod.node)).toEqual(['n1', 'n2']);
});

it('names the pods of a StatefulSet for its headless service', () => {
  const { state } = build([workload('StatefulSet', 'db', 2, {}, { serviceName: 'db' })]);
  expect(state.pods[1]).toMatchObject({ name: 'db-1', hostname: 'db-1', subdomain: 'db' });
  expect(state.pods[1]!.labels).toMatchObject({
    'statefulset.kubernetes.io/pod-name': 'db-1',
    'apps.kubernetes.io/pod-index': '1',
  });
});

it('gives service addresses in order and keeps stated ones', () => {
  const { state } = build([
    service('a'),
    service('b', { clusterIP: '172.16.0.10' }),
    service('c', { clusterIP: 'None' }),
    service('d', { type: 'LoadBalancer' }),
    service('e', { type: 'ExternalName', externalName: 'example.com', ports: [] }),
  ]);
  expect(state.services.map((entry) => entry.clusterIP)).toEqual([
    '172.16.0.11',
    '172.16.0.10',
    '',
    '172.16.0.12',
    '',
  ]);
  expect(state.services[3]!.loadBalancerAddresses).toEqual(['203.0.113.1']);
  expect(state.services[4]).toMatchObject({ externalName: 'example.com', selector: {} });
});

it('reads named, numeric and quoted target ports', () => {
  const { state } = build([
    service('web', {
      ports: [
        { name: 'http-a', port: 80, targetPort: 'web' },
        { name: 'grpc-b', port: 81, targetPort: 8081 },
        { name: 'c', port: 82, targetPort: '8082', appProtocol: 'https' },
        { name: 'd', port: 3306 },
      ],
    }),
  ]);
  expect(state.services[0]!.ports).toEqual([
    { name: 'http-a', port: 80, targetPort: 'web', protocol: 'HTTP' },
    { name: 'grpc-b', port: 81, targetPort: 8081, protocol: 'GRPC' },
    { name: 'c', port: 82, targetPort: 8082, protocol: 'HTTPS' },
    { name: 'd', port: 3306, protocol: 'TCP' },
  ]);
});

it('lets the later of two objects of one name count, and says so', () => {
  const { state, problems } = build([deployment('web', 1), deployment('web', 3)]);
  expect(state.pods).toHaveLength(3);
  expect(problems.map((problem) => [problem.severity, problem.message])).toEqual([
    ['warning', 'Deployment shop/web stands twice in the manifests of cluster c1; the later one counts'],
  ]);
});

it('says what the API server would refuse', () => {
  const wrong = workload('Deployment', 'web', 1, {}, { selector: { matchLabels: { app: 'other' } } });
  const many = service('s', { ports: [{ port: 80 }, { port: 99_999 }, { port: 81 }] });
  const none = deployment('neg', -1);
  const version = deployment('v', 1, { labels: { version: 1 as unknown as string } });
  expect(build([wrong, many, none, version]).problems.map((problem) => problem.message)).toEqual([
    'Service shop/s: port must be a number from 1 to 65535',
    'Service shop/s: with several ports each needs a name',
    "Deployment shop/web: its selector does not match its template's labels",
    'Deployment shop/neg: spec.replicas must be a whole number from 0',
    'Deployment shop/v: the label version must be a string',
  ]);
});

it('runs a workload without a selector all the same, with a warning', () => {
  const { state, problems } = build([workload('Deployment', 'web', 1, {}, { selector: undefined })]);
  expect(state.pods).toHaveLength(1);
  expect(problems.map((problem) => [problem.severity, problem.message])).toEqual([
    ['warning', "Deployment shop/web: spec.selector is missing; its template's labels are taken"],
  ]);
});

it('reads probe, shutdown and worker threads of a pod', () => {
  const spec = {
    terminationGracePeriodSeconds: 60,
    containers: [
      {
        name: 'app',
        readinessProbe: { initialDelaySeconds: 3, periodSeconds: 5 },
        lifecycle: { preStop: { exec: { command: ['/bin/sh', '-c', 'sleep 15; exit 0'] } } },
      },
    ],
  };
  const annotations = { 'proxy.istio.io/config': 'concurrency: 4\ndrainDuration: 1s' };
  const pod = podOf(build([deployment('web', 1, { spec, annotations })]), 'web-0');
  expect(pod.readinessProbe).toEqual({ initialDelayNs: 3e9, periodNs: 5e9, failureThreshold: 3 });
  expect([pod.preStopNs, pod.terminationGraceNs, pod.concurrency]).toEqual([15e9, 60e9, 4]);
});

it.each([
  [{ 'sidecar.istio.io/proxyCPULimit': '2500m' }, 3],
  [{ 'sidecar.istio.io/proxyCPULimit': '2' }, 2],
  [{ 'sidecar.istio.io/proxyCPULimit': '2', 'proxy.istio.io/config': 'concurrency: 8' }, 8],
  [{ 'sidecar.istio.io/proxyCPULimit': '2', 'proxy.istio.io/config': 'concurrency: 0' }, undefined],
  [{ 'proxy.istio.io/config': '{ broken: [' }, undefined],
  [{ 'proxy.istio.io/config': 'concurrency: many' }, undefined],
  [{}, undefined],
])('reads worker threads from %j', (annotations, expected) => {
  expect(podOf(build([deployment('web', 1, { annotations })]), 'web-0').concurrency).toBe(expected);
});

it('takes pods for gateways that a Gateway object selects, that use the gateway template, or that run the proxy alone', () => {
  const alone = { containers: [{ name: 'istio-proxy', image: 'auto' }] };
  const { state } = build(
    [
      deployment('selected', 1, { labels: { istio: 'ingressgateway' } }),
      deployment('templated', 1, { annotations: { 'inject.istio.io/templates': 'gateway' } }),
      deployment('alone', 1, { spec: alone }),
      deployment('app', 1),
    ],
    {},
    { gatewaySelectors: [{}, { istio: 'ingressgateway' }] },
  );
  expect(state.pods.map((pod) => pod.isGateway)).toEqual([true, true, true, false]);
  expect(state.pods.every((pod) => pod.hasSidecar)).toBe(true);
});

it('takes the network of a pod from its label, istio-system, the topology, then MeshNetworks', () => {
  const system = object('Namespace', 'istio-system', undefined, {
    labels: { 'topology.istio.io/network': 'from-system' },
  });
  const labelled = deployment('own', 1, { labels: { 'topology.istio.io/network': 'from-label' } });
  const meshNetworks = {
    networks: {
      ranged: { endpoints: [{ fromCidr: '10.1.0.0/16' }] },
      named: { endpoints: [{ fromRegistry: 'c1' }] },
    },
  };
  const networks = (objects: Parameters<typeof build>[0], network?: string) =>
    build([...objects, labelled, deployment('web', 1)], { network }, { meshNetworks }).state.pods.map(
      (p) => p.network,
    );
  expect(networks([system], 'stated')).toEqual(['from-label', 'from-system']);
  expect(networks([], 'stated')).toEqual(['from-label', 'stated']);
  expect(networks([])).toEqual(['from-label', 'named']);
});

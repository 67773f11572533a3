import { expect, it } from 'vitest';
import { buildKubeState } from '../../../src/models/kube/build-state.ts';
import { kubeProxyCandidates } from '../../../src/models/kube/kube-proxy.ts';
import { build, deployment, injected, object, podOf, service, workload, zoned } from './cluster.ts';

const web = [service('web', { ports: [{ name: 'http', port: 80, targetPort: 9080 }] }), deployment('web', 2)];
const ask = (built: ReturnType<typeof build>, host: string, port = 80, namespace = 'shop', options = {}) =>
  kubeProxyCandidates(built.state, 'c1', host, port, namespace, options);

it.each([
  'web',
  'web.shop',
  'web.shop.svc',
  'web.shop.svc.cluster.local',
  'web.shop.svc.cluster.local.',
  'WEB',
])('resolves %s from the same namespace', (host) => {
  expect(ask(build(web), host)).toEqual({
    hostname: 'web.shop.svc.cluster.local',
    pods: [0, 1],
    targetPorts: [9080, 9080],
    isHeadless: false,
    others: [],
  });
});

it('does not resolve a bare name from another namespace, nor a short name with a trailing dot', () => {
  const built = build(web);
  expect(ask(built, 'web', 80, 'other')).toBeNull();
  expect(ask(built, 'web.shop', 80, 'other')?.pods).toEqual([0, 1]);
  expect(ask(built, 'web.shop.')).toBeNull();
  expect(ask(built, 'example.com')).toBeNull();
});

it('knows only the services and pods of its own cluster', () => {
  const { state } = buildKubeState(
    [zoned, { ...zoned, id: 'c2', podCIDR: '10.2.0.0/16' }],
    [
      { cluster: 'c1', objects: [injected, service('web'), deployment('web', 1)] },
      { cluster: 'c2', objects: [injected, deployment('web', 1)] },
    ],
    { gatewaySelectors: [] },
  );
  expect(kubeProxyCandidates(state, 'c1', 'web', 9080, 'shop')?.pods).toEqual([0]);
  expect(kubeProxyCandidates(state, 'c2', 'web', 9080, 'shop')).toBeNull();
});

it('knows only the pods of the namespace of the service', () => {
  const built = build([...web, workload('Deployment', 'web', 1, {}, {}, { namespace: 'other' })]);
  expect(ask(built, 'web')?.pods).toEqual([0, 1]);
});

it('leaves out pods that are not ready or leaving, and offers nobody at a port that the service lacks', () => {
  const built = build(web);
  podOf(built, 'web-0').isReady = false;
  expect(ask(built, 'web')?.pods).toEqual([1]);
  podOf(built, 'web-1').isTerminating = true;
  expect(ask(built, 'web')?.pods).toEqual([]);
  expect(ask(build(web), 'web', 81)?.pods).toEqual([]);
});

it('dials the very port at a headless name, and one pod by its own name', () => {
  const built = build([
    service('db', { clusterIP: 'None', ports: [{ name: 'tcp', port: 5432, targetPort: 1 }] }),
    workload('StatefulSet', 'db', 2, {}, { serviceName: 'db' }),
  ]);
  expect(ask(built, 'db', 5432)).toMatchObject({ pods: [0, 1], targetPorts: [5432, 5432], isHeadless: true });
  expect(ask(built, 'db-1.db', 5432)).toMatchObject({ hostname: 'db.shop.svc.cluster.local', pods: [1] });
  expect(ask(built, 'db-7.db', 5432)).toBeNull();
});

it('follows an alias, within the cluster or out of it, but not for ever', () => {
  const alias = (name: string, externalName: string) =>
    object('Service', name, { type: 'ExternalName', externalName });
  const built = build([
    ...web,
    alias('old', 'web.shop.svc.cluster.local'),
    alias('out', 'example.com'),
    alias('a', 'b.shop.svc.cluster.local'),
    alias('b', 'a.shop.svc.cluster.local'),
  ]);
  expect(ask(built, 'old')).toMatchObject({ hostname: 'web.shop.svc.cluster.local', pods: [0, 1] });
  expect(ask(built, 'out')).toMatchObject({ hostname: 'example.com', pods: [] });
  expect(ask(built, 'a')?.pods).toEqual([]);
});

it('keeps to the own node where the service says so', () => {
  const local = service('web', { internalTrafficPolicy: 'Local', ports: [{ name: 'http', port: 80 }] });
  const built = build([local, deployment('web', 2)]);
  expect(ask(built, 'web', 80, 'shop', { callerNode: 'c1-node-2' })?.pods).toEqual([1]);
});

it('takes virtual addresses of its own cluster and pod addresses', () => {
  const built = build(web);
  expect(ask(built, '172.16.0.10')?.pods).toEqual([0, 1]);
  expect(ask(built, '10.1.0.3', 9080)).toMatchObject({ pods: [1], targetPorts: [9080] });
  expect(ask(built, '192.0.2.1', 80)?.others).toEqual([{ address: '192.0.2.1', port: 80 }]);
});

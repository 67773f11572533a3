import { describe, expect, it } from 'vitest';
import { kubeTimeline } from '../../../src/models/kube/timeline.ts';
import { at, build, deployment, object, play, podOf, ref, service, workload } from './cluster.ts';

const only = (lines: string[], ...kinds: string[]) =>
  lines.filter((line) => kinds.includes(line.split(' ')[1]!));
const scale = (seconds: number, name: string, replicas: number) =>
  ({ atNs: at(seconds), kind: 'scale', workload: ref(name), replicas }) as const;
const probe = { readinessProbe: { periodSeconds: 5, failureThreshold: 2, initialDelaySeconds: 3 } };
const probed = { spec: { containers: [{ name: 'app', ...probe }] } };
const plain = { labels: { 'sidecar.istio.io/inject': 'false' } };

describe('scale', () => {
  it('makes a new pod, which listens after its startup and is ready after its initial delay', () => {
    const built = build([deployment('web', 1, probed)]);
    expect(play(built, [scale(10, 'web', 2)], { startupNs: () => at(2) })).toEqual([
      '10s podCreated web-1',
      '12s podStarted web-1',
      '15s podReady web-1',
    ]);
    expect(podOf(built, 'web-1').isReady).toBe(true);
  });

  it('removes the youngest first, the endpoint at once', () => {
    const built = build([deployment('web', 3)]);
    expect(play(built, [scale(10, 'web', 1)])).toEqual([
      '10s podTerminating web-2',
      '10s podStopping web-2',
      '10s podStopped web-2',
      '10s podTerminating web-1',
      '10s podStopping web-1',
      '10s podStopped web-1',
    ]);
    expect(built.state.pods.map((pod) => pod.isGone)).toEqual([false, true, true]);
  });

  it('removes a pod that is not ready before younger ones', () => {
    const built = build([deployment('web', 3)]);
    const crash = { atNs: at(5), kind: 'crash', pods: [0], untilNs: at(100) } as const;
    expect(only(play(built, [crash, scale(10, 'web', 2)]), 'podTerminating')).toEqual([
      '10s podTerminating web-0',
    ]);
  });

  it('removes what became ready last, and then what is cheap to delete before anything ready', () => {
    const built = build([deployment('web', 1)]);
    const lines = play(built, [scale(10, 'web', 3), scale(30, 'web', 2)]);
    expect(only(lines, 'podTerminating')).toEqual(['30s podTerminating web-2']);
    const costly = build([deployment('web', 3)]);
    podOf(costly, 'web-0').annotations['controller.kubernetes.io/pod-deletion-cost'] = '-1';
    expect(only(play(costly, [scale(10, 'web', 2)]), 'podTerminating')).toEqual(['10s podTerminating web-0']);
  });

  it('gives a pod after scaling to zero the next ordinal, and places it anew', () => {
    const built = build([deployment('web', 1)]);
    const lines = play(built, [scale(10, 'web', 0), scale(20, 'web', 1)]);
    expect(only(lines, 'podCreated', 'podReady')).toEqual(['20s podCreated web-1', '25s podReady web-1']);
    expect(podOf(built, 'web-1').node).toBe('c1-node-0');
  });

  it('takes a StatefulSet down from the highest ordinal and up from the lowest, one after the other', () => {
    const spec = { ...plain, spec: { containers: [{ lifecycle: { preStop: { sleep: { seconds: 4 } } } }] } };
    const built = build([workload('StatefulSet', 'db', 3, spec)]);
    const lines = play(built, [scale(10, 'db', 1), scale(30, 'db', 3)]);
    expect(only(lines, 'podTerminating', 'podStopped', 'podCreated', 'podReady')).toEqual([
      '10s podTerminating db-2',
      '14s podStopped db-2',
      '14s podTerminating db-1',
      '18s podStopped db-1',
      '30s podCreated db-1',
      '35s podReady db-1',
      '35s podCreated db-2',
      '40s podReady db-2',
    ]);
  });

  it('scales a StatefulSet all at once when it is Parallel', () => {
    const built = build([workload('StatefulSet', 'db', 1, {}, { podManagementPolicy: 'Parallel' })]);
    expect(only(play(built, [scale(10, 'db', 3)]), 'podReady')).toEqual([
      '15s podReady db-1',
      '15s podReady db-2',
    ]);
  });

  it('complains about what has no replicas or is not there', () => {
    const built = build([object('Pod', 'bare', {})]);
    expect(play(built, [scale(1, 'bare', 2), scale(1, 'none', 2)])).toEqual([]);
    expect(built.problems.map((problem) => problem.message)).toEqual([
      'scale: a Pod has no replicas (workload shop/bare in cluster c1)',
      'scale: there is no workload shop/none in cluster c1',
    ]);
  });
});

describe('shutdown', () => {
  const stopOf = (template: object, options = {}) => {
    const lines = play(build([deployment('web', 1, template)]), [scale(10, 'web', 0)], options);
    return only(lines, 'podStopped')[0]!.split(' ')[0];
  };
  const sleeping = (seconds: number, more = {}) => ({
    spec: { containers: [{ lifecycle: { preStop: { sleep: { seconds } } } }], ...more },
  });
  it('lasts as long as the preStop hook without a sidecar, but no longer than the grace period', () => {
    expect(stopOf({ ...plain, ...sleeping(8) })).toBe('18s');
    expect(stopOf({ ...plain, ...sleeping(8, { terminationGracePeriodSeconds: 3 }) })).toBe('13s');
  });
  it('ends with an ordinary sidecar after its drain, with a native one after the application', () => {
    expect(stopOf(sleeping(8))).toBe('15s');
    expect(stopOf(sleeping(2))).toBe('12s');
    expect(stopOf(sleeping(8), { nativeSidecars: true })).toBe('18s');
  });
  it('of a gateway is its drain', () => {
    expect(stopOf({ annotations: { 'inject.istio.io/templates': 'gateway' } })).toBe('15s');
  });
});

describe('crash', () => {
  it('is noticed after a second and over after ten, plus the start', () => {
    expect(play(build([deployment('web', 1)]), [{ atNs: at(10), kind: 'crash', pods: [0] }])).toEqual([
      '10s podCrashed web-0',
      '11s podUnready web-0',
      '20s podRestarted web-0',
      '25s podStarted web-0',
      '25s podReady web-0',
    ]);
  });
  it('backs off twice as long each time, five minutes at most', () => {
    const crashes = [10, 100, 200, 300, 500, 800, 1200].map(
      (seconds) => ({ atNs: at(seconds), kind: 'crash', pods: [0] }) as const,
    );
    expect(only(play(build([deployment('web', 1)]), crashes), 'podRestarted')).toEqual([
      '20s podRestarted web-0',
      '120s podRestarted web-0',
      '240s podRestarted web-0',
      '380s podRestarted web-0',
      '660s podRestarted web-0',
      '1100s podRestarted web-0',
      '1500s podRestarted web-0',
    ]);
  });
  it('forgets the back-off after ten minutes of running', () => {
    const crashes = [10, 700].map((seconds) => ({ atNs: at(seconds), kind: 'crash', pods: [0] }) as const);
    expect(only(play(build([deployment('web', 1)]), crashes), 'podRestarted')[1]).toBe(
      '710s podRestarted web-0',
    );
  });
  it('ends when it is said to end', () => {
    const crash = { atNs: at(10), kind: 'crash', pods: [0], untilNs: at(40) } as const;
    expect(only(play(build([deployment('web', 1)]), [crash]), 'podRestarted', 'podReady')).toEqual([
      '40s podRestarted web-0',
      '45s podReady web-0',
    ]);
  });
  it('takes the endpoint out even when it is over before anybody noticed', () => {
    const crash = { atNs: at(10), kind: 'crash', pods: [0], untilNs: at(10.5) } as const;
    expect(play(build([deployment('web', 1)]), [crash])).toEqual([
      '10s podCrashed web-0',
      '10.5s podUnready web-0',
      '10.5s podRestarted web-0',
      '15.5s podStarted web-0',
      '15.5s podReady web-0',
    ]);
  });
  it('asks for its pods when it happens', () => {
    const built = build([deployment('web', 1)]);
    const crash = {
      atNs: at(30),
      kind: 'crash',
      pods: (state: typeof built.state) => [state.pods.length - 1],
    } as const;
    expect(only(play(built, [scale(10, 'web', 2), crash]), 'podCrashed')).toEqual(['30s podCrashed web-1']);
  });
});

describe('a port that is closed', () => {
  const refuse = (untilNs?: number) => ({ atNs: at(10), kind: 'refuse', pods: [0], untilNs }) as const;
  it('stays an endpoint without a readiness probe', () => {
    expect(play(build([deployment('web', 1)]), [refuse()])).toEqual([]);
  });
  it('is unready after failureThreshold periods, and ready after the first good probe', () => {
    expect(play(build([deployment('web', 1, probed)]), [refuse(at(32))])).toEqual([
      '20s podUnready web-0',
      '35s podReady web-0',
    ]);
  });
  it('is not noticed when it opens in time', () => {
    expect(play(build([deployment('web', 1, probed)]), [refuse(at(20))])).toEqual([]);
  });
});

describe('a lost zone', () => {
  const down = (untilNs?: number) => ({ atNs: at(10), kind: 'nodesDown', nodes: [2], untilNs }) as const;
  it('is unready after 40 s, evicted 300 s later and replaced elsewhere', () => {
    const built = build([deployment('web', 2)]);
    expect(play(built, [down()])).toEqual([
      '10s nodesChanged',
      '10s podLost web-1',
      '50s podUnready web-1',
      '350s podTerminating web-1',
      '350s podCreated web-2',
      '355s podStarted web-2',
      '355s podReady web-2',
    ]);
    expect(podOf(built, 'web-2').zone).toBe('z1');
    expect(podOf(built, 'web-1').isGone).toBe(false);
  });
  it('keeps its daemons, which tolerate an unreachable node', () => {
    const lines = play(build([workload('DaemonSet', 'log', undefined)]), [down()]);
    expect(lines).toEqual(['10s nodesChanged', '10s podLost log-2', '50s podUnready log-2']);
  });
  it('that is down twice is up when both are over', () => {
    const lines = play(build([deployment('web', 2)]), [
      down(at(100)),
      { atNs: at(20), kind: 'nodesDown', nodes: [2], untilNs: at(150) },
    ]);
    expect(only(lines, 'podRestarted')).toEqual(['150s podRestarted web-1']);
  });
  it('that comes back in time starts its pods again in place', () => {
    const lines = play(build([deployment('web', 2)]), [down(at(100))]);
    expect(only(lines, 'podRestarted', 'podReady', 'podCreated')).toEqual([
      '100s podRestarted web-1',
      '105s podReady web-1',
    ]);
  });
  it('keeps the name of a StatefulSet pod until its node is back', () => {
    const lines = play(build([workload('StatefulSet', 'db', 2)]), [down(at(400))]);
    expect(only(lines, 'podTerminating', 'podStopped', 'podCreated')).toEqual([
      '350s podTerminating db-1',
      '400s podStopped db-1',
      '400s podCreated db-1',
    ]);
  });
  it('leaves pods pending that may run nowhere else, until it is back', () => {
    const tied = { spec: { nodeSelector: { 'topology.kubernetes.io/zone': 'z2' } } };
    const built = build([deployment('web', 1, tied)]);
    const lines = play(built, [down(at(500))]);
    expect(only(lines, 'podCreated', 'podReady')).toEqual([
      '350s podCreated web-1',
      '500s podCreated web-1',
      '505s podReady web-1',
    ]);
    expect(podOf(built, 'web-1').blocked).toBeUndefined();
  });
});

describe('rollout', () => {
  const roll = { atNs: at(10), kind: 'rollout', workload: ref('web') } as const;
  const moves = (replicas: number, strategy?: object) =>
    only(
      play(build([deployment('web', replicas, {}, { strategy })]), [roll]),
      'podCreated',
      'podTerminating',
    );

  it('surges by a quarter rounded up and lacks a quarter rounded down', () => {
    expect(moves(4)).toEqual([
      '10s podCreated web-4',
      '10s podTerminating web-3',
      '10s podCreated web-5',
      // web-1 and web-0 now share their nodes with new pods, so they go before web-2.
      '15s podTerminating web-1',
      '15s podTerminating web-0',
      '15s podCreated web-6',
      '15s podCreated web-7',
      '20s podTerminating web-2',
    ]);
  });
  it('of one pod makes the new one before it removes the old one', () => {
    expect(moves(1)).toEqual(['10s podCreated web-1', '15s podTerminating web-0']);
  });
  it('without surge removes first', () => {
    const strategy = { rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } };
    expect(moves(2, strategy)).toEqual([
      '10s podTerminating web-1',
      '10s podCreated web-2',
      '15s podTerminating web-0',
      '15s podCreated web-3',
    ]);
  });
  it('with neither allowed lacks one all the same', () => {
    expect(moves(1, { rollingUpdate: { maxSurge: 0, maxUnavailable: '10%' } })).toEqual([
      '10s podTerminating web-0',
      '10s podCreated web-1',
    ]);
  });
  it('recreates when it is told to', () => {
    expect(moves(2, { type: 'Recreate' })).toEqual([
      '10s podTerminating web-0',
      '10s podTerminating web-1',
      '10s podCreated web-2',
      '10s podCreated web-3',
    ]);
  });
  it('waits minReadySeconds for a pod to count', () => {
    const lines = play(build([deployment('web', 1, {}, { minReadySeconds: 7 })]), [roll]);
    expect(only(lines, 'podTerminating')).toEqual(['22s podTerminating web-0']);
  });
  it('stalls while new proxies get no configuration, and goes on afterwards', () => {
    const changes = [
      { atNs: at(5), kind: 'controlPlane', isUp: false },
      roll,
      { atNs: at(60), kind: 'controlPlane', isUp: true },
    ] as const;
    expect(play(build([deployment('web', 1)]), [...changes])).toEqual([
      '10s podCreated web-1',
      '15s podStarted web-1',
      '15s podUnready web-1',
      '60s podReady web-1',
      '60s podTerminating web-0',
      '60s podStopping web-0',
      '60s podStopped web-0',
    ]);
  });
  it('of a StatefulSet goes downwards, one pod at a time, and stops at the partition', () => {
    const set = (partition: number) =>
      workload('StatefulSet', 'web', 3, {}, { updateStrategy: { rollingUpdate: { partition } } });
    const terminated = (partition: number) => only(play(build([set(partition)]), [roll]), 'podTerminating');
    expect(terminated(0)).toEqual([
      '10s podTerminating web-2',
      '15s podTerminating web-1',
      '20s podTerminating web-0',
    ]);
    expect(terminated(2)).toEqual(['10s podTerminating web-2']);
  });
  it('of a DaemonSet takes one node after the other', () => {
    const lines = play(build([workload('DaemonSet', 'web', undefined)]), [roll]);
    expect(only(lines, 'podTerminating')).toEqual([
      '10s podTerminating web-0',
      '15s podTerminating web-1',
      '20s podTerminating web-2',
    ]);
  });
});

describe('apply and delete', () => {
  const apply = (seconds: number, ...objects: ReturnType<typeof object>[]) =>
    ({ atNs: at(seconds), kind: 'apply', cluster: 'c1', objects }) as const;
  const gone = (objectKind: string, name: string) =>
    ({ atNs: at(10), kind: 'delete', cluster: 'c1', objectKind, namespace: 'shop', name }) as const;

  it('scales when only the replicas differ, and rolls out when the template does', () => {
    const built = build([deployment('web', 1)]);
    const v2 = deployment('web', 2, { labels: { version: 'v2' } });
    expect(
      only(play(built, [apply(10, deployment('web', 2)), apply(30, v2)]), 'podCreated', 'podTerminating'),
    ).toEqual([
      '10s podCreated web-1',
      '30s podCreated web-2',
      '35s podTerminating web-1',
      '35s podCreated web-3',
      '40s podTerminating web-0',
    ]);
    expect(podOf(built, 'web-3').labels['version']).toBe('v2');
  });
  it('goes back to an earlier template without new pods where old ones are left', () => {
    const built = build([deployment('web', 1)]);
    const v2 = deployment('web', 1, { labels: { version: 'v2' } });
    const lines = play(built, [apply(10, v2), apply(12, deployment('web', 1))]);
    expect(only(lines, 'podCreated', 'podTerminating')).toEqual([
      '10s podCreated web-1',
      '12s podTerminating web-1',
    ]);
  });
  it('leaves the number to whoever set it when the file does not say', () => {
    const silent = workload('Deployment', 'web', undefined);
    const built = build([deployment('web', 3)]);
    expect(play(built, [apply(10, silent)])).toEqual([]);
  });
  it('does nothing when nothing differs', () => {
    expect(
      play(build([deployment('web', 1), service('web')]), [apply(5, deployment('web', 1), service('web'))]),
    ).toEqual([]);
  });
  it('creates workloads and services, and changes services', () => {
    const built = build([service('web')]);
    const changed = service('web', { ports: [{ name: 'http', port: 80 }] });
    expect(play(built, [apply(5, deployment('web', 1), changed, service('api'))])).toEqual([
      '5s servicesChanged',
      '5s servicesChanged',
      '5s podCreated web-0',
      '10s podStarted web-0',
      '10s podReady web-0',
    ]);
    expect(built.state.services.map((entry) => [entry.name, entry.clusterIP, entry.ports[0]?.port])).toEqual([
      ['web', '172.16.0.10', 80],
      ['api', '172.16.0.11', 9080],
    ]);
  });
  it('changes the labels of a bare pod in place, and keeps the injected ones', () => {
    const bare = (labels: Record<string, string>) => object('Pod', 'bare', {}, { labels });
    const built = build([bare({ app: 'bare' })]);
    expect(play(built, [apply(5, bare({ app: 'bare', version: 'v2' }))])).toEqual(['5s podChanged bare']);
    expect(podOf(built, 'bare').labels).toMatchObject({
      version: 'v2',
      'security.istio.io/tlsMode': 'istio',
    });
  });
  it('lets a label on the namespace count for later pods only', () => {
    const off = object('Namespace', 'shop', undefined, { labels: {} });
    const built = build([deployment('web', 1)]);
    play(built, [apply(5, off), scale(10, 'web', 2)]);
    expect(built.state.pods.map((pod) => pod.hasSidecar)).toEqual([true, false]);
  });
  it('gives a pending pod the node that is added', () => {
    const built = build([
      object('Node', 'n1', {}),
      deployment('web', 1, { spec: { nodeSelector: { disk: 'ssd' } } }),
    ]);
    const node = object('Node', 'n2', {}, { labels: { disk: 'ssd' } });
    expect(play(built, [apply(5, node)])).toEqual([
      '5s nodesChanged',
      '5s podCreated web-0',
      '10s podStarted web-0',
      '10s podReady web-0',
    ]);
  });
  it('deletes a workload with its pods, and a pod to have it replaced', () => {
    expect(
      only(play(build([deployment('web', 2)]), [gone('Deployment', 'web')]), 'podStopped', 'podCreated'),
    ).toEqual(['10s podStopped web-0', '10s podStopped web-1']);
    expect(
      only(play(build([deployment('web', 2)]), [gone('Pod', 'web-0')]), 'podStopped', 'podCreated'),
    ).toEqual(['10s podStopped web-0', '10s podCreated web-2']);
  });
  it('deletes services, nodes and namespaces, and complains about what is not there', () => {
    const built = build([deployment('web', 1), service('web')]);
    expect(play(built, [gone('Service', 'web'), gone('Service', 'web')])).toEqual(['10s servicesChanged']);
    expect(built.problems[0]!.message).toBe('delete: cluster c1 has no Service shop/web');
    const nodes = play(build([deployment('web', 1)]), [gone('Node', 'c1-node-0')]);
    expect(only(nodes, 'podStopped', 'podCreated', 'podReady')).toEqual([
      '10s podStopped web-0',
      '10s podCreated web-1',
      '15s podReady web-1',
    ]);
    const all = play(build([deployment('web', 1), service('web')]), [gone('Namespace', 'shop')]);
    expect(only(all, 'podStopped', 'servicesChanged', 'namespacesChanged')).toEqual([
      '10s podStopped web-0',
      '10s servicesChanged',
      '10s namespacesChanged',
    ]);
  });
});

it('holds a pod back for the reason that it is given', () => {
  const built = build([deployment('web', 1)]);
  play(built, [scale(1, 'web', 2)], { heldBack: () => 'its proxy cannot reach istiod' });
  expect(podOf(built, 'web-1')).toMatchObject({ isReady: false, blocked: 'its proxy cannot reach istiod' });
});

it('has the state of the instant when a step is seen, and stops where it is told to', () => {
  const built = build([deployment('web', 1)]);
  const seen: [number, number][] = [];
  for (const step of kubeTimeline(built, [scale(10, 'web', 2), scale(50, 'web', 3)], { untilNs: at(49) }))
    seen.push([step.atNs / 1e9, built.state.pods.filter((pod) => pod.isReady).length]);
  expect(seen).toEqual([
    [10, 1],
    [15, 2],
  ]);
});

it('is the same every time', () => {
  const changes = [
    scale(5, 'web', 6),
    { atNs: at(7), kind: 'nodesDown', nodes: [0, 1], untilNs: at(500) } as const,
  ];
  const once = () => play(build([deployment('web', 3), workload('StatefulSet', 'db', 3)]), changes);
  expect(once()).toEqual(once());
});

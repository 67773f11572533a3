// Kubernetes over time: changes go in, and out comes, instant by instant, what becomes of the pods. Nothing here is random, and whatever
// happens at one instant happens in the order of the pods and workloads on the list. See change.ts for the words.
import { applyObjects, deleteObject, nodesChanged } from './apply.ts';
import { type BuiltState, templateKey } from './built-state.ts';
import type { KubeChange, KubeEvent, KubeStep, Selection, TimelineOptions, WorkloadRef } from './change.ts';
import type { KubeState, Workload } from './model.ts';
import { Kubelet } from './pod-life.ts';
import { schedulePod, templateOf } from './pods.ts';
import { reconcile } from './reconcile.ts';
import { Replicas } from './replicas.ts';

export type {
  KubeChange,
  KubeEvent,
  KubeEventKind,
  KubeStep,
  Selection,
  TimelineOptions,
  WorkloadRef,
} from './change.ts';

/** Yields the instants at which something changes, in order; `built.state` is as it is then. Needs a state of its own to work on. */
export function* kubeTimeline(
  built: BuiltState,
  changes: readonly KubeChange[],
  options: TimelineOptions = {},
): Generator<KubeStep> {
  const kubelet = new Kubelet(built, options);
  const replicas = new Replicas(kubelet);
  for (const change of changes) kubelet.agenda.add(change.atNs, () => begin(replicas, change));
  const untilNs = options.untilNs ?? Number.POSITIVE_INFINITY;
  while (kubelet.agenda.nextNs <= untilNs && kubelet.agenda.nextNs < Number.POSITIVE_INFINITY) {
    kubelet.nowNs = kubelet.agenda.nextNs;
    kubelet.events = [];
    settle(replicas);
    const events: KubeEvent[] = kubelet.events;
    if (events.length > 0) yield { atNs: kubelet.nowNs, events };
  }
}

/** Everything of this instant: what was planned, then the controllers, until nothing is left to do. */
function settle(replicas: Replicas): void {
  const { kubelet } = replicas;
  for (;;) {
    if (kubelet.agenda.nextNs <= kubelet.nowNs) kubelet.agenda.runNext();
    else if (kubelet.dirty.size > 0) {
      const dirty = new Set(kubelet.dirty);
      kubelet.dirty.clear();
      for (const workload of [...kubelet.built.state.workloads])
        if (dirty.has(templateKey(workload))) reconcile(replicas, workload);
    } else if (kubelet.hasRoom) placePending(replicas);
    else return;
  }
}

/** Pods that no node would take are tried again when something left or was added. */
function placePending(replicas: Replicas): void {
  const { kubelet } = replicas;
  const { built } = kubelet;
  kubelet.hasRoom = false;
  const workloads = new Map(built.state.workloads.map((workload) => [templateKey(workload), workload]));
  for (const [index, pod] of built.state.pods.entries()) {
    if (pod.node !== '' || pod.isGone || pod.isTerminating) continue;
    const { kind, name } = pod.workload;
    const workload = workloads.get(templateKey({ ...pod, kind, name }));
    if (!workload) continue;
    schedulePod(built, pod, templateOf(built, workload));
    if (pod.node === '') continue;
    kubelet.emit('podCreated', index, `is placed on ${pod.node}`);
    kubelet.start(index);
  }
}

function begin(replicas: Replicas, change: KubeChange): void {
  const { kubelet } = replicas;
  const { state, problems } = kubelet.built;
  const complain = (message: string) => problems.push({ severity: 'error', message });
  switch (change.kind) {
    case 'scale': {
      const workload = findWorkload(state, change.workload);
      if (!workload) return void complain(`scale: there is no ${nameOf(change.workload)}`);
      if (workload.kind === 'DaemonSet' || workload.kind === 'Pod')
        return void complain(`scale: a ${workload.kind} has no replicas (${nameOf(change.workload)})`);
      workload.replicas = Math.max(0, Math.round(change.replicas) || 0);
      return void kubelet.dirty.add(templateKey(workload));
    }
    case 'rollout': {
      const workload = findWorkload(state, change.workload);
      if (!workload) return void complain(`rollout: there is no ${nameOf(change.workload)}`);
      if (workload.kind === 'Pod' || workload.kind === 'ReplicaSet')
        return void complain(`rollout: a ${workload.kind} is not rolled out (${nameOf(change.workload)})`);
      replicas.restart(workload);
      return void kubelet.dirty.add(templateKey(workload));
    }
    case 'crash':
      for (const index of selected(state, change.pods)) kubelet.crash(index, change.untilNs);
      return;
    case 'refuse':
    case 'hang':
    case 'blackhole':
      for (const index of selected(state, change.pods))
        kubelet.failProbes(index, change.untilNs ?? Number.POSITIVE_INFINITY);
      return;
    case 'nodesDown':
      return nodesDown(replicas, selected(state, change.nodes, state.nodes.length), change.untilNs);
    case 'apply':
      return applyObjects(replicas, change.cluster, change.objects);
    case 'delete': {
      const { cluster, objectKind, namespace, name } = change;
      if (!deleteObject(replicas, cluster, objectKind, namespace, name))
        complain(`delete: cluster ${cluster} has no ${objectKind} ${namespace}/${name}`);
      return;
    }
    case 'controlPlane':
      return kubelet.controlPlane(change.isUp);
  }
}

function nodesDown(replicas: Replicas, nodes: number[], untilNs: number | undefined): void {
  const { kubelet } = replicas;
  const { state, ledger } = kubelet.built;
  const names = new Set(nodes.map((index) => `${state.nodes[index]!.cluster}/${state.nodes[index]!.name}`));
  if (names.size === 0 || (untilNs !== undefined && untilNs <= kubelet.nowNs)) return;
  const words = [...names].join(', ');
  const onThem = () =>
    [...state.pods.entries()].filter(([, pod]) => !pod.isGone && names.has(`${pod.cluster}/${pod.node}`));
  for (const name of names) ledger.nodesDown.set(name, (ledger.nodesDown.get(name) ?? 0) + 1);
  kubelet.emit('nodesChanged', -1, `down: ${words}`);
  for (const [index] of onThem()) kubelet.lose(index);
  if (untilNs === undefined) return;
  kubelet.agenda.add(untilNs, () => {
    for (const name of names) {
      const left = ledger.nodesDown.get(name)! - 1;
      if (left > 0) ledger.nodesDown.set(name, left);
      else ledger.nodesDown.delete(name);
    }
    for (const [index, pod] of onThem())
      if (!ledger.nodesDown.has(`${pod.cluster}/${pod.node}`)) kubelet.recover(index);
    nodesChanged(replicas, `up again: ${words}`);
  });
}

function selected(state: KubeState, selection: Selection, count = state.pods.length): number[] {
  const indexes = typeof selection === 'function' ? selection(state) : selection;
  return [...new Set(indexes)]
    .filter((index) => Number.isInteger(index) && index >= 0 && index < count)
    .sort((a, b) => a - b);
}

export function findWorkload(state: KubeState, ref: WorkloadRef): Workload | undefined {
  const found = state.workloads.filter(
    (workload) =>
      workload.cluster === ref.cluster &&
      workload.namespace === ref.namespace &&
      workload.name === ref.name &&
      (ref.kind === undefined || workload.kind === ref.kind),
  );
  return found.find((workload) => workload.kind !== 'Pod') ?? found[0];
}

const nameOf = (ref: WorkloadRef): string =>
  `${ref.kind ?? 'workload'} ${ref.namespace}/${ref.name} in cluster ${ref.cluster}`;

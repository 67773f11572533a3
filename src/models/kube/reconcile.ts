// The controllers: what is there becomes, step by step, what is wanted. Each looks at its workload again whenever one of its pods changed.
// Source: kubernetes/pkg/controller/deployment/rolling.go, recreate.go, util/deployment_util.go ResolveFenceposts;
// statefulset/stateful_set_control.go; daemon/update.go (1.31). Left out: proportional scaling while a rollout is under way.
import type { Workload } from './model.ts';
import { candidateNodes } from './placement.ts';
import { templateOf } from './pods.ts';
import { countOf, type Replicas } from './replicas.ts';

export function reconcile(replicas: Replicas, workload: Workload): void {
  if (workload.kind === 'Deployment') reconcileDeployment(replicas, workload);
  else if (workload.kind === 'ReplicaSet') scaleTo(replicas, workload, replicas.liveOf(workload));
  else if (workload.kind === 'StatefulSet') reconcileStatefulSet(replicas, workload);
  else if (workload.kind === 'DaemonSet') reconcileDaemonSet(replicas, workload);
}

function scaleTo(replicas: Replicas, workload: Workload, live: number[]): void {
  for (let i = live.length; i < workload.replicas; i++) replicas.create(workload);
  if (live.length <= workload.replicas) return;
  const order = replicas.inOrderOfRemoval(live, workload);
  for (const index of order.slice(0, live.length - workload.replicas)) replicas.kubelet.terminate(index);
}

function reconcileDeployment(replicas: Replicas, workload: Workload): void {
  const { kubelet } = replicas;
  const revision = replicas.revisionOf(workload);
  const isOld = (index: number) => kubelet.life(index).revision !== revision;
  const all = replicas.podsOf(workload);
  if (workload.strategy?.type === 'Recreate') {
    for (const index of replicas.liveOf(workload).filter(isOld)) kubelet.terminate(index);
    // New ones wait until the last old one is gone.
    if (all.some((index) => isOld(index) && !kubelet.pod(index).isGone)) return;
  }
  const live = replicas.liveOf(workload);
  if (live.some(isOld)) rollOn(replicas, workload, live, isOld);
  else scaleTo(replicas, workload, live);
}

/** One look of the rolling update; the pods it makes and removes bring it back. */
function rollOn(
  replicas: Replicas,
  workload: Workload,
  live: number[],
  isOld: (index: number) => boolean,
): void {
  const { kubelet } = replicas;
  const wanted = workload.replicas;
  const surge = countOf(workload.strategy?.maxSurge ?? '25%', wanted, Math.ceil);
  const share = countOf(workload.strategy?.maxUnavailable ?? '25%', wanted, Math.floor);
  const maxUnavailable = Math.min(wanted, surge === 0 && share === 0 ? 1 : share);
  const fresh = live.filter((index) => !isOld(index));
  const room = Math.min(wanted - fresh.length, wanted + surge - live.length);
  for (let i = 0; i < room; i++) {
    const index = replicas.create(workload);
    live.push(index);
    fresh.push(index);
  }
  if (fresh.length > wanted) {
    const order = replicas.inOrderOfRemoval(fresh, workload);
    for (const index of order.slice(0, fresh.length - wanted)) kubelet.terminate(index);
  }
  const isAvailable = (index: number) =>
    !kubelet.pod(index).isTerminating && replicas.isAvailable(workload, index);
  const minAvailable = wanted - maxUnavailable;
  const freshUnavailable = fresh.filter((index) => !isAvailable(index)).length;
  let removable = live.length - minAvailable - freshUnavailable;
  const old = replicas.inOrderOfRemoval(live.filter(isOld), workload);
  // Old pods that serve nobody go first, whatever the limits say about available ones.
  for (const index of old) {
    if (removable <= 0 || isAvailable(index)) continue;
    kubelet.terminate(index);
    removable--;
  }
  let spare = live.filter(isAvailable).length - minAvailable;
  for (const index of old) {
    if (spare <= 0 || removable <= 0) return;
    if (!isAvailable(index)) continue;
    kubelet.terminate(index);
    spare--;
    removable--;
  }
}

/** Ordinals 0 to n-1: made upwards, removed and updated downwards, one after the other unless Parallel. */
function reconcileStatefulSet(replicas: Replicas, workload: Workload): void {
  const { kubelet } = replicas;
  const isParallel = workload.strategy?.isParallel === true;
  const byOrdinal = new Map<number, number>();
  for (const index of replicas.podsOf(workload)) byOrdinal.set(kubelet.pod(index).ordinal, index);
  for (let ordinal = 0; ordinal < workload.replicas; ordinal++) {
    const index = byOrdinal.get(ordinal) ?? replicas.create(workload, { ordinal });
    byOrdinal.set(ordinal, index);
    if (!isParallel && !replicas.isAvailable(workload, index)) return;
  }
  const condemned = [...byOrdinal.keys()]
    .filter((ordinal) => ordinal >= workload.replicas)
    .sort((a, b) => b - a);
  for (const ordinal of condemned) {
    kubelet.terminate(byOrdinal.get(ordinal)!);
    if (!isParallel && !kubelet.pod(byOrdinal.get(ordinal)!).isGone) return;
  }
  if (workload.strategy?.type === 'OnDelete') return;
  const revision = replicas.revisionOf(workload);
  for (let ordinal = workload.replicas - 1; ordinal >= (workload.strategy?.partition ?? 0); ordinal--) {
    const index = byOrdinal.get(ordinal)!;
    if (kubelet.life(index).revision !== revision) return kubelet.terminate(index);
    if (!replicas.isAvailable(workload, index)) return;
  }
}

function reconcileDaemonSet(replicas: Replicas, workload: Workload): void {
  const { kubelet } = replicas;
  const template = templateOf(kubelet.built, workload);
  const nodes = candidateNodes(kubelet.built, { ...workload, labels: template.labels }, template);
  if ('blocked' in nodes) return;
  const pods = replicas.podsOf(workload);
  const taken = new Set(pods.map((index) => kubelet.pod(index).node));
  for (const node of nodes) if (!taken.has(node.name)) replicas.create(workload, { node });
  const live = replicas.liveOf(workload);
  workload.replicas = live.length;
  if (workload.strategy?.type === 'OnDelete') return;
  const limit = Math.max(1, countOf(workload.strategy?.maxUnavailable ?? 1, nodes.length, Math.ceil));
  let unavailable = nodes.length - live.filter((index) => replicas.isAvailable(workload, index)).length;
  for (const index of live) {
    if (kubelet.life(index).revision === replicas.revisionOf(workload)) continue;
    const counts = replicas.isAvailable(workload, index);
    if (counts && unavailable >= limit) continue;
    kubelet.terminate(index);
    if (counts) unavailable++;
  }
}

// kubectl apply and delete in the course of a run, for the objects that the Kubernetes part knows. Others are none of its business.

import { registerWorkload } from './build-state.ts';
import { templateKey } from './built-state.ts';
import type { KubeService, ManifestObject, Workload } from './model.ts';
import { nodeOf } from './nodes.ts';
import { exportedPod } from './pods.ts';
import type { Replicas } from './replicas.ts';
import { addServiceAddresses, serviceOf } from './services.ts';
import { metaOf } from './shape.ts';
import { isHandWritten, sliceOf } from './slices.ts';
import { hasEnded, isOwned, isWorkloadKind, keyOfObject, workloadOf } from './workloads.ts';

export function applyObjects(replicas: Replicas, cluster: string, objects: readonly ManifestObject[]): void {
  const { kubelet } = replicas;
  const { state } = kubelet.built;
  for (const object of objects) {
    const { name, labels, annotations } = metaOf(object);
    if (object.kind === 'Namespace') {
      const changed = { cluster, name, labels, annotations };
      const isNew = put(
        state.namespaces,
        changed,
        (entry) => entry.cluster === cluster && entry.name === name,
      );
      // Pods that run already keep what they were made with.
      kubelet.emit('namespacesChanged', -1, `namespace ${name} is ${isNew ? 'created' : 'changed'}`);
      kubelet.hasRoom = true;
    } else if (object.kind === 'Node') {
      const node = nodeOf(cluster, object);
      const isNew = put(state.nodes, node, (entry) => entry.cluster === cluster && entry.name === name);
      nodesChanged(replicas, `node ${name} is ${isNew ? 'added' : 'changed'}`);
    }
  }
  for (const object of objects) {
    if (object.kind === 'Service') applyService(replicas, cluster, object);
    else if (object.kind === 'EndpointSlice' || object.kind === 'Endpoints')
      applySlice(replicas, cluster, object);
  }
  const listed = new Set([
    ...objects.map((object) => keyOfObject(cluster, object)),
    ...state.workloads.map(templateKey),
  ]);
  for (const object of objects)
    if (isWorkloadKind(object.kind) && !hasEnded(object) && !isOwned(cluster, object, listed))
      applyWorkload(replicas, cluster, object);
}

/** Replaces the entry or adds it. @returns whether it is new */
function put<T>(entries: T[], value: T, isSame: (entry: T) => boolean): boolean {
  const at = entries.findIndex(isSame);
  if (at < 0) entries.push(value);
  else entries[at] = value;
  return at < 0;
}

/** Daemons may run on it, pending pods may fit. */
export function nodesChanged(replicas: Replicas, words: string): void {
  const { kubelet } = replicas;
  kubelet.emit('nodesChanged', -1, words);
  kubelet.hasRoom = true;
  for (const workload of kubelet.built.state.workloads)
    if (workload.kind === 'DaemonSet') kubelet.dirty.add(templateKey(workload));
}

function applyService(replicas: Replicas, cluster: string, object: ManifestObject): void {
  const { built } = replicas.kubelet;
  const service = serviceOf(cluster, object, built.problems);
  const at = built.state.services.findIndex((entry) => isSameName(entry, service));
  const previous = built.state.services[at];
  addServiceAddresses(built, service, object, previous);
  if (previous && withoutPlace(previous) === withoutPlace(service)) return;
  if (previous) built.state.services[at] = service;
  else built.state.services.push(service);
  const words = `service ${service.namespace}/${service.name} is ${previous ? 'changed' : 'created'}`;
  replicas.kubelet.emit('servicesChanged', -1, words);
}

const isSameName = (
  a: { cluster: string; namespace: string; name: string },
  b: { cluster: string; namespace: string; name: string },
): boolean => a.cluster === b.cluster && a.namespace === b.namespace && a.name === b.name;

const withoutPlace = (service: KubeService): string => JSON.stringify({ ...service, origin: undefined });

function applySlice(replicas: Replicas, cluster: string, object: ManifestObject): void {
  const { state } = replicas.kubelet.built;
  const slice = sliceOf(cluster, object);
  if (!slice || !isHandWritten(state, slice)) return;
  put(
    state.slices,
    slice,
    (entry) =>
      entry.cluster === cluster && entry.namespace === slice.namespace && entry.object === slice.object,
  );
  replicas.kubelet.emit(
    'servicesChanged',
    -1,
    `endpoints of ${slice.namespace}/${slice.service} are changed`,
  );
}

function applyWorkload(replicas: Replicas, cluster: string, object: ManifestObject): void {
  const { kubelet } = replicas;
  const { built } = kubelet;
  const key = keyOfObject(cluster, object);
  const existing = built.state.workloads.find((workload) => templateKey(workload) === key);
  if (!existing) {
    const workload = registerWorkload(built, cluster, object);
    kubelet.dirty.add(key);
    if (workload.kind === 'Pod') replicas.create(workload, { ordinal: 0, exported: exportedPod(object) });
    return;
  }
  const read = workloadOf(cluster, object, built.problems);
  const isChanged = replicas.retemplate(existing, () => built.templates.set(key, read.template));
  // A file without replicas leaves the number to whoever set it.
  if (read.hasReplicas) existing.replicas = read.workload.replicas;
  existing.strategy = read.workload.strategy;
  existing.labels = read.workload.labels;
  existing.origin = read.workload.origin;
  kubelet.dirty.add(key);
  if (existing.kind !== 'Pod' || !isChanged) return;
  for (const index of replicas.liveOf(existing)) {
    const pod = kubelet.pod(index);
    // What the injector added stays.
    const added = Object.entries(pod.labels).filter(([label]) => INJECTED.test(label));
    pod.labels = { ...read.template.labels, ...Object.fromEntries(added) };
    pod.annotations = { ...read.template.annotations };
    kubelet.emit('podChanged', index, 'has changed labels');
  }
}

const INJECTED = /^(security\.istio\.io\/tlsMode|service\.istio\.io\/canonical-(name|revision))$/;

/** @returns false when there is no such object */
export function deleteObject(
  replicas: Replicas,
  cluster: string,
  kind: string,
  namespace: string,
  name: string,
): boolean {
  const { kubelet } = replicas;
  const { state } = kubelet.built;
  const isIt = (entry: { cluster: string; namespace: string; name: string }) =>
    isSameName(entry, { cluster, namespace, name });
  if (kind === 'Namespace') {
    const isInside = (entry: { cluster: string; namespace: string }) =>
      entry.cluster === cluster && entry.namespace === name;
    const workloads = state.workloads.filter(isInside);
    for (const workload of workloads) removeWorkload(replicas, workload);
    const services = state.services.filter(isInside);
    for (const service of services) deleteObject(replicas, cluster, 'Service', name, service.name);
    const hadOne = remove(state.namespaces, (entry) => entry.cluster === cluster && entry.name === name);
    if (hadOne) kubelet.emit('namespacesChanged', -1, `namespace ${name} is deleted`);
    return hadOne || workloads.length + services.length > 0;
  }
  if (kind === 'Node') {
    const hadOne = remove(state.nodes, (entry) => entry.cluster === cluster && entry.name === name);
    if (!hadOne) return false;
    for (const [index, pod] of state.pods.entries())
      if (!pod.isGone && pod.cluster === cluster && pod.node === name) kubelet.forget(index);
    nodesChanged(replicas, `node ${name} is deleted`);
    return true;
  }
  if (kind === 'Service') {
    if (!remove(state.services, isIt)) return false;
    remove(state.slices, (slice) => isIt({ ...slice, name: slice.service }));
    kubelet.emit('servicesChanged', -1, `service ${namespace}/${name} is deleted`);
    return true;
  }
  if (kind === 'EndpointSlice' || kind === 'Endpoints') {
    if (!remove(state.slices, (slice) => isIt({ ...slice, name: slice.object?.split('/')[1] ?? '' })))
      return false;
    kubelet.emit('servicesChanged', -1, `${kind} ${namespace}/${name} is deleted`);
    return true;
  }
  if (kind === 'Pod') {
    const index = state.pods.findIndex((pod) => !pod.isGone && !pod.isTerminating && isIt(pod));
    const bare = state.workloads.find((workload) => workload.kind === 'Pod' && isIt(workload));
    if (bare) removeWorkload(replicas, bare);
    else if (index >= 0) kubelet.terminate(index);
    return bare !== undefined || index >= 0;
  }
  const workload = state.workloads.find((entry) => entry.kind === kind && isIt(entry));
  if (workload) removeWorkload(replicas, workload);
  return workload !== undefined;
}

function removeWorkload(replicas: Replicas, workload: Workload): void {
  const { kubelet } = replicas;
  workload.replicas = 0;
  remove(kubelet.built.state.workloads, (entry) => entry === workload);
  for (const index of replicas.liveOf(workload)) kubelet.terminate(index);
}

function remove<T>(entries: T[], isIt: (entry: T) => boolean): boolean {
  const before = entries.length;
  for (let i = entries.length - 1; i >= 0; i--) if (isIt(entries[i]!)) entries.splice(i, 1);
  return entries.length < before;
}

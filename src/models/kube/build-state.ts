// Manifests become the state of the clusters: nodes, workloads with their pods placed on nodes, services. Objects come from strangers:
// a field of the wrong kind becomes a problem with its place, never an exception. Order: what others refer to is read first.
import { usedIn } from './addresses.ts';
import type { BuildOptions, BuiltState } from './built-state.ts';
import { templateKey } from './built-state.ts';
import type { ClusterSpec, ManifestObject, Workload } from './model.ts';
import { addDescribedNodes, nodeOf } from './nodes.ts';
import { candidateNodes } from './placement.ts';
import { addPod, exportedPod, templateOf } from './pods.ts';
import { addServiceAddresses, serviceOf } from './services.ts';
import { metaOf } from './shape.ts';
import { isHandWritten, sliceOf } from './slices.ts';
import { hasEnded, isOwned, isWorkloadKind, keyOfObject, workloadOf } from './workloads.ts';

export type { BuildOptions, BuiltState, PodTemplate, Problem } from './built-state.ts';

export function buildKubeState(
  clusters: ClusterSpec[],
  objects: { cluster: string; objects: ManifestObject[] }[],
  options: BuildOptions,
): BuiltState {
  const built: BuiltState = {
    state: { clusters, nodes: [], namespaces: [], workloads: [], pods: [], services: [], slices: [] },
    templates: new Map(),
    problems: [],
    assumptions: [],
    options,
    ledger: {
      usedIPs: new Map(),
      counts: new Map(),
      ordinals: new Map(),
      placed: new Map(),
      nodesDown: new Map(),
      namespacesAssumed: new Set(),
    },
  };
  const { state } = built;
  const all = withoutRepeats(
    built,
    objects.flatMap(({ cluster, objects: ofCluster }) => ofCluster.map((object) => ({ cluster, object }))),
  );
  for (const { cluster, object } of all) {
    const meta = metaOf(object);
    if (object.kind === 'Namespace')
      state.namespaces.push({ cluster, name: meta.name, labels: meta.labels, annotations: meta.annotations });
    if (object.kind === 'Node') state.nodes.push(nodeOf(cluster, object));
  }
  for (const spec of clusters) addDescribedNodes(state, spec);
  addServices(built, all);
  const listed = new Set(all.map(({ cluster, object }) => keyOfObject(cluster, object)));
  // Addresses that pods already have are not given to others.
  for (const { cluster, object } of all)
    if (object.kind === 'Pod') usedIn(built.ledger, cluster).add(exportedPod(object).ip ?? '');
  for (const { cluster, object } of all) {
    if (!isWorkloadKind(object.kind)) continue;
    if (hasEnded(object) || isOwned(cluster, object, listed)) continue;
    addWorkload(built, cluster, object);
  }
  for (const pod of state.pods) pod.isReady = pod.blocked === undefined;
  return built;
}

/** Applying the same object twice changes it: the later one counts, at the earlier one's place in the order. */
function withoutRepeats(
  built: BuiltState,
  all: { cluster: string; object: ManifestObject }[],
): { cluster: string; object: ManifestObject }[] {
  const byKey = new Map<string, { cluster: string; object: ManifestObject }>();
  for (const entry of all) {
    const key = keyOfObject(entry.cluster, entry.object);
    const before = byKey.get(key);
    byKey.set(key, entry);
    if (!before) continue;
    const meta = metaOf(entry.object);
    built.problems.push({
      severity: 'warning',
      message: `${entry.object.kind} ${meta.namespace}/${meta.name} stands twice in the manifests of cluster ${entry.cluster}; the later one counts`,
      ...(before.object.origin && {
        hint: `the first is at ${before.object.origin.file}:${before.object.origin.line}`,
      }),
      origin: entry.object.origin,
    });
  }
  return [...byKey.values()];
}

function addServices(built: BuiltState, all: { cluster: string; object: ManifestObject }[]): void {
  const { state } = built;
  const pending = all.flatMap(({ cluster, object }) =>
    object.kind === 'Service' ? [{ object, service: serviceOf(cluster, object, built.problems) }] : [],
  );
  // Stated addresses first, so that none is given away.
  const isStated = (entry: (typeof pending)[number]) => entry.service.clusterIP !== '';
  for (const entry of [...pending.filter(isStated), ...pending.filter((other) => !isStated(other))])
    addServiceAddresses(built, entry.service, entry.object);
  for (const { service } of pending) state.services.push(service);
  for (const { cluster, object } of all) {
    if (object.kind !== 'EndpointSlice' && object.kind !== 'Endpoints') continue;
    const slice = sliceOf(cluster, object);
    if (slice && isHandWritten(state, slice)) state.slices.push(slice);
  }
}

/** Puts the workload on the list; its pods are made apart. */
export function registerWorkload(built: BuiltState, cluster: string, object: ManifestObject): Workload {
  const { workload, template } = workloadOf(cluster, object, built.problems);
  built.state.workloads.push(workload);
  built.templates.set(templateKey(workload), template);
  return workload;
}

function addWorkload(built: BuiltState, cluster: string, object: ManifestObject): void {
  const workload = registerWorkload(built, cluster, object);
  if (workload.kind === 'DaemonSet') return addDaemons(built, workload);
  const template = templateOf(built, workload);
  const exported = workload.kind === 'Pod' ? exportedPod(object) : undefined;
  for (let ordinal = 0; ordinal < workload.replicas; ordinal++)
    addPod(built, workload, template, { ordinal, ...(exported && { exported }) });
}

/** One pod on every node that it may run on. */
function addDaemons(built: BuiltState, workload: Workload): void {
  const template = templateOf(built, workload);
  const nodes = candidateNodes(built, { ...workload, labels: template.labels }, template);
  workload.replicas = 'blocked' in nodes ? 0 : nodes.length;
  if ('blocked' in nodes) return;
  for (const [ordinal, node] of nodes.entries()) addPod(built, workload, template, { ordinal, node });
}

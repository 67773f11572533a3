// On which node a pod runs: its own wishes first, then topology spread, then in turn over the zones of the nodes that are left and over
// the nodes of a zone. Resources are not counted. No randomness: the same manifests give the same places.
// Source: Kubernetes scheduling documentation; kubernetes/pkg/scheduler/framework/plugins/podtopologyspread (1.31).
import { type BuiltState, ownerKey, type PodTemplate } from './built-state.ts';
import { nodePoolOf } from './eci.ts';
import type { KubeNode, Pod } from './model.ts';
import { matchesSelector, nodeAffinityOf, tolerationsOf } from './node-affinity.ts';
import { isVirtual } from './nodes.ts';
import { label, list, numberOr, record, text } from './shape.ts';

export type Placement = { node: KubeNode } | { blocked: string };

/** Nodes that a pod of this template could ever run on, downed ones left out. */
export function candidateNodes(
  built: BuiltState,
  pod: Pick<Pod, 'cluster' | 'namespace' | 'labels'>,
  template: PodTemplate,
): KubeNode[] | { blocked: string } {
  const { state, ledger } = built;
  const namespaceLabels =
    state.namespaces.find((entry) => entry.cluster === pod.cluster && entry.name === pod.namespace)?.labels ??
    {};
  const pool = nodePoolOf(state, pod.cluster, pod.labels, namespaceLabels);
  if ('blocked' in pool) return pool;
  const spec = template.spec;
  if (pool.nodes.length === 0) return { blocked: `Pending: cluster ${pod.cluster} has no nodes` };
  const isTolerated = tolerationsOf(spec);
  const isVirtualNamed = namesVirtual(spec);
  // Virtual nodes are tainted; their own admission lets in the pods that are meant for them.
  const open = pool.nodes.filter(
    (node) =>
      node.isUnschedulable !== true &&
      (pool.isVirtual || (isTolerated(node) && (!isVirtual(node) || isVirtualNamed))),
  );
  const affine = open.filter(nodeAffinityOf(spec));
  if (affine.length === 0)
    return {
      blocked:
        open.length === 0
          ? `Pending: every node of cluster ${pod.cluster} is tainted or cordoned`
          : `Pending: no node of cluster ${pod.cluster} has the labels that nodeSelector or node affinity asks for`,
    };
  const up =
    ledger.nodesDown.size === 0
      ? affine
      : affine.filter((node) => !ledger.nodesDown.has(`${node.cluster}/${node.name}`));
  if (up.length === 0) return { blocked: `Pending: every node that it may run on is down` };
  return up;
}

const namesVirtual = (spec: Record<string, unknown>): boolean =>
  label(record(spec['nodeSelector']) as Record<string, string>, 'type') === 'virtual-kubelet';

export function placePod(
  built: BuiltState,
  pod: Pick<Pod, 'cluster' | 'namespace' | 'labels' | 'workload'>,
  template: PodTemplate,
): Placement {
  const nodes = candidateNodes(built, pod, template);
  if ('blocked' in nodes) return nodes;
  const spread = spreadOver(built, pod, template, nodes);
  if (spread.nodes.length === 0)
    return { blocked: 'Pending: no node satisfies its topologySpreadConstraints (DoNotSchedule)' };
  const placed = built.ledger.placed.get(ownerKey(pod));
  const perZone = new Map<string, number>();
  for (const node of spread.nodes) {
    const zone = zoneOf(node);
    perZone.set(zone, (perZone.get(zone) ?? 0) + (placed?.get(node.name) ?? 0));
  }
  // Least crowded first: constraints, zone, node; the order of the nodes settles ties.
  let best: KubeNode | undefined;
  let bestScore = 0;
  let bestInZone = 0;
  let bestOnNode = 0;
  for (const node of spread.nodes) {
    const score = spread.score(node);
    const inZone = perZone.get(zoneOf(node))!;
    const onNode = placed?.get(node.name) ?? 0;
    if (best && (score - bestScore || inZone - bestInZone || onNode - bestOnNode) >= 0) continue;
    best = node;
    bestScore = score;
    bestInZone = inZone;
    bestOnNode = onNode;
  }
  return best ? { node: best } : { blocked: 'Pending: no node is left' };
}

const zoneNames = new WeakMap<KubeNode, string>();

/** Zones of different regions are different, whatever they are called. */
function zoneOf(node: KubeNode): string {
  let name = zoneNames.get(node);
  if (name === undefined) {
    name = `${node.region}/${node.zone}`;
    zoneNames.set(node, name);
  }
  return name;
}

/** Nodes that the hard constraints leave, and how crowded a node is by the soft ones. */
function spreadOver(
  built: BuiltState,
  pod: Pick<Pod, 'cluster' | 'namespace' | 'labels'>,
  template: PodTemplate,
  candidates: KubeNode[],
): { nodes: KubeNode[]; score: (node: KubeNode) => number } {
  const constraints = list(template.spec['topologySpreadConstraints']).map(record);
  let nodes = candidates;
  const scores: ((node: KubeNode) => number)[] = [];
  for (const constraint of constraints) {
    const key = text(constraint['topologyKey']);
    const counts = domainCounts(built, pod, candidates, key, constraint);
    const count = (node: KubeNode) => counts.get(label(node.labels, key) ?? '') ?? 0;
    if (constraint['whenUnsatisfiable'] === 'ScheduleAnyway') {
      scores.push(count);
      continue;
    }
    const least = Math.min(...counts.values());
    const minDomains = numberOr(constraint['minDomains'], 1, 1);
    const floor = counts.size < minDomains ? 0 : least;
    const self = matchesSelector(constraint['labelSelector'], pod.labels) ? 1 : 0;
    nodes = nodes.filter(
      (node) =>
        label(node.labels, key) !== undefined &&
        count(node) + self - floor <= numberOr(constraint['maxSkew'], 1, 1),
    );
    scores.push(count);
  }
  return { nodes, score: (node) => scores.reduce((sum, score) => sum + score(node), 0) };
}

function domainCounts(
  built: BuiltState,
  pod: Pick<Pod, 'cluster' | 'namespace'>,
  candidates: KubeNode[],
  key: string,
  constraint: Record<string, unknown>,
): Map<string, number> {
  const counts = new Map<string, number>();
  const domainOfNode = new Map<string, string>();
  for (const node of candidates) {
    const domain = label(node.labels, key);
    if (domain === undefined) continue;
    counts.set(domain, 0);
    domainOfNode.set(node.name, domain);
  }
  for (const other of built.state.pods) {
    if (other.isGone || other.isTerminating) continue;
    if (other.cluster !== pod.cluster || other.namespace !== pod.namespace) continue;
    const domain = domainOfNode.get(other.node);
    if (domain !== undefined && matchesSelector(constraint['labelSelector'], other.labels))
      counts.set(domain, counts.get(domain)! + 1);
  }
  return counts;
}

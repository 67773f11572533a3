// Elastic container instances on Alibaba Cloud: pods that run on virtual nodes. On a serverless cluster (ASK) all do; on a managed one
// (ACK) those do whose pod or namespace is labelled, and only with the component ack-virtual-node.
// Source: Alibaba Cloud Service Mesh, multi-cluster guide (2021-12-27), "ECI pods".
import { localityOfLabels } from './locality.ts';
import type { ClusterSpec, KubeNode, KubeState } from './model.ts';
import { isVirtual, ORDINARY_LABELS } from './nodes.ts';
import { label } from './shape.ts';

const ECI_LABEL = 'alibabacloud.com/eci';
const COMPONENT = 'ack-virtual-node';

/** Which nodes a pod may use at all: virtual ones, ordinary ones, or none, with the reason. */
export function nodePoolOf(
  state: KubeState,
  cluster: string,
  podLabels: Record<string, string>,
  namespaceLabels: Record<string, string>,
): { nodes: KubeNode[]; isVirtual: boolean } | { blocked: string } {
  const spec = state.clusters.find((entry) => entry.id === cluster);
  const nodes = state.nodes.filter((node) => node.cluster === cluster);
  if (spec?.type === 'ask') return { nodes, isVirtual: true };
  const wantsVirtual = label(podLabels, ECI_LABEL) ?? label(namespaceLabels, ECI_LABEL);
  if (spec?.type !== 'ack' || wantsVirtual !== 'true') return { nodes, isVirtual: false };
  const existing = nodes.filter(isVirtual);
  if (existing.length > 0) return { nodes: existing, isVirtual: true };
  if (!(spec.components ?? []).includes(COMPONENT))
    return {
      blocked: `Pending: the pod is to run as an elastic container instance, but cluster ${cluster} has no component ${COMPONENT}`,
    };
  return { nodes: addVirtualNodes(state, spec, nodes), isVirtual: true };
}

/** One virtual node per zone of the ordinary nodes, named as the component names them. */
function addVirtualNodes(state: KubeState, spec: ClusterSpec, ordinary: KubeNode[]): KubeNode[] {
  const added: KubeNode[] = [];
  for (const node of ordinary) {
    if (added.some((other) => other.zone === node.zone && other.region === node.region)) continue;
    const name = `virtual-kubelet-${node.zone || spec.id}`;
    const labels: Record<string, string> = {
      ...ORDINARY_LABELS,
      'kubernetes.io/hostname': name,
      type: 'virtual-kubelet',
      ...(node.region && { 'topology.kubernetes.io/region': node.region }),
      ...(node.zone && { 'topology.kubernetes.io/zone': node.zone }),
    };
    added.push({ name, cluster: spec.id, ...localityOfLabels(labels), labels });
  }
  state.nodes.push(...added);
  return added;
}

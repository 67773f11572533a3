// Nodes: Node objects of the manifests, or node pools in words from the scenario's topology.
import { localityOfLabels } from './locality.ts';
import type { ClusterSpec, KubeNode, KubeState, ManifestObject } from './model.ts';
import { label, list, metaOf, numberOr, record, text } from './shape.ts';

export function nodeOf(cluster: string, object: ManifestObject): KubeNode {
  const meta = metaOf(object);
  const spec = record(object.spec);
  const addresses = list(record(object.status)['addresses']).map(record);
  const ofType = (type: string) =>
    addresses
      .filter((entry) => entry['type'] === type)
      .map((entry) => text(entry['address']))
      .filter(Boolean);
  const external = ofType('ExternalIP');
  return {
    name: meta.name,
    cluster,
    ...localityOfLabels(meta.labels),
    labels: meta.labels,
    taints: list(spec['taints'])
      .map(record)
      .map((taint) => ({
        key: text(taint['key']),
        value: text(taint['value']),
        effect: text(taint['effect']),
      })),
    ...(spec['unschedulable'] === true && { isUnschedulable: true }),
    addresses: external.length > 0 ? external : ofType('InternalIP'),
  };
}

/** What every node has and manifests select, unless the topology says otherwise. Source: Kubernetes well-known labels. */
export const ORDINARY_LABELS: Readonly<Record<string, string>> = {
  'kubernetes.io/os': 'linux',
  'kubernetes.io/arch': 'amd64',
  'beta.kubernetes.io/os': 'linux',
  'beta.kubernetes.io/arch': 'amd64',
};

/** A node that stands for serverless capacity: pods on it are elastic container instances. */
export const isVirtual = (node: KubeNode): boolean =>
  node.name.startsWith('virtual-kubelet') || label(node.labels, 'type') === 'virtual-kubelet';

/** Adds the nodes that the topology describes, unless the manifests hold Node objects of that cluster. */
export function addDescribedNodes(state: KubeState, spec: ClusterSpec): void {
  if (state.nodes.some((node) => node.cluster === spec.id)) return;
  const pools = spec.nodes ?? [{ zone: spec.region ? `${spec.region}-a` : '', count: 1 }];
  const isServerless = spec.type === 'ask';
  let index = 0;
  for (const pool of pools) {
    const region = pool.region ?? spec.region ?? '';
    for (let i = 0; i < numberOr(pool.count, 1); i++) {
      const number = index++;
      const name = isServerless ? `virtual-kubelet-${spec.id}-${number}` : `${spec.id}-node-${number}`;
      const labels: Record<string, string> = {
        ...ORDINARY_LABELS,
        'kubernetes.io/hostname': name,
        ...(region && { 'topology.kubernetes.io/region': region }),
        ...(pool.zone && { 'topology.kubernetes.io/zone': pool.zone }),
        ...(isServerless && { type: 'virtual-kubelet' }),
        ...pool.labels,
      };
      state.nodes.push({ name, cluster: spec.id, ...localityOfLabels(labels), labels });
    }
  }
}

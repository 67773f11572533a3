// Why a sidecar never gets a configuration, so that its pod never becomes ready: it cannot find istiod, cannot reach it, or the mesh is
// too old for where the pod runs.
// Source: Alibaba Cloud Service Mesh, multi-cluster guide (2021-12-27), chapters on ECI pods and on external clusters.
import type { KubeNode, Pod } from '../kube/model.ts';
import { isVirtual } from '../kube/nodes.ts';
import type { NetworkCluster, TopologyPath } from '../network/plan.ts';
import { type AsmPlan, isAtLeast } from './plan.ts';

/** The guide: v1.7.5.41-ge61a01c3-aliyun. */
export const ECI_ON_ACK_SINCE = '1.7.5.41';

export interface SidecarTrouble {
  rule: string;
  message: string;
  hint: string;
  path: TopologyPath;
}

export function sidecarTrouble(
  plan: AsmPlan,
  pod: Pick<Pod, 'cluster' | 'node'>,
  nodes: readonly KubeNode[],
): SidecarTrouble | null {
  const cluster = plan.clusters.find((entry) => entry.id === pod.cluster);
  if (!cluster) return null;
  if (lacksDns(cluster)) return noDns(cluster);
  if (isPilotHidden(plan, cluster)) return hiddenPilot(cluster);
  if (cluster.type !== 'ack') return null;
  const node = nodes.find((entry) => entry.cluster === pod.cluster && entry.name === pod.node);
  return node && isVirtual(node) && isAtLeast(plan.mesh.version, ECI_ON_ACK_SINCE) === false
    ? tooOldForEci(plan, cluster)
    : null;
}

/** A serverless cluster comes without DNS unless one was chosen; a cluster that lists no components at all is taken to have one. */
export const lacksDns = (cluster: NetworkCluster): boolean =>
  cluster.type === 'ask' &&
  cluster.components !== undefined &&
  !cluster.components.some((name) => /^(core-?dns|private-?zone)$/i.test(name));

export const noDns = (cluster: NetworkCluster): SidecarTrouble => ({
  rule: 'ASM001',
  message: `cluster ${cluster.id} has neither CoreDNS nor PrivateZone: sidecars resolve istiod.istio-system to a wrong address and never get a configuration`,
  hint: 'add coredns or privatezone to its components',
  path: ['clusters', cluster.id, 'components'],
});

/** A managed istiod has a public address only when asked for; of other meshes only what is said is known. */
export const isPilotHidden = (plan: AsmPlan, cluster: NetworkCluster): boolean =>
  cluster.type === 'external' &&
  (plan.mesh.provider === 'asm' ? plan.mesh.exposePilot !== true : plan.mesh.exposePilot === false);

export const hiddenPilot = (cluster: NetworkCluster): SidecarTrouble => ({
  rule: 'ASM005',
  message: `cluster ${cluster.id} is outside the cloud and Pilot has no public address: its sidecars and gateways never get a configuration`,
  hint: 'expose Pilot: topology.mesh.exposePilot: true',
  path: ['mesh', 'exposePilot'],
});

export const tooOldForEci = (plan: AsmPlan, cluster: NetworkCluster): SidecarTrouble => ({
  rule: 'ASM002',
  message: `ASM ${plan.mesh.version} does not serve ECI pods on virtual nodes of ${cluster.id}: that needs v${ECI_ON_ACK_SINCE} or later`,
  hint: 'upgrade the mesh, or let the pods run on ordinary nodes',
  path: ['mesh', 'version'],
});

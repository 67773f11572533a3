// What is wrong with a mesh instance and its clusters before anything runs. What depends on pods is found when the state of the clusters
// is given.
import type { KubeState, Pod } from '../kube/model.ts';
import { isVirtual } from '../kube/nodes.ts';
import { label } from '../kube/shape.ts';
import type { TopologyPath, TopologyProblem } from '../network/plan.ts';
import { gatewayTrouble, isFor } from './gateways.ts';
import { type AsmPlan, isAtLeast } from './plan.ts';
import { hiddenPilot, isPilotHidden, lacksDns, noDns, sidecarTrouble } from './sidecars.ts';

const ECI_LABEL = 'alibabacloud.com/eci';
const VIRTUAL_NODES = 'ack-virtual-node';
/** Source: Alibaba Cloud documentation, "cross-region traffic distribution" (2026-03). */
const DISTRIBUTION_SINCE = '1.22.6.66';

export function asmProblems(plan: AsmPlan, state?: KubeState): TopologyProblem[] {
  const found = [...ofClusters(plan), ...ofSettings(plan), ...ofGateways(plan)];
  if (state) found.push(...ofPods(plan, state), ...ofGatewayPods(plan, state));
  const seen = new Set<string>();
  return found.filter(
    ({ rule, message }) => !seen.has(`${rule} ${message}`) && seen.add(`${rule} ${message}`),
  );
}

function* ofClusters(plan: AsmPlan): Generator<TopologyProblem> {
  for (const cluster of plan.clusters) {
    if (lacksDns(cluster)) yield { ...noDns(cluster), severity: 'error' };
    if (isPilotHidden(plan, cluster)) yield { ...hiddenPilot(cluster), severity: 'error' };
    if (cluster.type === 'external' && plan.mesh.provider === 'asm' && plan.mesh.exposeApiServer !== true)
      yield {
        rule: 'ASM006',
        severity: 'info',
        message: `the mesh's API server has no public address: from cluster ${cluster.id} Istio objects cannot be applied; traffic does not suffer`,
        hint: 'bind an EIP to it (port 6443): topology.mesh.exposeApiServer: true',
        path: ['clusters', cluster.id],
      };
  }
}

/** The console calls them distribution and failover, and lets only one be enabled. */
export const EXCLUDE_EACH_OTHER =
  'cross-region traffic distribution and cross-region failover exclude each other: disable one before you enable the other';

const isListed = (setting: unknown, key: 'distribute' | 'failover'): boolean => {
  const value =
    setting === null || typeof setting !== 'object' ? undefined : (setting as Record<string, unknown>)[key];
  return Array.isArray(value) && value.length > 0;
};

export const isBothEnabled = (setting: unknown): boolean =>
  isListed(setting, 'distribute') && isListed(setting, 'failover');

function* ofSettings(plan: AsmPlan): Generator<TopologyProblem> {
  const setting = plan.mesh.meshConfig['localityLbSetting'];
  const path: TopologyPath = ['mesh', 'localityLoadBalancing'];
  if (isBothEnabled(setting))
    yield {
      rule: 'ASM009',
      severity: 'error',
      message: EXCLUDE_EACH_OTHER,
      hint: 'keep one of the two lists',
      path,
    };
  if (plan.mesh.provider !== 'asm') return;
  if (isListed(setting, 'distribute') && isAtLeast(plan.mesh.version, DISTRIBUTION_SINCE) === false)
    yield {
      rule: 'ASM010',
      severity: 'info',
      message: `the console of today offers traffic distribution from ASM ${DISTRIBUTION_SINCE} on; this mesh is ${plan.mesh.version}`,
      hint: 'older instances take it from the mesh configuration, or from a DestinationRule',
      path: [...path, 'distribute'],
    };
}

function* ofGateways(plan: AsmPlan): Generator<TopologyProblem> {
  for (const gateway of plan.gateways) {
    if (!gateway.servedClusters) continue;
    const missing = plan.clusters.filter(({ id }) => !gateway.servedClusters!.includes(id));
    for (const { id } of missing)
      yield {
        rule: 'ASM008',
        severity: 'warning',
        message: `gateway ${gateway.name} does not list cluster ${id} in its clusterIds: it sends nothing to the pods of ${id}`,
        hint: `add ${id} to clusterIds`,
        path: ['gateways', gateway.name, 'clusterIds'],
      };
  }
}

function* ofPods(plan: AsmPlan, state: KubeState): Generator<TopologyProblem> {
  for (const pod of state.pods) {
    if (pod.isGone) continue;
    const what = `${pod.workload.kind} ${pod.namespace}/${pod.workload.name} in ${pod.cluster}`;
    const place = { path: ['clusters', pod.cluster], ...(pod.origin && { origin: pod.origin }) };
    const cluster = plan.clusters.find(({ id }) => id === pod.cluster);
    const node = state.nodes.find((entry) => entry.cluster === pod.cluster && entry.name === pod.node);
    const isEci = (node !== undefined && isVirtual(node)) || cluster?.type === 'ask';
    if (pod.hasSidecar && isEci) {
      const trouble = sidecarTrouble(plan, pod, state.nodes);
      if (trouble?.rule === 'ASM002') yield { ...trouble, severity: 'error' };
    }
    if (
      cluster?.type === 'ack' &&
      wantsEci(state, pod) &&
      pod.node === '' &&
      !hasComponent(cluster.components)
    )
      yield {
        rule: 'ASM003',
        severity: 'error',
        message: `${what} is to run as ECI, but the cluster has no component ${VIRTUAL_NODES}: its pods stay Pending`,
        hint: `install it: topology.clusters.${pod.cluster}.components: [${VIRTUAL_NODES}]`,
        path: ['clusters', pod.cluster, 'components'],
      };
    if (!pod.hasSidecar && (isEci || wantsEci(state, pod)))
      yield {
        rule: 'ASM004',
        severity: 'warning',
        message: `${what} runs as ECI without a sidecar: it is no member of the mesh`,
        hint: 'label its namespace istio-injection=enabled, and make the pods anew',
        ...place,
      };
  }
}

const hasComponent = (components: readonly string[] | undefined): boolean =>
  (components ?? []).includes(VIRTUAL_NODES);

function wantsEci(state: KubeState, pod: Pod): boolean {
  const namespace = state.namespaces.find(
    (entry) => entry.cluster === pod.cluster && entry.name === pod.namespace,
  );
  return (label(pod.labels, ECI_LABEL) ?? label(namespace?.labels ?? {}, ECI_LABEL)) === 'true';
}

function* ofGatewayPods(plan: AsmPlan, state: KubeState): Generator<TopologyProblem> {
  for (const pod of state.pods) {
    if (!pod.isGateway || pod.isGone) continue;
    const trouble = gatewayTrouble(plan, state, pod);
    if (trouble) yield { ...trouble, severity: 'error' };
    if (plan.mesh.provider !== 'asm') continue;
    for (const service of state.services.filter((entry) => isFor(entry, pod)))
      for (const { port, targetPort } of service.ports)
        if (typeof targetPort === 'number' && targetPort !== port)
          yield {
            rule: 'ASM011',
            severity: 'info',
            message: `Service ${service.namespace}/${service.name} in ${service.cluster} leads port ${port} to container port ${targetPort}: a Gateway server on ${port} listens on ${targetPort}`,
            hint: 'keep container port and service port equal, as the guide asks',
            path: ['clusters', service.cluster],
            ...(service.origin && { origin: service.origin }),
          };
  }
}

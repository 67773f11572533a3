// A workload's pods: name, address, place, sidecar. New ones can be made at any time of a run; none is ever taken off the list.
import { nextAddress, usedIn } from './addresses.ts';
import { type BuiltState, ownerKey, type PodTemplate, templateKey } from './built-state.ts';
import { type Injection, injectionOf } from './injection.ts';
import { localityOfPod } from './locality.ts';
import type { KubeNode, KubeState, Pod, Workload } from './model.ts';
import { networkOf, parseMeshNetworks } from './networks.ts';
import { placePod } from './placement.ts';
import {
  concurrencyOf,
  containerPortsOf,
  holdsProxy,
  isProxyOnly,
  preStopOf,
  readinessProbeOf,
  terminationGraceOf,
} from './pod-spec.ts';
import { isSelected, label, list, record, text } from './shape.ts';

/** What an exported Pod says about itself beyond its template. */
export interface ExportedPod {
  ip?: string;
  node?: string;
}

export interface NewPod {
  ordinal: number;
  /** DaemonSet: the node it is made for. */
  node?: KubeNode;
  exported?: ExportedPod;
}

/** Makes one pod, not ready yet. @returns its index in state.pods */
export function addPod(built: BuiltState, workload: Workload, template: PodTemplate, made: NewPod): number {
  const { state, ledger, options } = built;
  const isBare = workload.kind === 'Pod';
  const name = isBare ? workload.name : `${workload.name}-${made.ordinal}`;
  const isGateway = isGatewayTemplate(template, options.gatewaySelectors);
  const injection = injectionFor(built, workload, template);
  const hasSidecar = isGateway || holdsProxy(template.spec) || injection.isInjected;
  const pod: Pod = {
    cluster: workload.cluster,
    namespace: workload.namespace,
    name,
    ip: '',
    workload: { kind: workload.kind, name: workload.name },
    ordinal: made.ordinal,
    labels: liveLabels(workload, template, name, made.ordinal, { hasSidecar, isGateway }),
    annotations: { ...template.annotations },
    serviceAccount:
      text(template.spec['serviceAccountName']) || text(template.spec['serviceAccount']) || 'default',
    node: '',
    region: '',
    zone: '',
    subzone: '',
    network: '',
    containerPorts: containerPortsOf(template.spec),
    hasSidecar,
    isGateway,
    preStopNs: preStopOf(template.spec),
    terminationGraceNs: terminationGraceOf(template.spec),
    ...hostnameOf(workload, template, name),
    isReady: false,
    isTerminating: false,
    isGone: false,
    origin: workload.origin,
  };
  const concurrency = concurrencyOf(template);
  if (concurrency !== undefined) pod.concurrency = concurrency;
  const readinessProbe = readinessProbeOf(template.spec);
  if (readinessProbe) pod.readinessProbe = readinessProbe;
  const used = usedIn(ledger, pod.cluster);
  pod.ip = made.exported?.ip ?? nextAddress(ledger, 'pod', pod.cluster, podCIDR(state, pod.cluster), 2);
  used.add(pod.ip);
  schedulePod(built, pod, template, made);
  pod.network = networkOf(state, pod.cluster, pod.labels, pod.ip, parseMeshNetworks(options.meshNetworks));
  state.pods.push(pod);
  ledger.ordinals.set(ownerKey(pod), Math.max(ledger.ordinals.get(ownerKey(pod)) ?? 0, made.ordinal + 1));
  return state.pods.length - 1;
}

/** Gives the pod a node, or the words why there is none. */
export function schedulePod(
  built: BuiltState,
  pod: Pod,
  template: PodTemplate,
  made: Pick<NewPod, 'node' | 'exported'> = {},
): void {
  const { state, options } = built;
  const asked = text(template.spec['nodeName']) || made.exported?.node;
  let node = made.node;
  delete pod.blocked;
  if (node === undefined && asked) {
    node = state.nodes.find((entry) => entry.cluster === pod.cluster && entry.name === asked);
    // An exported pod ran there; a pod that a person wrote waits for a node that does not exist.
    if (node === undefined && made.exported?.ip === undefined)
      pod.blocked = `Pending: cluster ${pod.cluster} has no node ${asked}`;
    else pod.node = asked;
  } else if (node === undefined) {
    const placement = placePod(built, pod, template);
    if ('blocked' in placement) pod.blocked = placement.blocked;
    else node = placement.node;
  }
  if (node) pod.node = node.name;
  Object.assign(pod, localityOfPod(pod.labels, node, options.istioMinor));
  if (pod.blocked === undefined) tallyPlace(built, pod, 1);
}

/** Keeps count of live pods per workload and node; -1 when one leaves. */
export function tallyPlace(built: BuiltState, pod: Pod, by: 1 | -1): void {
  const placed = built.ledger.placed.get(ownerKey(pod)) ?? new Map<string, number>();
  built.ledger.placed.set(ownerKey(pod), placed);
  placed.set(pod.node, (placed.get(pod.node) ?? 0) + by);
}

const podCIDR = (state: KubeState, cluster: string): string => {
  const index = state.clusters.findIndex((spec) => spec.id === cluster);
  return state.clusters[index]?.podCIDR ?? `10.${(200 + Math.max(0, index)) % 256}.0.0/16`;
};

/** A workload whose pods run the proxy alone: named by a Gateway object, by the gateway template, or by its containers. */
export function isGatewayTemplate(template: PodTemplate, selectors: Record<string, string>[]): boolean {
  return (
    selectors.some((selector) => Object.keys(selector).length > 0 && isSelected(template.labels, selector)) ||
    (label(template.annotations, 'inject.istio.io/templates') ?? '').split(',').includes('gateway') ||
    isProxyOnly(template.spec)
  );
}

function injectionFor(built: BuiltState, workload: Workload, template: PodTemplate): Injection {
  const namespace = built.state.namespaces.find(
    (entry) => entry.cluster === workload.cluster && entry.name === workload.namespace,
  );
  const injection = injectionOf({
    namespace: workload.namespace,
    namespaceLabels: namespace?.labels ?? null,
    labels: template.labels,
    annotations: template.annotations,
    hostNetwork: template.spec['hostNetwork'] === true,
  });
  const key = `${workload.cluster}/${workload.namespace}`;
  if (injection.isAssumed && injection.isInjected && !built.ledger.namespacesAssumed.has(key)) {
    built.ledger.namespacesAssumed.add(key);
    built.assumptions.push(
      `no Namespace ${workload.namespace} in the manifests of cluster ${workload.cluster}: it is taken to be labelled istio-injection=enabled`,
    );
  }
  return injection;
}

/** Labels that the running pod has: the template's, the controller's, and the injector's. */
function liveLabels(
  workload: Workload,
  template: PodTemplate,
  name: string,
  ordinal: number,
  proxy: { hasSidecar: boolean; isGateway: boolean },
): Record<string, string> {
  const labels = { ...template.labels };
  if (workload.kind === 'StatefulSet') {
    labels['statefulset.kubernetes.io/pod-name'] = name;
    labels['apps.kubernetes.io/pod-index'] = String(ordinal);
  }
  if (!proxy.hasSidecar) return labels;
  // Source: istio/istio manifests/charts/istio-control/istio-discovery/files/{injection,gateway-injection}-template.yaml (1.31).
  if (!proxy.isGateway) labels['security.istio.io/tlsMode'] ??= 'istio';
  labels['service.istio.io/canonical-name'] ??=
    label(labels, 'app.kubernetes.io/name') ?? label(labels, 'app') ?? workload.name;
  labels['service.istio.io/canonical-revision'] ??=
    label(labels, 'app.kubernetes.io/version') ?? label(labels, 'version') ?? 'latest';
  return labels;
}

function hostnameOf(
  workload: Workload,
  template: PodTemplate,
  name: string,
): Pick<Pod, 'hostname' | 'subdomain'> {
  if (workload.kind === 'StatefulSet') {
    const subdomain = text(template.spec['subdomain']);
    return { hostname: name, ...(subdomain && { subdomain }) };
  }
  const hostname = text(template.spec['hostname']);
  const subdomain = text(template.spec['subdomain']);
  return { ...(hostname && { hostname }), ...(subdomain && { subdomain }) };
}

/** Address and node of an exported Pod. */
export function exportedPod(object: { spec?: unknown; status?: unknown }): ExportedPod {
  const status = record(object.status);
  const ip = text(status['podIP']) || text(record(list(status['podIPs'])[0])['ip']);
  return { ...(ip && { ip, node: text(record(object.spec)['nodeName']) }) };
}

export const templateOf = (built: BuiltState, workload: Workload): PodTemplate =>
  built.templates.get(templateKey(workload)) ?? { labels: {}, annotations: {}, spec: {} };

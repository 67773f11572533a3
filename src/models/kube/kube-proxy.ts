// What a caller without a sidecar reaches: its cluster's DNS resolves the name, kube-proxy forwards to ready endpoints of the same
// cluster. Rules IN-2, EP-3, EP-36, EP-37.
// Source: Kubernetes documentation "DNS for Services and Pods" and "Virtual IPs and Service Proxies" (1.31).
import type { KubeService, KubeState, Pod } from './model.ts';
import { hostnameOf } from './registry.ts';
import { selectedPods, targetPortOf } from './service-endpoints.ts';
import { isHeadless } from './services.ts';

export interface KubeProxyCandidates {
  /** Full name of the service, the external name behind an alias, or the address itself. */
  hostname: string;
  /** Indexes into state.pods; and for each the port that is reached on it. */
  pods: number[];
  targetPorts: number[];
  /** A headless name: DNS gives a pod's address, and the caller keeps to it. */
  isHeadless: boolean;
  /** Endpoints that are no pods (hand-written slices). */
  others: { address: string; port: number }[];
}

const MAX_ALIASES = 8;

/** null = the name does not resolve in that cluster. */
export function kubeProxyCandidates(
  state: KubeState,
  cluster: string,
  hostAsWritten: string,
  port: number,
  callerNamespace: string,
  options: { domain?: string; callerNode?: string } = {},
): KubeProxyCandidates | null {
  const domain = options.domain ?? 'cluster.local';
  let host = hostAsWritten.toLowerCase();
  if (isAddress(host)) return byAddress(state, cluster, host, port, options.callerNode, domain);
  for (let hop = 0; hop < MAX_ALIASES; hop++) {
    const found = resolve(state, cluster, host, callerNamespace, domain);
    if (!found) return hop === 0 ? null : nobody(host);
    if (found.service.type !== 'ExternalName')
      return candidatesOf(state, found.service, port, found.pod, options.callerNode, domain);
    // The target of an alias is a full name: no search path.
    host = `${(found.service.externalName ?? '').replace(/\.$/, '').toLowerCase()}.`;
    if (isAddress(host.slice(0, -1))) return nobody(host);
  }
  return nobody(host);
}

const isAddress = (host: string): boolean => /^\d+\.\d+\.\d+\.\d+$/.test(host);

const nobody = (host: string): KubeProxyCandidates => ({
  hostname: host.replace(/\.$/, ''),
  pods: [],
  targetPorts: [],
  isHeadless: false,
  others: [],
});

/** The search path of a pod: its namespace, svc, the domain; a trailing dot or a full name skips it. */
function resolve(
  state: KubeState,
  cluster: string,
  host: string,
  callerNamespace: string,
  domain: string,
): { service: KubeService; pod?: string } | null {
  const names = host.endsWith('.')
    ? [host.slice(0, -1)]
    : [`${host}.${callerNamespace}.svc.${domain}`, `${host}.svc.${domain}`, `${host}.${domain}`, host];
  for (const name of names) {
    if (!name.endsWith(`.svc.${domain}`)) continue;
    const parts = name.slice(0, -`.svc.${domain}`.length).split('.');
    const [service, namespace, pod] =
      parts.length === 2
        ? [parts[0]!, parts[1]!]
        : parts.length === 3
          ? [parts[1]!, parts[2]!, parts[0]!]
          : [];
    if (service === undefined) continue;
    const found = state.services.find(
      (entry) => entry.cluster === cluster && entry.namespace === namespace && entry.name === service,
    );
    if (!found) continue;
    if (pod === undefined) return { service: found };
    const isNamed = selectedPods(state, found).some((index) => isHostname(state.pods[index]!, pod, service));
    if (isHeadless(found) && isNamed) return { service: found, pod };
  }
  return null;
}

const isHostname = (pod: Pod, name: string, service: string): boolean =>
  pod.hostname === name && (pod.subdomain === undefined || pod.subdomain === service);

function candidatesOf(
  state: KubeState,
  service: KubeService,
  port: number,
  podName: string | undefined,
  callerNode: string | undefined,
  domain: string,
): KubeProxyCandidates {
  const headless = isHeadless(service);
  const out: KubeProxyCandidates = {
    hostname: hostnameOf(service, domain),
    pods: [],
    targetPorts: [],
    isHeadless: headless,
    others: [],
  };
  // A headless name gives addresses only: the port is the one that was dialled.
  const servicePort = service.ports.find((entry) => entry.port === port);
  if (!headless && !servicePort) return out;
  for (const index of selectedPods(state, service)) {
    const pod = state.pods[index]!;
    if (!(service.publishNotReadyAddresses || (pod.isReady && !pod.isTerminating))) continue;
    if (podName !== undefined && !isHostname(pod, podName, service.name)) continue;
    if (service.internalTrafficPolicyLocal && callerNode !== undefined && pod.node !== callerNode) continue;
    const target = headless ? port : targetPortOf(servicePort!, pod);
    if (target === null) continue;
    out.pods.push(index);
    out.targetPorts.push(target);
  }
  if (Object.keys(service.selector).length > 0) return out;
  for (const slice of state.slices) {
    if (slice.cluster !== service.cluster || slice.namespace !== service.namespace) continue;
    if (slice.service !== service.name) continue;
    const target = headless ? port : slice.ports.find((entry) => entry.name === servicePort!.name)?.port;
    if (target === undefined) continue;
    for (const address of slice.addresses) {
      if (!address.isReady) continue;
      const index = state.pods.findIndex((pod) => !pod.isGone && pod.ip === address.ip);
      if (index < 0) out.others.push({ address: address.ip, port: target });
      else {
        out.pods.push(index);
        out.targetPorts.push(target);
      }
    }
  }
  return out;
}

/** A virtual address works in its own cluster only; a pod's address everywhere on a flat network. */
function byAddress(
  state: KubeState,
  cluster: string,
  address: string,
  port: number,
  callerNode: string | undefined,
  domain: string,
): KubeProxyCandidates {
  const service = state.services.find((entry) => entry.cluster === cluster && entry.clusterIP === address);
  if (service) return candidatesOf(state, service, port, undefined, callerNode, domain);
  const own = state.pods.findIndex((pod) => !pod.isGone && pod.ip === address && pod.cluster === cluster);
  const index = own >= 0 ? own : state.pods.findIndex((pod) => !pod.isGone && pod.ip === address);
  if (index < 0) return { ...nobody(address), others: [{ address, port }] };
  return { ...nobody(address), pods: [index], targetPorts: [port] };
}

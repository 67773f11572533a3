// Who takes part: a server for every pod's application and a proxy for every sidecar and gateway, in the order in which the pods appear.

import type { EnvoyConfig } from '../../models/envoy/config.ts';
import type { ProxyNode } from '../../models/istio/model.ts';
import type { KubeState, Pod } from '../../models/kube/model.ts';
import { proxyNodeOf } from '../../models/kube/registry.ts';
import { selects } from '../../models/kube/selects.ts';
import type { Place, ProxySpec, ServerBehaviour, ServerSpec } from '../../models/world.ts';
import type { Topology } from '../scenario.ts';

/** Worker threads where neither the scenario nor the pod says: Istio's default CPU limit of 2 (PX-1). */
const DEFAULT_CONCURRENCY = 2;

export interface CastMember {
  pod: Pod;
  /** Unique over all clusters. */
  name: string;
  /** Indexes into the world's servers and proxies; -1 = none. */
  server: number;
  proxy: number;
  node: ProxyNode | null;
}

export class Cast {
  readonly servers: ServerSpec[] = [];
  readonly proxies: ProxySpec[] = [];
  /** By index of the pod. */
  readonly members: CastMember[] = [];
  /** Server or proxy name -> workload or gateway. */
  readonly workloads = new Map<string, string>();
  readonly #names = new Set<string>();
  readonly #ambiguous: Set<string>;

  constructor(
    readonly state: KubeState,
    readonly concurrency: Topology['proxies'],
    readonly behaviourOf: (pod: Pod) => ServerBehaviour,
    /** @param atNs null = from the start */
    readonly configOf: (node: ProxyNode, pod: Pod, atNs: number | null) => EnvoyConfig,
    readonly placeOf: (pod: Pod, ports: readonly number[]) => Place,
    /** Of the Istio release. */
    readonly minor: number = Number.POSITIVE_INFINITY,
  ) {
    const seen = new Map<string, number>();
    for (const pod of state.pods) seen.set(pod.name, (seen.get(pod.name) ?? 0) + 1);
    this.#ambiguous = new Set([...seen].filter(([, count]) => count > 1).map(([name]) => name));
  }

  /** Takes the pods that are new in the state. @param atNs null = they are there from the start */
  enter(atNs: number | null): CastMember[] {
    const added: CastMember[] = [];
    for (let index = this.members.length; index < this.state.pods.length; index++) {
      const pod = this.state.pods[index]!;
      const member: CastMember = { pod, name: this.#nameOf(pod), server: -1, proxy: -1, node: null };
      this.members.push(member);
      added.push(member);
      this.workloads.set(member.name, pod.workload.name);
      const ports = portsOf(pod, this.state);
      const place = this.placeOf(pod, ports);
      if (pod.hasSidecar) {
        member.node = proxyNodeOf(pod, this.state);
        // Up to 1.14 a proxy's locality was that of its service instances: without a Service it had none.
        if (this.minor <= 14 && !pod.isGateway && !this.#hasService(pod)) member.node.locality = '';
        member.proxy = this.proxies.length;
        this.proxies.push({
          name: member.name,
          place,
          concurrency: this.#concurrencyOf(pod),
          config: this.configOf(member.node, pod, atNs),
          randomPhase: true,
          ...(atNs !== null && { startNs: atNs }),
        });
      }
      if (!pod.isGateway) {
        member.server = this.servers.length;
        this.servers.push({
          name: member.name,
          place,
          addresses: ports.map((port) => ({ address: pod.ip, port })),
          labels: labelsOf(pod, member.name),
          behaviour: this.behaviourOf(pod),
          ...(member.proxy >= 0 && { sidecar: member.proxy }),
          ...((atNs !== null || pod.blocked !== undefined) && { listening: false }),
        });
      }
    }
    return added;
  }

  #hasService(pod: Pod): boolean {
    return this.state.services.some((service) => selects(service, pod));
  }

  #nameOf(pod: Pod): string {
    let name =
      this.#ambiguous.has(pod.name) || this.#names.has(pod.name) ? `${pod.cluster}/${pod.name}` : pod.name;
    if (this.#names.has(name)) name = `${pod.cluster}/${pod.namespace}/${pod.name}`;
    this.#names.add(name);
    return name;
  }

  #concurrencyOf(pod: Pod): number {
    const own =
      this.concurrency[pod.workload.name] ?? this.concurrency[`${pod.namespace}/${pod.workload.name}`];
    return (
      own?.concurrency ?? pod.concurrency ?? this.concurrency['default']?.concurrency ?? DEFAULT_CONCURRENCY
    );
  }
}

/** What an application may be asked on: its container ports, and whatever Services of its cluster send to it. */
function portsOf(pod: Pod, state: KubeState): number[] {
  const ports = new Set(pod.containerPorts.map((entry) => entry.port));
  for (const service of state.services) {
    if (!selects(service, pod)) continue;
    for (const port of service.ports) {
      const target = port.targetPort ?? port.port;
      const number =
        typeof target === 'number' ? target : pod.containerPorts.find((entry) => entry.name === target)?.port;
      if (number !== undefined) ports.add(number);
    }
  }
  return [...ports].sort((a, b) => a - b);
}

/** What expectations and reports may ask by. */
function labelsOf(pod: Pod, name: string): Record<string, string> {
  return {
    ...pod.labels,
    workload: pod.workload.name,
    version: pod.labels['version'] ?? '',
    cluster: pod.cluster,
    region: pod.region,
    zone: pod.zone,
    subzone: pod.subzone,
    node: pod.node,
    namespace: pod.namespace,
    serviceAccount: pod.serviceAccount,
    pod: name,
  };
}

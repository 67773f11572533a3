// The proxies that config dumps were taken from, by the names that people give them: pod, workload, or the node's id.
import type { EnvoyConfig } from '../../models/envoy/config.ts';
import type { EnvoyDump } from './read-dump.ts';

export interface DumpProxy {
  /** The pod of an Istio proxy; else the node's id. */
  name: string;
  workload: string;
  /** Of an Istio proxy: the pod's own address. */
  address?: string;
  isGateway: boolean;
  dump: EnvoyDump;
}

export class DumpProxies {
  readonly all: readonly DumpProxy[];
  readonly #byAddress = new Map<string, number>();

  constructor(dumps: readonly EnvoyDump[]) {
    this.all = dumps.map(proxyOf);
    for (const [index, { address, isGateway }] of this.all.entries())
      if (address !== undefined && !isGateway) this.#byAddress.set(address, index);
  }

  /** By name or workload; -1 = there is none. */
  named(name: string): number {
    const exact = this.all.findIndex((proxy) => proxy.name === name);
    return exact >= 0 ? exact : this.all.findIndex((proxy) => proxy.workload === name);
  }

  /** All that `named` finds. */
  names(): string[] {
    return [...new Set(this.all.flatMap(({ name, workload }) => [name, workload]))];
  }

  /** The sidecar of the pod at an address; undefined = it was not dumped. */
  sidecarAt(address: string): number | undefined {
    return this.#byAddress.get(address);
  }
}

/** Istio's node id: "sidecar~10.0.0.1~productpage-v1-6c6c87ffff-mvmbd.default~default.svc.cluster.local". */
function proxyOf(dump: EnvoyDump): DumpProxy {
  const { config } = dump;
  const parts = config.node.id.split('~');
  const name = proxyNameOf(config);
  return {
    name,
    workload: dump.workload ?? workloadOfPod(name),
    ...(parts.length === 4 && { address: parts[1]! }),
    isGateway: parts.length === 4 && parts[0] === 'router',
    dump,
  };
}

export function proxyNameOf(config: EnvoyConfig): string {
  const parts = config.node.id.split('~');
  return parts.length === 4 ? parts[2]!.split('.')[0]! : config.node.id;
}

/** "reviews-v1-6c6c87ffff-mvmbd" -> "reviews-v1": Deployments add the template's hash and five letters. */
const workloadOfPod = (pod: string): string => pod.replace(/-[a-z0-9]{6,10}-[a-z0-9]{5}$/, '') || pod;

/** The port on which a proxy has a route for a name, for callers that name none. */
export function portOf(config: EnvoyConfig, host: string): number | undefined {
  for (const { address, trafficDirection, filterChains } of config.listeners) {
    if (trafficDirection === 'INBOUND') continue;
    for (const { httpConnectionManager: manager } of filterChains) {
      const table =
        manager?.routeConfig ??
        config.routeConfigurations.find(({ name }) => name === manager?.routeConfigName);
      const domains = table?.virtualHosts.flatMap((virtualHost) => virtualHost.domains) ?? [];
      if (domains.some((domain) => domain === host || domain === `${host}:${address.port}`))
        return address.port;
    }
  }
  return undefined;
}

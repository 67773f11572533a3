// What all parts of an explanation look at: the plan, what the run left, and names for its indexes.
import type { EnvoyConfig, Origin } from '../../models/envoy/config.ts';
import type { Pod } from '../../models/kube/model.ts';
import type { RunResult } from '../../models/world.ts';
import { serviceName } from '../outcome/selection.ts';
import { configAt, type Plan } from '../plan/plan.ts';
import type { Scenario } from '../scenario.ts';
import type { Place } from './explanation.ts';

export class Scene {
  readonly #configs = new Map<string, EnvoyConfig>();
  readonly #byAddress = new Map<string, number>();
  readonly #proxies = new Map<string, number>();
  /** By file, in order of their lines. */
  readonly #objects = new Map<string, { line: number; name: string }[]>();

  constructor(
    readonly scenario: Scenario,
    readonly plan: Plan,
    /** Of the first replication. */
    readonly run: RunResult,
  ) {
    for (const [server, { addresses }] of plan.world.servers.entries())
      for (const { address, port } of addresses)
        if (!this.#byAddress.has(`${address}:${port}`)) this.#byAddress.set(`${address}:${port}`, server);
    for (const [index, { name }] of plan.world.proxies.entries()) this.#proxies.set(name, index);
    for (const { objects } of scenario.manifests)
      for (const { origin, kind, metadata } of objects) {
        if (!origin) continue;
        const inFile = this.#objects.get(origin.file) ?? [];
        this.#objects.set(origin.file, inFile);
        inFile.push({
          line: origin.line,
          name: `${kind} ${metadata.namespace ?? 'default'}/${metadata.name}`,
        });
      }
    for (const inFile of this.#objects.values()) inFile.sort((a, b) => a.line - b.line);
  }

  /** "DestinationRule default/reviews": the object that holds a place. */
  objectAt(origin: Origin | undefined): string | undefined {
    if (origin?.object) return origin.object;
    return this.#objects.get(origin?.file ?? '')?.findLast(({ line }) => line <= origin!.line)?.name;
  }

  /** A place in the user's files for the reader; none where it is not known. */
  place(origin: Origin | undefined, what?: string): Place[] {
    if (!origin || origin.line === 0) return [];
    return [{ what: what ?? this.objectAt(origin) ?? 'written', file: origin.file, line: origin.line }];
  }

  /** The file of the config dump that a proxy's configuration was read from; undefined = istiod made it of manifests. */
  dumpOf(proxy: number): string | undefined {
    return this.scenario.envoy?.[proxy]?.file;
  }

  /** -1 = none of that name. */
  proxyNamed(name: string | null): number {
    return name === null ? -1 : (this.#proxies.get(name) ?? -1);
  }

  configOf(proxy: number, atNs: number): EnvoyConfig {
    const key = `${proxy}@${atNs}`;
    let config = this.#configs.get(key);
    if (!config) {
      config = configAt(this.plan.world, proxy, atNs);
      this.#configs.set(key, config);
    }
    return config;
  }

  /** -1 = no server has it. */
  serverAt(address: string): number {
    return this.#byAddress.get(address) ?? -1;
  }

  /** Pod name for "address:port"; the address itself where it is none. */
  podAt(address: string): string {
    const pod = this.plan.names.serverLabels[this.serverAt(address)]?.['pod'];
    if (pod !== undefined) return pod;
    const gateway = this.plan.mesh.networkGateways.find(
      (entry) => `${entry.address}:${entry.port}` === address,
    );
    return gateway ? `${address} (gateway of network ${gateway.network})` : address;
  }

  workloadAt(address: string): string | undefined {
    return this.plan.names.serverLabels[this.serverAt(address)]?.['workload'];
  }

  /** Workload or gateway of a proxy or server name. */
  workloadOf(caller: string): string {
    return this.plan.names.callerWorkloads.get(caller) ?? caller;
  }

  /** The pod behind the name of a server or proxy: the plain name where it is unique, else with cluster or namespace before it. */
  podNamed(name: string): Pod | undefined {
    const { pods } = this.plan.built.state;
    return (
      pods.find((pod) => `${pod.cluster}/${pod.namespace}/${pod.name}` === name) ??
      pods.find((pod) => `${pod.cluster}/${pod.name}` === name) ??
      pods.find((pod) => pod.name === name)
    );
  }
}

export const localityOf = (pod: Pod): string =>
  [pod.region, pod.zone, pod.subzone].join('/').replace(/\/+$/, '') || 'no locality';

/** "outbound|9080|v1|reviews.default.svc.cluster.local" -> its parts; other names are the host alone. */
export function clusterParts(name: string): { port: string; subset: string; host: string; service: string } {
  const [, port = '', subset = '', host = name] = name.split('|');
  return { port, subset, host, service: serviceName(host) };
}

/** Simulated nanoseconds as people read them. */
export const clock = (ns: number): string => `${(ns / 1e9).toFixed(3)}s`;

export function span(ns: number): string {
  if (ns < 1e6) return `${Number((ns / 1e3).toPrecision(2))} us`;
  if (ns < 1e9) return `${Number((ns / 1e6).toPrecision(3))} ms`;
  return `${Number((ns / 1e9).toPrecision(3))} s`;
}

export const percentOf = (share: number): string => `${Number((share * 100).toFixed(1))}%`;

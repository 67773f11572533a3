// What planning leaves: a world that only lacks its seed, and what is needed to read its numbers again.
import type { EnvoyConfig } from '../../models/envoy/config.ts';
import type { RequestView } from '../../models/envoy/route-match.ts';
import type { TranslationContext } from '../../models/istio/context.ts';
import type { Mesh, ProxyNode } from '../../models/istio/model.ts';
import type { BuiltState } from '../../models/kube/build-state.ts';
import type { KubeState } from '../../models/kube/model.ts';
import type { WorldSpec } from '../../models/world.ts';
import type { Diagnostic } from '../diagnostics.ts';
import type { RunNames } from '../outcome/selection.ts';
import type { NotSimulated } from '../result.ts';

export interface Plan {
  world: Omit<WorldSpec, 'seed' | 'replication'>;
  names: RunNames;
  /** Servers with a smaller index are there from the start. */
  initialServers: number;
  /** Who asks for what through which proxy, as it is at the start. */
  callSites: CallSite[];
  /** Start of a load's arrivals and, as far as the scenario says, their end [ns]. */
  loadWindows: Map<string, { fromNs: number; toNs: number }>;
  /** Loads whose requests nobody can answer, and why. */
  unanswered: Map<string, string>;
  /** Words for what keeps a proxy from the pod at an address; null = nothing. */
  obstacleTo(proxy: number, address: string): string | null;
  notSimulated: NotSimulated[];
  /** What had to be assumed, in words. */
  assumptions: string[];
  diagnostics: Diagnostic[];
  /** As it is before the first fault; for findings and explanations. */
  mesh: Mesh;
  /** What istiod answers about that mesh; made when first asked for. */
  context(): TranslationContext;
  /** By proxy: how istiod knows it. */
  nodes: (ProxyNode | null)[];
  built: BuiltState;
  /** The clusters before the first fault; `built.state` is what planning left of them. */
  initialState: KubeState;
}

export interface CallSite {
  /** Name of the server, or of the gateway's proxy, that calls. */
  caller: string;
  /** Index into the world's proxies; -1 = none. */
  proxy: number;
  port: number;
  request: RequestView;
  /** The caller's cluster does not know the name. */
  isUnresolved?: boolean;
  /** Loads that start here; absent = made by the script of whoever is asked. */
  load?: string;
}

/** A proxy's configuration at a time, as the planned pushes leave it. */
export function configAt(world: Plan['world'], proxy: number, atNs: number): EnvoyConfig {
  let config = world.proxies[proxy]!.config;
  for (const action of world.actions) {
    if (action.atNs > atNs) continue;
    if (action.kind === 'config' && action.proxies.includes(proxy)) config = action.config;
    if (action.kind === 'endpoints' && action.proxies.includes(proxy)) {
      const names = new Set(action.assignments.map((entry) => entry.clusterName));
      config = {
        ...config,
        endpoints: [
          ...config.endpoints.filter((entry) => !names.has(entry.clusterName)),
          ...action.assignments,
        ],
      };
    }
  }
  return config;
}

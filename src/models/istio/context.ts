// What translation may ask about a mesh, for one proxy or in general. Indexes are built once per Mesh; answers are cached per view,
// so that a thousand alike proxies cost as much as one. Everything returned is shared: read it, never change it.
// Source: istio/istio pilot/pkg/model/{push_context,sidecar,virtualservice,destination_rule}.go (1.31).
import type { DestinationRuleSpec } from './destination-rule.ts';
import type { MeshSettings } from './mesh-config.ts';
import type { ConfigObject, Mesh, ProxyNode, Service } from './model.ts';
import type { IstioProfile } from './profile.ts';
import type { EgressListener } from './scope/sidecar.ts';

export type { EgressListener };

/** One or several rules for a host, merged (DR-3). */
export interface EffectiveRule {
  spec: DestinationRuleSpec;
  namespace: string;
  /** The objects that went into it, oldest first. */
  sources: readonly ConfigObject<DestinationRuleSpec>[];
}

export type Direction = 'outbound' | 'inbound';

export interface TranslationContext {
  mesh: Mesh;
  profile: IstioProfile;
  /** MeshConfig with defaults. */
  meshConfig: MeshSettings;
  /** Objects of one kind in creation order. */
  configsOfKind<Spec = unknown>(kind: string): readonly ConfigObject<Spec>[];
  /** The Sidecar object in force for a proxy (SC-1); null for gateways and where none applies. */
  sidecarOf(node: ProxyNode): ConfigObject | null;
  /** ALLOW_ANY or REGISTRY_ONLY for this proxy (SC-4). */
  outboundTrafficPolicy(node: ProxyNode): 'ALLOW_ANY' | 'REGISTRY_ONLY';
  /** Services that the proxy has clusters for (SC-1..4, EP-8, EP-34), one per hostname. */
  visibleServices(node: ProxyNode): readonly Service[];
  /** What each egress listener of the Sidecar in force imports; one that catches everything where there is none. Gateways: none. */
  egressListeners(node: ProxyNode): readonly EgressListener[];
  /** The visible service of a full hostname, also matching "*.x" hosts of ServiceEntries exactly as written. */
  serviceByHost(node: ProxyNode, hostname: string): Service | undefined;
  /** VirtualServices of the mesh gateway or of a gateway name visible to the proxy: own private ones, exported to it, public; each by creation. */
  virtualServices(node: ProxyNode, gateway: string): readonly ConfigObject[];
  /** DR-1..4. */
  destinationRuleFor(node: ProxyNode, service: Service): EffectiveRule | null;
  /** Services that a proxy's own pod serves, with the ports it serves them on (inbound). */
  servedPorts(node: ProxyNode): readonly ServedPort[];
  /**
   * Equal for proxies with the same outbound listeners and routes: type, namespace, Sidecar, cluster, and the values of the labels that
   * VirtualServices, DestinationRules and Gateways select by. Inbound listeners depend on servedPorts() as well. Worth caching by: thousands
   * of pods share a handful of keys.
   */
  routeKey(node: ProxyNode): string;
  /** routeKey without the cluster: which rules and VirtualServices count for the proxy, and whose services. */
  scopeAndLabelsKey(node: ProxyNode): string;
  /** "web" in namespace shop -> web.shop.svc.cluster.local; names with a dot or a star stay. */
  resolveHost(name: string, namespace: string): string;
  /** outbound|80|v1|host */
  clusterName(direction: Direction, port: number, subset: string, host: string): string;
}

export interface ServedPort {
  service: Service;
  /** Service port. */
  port: Service['ports'][number];
  /** Port that the pod listens on. */
  targetPort: number;
}

// Builds the indexes of a Mesh once and answers TranslationContext from them; answers per view are cached here.
import type { EffectiveRule, ServedPort, TranslationContext } from './context.ts';
import type { DestinationRuleSpec } from './destination-rule.ts';
import { getOrCreate } from './get-or-create.ts';
import { clusterName, resolveShortName } from './host-name.ts';
import { meshSettings } from './mesh-config.ts';
import type { ConfigObject, Mesh, ProxyNode, Service } from './model.ts';
import { arrayOf, recordOf } from './plain.ts';
import {
  indexDestinationRules,
  type MergedRule,
  ruleForClient,
  rulesForService,
} from './scope/destination-rules.ts';
import { discoveredMesh } from './scope/discovery.ts';
import { indexServedPorts } from './scope/served-ports.ts';
import { indexServices } from './scope/services.ts';
import { gatewayScope, type Scope, sidecarFor, sidecarScope } from './scope/sidecar.ts';
import { indexVirtualServices, virtualServicesFor } from './scope/virtual-services.ts';

/** What translation itself needs beyond what routes ask. */
export interface MeshContext extends TranslationContext {
  scopeOf(node: ProxyNode): Scope;
  /** Equal for proxies with the same scope: type, namespace and Sidecar object. */
  scopeKey(node: ProxyNode): string;
  /** Label keys whose values choose rules or Sidecars. */
  ruleLabelKeys: readonly string[];
}

export function createContext(whole: Mesh): MeshContext {
  const { profile, domain } = whole;
  const settings = meshSettings(whole.meshConfig, profile);
  const mesh = discoveredMesh(whole, settings);
  const byKind = new Map<string, ConfigObject[]>();
  for (const config of [...mesh.configs].sort((a, b) => a.creation - b.creation)) {
    const list = byKind.get(config.kind);
    if (list) list.push(config);
    else byKind.set(config.kind, [config]);
  }
  const configsOfKind = <Spec>(kind: string) => (byKind.get(kind) ?? []) as ConfigObject<Spec>[];
  const services = indexServices(mesh.services, settings);
  const rules = indexDestinationRules(
    configsOfKind<DestinationRuleSpec>('DestinationRule'),
    settings,
    profile,
    domain,
  );
  const virtualServices = indexVirtualServices(configsOfKind('VirtualService'), settings, domain);
  const sidecars = configsOfKind<unknown>('Sidecar');
  const served = indexServedPorts(mesh);
  const input = { services, virtualServices, settings, domain };
  const scopes = new Map<string, Scope>();
  const ruleLists = new Map<string, Map<string, readonly MergedRule[]>>();

  const sidecarOf = (node: ProxyNode) =>
    node.type === 'router' || sidecars.length === 0
      ? null
      : sidecarFor(sidecars, node.namespace, node.labels, settings.rootNamespace);
  const scopeKey = (node: ProxyNode) => {
    const sidecar = sidecarOf(node);
    return `${node.type}|${node.namespace}|${sidecar ? `${sidecar.namespace}/${sidecar.name}` : ''}`;
  };
  const scopeOf = (node: ProxyNode) => {
    return getOrCreate(scopes, scopeKey(node), () =>
      node.type === 'router'
        ? gatewayScope(input, node.namespace)
        : sidecarScope(input, node.namespace, sidecarOf(node)),
    );
  };
  const rulesOf = (namespace: string, service: Service): readonly MergedRule[] => {
    const lists = getOrCreate(ruleLists, namespace, () => new Map<string, readonly MergedRule[]>());
    return getOrCreate(lists, `${service.hostname}/${service.namespace}`, () =>
      rulesForService(rules, namespace, service, settings.rootNamespace),
    );
  };
  const meshGateway = (node: ProxyNode, gateway: string): readonly ConfigObject[] => {
    if (node.type === 'router' || gateway !== 'mesh')
      return virtualServicesFor(virtualServices, node.namespace, gateway);
    const listeners = scopeOf(node).egressListeners;
    return listeners.length === 1
      ? listeners[0]!.virtualServices
      : [...new Set(listeners.flatMap((listener) => listener.virtualServices))];
  };
  const routeLabelKeys = [
    ...new Set([
      ...rules.selectorKeys,
      ...configsOfKind('VirtualService').flatMap((config) => sourceLabelKeys(config.spec)),
    ]),
  ].sort();
  const scopeAndLabelsKey = (node: ProxyNode) => {
    const keys = node.type === 'router' ? Object.keys(node.labels).sort() : routeLabelKeys;
    return `${scopeKey(node)}|${keys.map((key) => `${key}=${node.labels[key] ?? ''}`).join()}`;
  };
  return {
    mesh,
    profile,
    meshConfig: settings,
    configsOfKind,
    sidecarOf,
    outboundTrafficPolicy(node) {
      const policy = recordOf(sidecarOf(node)?.spec)['outboundTrafficPolicy'];
      if (policy === undefined || policy === null) return settings.outboundTrafficPolicy;
      // Sidecar's own default is REGISTRY_ONLY: it is the zero value of its enumeration.
      return recordOf(policy)['mode'] === 'ALLOW_ANY' ? 'ALLOW_ANY' : 'REGISTRY_ONLY';
    },
    visibleServices: (node) => scopeOf(node).services,
    egressListeners: (node) => scopeOf(node).egressListeners,
    serviceByHost: (node, hostname) => scopeOf(node).byHost.get(hostname),
    virtualServices: meshGateway,
    destinationRuleFor: (node, service): EffectiveRule | null =>
      ruleForClient(rulesOf(node.namespace, service), node),
    routeKey: (node) => `${scopeAndLabelsKey(node)}|${node.clusterId}`,
    scopeAndLabelsKey,
    servedPorts: (node): readonly ServedPort[] => served.portsOf(node),
    resolveHost: (name, namespace) => resolveShortName(name, namespace, domain),
    clusterName,
    scopeOf,
    scopeKey,
    ruleLabelKeys: rules.selectorKeys,
  };
}

/** Keys of every sourceLabels in the matches of a VirtualService. */
function sourceLabelKeys(spec: unknown): string[] {
  return ['http', 'tcp', 'tls'].flatMap((kind) =>
    arrayOf(recordOf(spec)[kind]).flatMap((rule) =>
      arrayOf(recordOf(rule)['match']).flatMap((match) =>
        Object.keys(recordOf(recordOf(match)['sourceLabels'])),
      ),
    ),
  );
}

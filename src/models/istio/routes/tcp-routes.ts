// TCP and TLS rules: a cluster, or weighted clusters, per connection (VW-6). Which rule applies is decided when the listener is made.
// Source: istio/istio pilot/pkg/networking/core/{networkfilter,tls,gateway}.go (1.31).
import type { TcpProxy } from '../../envoy/config.ts';
import type { TranslationContext } from '../context.ts';
import type { ConfigObject, ProxyNode } from '../model.ts';
import { clusterOf } from './destinations.ts';
import { destinationOf } from './http-routes.ts';
import { specOf } from './http-rule.ts';
import { gatewayKey } from './match.ts';
import {
  blockOf,
  isLabelSubset,
  labelsOf,
  listOf,
  numberOf,
  type Spec,
  textOf,
  textsOf,
} from './spec-reading.ts';

export interface L4Scope {
  port: number;
  gateways: ReadonlySet<string>;
  labels: Readonly<Record<string, string>>;
  namespace: string;
}

/** One rule that this proxy uses: `tcp` rules have no names, `tls` rules list the server names they take. */
export interface L4Rule {
  route: Spec[];
  object: ConfigObject;
  /** Absent = any. */
  sniHosts?: string[];
  destinationSubnets?: string[];
}

/** In order; a tcp rule without condition ends the list. */
export function tcpRulesOf(object: ConfigObject, scope: L4Scope): L4Rule[] {
  const rules: L4Rule[] = [];
  for (const rule of listOf(specOf(object), 'tcp')) {
    const route = listOf(rule, 'route');
    const matches = listOf(rule, 'match');
    if (matches.length === 0) return [...rules, { route, object }];
    for (const match of matches) {
      if (!l4Applies(match, scope, object.namespace)) continue;
      const subnets = textsOf(match, 'destinationSubnets');
      rules.push({ route, object, ...(subnets.length > 0 && { destinationSubnets: subnets }) });
      if (subnets.length === 0) return rules;
    }
  }
  return rules;
}

export function tlsRulesOf(object: ConfigObject, scope: L4Scope): L4Rule[] {
  return listOf(specOf(object), 'tls').flatMap((rule) =>
    listOf(rule, 'match')
      .filter((match) => l4Applies(match, scope, object.namespace))
      .map((match) => ({
        route: listOf(rule, 'route'),
        object,
        sniHosts: textsOf(match, 'sniHosts'),
        ...(textsOf(match, 'destinationSubnets').length > 0 && {
          destinationSubnets: textsOf(match, 'destinationSubnets'),
        }),
      })),
  );
}

function l4Applies(match: Spec, scope: L4Scope, objectNamespace: string): boolean {
  const gateways = textsOf(match, 'gateways');
  const port = numberOf(match, 'port') ?? 0;
  const namespace = textOf(match, 'sourceNamespace');
  return (
    (gateways.length === 0 ||
      gateways.some((name) => scope.gateways.has(gatewayKey(name, objectNamespace)))) &&
    (port === 0 || port === scope.port) &&
    (namespace === '' || namespace === scope.namespace) &&
    isLabelSubset(labelsOf(match, 'sourceLabels'), scope.labels)
  );
}

/** Entries of weight 0 are dropped when there are several; all of them gone leaves nothing to send to. */
export function tcpProxyOf(
  context: TranslationContext,
  node: ProxyNode,
  rule: L4Rule,
  listenerPort: number,
): TcpProxy {
  const { namespace } = rule.object;
  const resolveHost = (host: string) => context.resolveHost(host, namespace).toLowerCase();
  const nameOf = (entry: Spec): string => {
    const destination = destinationOf(blockOf(entry, 'destination'), { resolveHost });
    const service = context.serviceByHost(node, destination.host);
    const inferred = service?.ports.length === 1 ? service.ports[0]!.port : listenerPort;
    return clusterOf(context, destination, service, inferred);
  };
  const [only] = rule.route;
  if (rule.route.length === 1 && only) {
    const cluster = nameOf(only);
    return { statPrefix: cluster, cluster };
  }
  const clusters = rule.route
    .map((entry) => ({ name: nameOf(entry), weight: numberOf(entry, 'weight') ?? 0 }))
    .filter((entry) => entry.weight > 0);
  return { statPrefix: `${rule.object.name}.${namespace}`, weightedClusters: { clusters } };
}

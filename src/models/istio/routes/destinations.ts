// What routes point to: the cluster of a destination, the hash that its rule gives, and which ports speak HTTP.
// Source: istio/istio pilot/pkg/networking/core/route/route.go GetDestinationCluster, hashForHTTPDestination (1.31). Rules VW-1, LB-1.
import type { TranslationContext } from '../context.ts';
import type { Protocol, ProxyNode, Service } from '../model.ts';
import { hashForDestination, translateHash } from './hash-policy.ts';
import type { Destination } from './http-routes.ts';

export const isHttp = (protocol: Protocol): boolean =>
  protocol === 'HTTP' || protocol === 'HTTP2' || protocol === 'GRPC';
export const isHttpOrSniffed = (protocol: Protocol): boolean =>
  isHttp(protocol) || protocol === 'UNSUPPORTED';

/** @param inferredPort what a destination without a port means (VW-1) */
export function clusterOf(
  context: TranslationContext,
  { host, subset, port }: Destination,
  service: Service | undefined,
  inferredPort: number,
): string {
  if (host === '') return 'UnknownService';
  const target = service?.resolution === 'Alias' && service.externalName ? service.externalName : host;
  return context.clusterName('outbound', port ?? inferredPort, subset, target);
}

export function hashOf(context: TranslationContext, node: ProxyNode, { host, subset, port }: Destination) {
  const service = host === '' ? undefined : context.serviceByHost(node, host);
  const rule = service && context.destinationRuleFor(node, service);
  return rule ? translateHash(hashForDestination(rule.spec, subset, port)) : undefined;
}

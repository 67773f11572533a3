// Outbound route tables of a sidecar: one per port, virtual hosts for VirtualServices and for services without one, and the catch-all.
// Source: istio/istio pilot/pkg/networking/core/httproute.go BuildSidecarOutboundVirtualHosts (1.31). Rules EP-4, SC-2, SC-4.
import type { RouteConfiguration, VirtualHost } from '../../envoy/config.ts';
import type { EgressListener, TranslationContext } from '../context.ts';
import { getOrCreate } from '../get-or-create.ts';
import type { ProxyNode, Service } from '../model.ts';
import { DomainClaims, domainName, type ServiceDomains } from './domains.ts';
import { domainsOf, type HostPlan, hostPlan, type PlannedHost } from './host-plan.ts';

/** The virtual hosts of a port, sorted by name, without the catch-all. */
export function outboundVirtualHosts(
  context: TranslationContext,
  node: ProxyNode,
  port: number,
  listener: EgressListener,
): VirtualHost[] {
  const plan = hostPlan(context, node, port, listener);
  const { hosts, fullNames } = plan;
  const wanted = hosts.map((host) => domainsOf(context, node, host));
  const claims = isUndisputed(plan, wanted) ? null : new DomainClaims(fullNames);
  const byRank: (VirtualHost | undefined)[] = new Array(hosts.length).fill(undefined);
  for (const [i, planned] of hosts.entries()) {
    const domains = claims ? claims.claim(wanted[i]!) : wanted[i]!.domains;
    if (domains.length > 0) byRank[planned.rank] = virtualHostOf(planned, domains);
  }
  return byRank.filter((host) => host !== undefined);
}

/** Nor do two hosts want one address, or a name that is one. */
function isUndisputed({ undisputed }: HostPlan, wanted: readonly ServiceDomains[]): boolean {
  if (!undisputed) return false;
  const taken = new Set<string>();
  for (const { addresses } of wanted)
    for (const address of addresses) {
      const key = address.toLowerCase();
      if (taken.has(key) || undisputed.has(key)) return false;
      taken.add(key);
    }
  return true;
}

const shared = new WeakMap<string[], VirtualHost[]>();

/** A service that nobody disputes a domain of looks the same to all proxies of a cluster, and then is one object for them. */
function virtualHostOf({ name, routes, isDefault }: PlannedHost, domains: string[]): VirtualHost {
  if (!isDefault) return { name, domains, routes, includeRequestAttemptCount: true };
  const known = getOrCreate(shared, domains, () => []);
  let same = known.find((host) => host.routes === routes);
  if (!same) {
    same = { name, domains, routes, includeRequestAttemptCount: true };
    known.push(same);
  }
  return same;
}

/** Where requests to unknown hosts go (4.7): to the address that was dialled, or to an answer 502. */
export function catchAllVirtualHost(context: TranslationContext, node: ProxyNode): VirtualHost {
  if (context.outboundTrafficPolicy(node) === 'REGISTRY_ONLY')
    return {
      name: 'block_all',
      domains: ['*'],
      routes: [{ name: 'block_all', match: { prefix: '/' }, directResponse: { status: 502 } }],
      includeRequestAttemptCount: true,
    };
  return {
    name: 'allow_any',
    domains: ['*'],
    routes: [
      { name: 'allow_any', match: { prefix: '/' }, route: { cluster: 'PassthroughCluster', timeout: '0s' } },
    ],
    includeRequestAttemptCount: true,
  };
}

/** RDS "80" of the wildcard listener. */
export function outboundRouteConfiguration(
  context: TranslationContext,
  node: ProxyNode,
  port: number,
  virtualHosts: readonly VirtualHost[],
): RouteConfiguration {
  return {
    name: String(port),
    virtualHosts: [...virtualHosts, catchAllVirtualHost(context, node)],
    validateClusters: false,
    ignorePortInHostMatching: true,
  };
}

/** RDS "web.shop.svc.cluster.local:80" of a sniffed port's own listener: whatever the Host header, this service. */
export function sniffedRouteConfiguration(
  hosts: ReadonlyMap<string, VirtualHost>,
  service: Service,
  port: number,
): RouteConfiguration {
  const own = hosts.get(service.hostname);
  return {
    name: domainName(service.hostname, port),
    virtualHosts: own ? [{ ...own, domains: ['*'] }] : [],
    validateClusters: false,
    ignorePortInHostMatching: true,
  };
}

/** No two virtual hosts of a table have one domain. */
export const byDomain = (hosts: readonly VirtualHost[]): ReadonlyMap<string, VirtualHost> =>
  new Map(hosts.flatMap((host) => host.domains.map((domain) => [domain, host] as const)));

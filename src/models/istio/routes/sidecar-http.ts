// Outbound route tables of a sidecar: one per port, virtual hosts for VirtualServices and for services without one, and the catch-all.
// Source: istio/istio pilot/pkg/networking/core/httproute.go BuildSidecarOutboundVirtualHosts, route.go BuildSidecarVirtualHostWrapper (1.31).
// Rules VS-2, VS-4, VS-5, EP-4, SC-2, SC-4, VW-1, GW-8.
import type { Route, RouteConfiguration, VirtualHost } from '../../envoy/config.ts';
import type { EgressListener, TranslationContext } from '../context.ts';
import { hostsMatch, isWildcard } from '../host-name.ts';
import type { Protocol, ProxyNode, Service } from '../model.ts';
import { DomainClaims, domainName, serviceDomains } from './domains.ts';
import { hashForDestination, hashForServicePort, translateHash } from './hash-policy.ts';
import { type Destination, defaultRoute, httpRoutesOf, type RouteOptions } from './http-routes.ts';
import type { VirtualServiceView } from './http-rule.ts';
import { meshViews } from './views.ts';

export const isHttp = (protocol: Protocol): boolean =>
  protocol === 'HTTP' || protocol === 'HTTP2' || protocol === 'GRPC';
export const isHttpOrSniffed = (protocol: Protocol): boolean =>
  isHttp(protocol) || protocol === 'UNSUPPORTED';

/** Services that share the routes of one VirtualService, or one service with its default route. */
interface Claim {
  /** Hosts that are no services. */
  hosts: string[];
  services: Service[];
  routes: Route[];
}

/** The virtual hosts of a port, sorted by name, without the catch-all. */
export function outboundVirtualHosts(
  context: TranslationContext,
  node: ProxyNode,
  port: number,
  listener: EgressListener,
): VirtualHost[] {
  const aliasesOf = new Map<string, Service[]>();
  for (const alias of context.visibleServices(node)) {
    if (alias.resolution !== 'Alias' || !alias.externalName) continue;
    aliasesOf.set(alias.externalName, [...(aliasesOf.get(alias.externalName) ?? []), alias]);
  }
  const services = new Map(
    listener.services
      .filter((service) => service.ports.some((entry) => entry.port === port))
      .map((service) => [service.hostname, service]),
  );
  const claims = claimsOf(context, node, port, listener, services);
  const fullNames = new Set(
    claims.flatMap((claim) =>
      claim.services.flatMap(({ hostname }) => [hostname, domainName(hostname, port)]),
    ),
  );
  const domainClaims = new DomainClaims(fullNames);
  const names = new Set<string>();
  const virtualHosts: VirtualHost[] = [];
  const add = (hostname: string, domains: { domains: string[]; expanded: string[] }, routes: Route[]) => {
    const name = domainName(hostname, port);
    if (names.has(name)) return;
    names.add(name);
    const claimed = domainClaims.claim(domains);
    if (claimed.length > 0)
      virtualHosts.push({ name, domains: claimed, routes, includeRequestAttemptCount: true });
  };
  for (const claim of claims) {
    for (const host of claim.hosts) add(host, { domains: [host], expanded: [] }, claim.routes);
    for (const service of claim.services) {
      const aliases = aliasesOf.get(service.hostname) ?? [];
      add(service.hostname, serviceDomains(context, node, service, aliases), claim.routes);
    }
  }
  return virtualHosts.sort((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)));
}

function claimsOf(
  context: TranslationContext,
  node: ProxyNode,
  port: number,
  listener: EgressListener,
  services: ReadonlyMap<string, Service>,
): Claim[] {
  const claims: Claim[] = [];
  const views = meshViews(context, node, listener);
  const owners = wildcardOwners(views, services);
  const wildcardServices = [...services.keys()].filter(isWildcard);
  const isHttpHere = (service: Service) =>
    service.ports.some((entry) => entry.port === port && isHttpOrSniffed(entry.protocol));
  for (const view of views) {
    if (port !== 80 && !concernsSome(view, services, wildcardServices)) continue;
    const routes = httpRoutesOf(view, sidecarOptions(context, node, port, services, view));
    if (routes.length === 0) continue;
    const { hosts, matched } = splitHosts(view, services, owners);
    if (view.semantics === 'gateway' && !matched.some((service) => isOwnOrTheirs(service, view, node)))
      continue;
    const claimed = matched.filter(isHttpHere);
    if (claimed.length > 0 || port === 80) claims.push({ hosts, services: claimed, routes });
  }
  const claimed = new Set(claims.flatMap((claim) => claim.services));
  for (const service of services.values()) {
    if (claimed.has(service) || service.resolution === 'Alias' || !isHttpHere(service)) continue;
    const rule = context.destinationRuleFor(node, service);
    const hash = rule ? translateHash(hashForServicePort(rule.spec, port)) : undefined;
    const cluster = context.clusterName('outbound', port, '', service.hostname);
    const route = defaultRoute(cluster, hash, {
      profile: context.profile,
      defaultRetries: context.meshConfig.defaultHttpRetryPolicy,
    });
    claims.push({
      hosts: [],
      services: [service],
      routes: [service.origin ? { ...route, origin: service.origin } : route],
    });
  }
  return claims;
}

/** HTTPRoutes of the mesh bind the clients of their own namespace, or all clients of a service in it (GW-8). */
const isOwnOrTheirs = (service: Service, view: VirtualServiceView, node: ProxyNode): boolean =>
  service.namespace === view.namespace || node.namespace === view.namespace;

function concernsSome(
  view: VirtualServiceView,
  services: ReadonlyMap<string, Service>,
  wildcardServices: readonly string[],
): boolean {
  return view.hosts.some((host) => {
    if (services.has(host)) return true;
    const candidates = isWildcard(host) ? services.keys() : wildcardServices;
    for (const name of candidates) if (hostsMatch(host, name)) return true;
    return false;
  });
}

/** By service: the VirtualService whose host fits it best; the first of equal ones. */
function wildcardOwners(
  views: readonly VirtualServiceView[],
  services: ReadonlyMap<string, Service>,
): Map<string, VirtualServiceView> {
  const byHost = new Map<string, VirtualServiceView>();
  for (const view of views) for (const host of view.hosts) if (!byHost.has(host)) byHost.set(host, view);
  const owners = new Map<string, VirtualServiceView>();
  for (const name of services.keys()) {
    const owner = byHost.get(name) ?? longestSuffix(name, byHost);
    if (owner) owners.set(name, owner);
  }
  return owners;
}

/** The longest wildcard that contains the name, found by its suffixes. */
function longestSuffix(
  name: string,
  byHost: ReadonlyMap<string, VirtualServiceView>,
): VirtualServiceView | undefined {
  const body = isWildcard(name) ? name.slice(1) : name;
  for (let start = 0; start <= body.length; start++) {
    const found = byHost.get(`*${body.slice(start)}`);
    if (found) return found;
  }
  return undefined;
}

/** Hosts that are services here, and the rest. A wildcard stands for the services that it owns. */
function splitHosts(
  view: VirtualServiceView,
  services: ReadonlyMap<string, Service>,
  owners: ReadonlyMap<string, VirtualServiceView>,
): { hosts: string[]; matched: Service[] } {
  const hosts: string[] = [];
  const matched: Service[] = [];
  for (const host of view.hosts.filter((entry) => !isWildcard(entry))) {
    const service = services.get(host);
    if (service) matched.push(service);
    else hosts.push(host);
  }
  for (const host of view.hosts.filter(isWildcard)) {
    const inside = [...services.values()].filter(({ hostname }) => hostsMatch(hostname, host));
    if (view.semantics === 'gateway' || inside.length === 0) hosts.push(host);
    else matched.push(...inside.filter(({ hostname }) => owners.get(hostname) === view));
  }
  return { hosts, matched: [...new Set(matched)] };
}

function sidecarOptions(
  context: TranslationContext,
  node: ProxyNode,
  port: number,
  services: ReadonlyMap<string, Service>,
  view: VirtualServiceView,
): RouteOptions {
  return {
    listenerPort: port,
    gateways: MESH,
    labels: node.labels,
    namespace: node.namespace,
    objectNamespace: view.namespace,
    profile: context.profile,
    isTls: false,
    resolveHost: (host) => context.resolveHost(host, view.namespace).toLowerCase(),
    // A sidecar looks only at services that have the listener's port, and at that port alone.
    clusterOf: (destination) => clusterOf(context, destination, services.get(destination.host), port),
    hashOf: (destination) => hashOf(context, node, destination),
    defaultRetries: context.meshConfig.defaultHttpRetryPolicy,
  };
}

const MESH: ReadonlySet<string> = new Set(['mesh']);

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
  hosts: readonly VirtualHost[],
  service: Service,
  port: number,
): RouteConfiguration {
  const own = hosts.find((host) => host.domains.includes(service.hostname));
  return {
    name: domainName(service.hostname, port),
    virtualHosts: own ? [{ ...own, domains: ['*'] }] : [],
    validateClusters: false,
    ignorePortInHostMatching: true,
  };
}

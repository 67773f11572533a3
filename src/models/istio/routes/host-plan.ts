// Which virtual hosts a port of a sidecar has, whose routes they carry and in which order they claim their names: everything but the names
// and addresses that depend on the proxy's own cluster. Worked out once for all proxies of one scope.
// Source: istio/istio pilot/pkg/networking/core/route/route.go BuildSidecarVirtualHostWrapper (1.31). Rules VS-2, VS-4, VS-5, VW-1, GW-8.
import type { Route } from '../../envoy/config.ts';
import type { EffectiveRule, EgressListener, TranslationContext } from '../context.ts';
import { getOrCreate } from '../get-or-create.ts';
import { hostsMatch, isWildcard } from '../host-name.ts';
import type { ProxyNode, Service } from '../model.ts';
import { clusterOf, hashOf, isHttpOrSniffed } from './destinations.ts';
import { DomainClaims, domainName, type ServiceDomains, serviceDomains } from './domains.ts';
import { hashForServicePort, translateHash } from './hash-policy.ts';
import { defaultRoute, httpRoutesOf, type RouteOptions } from './http-routes.ts';
import type { VirtualServiceView } from './http-rule.ts';
import { meshViews } from './views.ts';

export interface PlannedHost {
  name: string;
  /** Position among all names in alphabetical order. */
  rank: number;
  /** The name of a service, or a host that is none. */
  host: string;
  service: Service | undefined;
  /** ExternalName services that stand for this one (EP-36). */
  aliases: readonly Service[];
  routes: Route[];
  /** The routes are those of the service without any VirtualService: the same array in every plan. */
  isDefault: boolean;
}

export interface HostPlan {
  /** In the order in which they claim domains; each name once. */
  hosts: readonly PlannedHost[];
  /** Names of services, with and without the port. */
  fullNames: ReadonlySet<string>;
  /** All domains but addresses, in lower case, when no two hosts want the same one; else null. */
  undisputed: ReadonlySet<string> | null;
}

const plans = new WeakMap<EgressListener, Map<string, HostPlan>>();

export function hostPlan(
  context: TranslationContext,
  node: ProxyNode,
  port: number,
  listener: EgressListener,
): HostPlan {
  const known = getOrCreate(plans, listener, () => new Map<string, HostPlan>());
  return getOrCreate(known, `${port}|${context.scopeAndLabelsKey(node)}`, () =>
    makePlan(context, node, port, listener),
  );
}

function makePlan(
  context: TranslationContext,
  node: ProxyNode,
  port: number,
  listener: EgressListener,
): HostPlan {
  const aliasesOf = aliasesByTarget(context.visibleServices(node));
  const services = new Map(
    listener.services
      .filter((service) => service.ports.some((entry) => entry.port === port))
      .map((service) => [service.hostname, service]),
  );
  const hosts = new Map<string, PlannedHost>();
  const fullNames = new Set<string>();
  const add = (host: string, service: Service | undefined, { routes, isDefault }: Claim) => {
    const name = domainName(host, port);
    if (service) fullNames.add(host).add(name);
    const aliases = (service && aliasesOf.get(host)) ?? [];
    if (!hosts.has(name)) hosts.set(name, { name, rank: 0, host, service, aliases, routes, isDefault });
  };
  for (const claim of claimsOf(context, node, port, listener, services)) {
    for (const host of claim.hosts) add(host, undefined, claim);
    for (const service of claim.services) add(service.hostname, service, claim);
  }
  for (const [rank, name] of [...hosts.keys()].sort().entries()) hosts.get(name)!.rank = rank;
  const planned = [...hosts.values()];
  return { hosts: planned, fullNames, undisputed: undisputedNames(context, node, planned, fullNames) };
}

function undisputedNames(
  context: TranslationContext,
  node: ProxyNode,
  hosts: readonly PlannedHost[],
  fullNames: ReadonlySet<string>,
): ReadonlySet<string> | null {
  const claims = new DomainClaims(fullNames);
  for (const host of hosts) {
    const { domains, expanded, addresses } = domainsOf(context, node, host);
    const names = domains.slice(0, domains.length - addresses.length);
    if (claims.claim({ domains: names, expanded }) !== names) return null;
  }
  return claims.taken;
}

/** What a host asks for. */
export const domainsOf = (
  context: TranslationContext,
  node: ProxyNode,
  { host, service, aliases }: PlannedHost,
): ServiceDomains =>
  service
    ? serviceDomains(context, node, service, aliases)
    : { domains: [host], expanded: [], addresses: [] };

function aliasesByTarget(services: readonly Service[]): Map<string, Service[]> {
  const aliasesOf = new Map<string, Service[]>();
  for (const alias of services)
    if (alias.resolution === 'Alias' && alias.externalName)
      getOrCreate(aliasesOf, alias.externalName, () => []).push(alias);
  return aliasesOf;
}

/** Services that share the routes of one VirtualService, or one service with its default route. */
interface Claim {
  /** Hosts that are no services. */
  hosts: string[];
  services: Service[];
  routes: Route[];
  isDefault: boolean;
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
  const hasWildcards = views.some(({ hosts }) => hosts.some(isWildcard));
  const owners = hasWildcards ? wildcardOwners(views, services) : NO_OWNERS;
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
    if (claimed.length > 0 || port === 80)
      claims.push({ hosts, services: claimed, routes, isDefault: false });
  }
  const claimed = new Set(claims.flatMap((claim) => claim.services));
  for (const service of services.values()) {
    if (claimed.has(service) || service.resolution === 'Alias' || !isHttpHere(service)) continue;
    const routes = defaultRoutes(context, service, port, context.destinationRuleFor(node, service));
    claims.push({ hosts: [], services: [service], routes, isDefault: true });
  }
  return claims;
}

type RoutesOfRule = Map<EffectiveRule | null, Route[]>;
const defaults = new WeakMap<TranslationContext, WeakMap<Service, Map<number, RoutesOfRule>>>();

/** One array per service port and rule, whoever asks. */
function defaultRoutes(
  context: TranslationContext,
  service: Service,
  port: number,
  rule: EffectiveRule | null,
): Route[] {
  const byService = getOrCreate(defaults, context, () => new WeakMap<Service, Map<number, RoutesOfRule>>());
  const byPort = getOrCreate(byService, service, () => new Map<number, RoutesOfRule>());
  const byRule = getOrCreate(byPort, port, (): RoutesOfRule => new Map());
  return getOrCreate(byRule, rule, () => {
    const hash = rule ? translateHash(hashForServicePort(rule.spec, port)) : undefined;
    const route = defaultRoute(context.clusterName('outbound', port, '', service.hostname), hash, {
      profile: context.profile,
      defaultRetries: context.meshConfig.defaultHttpRetryPolicy,
    });
    return [service.origin ? { ...route, origin: service.origin } : route];
  });
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

const NO_OWNERS: ReadonlyMap<string, VirtualServiceView> = new Map();

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

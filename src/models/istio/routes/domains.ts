// The Host headers under which a sidecar knows a service. Rule EP-4.
// Source: istio/istio pilot/pkg/networking/core/httproute.go generateVirtualHostDomains, GenerateAltVirtualHosts (1.31).
import type { TranslationContext } from '../context.ts';
import { getOrCreate } from '../get-or-create.ts';
import type { ProxyNode, Service } from '../model.ts';

export const isIpAddress = (text: string): boolean =>
  /^\d+\.\d+\.\d+\.\d+$/.test(text) || (text.includes(':') && /^[0-9a-f:.]+$/i.test(text));

const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host);

/** "host:80", with brackets around an IPv6 address. */
export const domainName = (host: string, port: number): string => `${bracketed(host)}:${port}`;

/** Addresses of the service in the proxy's cluster; where that has none, of the first cluster that has the service (EP-3). */
export function vipsOf(service: Service, node: ProxyNode): string[] {
  const own = Object.hasOwn(service.clusterVIPs, node.clusterId)
    ? service.clusterVIPs[node.clusterId]
    : Object.values(service.clusterVIPs)[0];
  return (own ?? []).filter((address) => address !== '' && address !== '0.0.0.0' && address !== 'None');
}

export interface ServiceDomains {
  domains: string[];
  /** Those that are shortened forms of the full name. */
  expanded: string[];
  /** The last of them: what depends on the proxy's cluster. */
  addresses: string[];
}

/** Of one service: its namespace by its name, and what proxies get, by their cluster. */
interface KnownDomains {
  namespace: string | undefined;
  own: Map<string, ServiceDomains>;
  others: Map<string, ServiceDomains>;
}

const known = new WeakMap<TranslationContext, WeakMap<Service, KnownDomains>>();

/**
 * The same object for all proxies of a cluster, but for those of the service's own namespace, who may leave it out.
 * @param aliases ExternalName services that stand for this one (EP-36)
 */
export function serviceDomains(
  context: TranslationContext,
  node: ProxyNode,
  service: Service,
  aliases: readonly Service[],
): ServiceDomains {
  if (aliases.length > 0) return makeDomains(context, node, service, aliases);
  const services = getOrCreate(known, context, () => new WeakMap<Service, KnownDomains>());
  const { namespace, own, others } = getOrCreate(services, service, () => ({
    namespace: namespaceIn(service.hostname, context.mesh.domain),
    own: new Map(),
    others: new Map(),
  }));
  return getOrCreate(namespace === node.namespace ? own : others, node.clusterId, () =>
    makeDomains(context, node, service, aliases),
  );
}

function makeDomains(
  context: TranslationContext,
  node: ProxyNode,
  service: Service,
  aliases: readonly Service[],
): ServiceDomains {
  const domains: string[] = [];
  const expanded: string[] = [];
  for (const { hostname } of [service, ...aliases]) {
    const short = shortNames(hostname, node.namespace, context.mesh.domain);
    const absolute = context.profile.minor >= 27 && !isIpAddress(hostname) ? [`${hostname}.`] : [];
    domains.push(bracketed(hostname), ...absolute, ...short);
    expanded.push(...absolute, ...short);
  }
  if (service.resolution === 'Passthrough' && service.registry === 'Kubernetes')
    domains.push(...domains.map((domain) => `*.${domain}`));
  const addresses = vipsOf(service, node).map(bracketed);
  domains.push(...addresses);
  return { domains, expanded, addresses };
}

/** web.shop.svc.cluster.local -> shop; undefined for names of no Kubernetes Service. */
function namespaceIn(hostname: string, domain: string): string | undefined {
  const end = hostname.indexOf('.svc.');
  const dot = hostname.indexOf('.');
  if (end <= 0 || dot + 1 > end || !hostname.endsWith(`.svc.${domain}`)) return undefined;
  return hostname.slice(dot + 1, end);
}

/** web.shop.svc.cluster.local -> web (own namespace only), web.shop.svc, web.shop. */
function shortNames(hostname: string, namespace: string, domain: string): string[] {
  const its = namespaceIn(hostname, domain);
  if (its === undefined) return [];
  const withNamespace = hostname.slice(0, hostname.indexOf('.svc.'));
  return its === namespace
    ? [hostname.slice(0, hostname.indexOf('.')), `${withNamespace}.svc`, withNamespace]
    : [withNamespace, `${withNamespace}.svc`];
}

/** Hands every domain to the first virtual host that asks for it; two claims on one domain would make Envoy refuse the table. */
export class DomainClaims {
  readonly #taken = new Set<string>();
  /** @param fullNames names of services: a shortened form of another service never takes one of these */
  constructor(readonly fullNames: ReadonlySet<string>) {}

  /** Those that it gets; `domains` itself when it gets all. */
  claim({ domains, expanded }: Omit<ServiceDomains, 'addresses'>): string[] {
    const claimed: string[] = [];
    for (const domain of domains) {
      const key = domain.toLowerCase();
      if (this.#taken.has(key)) continue;
      if (this.fullNames.has(domain) && expanded.includes(domain)) continue;
      this.#taken.add(key);
      claimed.push(domain);
    }
    return claimed.length === domains.length ? domains : claimed;
  }

  /** In lower case. */
  get taken(): ReadonlySet<string> {
    return this.#taken;
  }
}

// The Host headers under which a sidecar knows a service. Rule EP-4.
// Source: istio/istio pilot/pkg/networking/core/httproute.go generateVirtualHostDomains, GenerateAltVirtualHosts (1.31).
import type { TranslationContext } from '../context.ts';
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
}

/** @param aliases ExternalName services that stand for this one (EP-36) */
export function serviceDomains(
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
  domains.push(...vipsOf(service, node).map(bracketed));
  return { domains, expanded };
}

/** web.shop.svc.cluster.local -> web (own namespace only), web.shop.svc, web.shop. */
function shortNames(hostname: string, namespace: string, domain: string): string[] {
  const suffix = `.svc.${domain}`;
  const end = hostname.indexOf('.svc.');
  const dot = hostname.indexOf('.');
  if (!hostname.endsWith(suffix) || end <= 0 || dot + 1 > end) return [];
  const withNamespace = hostname.slice(0, end);
  return hostname.slice(dot + 1, end) === namespace
    ? [hostname.slice(0, dot), `${withNamespace}.svc`, withNamespace]
    : [withNamespace, `${withNamespace}.svc`];
}

/** Hands every domain to the first virtual host that asks for it; two claims on one domain would make Envoy refuse the table. */
export class DomainClaims {
  readonly #taken = new Set<string>();
  /** @param fullNames names of services: a shortened form of another service never takes one of these */
  constructor(readonly fullNames: ReadonlySet<string>) {}

  claim({ domains, expanded }: ServiceDomains): string[] {
    return domains.filter((domain) => {
      const key = domain.toLowerCase();
      if (this.#taken.has(key)) return false;
      if (expanded.includes(domain) && this.fullNames.has(domain)) return false;
      this.#taken.add(key);
      return true;
    });
  }
}

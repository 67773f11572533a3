// Host names as istiod compares them: short names, wildcards, the names of clusters.
// Source: istio/istio pkg/config/host/name.go, pilot/pkg/model/conversion.go ResolveShortnameToFQDN (1.31). Rules DR-2, VW-5, EP-5.

/** "web" in namespace shop -> web.shop.svc.<domain>; names with a dot or a star stay as they are. */
export function resolveShortName(name: string, namespace: string, domain: string): string {
  if (name === '' || name.includes('.') || name.includes('*')) return name.toLowerCase();
  return `${name}.${namespace}.svc.${domain}`.toLowerCase();
}

export const isWildcard = (host: string): boolean => host.startsWith('*');

/** Does a host, which may be a wildcard itself, lie inside the other? "a.b.c" and "*.b.c" lie in "*.c". */
export function isSubsetOf(host: string, other: string): boolean {
  if (host === other || other === '*') return true;
  if (!isWildcard(other)) return false;
  const suffix = other.slice(1);
  return isWildcard(host) ? host.slice(1).endsWith(suffix) : host.endsWith(suffix);
}

/** Can one name belong to both? */
export const hostsMatch = (a: string, b: string): boolean => isSubsetOf(a, b) || isSubsetOf(b, a);

/** Order of specificity: longer before shorter, then by text; "*" last. */
export function bySpecificity(a: string, b: string): number {
  if (isWildcard(a) !== isWildcard(b)) return isWildcard(a) ? 1 : -1;
  return b.length - a.length || (a < b ? -1 : Number(a > b));
}

/** The most specific of the hosts that contains `host`, exact ones first. */
export function mostSpecific(host: string, hosts: Iterable<string>): string | undefined {
  let best: string | undefined;
  for (const candidate of hosts) {
    if (!isSubsetOf(host, candidate)) continue;
    if (best === undefined || bySpecificity(candidate, best) < 0) best = candidate;
  }
  return best;
}

/** outbound|80|v1|web.shop.svc.cluster.local */
export const clusterName = (direction: string, port: number, subset: string, host: string): string =>
  `${direction}|${port}|${subset}|${host}`;

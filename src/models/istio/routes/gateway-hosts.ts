// Hosts of a gateway's server against hosts of a VirtualService (GW-2).
// Source: istio/istio pkg/config/host/names.go Intersection, NamesForNamespace (1.31).
import { isSubsetOf } from '../host-name.ts';

/** The more specific one of every overlapping pair, each once. */
export function intersectHosts(hosts: readonly string[], others: readonly string[]): string[] {
  const found = new Set<string>();
  for (const host of hosts) {
    for (const other of others) {
      if (isSubsetOf(host, other)) found.add(host);
      else if (isSubsetOf(other, host)) found.add(other);
    }
  }
  return [...found];
}

/** Of a server's hosts ("ns/host", "./host" = the gateway's own, star = any, or no namespace) those open to objects in `namespace`. */
export function hostsForNamespace(
  hosts: readonly string[],
  namespace: string,
  gatewayNamespace: string,
): string[] {
  const found: string[] = [];
  for (const entry of hosts) {
    const slash = entry.indexOf('/');
    const prefix = slash < 0 ? '*' : entry.slice(0, slash);
    const wanted = prefix === '.' ? gatewayNamespace : prefix;
    if (wanted === '*' || wanted === namespace) found.push(entry.slice(slash + 1));
  }
  return found;
}

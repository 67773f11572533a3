// Hosts whose endpoints are used inside their own cluster only.
// Source: istio/istio pilot/pkg/model/cluster_local.go (1.31). Rule EP-5.
import { isWildcard, mostSpecific } from '../host-name.ts';
import type { MeshSettings } from '../mesh-config.ts';

export function clusterLocalHosts(
  settings: Pick<MeshSettings, 'serviceSettings' | 'rootNamespace'>,
  domain: string,
): (hostname: string) => boolean {
  const defaults = new Set([
    `*.kube-system.svc.${domain}`,
    `kubernetes.default.svc.${domain}`,
    `istiod.${settings.rootNamespace}.svc.${domain}`,
  ]);
  const isLocal = new Map<string, boolean>();
  for (const { hosts, clusterLocal } of settings.serviceSettings) {
    for (const host of hosts) {
      // A host that is declared mesh-wide takes the defaults below it away.
      if (!clusterLocal)
        for (const known of defaults)
          if (known === host || (isWildcard(host) && known.endsWith(host.slice(1)))) defaults.delete(known);
      isLocal.set(host, clusterLocal);
    }
  }
  for (const host of defaults) isLocal.set(host, true);
  const wildcards = [...isLocal.keys()].filter(isWildcard);
  return (hostname) => {
    const exact = isLocal.get(hostname);
    if (exact !== undefined) return exact;
    const host = mostSpecific(hostname, wildcards);
    return host !== undefined && isLocal.get(host)!;
  };
}

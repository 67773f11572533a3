// How a proxy's Envoy finds the endpoints of a service.
// Source: istio/istio pilot/pkg/networking/core/cluster.go convertResolution (1.31). Section 1.4 of the behaviour notes, rules EP-36, EP-37.
import type { Cluster } from '../../envoy/config.ts';
import type { ProxyNode, Service } from '../model.ts';

/** null = no cluster of its own: an alias (ExternalName) leads to its target's. */
export function clusterType(
  service: Pick<Service, 'resolution'>,
  proxy: ProxyNode['type'],
): NonNullable<Cluster['type']> | null {
  switch (service.resolution) {
    case 'Alias':
      return null;
    case 'DNSLB':
      return 'STRICT_DNS';
    case 'DNSRoundRobinLB':
      return 'LOGICAL_DNS';
    case 'Passthrough':
      // A gateway terminates the connection: there is no original destination to go on to.
      return proxy === 'router' ? 'EDS' : 'ORIGINAL_DST';
    default:
      return 'EDS';
  }
}

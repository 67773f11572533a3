// Endpoints of one service port and subset that every client could see, as Envoy endpoints in groups by locality.
// Source: istio/istio pilot/pkg/xds/endpoints/endpoint_builder.go generate(), filterIstioEndpoint() (1.31). Rules EP-11, EP-20 .. EP-22, EP-32, EP-40, EP-41.
import type { LbEndpoint } from '../../envoy/config.ts';
import type { LocalityGroup } from '../locality-lb.ts';
import type { IstioEndpoint, Service } from '../model.ts';
import { ipFamily } from './ip-address.ts';

/** One Envoy endpoint with what locality load balancing looks at. A gateway's stands for the pods behind it. */
export interface Member {
  labels: Record<string, string>;
  weight: number;
  lb: LbEndpoint;
  /** Absent for a network gateway. */
  endpoint?: IstioEndpoint;
}

export type Group = LocalityGroup<Member>;

export interface GroupFilter {
  servicePortName: string;
  subsetLabels?: Record<string, string>;
  /** EP-22: unready endpoints are sent as UNHEALTHY. */
  sendsUnhealthy: boolean;
  /** EP-21: the service has persistent sessions. */
  sendsDraining: boolean;
  /** DNS clusters take names; EDS drops them silently (EP-32). */
  allowsNames: boolean;
}

export const hasPersistentSessions = (service: Pick<Service, 'labels'>): boolean =>
  Boolean(
    service.labels['istio.io/persistent-session'] || service.labels['istio.io/persistent-session-header'],
  );

/** Sorted by locality string; members in the order of the endpoints. Weights are the endpoints' own, before any gateway. */
export function localityGroups(endpoints: readonly IstioEndpoint[], filter: GroupFilter): Group[] {
  const subset = Object.entries(filter.subsetLabels ?? {});
  const byLocality = new Map<string, Member[]>();
  for (const endpoint of endpoints) {
    if (endpoint.servicePortName !== filter.servicePortName) continue;
    if (!isSent(endpoint, filter)) continue;
    if (!subset.every(([key, value]) => endpoint.labels[key] === value)) continue;
    if (!filter.allowsNames && endpoint.address !== '' && ipFamily(endpoint.address) === 0) continue;
    const list = byLocality.get(endpoint.locality);
    const member = memberOf(endpoint);
    if (list) list.push(member);
    else byLocality.set(endpoint.locality, [member]);
  }
  return [...byLocality.keys()]
    .sort()
    .map((locality) => ({ locality, priority: 0, endpoints: byLocality.get(locality)! }));
}

function isSent(endpoint: IstioEndpoint, filter: GroupFilter): boolean {
  if (endpoint.health === 'terminating') return false;
  if (isDraining(endpoint)) return filter.sendsDraining;
  return endpoint.health !== 'unhealthy' || filter.sendsUnhealthy;
}

const isDraining = (endpoint: IstioEndpoint) =>
  endpoint.health === 'draining' || Boolean(endpoint.labels['istio.io/draining']);

function memberOf(endpoint: IstioEndpoint): Member {
  const weight = endpoint.weight > 0 ? endpoint.weight : 1;
  const lb: LbEndpoint = {
    endpoint: { address: endpoint.address, port: endpoint.endpointPort },
    loadBalancingWeight: weight,
  };
  if (isDraining(endpoint)) lb.healthStatus = 'DRAINING';
  else if (endpoint.health === 'unhealthy') lb.healthStatus = 'UNHEALTHY';
  return { labels: endpoint.labels, weight, lb, endpoint };
}

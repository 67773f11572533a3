// The addresses behind which other networks' gateways stand: each is a server that passes connections on through the gateway's proxies.

import type { Mesh } from '../../models/istio/model.ts';
import type { KubeState } from '../../models/kube/model.ts';
import { selects } from '../../models/kube/selects.ts';
import type { ServerSpec } from '../../models/world.ts';
import type { Cast } from './cast.ts';
import { placeOf } from './places.ts';

/** An address that no Service of these clusters has stays without a server: connections to it are refused. */
export function gatewayServers(mesh: Mesh, state: KubeState, cast: Cast): ServerSpec[] {
  const servers = new Map<string, ServerSpec>();
  for (const { address, port } of mesh.networkGateways) {
    const service = state.services.find(
      (entry) => entry.loadBalancerAddresses?.includes(address) || entry.externalIPs.includes(address),
    );
    if (!service) continue;
    const members = cast.members.filter(({ pod, proxy }) => proxy >= 0 && selects(service, pod));
    const first = members[0];
    if (!first) continue;
    servers.set(`${address}:${port}`, {
      name: `${address}:${port}`,
      place: placeOf(first.pod),
      addresses: [{ address, port }],
      labels: {
        workload: first.pod.workload.name,
        version: '',
        cluster: first.pod.cluster,
        region: first.pod.region,
        zone: first.pod.zone,
        pod: `${address}:${port}`,
      },
      behaviour: { latency: { dist: 'fixed', ns: 0 } },
      forwards: { proxies: members.map(({ proxy }) => proxy) },
    });
  }
  return [...servers.values()];
}

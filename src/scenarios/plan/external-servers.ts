// Endpoints that are no pods of these clusters (ServiceEntries, WorkloadEntries): each answers as a server of its own.
import type { Mesh } from '../../models/istio/model.ts';
import type { ServerSpec } from '../../models/world.ts';
import type { Scenario } from '../scenario.ts';
import { serverBehaviour } from './behaviours.ts';

export function externalServers(
  mesh: Mesh,
  known: ReadonlySet<string>,
  behavior: Scenario['behavior'],
): ServerSpec[] {
  const servers: ServerSpec[] = [];
  const seen = new Set(known);
  const nothing = () => ({ port: undefined, kubeProxy: '' });
  const add = (
    host: string,
    address: string,
    port: number,
    locality: string,
    labels: Record<string, string>,
  ) => {
    const key = `${address}:${port}`;
    if (seen.has(key)) return;
    seen.add(key);
    const [region = '', zone = '', subzone = ''] = locality.split('/');
    servers.push({
      name: key,
      place: { cluster: labels['topology.istio.io/cluster'] ?? '', region, zone, node: key },
      addresses: [{ address, port }],
      labels: {
        ...labels,
        workload: labels['app'] ?? host,
        version: labels['version'] ?? '',
        region,
        zone,
        subzone,
        pod: key,
      },
      behaviour: serverBehaviour(behavior[address] ?? behavior[host], nothing),
    });
  };
  for (const service of mesh.services) {
    if (service.registry !== 'External') continue;
    const endpoints = mesh.endpoints.get(`${service.hostname}/${service.namespace}`) ?? [];
    for (const endpoint of endpoints)
      add(service.hostname, endpoint.address, endpoint.endpointPort, endpoint.locality, endpoint.labels);
    if (endpoints.length === 0 && service.resolution.startsWith('DNS'))
      for (const port of service.ports) add(service.hostname, service.hostname, port.port, '', {});
  }
  return servers;
}

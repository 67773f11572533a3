// The hosts of config dumps as stub servers: each answers as its behaviour says, by workload, service or address.
import type { Locality } from '../../models/envoy/config.ts';
import type { Place, ServerSpec } from '../../models/world.ts';
import { type Dial, serverBehaviour } from '../plan/behaviours.ts';
import type { CallSite } from '../plan/plan.ts';
import type { Behaviour, Scenario } from '../scenario.ts';
import { type DumpProxies, portOf } from './proxies.ts';
import type { EnvoyDump } from './read-dump.ts';

export function placeOf(locality: Locality | undefined): Place {
  return { cluster: '', region: locality?.region ?? '', zone: locality?.zone ?? '', node: '' };
}

/** "address:port", by which endpoints of dumps are known. */
export const keyOf = ({ addresses }: Pick<ServerSpec, 'addresses'>): string =>
  `${addresses[0]!.address}:${addresses[0]!.port}`;

export function serversOf(
  dumps: readonly EnvoyDump[],
  proxies: DumpProxies,
  scenario: Scenario,
): ServerSpec[] {
  const servers = new Map<string, ServerSpec>();
  for (const dump of dumps) addServers(servers, dump, dumps, proxies, scenario);
  return [...servers.values()];
}

const LOOPBACK = /^(127\.|::1$|\.?\/)/;

function addServers(
  servers: Map<string, ServerSpec>,
  { config }: EnvoyDump,
  dumps: readonly EnvoyDump[],
  proxies: DumpProxies,
  scenario: Scenario,
): void {
  // What a sidecar reaches on its own pod is its own machinery: metrics, health, secrets.
  const isSidecar = config.node.id.split('~').length === 4;
  const assignments = [
    ...config.endpoints,
    ...config.clusters.flatMap((cluster) => (cluster.loadAssignment ? [cluster.loadAssignment] : [])),
  ];
  for (const assignment of assignments.filter(({ clusterName }) => !clusterName.startsWith('inbound|')))
    for (const group of assignment.endpoints)
      for (const { endpoint } of group.lbEndpoints) {
        const address = `${endpoint.address}:${endpoint.port}`;
        if (servers.has(address) || (isSidecar && LOOPBACK.test(endpoint.address))) continue;
        const labelled = dumps.find(({ workloads }) => Object.hasOwn(workloads, address))?.workloads[address];
        const [workload = '', namespace = '', service = '', version = '', cluster = ''] = labelled ?? [];
        const place = { ...placeOf(group.locality), cluster };
        const keys = [workload && `${namespace}/${workload}`, workload, service, address, endpoint.address];
        const sidecar = proxies.sidecarAt(endpoint.address);
        // A pod whose sidecar was dumped has a name; of its further ports each has its own address.
        const pod = proxies.all[sidecar ?? -1]?.name;
        const isTaken = pod !== undefined && [...servers.values()].some(({ name }) => name === pod);
        const name = pod === undefined || isTaken ? address : pod;
        servers.set(address, {
          name,
          place,
          addresses: [{ address: endpoint.address, port: endpoint.port }],
          labels: {
            workload: workload || endpoint.hostname || address,
            version,
            namespace,
            cluster,
            region: place.region,
            zone: place.zone,
            subzone: group.locality?.subZone ?? '',
            pod: name,
          },
          behaviour: behaviourOf(behaviourNamed(scenario, keys), sidecar, proxies),
          ...(sidecar !== undefined && { sidecar }),
        });
      }
}

const behaviourNamed = ({ behavior }: Scenario, keys: readonly string[]): Behaviour | undefined =>
  keys
    .map((key) => (Object.hasOwn(behavior, key) ? behavior[key] : undefined))
    .find((found) => found !== undefined);

function behaviourOf(given: Behaviour | undefined, sidecar: number | undefined, proxies: DumpProxies) {
  const config = sidecar === undefined ? undefined : proxies.all[sidecar]?.dump.config;
  const dial: Dial = (host, port) => ({ port: port ?? (config && portOf(config, host)), kubeProxy: '' });
  const behaviour = serverBehaviour(given, dial);
  // Without its sidecar nobody can tell whom it would call.
  return config ? behaviour : { ...behaviour, script: [] };
}

/** Calls that the servers' scripts make through their dumped sidecars. */
export function callSitesOf(servers: readonly ServerSpec[], proxies: DumpProxies): CallSite[] {
  return servers.flatMap(({ name, sidecar, behaviour }) => {
    if (sidecar === undefined || !proxies.all[sidecar]) return [];
    const calls = (behaviour.script ?? []).flatMap((step) =>
      'sleepNs' in step ? [] : 'parallel' in step ? step.parallel : [step.call],
    );
    return calls.map(
      ({ method, host, path, headers, port, isUnresolved }): CallSite => ({
        caller: name,
        proxy: isUnresolved ? -1 : sidecar,
        port,
        request: { method, host, path, headers },
        ...(isUnresolved && { isUnresolved: true }),
      }),
    );
  });
}

// What a fault is aimed at in a world of config dumps: servers and proxies by workload, service, address or place.
import type { ServerSpec, WorldSpec } from '../../models/world.ts';
import { isService } from '../outcome/selection.ts';
import type { Target } from '../scenario.ts';
import { keyOf } from './dump-servers.ts';
import type { DumpProxies } from './proxies.ts';

type World = Pick<WorldSpec, 'servers' | 'proxies'>;

/** Indexes into the world's servers. */
export function serversAimedAt(target: Target, world: World, proxies: DumpProxies): number[] {
  const isAimed = predicateOf(target, world, proxies);
  return world.servers.flatMap((server, index) => {
    const { labels, place } = server;
    if (target.cluster !== undefined && place.cluster !== target.cluster) return [];
    if (target.namespace !== undefined && labels['namespace'] !== target.namespace) return [];
    return isAimed(server) ? [index] : [];
  });
}

function predicateOf(target: Target, world: World, proxies: DumpProxies): (server: ServerSpec) => boolean {
  const { name } = target;
  switch (target.kind) {
    case 'pod': {
      const numbered = /^(.+)\[(\d+)\]$/.exec(name);
      const address = numbered
        ? addressesOf(world.servers.filter(({ labels }) => labels['workload'] === numbered[1]))[
            Number(numbered[2])
          ]
        : (proxies.all.find((proxy) => proxy.name === name)?.address ?? name);
      return (server) =>
        server.name === address || keyOf(server) === address || server.addresses[0]!.address === address;
    }
    case 'workload':
    case 'deployment':
      return ({ labels }) => labels['workload'] === name;
    case 'service': {
      const addresses = addressesOfService(name, world);
      return (server) => addresses.has(keyOf(server));
    }
    case 'zone':
    case 'region':
    case 'cluster': {
      const { kind } = target;
      return ({ place }) => place[kind] === name && name !== '';
    }
  }
}

const addressesOf = (servers: readonly ServerSpec[]): string[] => [
  ...new Set(servers.map(({ addresses }) => addresses[0]!.address)),
];

/** Endpoints of the clusters of a service, whatever their port and subset. */
function addressesOfService(name: string, { proxies }: World): Set<string> {
  const found = new Set<string>();
  for (const { config } of proxies)
    for (const { clusterName, endpoints } of config.endpoints)
      if (isService(clusterName.split('|')[3] ?? clusterName, name))
        for (const { lbEndpoints } of endpoints)
          for (const { endpoint } of lbEndpoints) found.add(`${endpoint.address}:${endpoint.port}`);
  return found;
}

export function proxiesAimedAt(target: Target, proxies: DumpProxies, world: World): number[] {
  const own = proxies.named(target.name);
  if (own >= 0 && ['pod', 'workload', 'deployment'].includes(target.kind)) return [own];
  const sidecars = serversAimedAt(target, world, proxies).flatMap(
    (server) => world.servers[server]!.sidecar ?? [],
  );
  return [...new Set(sidecars)];
}

/** Names that a target of this kind may have, for hints. */
export function targetNames(kind: Target['kind'], { servers, proxies }: World): string[] {
  if (kind === 'service')
    return [
      ...new Set(
        proxies.flatMap(({ config }) =>
          config.endpoints.map(({ clusterName }) => clusterName.split('|')[3]?.split('.')[0] ?? clusterName),
        ),
      ),
    ];
  if (kind === 'zone' || kind === 'region' || kind === 'cluster')
    return [...new Set(servers.map(({ place }) => place[kind]).filter((name) => name !== ''))];
  return [...new Set(servers.map(({ labels }) => labels['workload']!))];
}

/** Names of places between which a partition may be. */
export const placesIn = ({ servers, proxies }: World): string[] => [
  ...new Set(
    [...servers, ...proxies].flatMap(({ place }) =>
      [place.cluster, place.region, place.zone].filter((name) => name !== ''),
    ),
  ),
];

// A world whose servers and endpoints have loopback addresses, so that it can be acted out on one machine. Each address gets its own, in the
// order of the servers; ports stay, but for those that only root may open.
import type { ActionSpec, WorldSpec } from '../../world.ts';
import type { ClusterLoadAssignment, EnvoyConfig } from '../config.ts';

type World = Omit<WorldSpec, 'seed' | 'replication'>;

const FIRST_FREE_PORT = 1024;
const PORT_SHIFT = 20_000;

/** @param net the first two bytes, e.g. "127.64"; the third is 10 or more */
export function loopbackWorld<W extends World>(world: W, net: string): W {
  const known = new Map<string, string>();
  const address = (given: string) => {
    let mapped = known.get(given);
    if (mapped === undefined) {
      const index = known.size;
      mapped = `${net}.${10 + Math.floor(index / 250)}.${1 + (index % 250)}`;
      known.set(given, mapped);
    }
    return mapped;
  };
  const port = (given: number) => (given < FIRST_FREE_PORT ? given + PORT_SHIFT : given);
  const servers = world.servers.map((server) => ({
    ...server,
    addresses: server.addresses.map((entry) => ({ address: address(entry.address), port: port(entry.port) })),
  }));

  const assignments = remember(
    (given: ClusterLoadAssignment): ClusterLoadAssignment => ({
      ...given,
      endpoints: given.endpoints.map((group) => ({
        ...group,
        lbEndpoints: group.lbEndpoints.map((entry) => ({
          ...entry,
          endpoint: {
            ...entry.endpoint,
            address: address(entry.endpoint.address),
            port: port(entry.endpoint.port),
          },
        })),
      })),
    }),
  );
  const configs = remember(
    (given: EnvoyConfig): EnvoyConfig => ({
      ...given,
      endpoints: given.endpoints.map(assignments),
      clusters: given.clusters.map((cluster) =>
        cluster.loadAssignment
          ? { ...cluster, loadAssignment: assignments(cluster.loadAssignment) }
          : cluster,
      ),
    }),
  );
  return {
    ...world,
    servers,
    proxies: world.proxies.map((proxy) => ({ ...proxy, config: configs(proxy.config) })),
    actions: world.actions.map((action): ActionSpec => {
      if (action.kind === 'config') return { ...action, config: configs(action.config) };
      if (action.kind === 'endpoints') return { ...action, assignments: action.assignments.map(assignments) };
      return action;
    }),
  };
}

/** Equal objects stay equal objects. */
function remember<T extends object>(make: (given: T) => T): (given: T) => T {
  const made = new WeakMap<T, T>();
  return (given) => {
    const known = made.get(given) ?? make(given);
    made.set(given, known);
    return known;
  };
}

// Where things are and how far apart: the scenario's links, and what is assumed between places that it does not name.
import type { Pod } from '../../models/kube/model.ts';
import type { Place, WorldSpec } from '../../models/world.ts';
import type { Topology } from '../scenario.ts';

/** One-way delays [ns] where no link says otherwise: round figures of cloud networks, an assumption of foresail's (half of 50 us, 250 us, 1 ms, 30 ms). */
export const DEFAULT_ONE_WAY_NS = { node: 25e3, zone: 125e3, region: 500e3, far: 15e6 } as const;

export const placeOf = (pod: Pod): Place => ({
  cluster: pod.cluster,
  region: pod.region,
  zone: pod.zone,
  node: pod.node,
  ...(pod.network !== '' && { network: pod.network }),
});

/** A link names two zones, two clusters or two regions; the narrowest that fits counts. */
export function delaysOf(links: Topology['links']): NonNullable<WorldSpec['oneWayDelayNs']> {
  return (from, to) => {
    const link = linkBetween(links, from, to);
    if (link)
      return {
        delayNs: Math.round(link.rttNs / 2),
        ...(link.jitterNs > 0 && { jitterNs: Math.round(link.jitterNs / 2) }),
        ...(link.loss > 0 && { loss: link.loss }),
      };
    if (from.cluster === to.cluster && from.node === to.node && from.node !== '')
      return { delayNs: DEFAULT_ONE_WAY_NS.node };
    if (from.region !== to.region) return { delayNs: DEFAULT_ONE_WAY_NS.far };
    return { delayNs: from.zone === to.zone ? DEFAULT_ONE_WAY_NS.zone : DEFAULT_ONE_WAY_NS.region };
  };
}

function linkBetween(
  links: Topology['links'],
  from: Place,
  to: Place,
): Topology['links'][number] | undefined {
  for (const level of ['zone', 'cluster', 'region'] as const) {
    const found = links.find(
      ({ between: [a, b] }) =>
        (from[level] === a && to[level] === b) || (from[level] === b && to[level] === a),
    );
    if (found) return found;
  }
  return undefined;
}

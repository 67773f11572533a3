// Where things are and how far apart: the scenario's links, and what is assumed between places that it does not name.
import type { Pod } from '../../models/kube/model.ts';
import { type NetworkPlan, regionOf, vpcOf } from '../../models/network/plan.ts';
import { bandwidthBetween } from '../../models/network/reach.ts';
import type { LinkSpec, Place } from '../../models/world.ts';
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

const LEVELS = ['zone', 'cluster', 'region'] as const;
type Level = (typeof LEVELS)[number];

/** A link names two zones, two clusters or two regions; the narrowest that fits counts. */
export function delaysOf(topology: Topology): (from: Place, to: Place) => LinkSpec {
  return (from, to) => {
    const found = linkBetween(topology.links, from, to);
    const queue = narrower(
      found && queueOfLink(found.link, found.level, from),
      queueOfCen(topology, from, to),
    );
    if (found) {
      const { rttNs, jitterNs, loss } = found.link;
      return {
        delayNs: Math.round(rttNs / 2),
        ...(jitterNs > 0 && { jitterNs: Math.round(jitterNs / 2) }),
        ...(loss > 0 && { loss }),
        ...(queue && { queue }),
      };
    }
    return { ...assumedDelay(from, to), ...(queue && { queue }) };
  };
}

function assumedDelay(from: Place, to: Place): LinkSpec {
  if (from.cluster === to.cluster && from.node === to.node && from.node !== '')
    return { delayNs: DEFAULT_ONE_WAY_NS.node };
  if (from.region !== to.region) return { delayNs: DEFAULT_ONE_WAY_NS.far };
  return { delayNs: from.zone === to.zone ? DEFAULT_ONE_WAY_NS.zone : DEFAULT_ONE_WAY_NS.region };
}

type Queue = NonNullable<LinkSpec['queue']>;

const narrower = (a: Queue | undefined, b: Queue | undefined): Queue | undefined =>
  a && b ? (a.bitsPerSecond <= b.bitsPerSecond ? a : b) : (a ?? b);

/** Each direction is a line of its own. */
function queueOfLink(link: Topology['links'][number], level: Level, from: Place): Queue | undefined {
  const { bandwidth, between } = link;
  if (bandwidth === undefined) return undefined;
  return { name: `link ${between.join(' ')} from ${from[level]}`, bitsPerSecond: bandwidth };
}

/** All that two regions say to each other over CEN shares the bandwidth that is set between them. */
function queueOfCen(plan: NetworkPlan, from: Place, to: Place): Queue | undefined {
  if (from.cluster === to.cluster || !plan.cen?.bandwidth) return undefined;
  const a = plan.clusters.find(({ id }) => id === from.cluster);
  const b = plan.clusters.find(({ id }) => id === to.cluster);
  if (!a || !b || !vpcOf(plan, a) || !vpcOf(plan, b) || a.vpc === b.vpc) return undefined;
  const [here, there] = [regionOf(plan, a), regionOf(plan, b)];
  if (here === undefined || there === undefined || here === there) return undefined;
  const bitsPerSecond = bandwidthBetween(plan, here, there);
  return bitsPerSecond === undefined ? undefined : { name: `CEN ${here} to ${there}`, bitsPerSecond };
}

function linkBetween(
  links: Topology['links'],
  from: Place,
  to: Place,
): { link: Topology['links'][number]; level: Level } | undefined {
  for (const level of LEVELS) {
    const link = links.find(
      ({ between: [a, b] }) =>
        (from[level] === a && to[level] === b) || (from[level] === b && to[level] === a),
    );
    if (link) return { link, level };
  }
  return undefined;
}

// Which worlds may be run straight (see straight.ts): those whose requests cannot meet on the way, as far as their loads tell. Whatever
// else stands against it is found out while it runs.
import type { LoadSpec, WorldSpec } from '../../world.ts';

/** May the run be begun straight? */
export function mayRunStraight(spec: WorldSpec): boolean {
  return (
    spec.loads.length > 0 &&
    spec.servers.every((server) => server.forwards === undefined) &&
    spec.untilNs === undefined &&
    spec.series === undefined &&
    (spec.sampleRequests ?? 0) === 0 &&
    spec.loads.every(isPlain)
  );
}

function isPlain({ arrivals, cookies, isUnanswered, until }: LoadSpec): boolean {
  if (cookies || isUnanswered || until) return false;
  return arrivals.kind !== 'closed' || arrivals.users === 1;
}

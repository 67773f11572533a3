// Weights of the hosts of a ring or table as shares of the whole. Locality weights are taken as they are, without regard to health.
// Source: Envoy thread_aware_lb_impl.cc normalizeWeights (1.40).
import type { PriorityMembers } from '../host-set.ts';

export interface NormalizedWeights {
  hosts: number[];
  weights: number[];
  min: number;
  max: number;
}

/** @param isInPanic all hosts instead of the healthy ones */
export function normalizeWeights(
  level: PriorityMembers,
  weight: readonly number[],
  isInPanic: boolean,
  isLocalityWeighted: boolean,
): NormalizedWeights {
  const result: NormalizedWeights = { hosts: [], weights: [], min: 1, max: 0 };
  if (!isLocalityWeighted) {
    addHosts(result, isInPanic ? level.hosts : level.healthy, weight, 1);
    return result;
  }
  let sum = 0;
  for (const locality of level.localities) sum += locality.weight;
  if (sum === 0) return result;
  for (const locality of level.localities) {
    if (locality.weight === 0) continue;
    addHosts(result, isInPanic ? locality.hosts : locality.healthy, weight, locality.weight / sum);
  }
  return result;
}

function addHosts(
  result: NormalizedWeights,
  hosts: readonly number[],
  weight: readonly number[],
  share: number,
): void {
  let sum = 0;
  for (const host of hosts) sum += weight[host]!;
  for (const host of hosts) {
    const own = (weight[host]! * share) / sum;
    result.hosts.push(host);
    result.weights.push(own);
    result.min = Math.min(result.min, own);
    result.max = Math.max(result.max, own);
  }
}

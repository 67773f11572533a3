// LEAST_REQUEST: the least busy of choiceCount hosts drawn with replacement; a full scan draws among the ties; with unequal weights a
// schedule of weight / (active + 1)^bias. Source: Envoy least_request_lb.cc (1.40).
import { remainder } from '../draw.ts';
import { NO_HOST } from '../host-set.ts';
import { pickOnly, type ScheduledPolicyDefinition } from './policy.ts';

export const leastRequest: ScheduledPolicyDefinition = {
  family: 'scheduled',
  name: 'LEAST_REQUEST',
  usesWeights: true,
  create(cluster, hosts, draw, options) {
    const choiceCount = Math.max(2, cluster.leastRequestLbConfig?.choiceCount ?? 2);
    const isFullScan = cluster.leastRequestLbConfig?.selectionMethod === 'FULL_SCAN';
    let bias = 1;
    const active = hosts.activeRequests;
    return {
      refresh() {
        bias = usableBias(cluster.leastRequestLbConfig?.activeRequestBias);
      },
      forcesSchedule: () =>
        options.biasForcesWeighted === true && cluster.leastRequestLbConfig?.activeRequestBias !== undefined,
      pick(source) {
        const list = source.hosts;
        if (isFullScan) {
          let best = list[0]!;
          let ties = 1;
          for (let i = 1; i < list.length; i++) {
            const host = list[i]!;
            if (active[host]! < active[best]!) {
              best = host;
              ties = 1;
            } else if (active[host] === active[best]) {
              ties += 1;
              if (remainder(draw.int32(), ties) === 0) best = host;
            }
          }
          return best;
        }
        if (list.length === 1) {
          for (let i = 0; i < choiceCount; i++) draw.int32();
          return list[0]!;
        }
        let best = list[remainder(draw.int32(), list.length)]!;
        for (let i = 1; i < choiceCount; i++) {
          const host = list[remainder(draw.int32(), list.length)]!;
          if (active[host]! < active[best]!) best = host;
        }
        return best;
      },
      blindDraws: (source) => (source.hosts.length > 1 ? -1 : isFullScan ? 0 : choiceCount),
      // Of equally busy hosts the first one drawn stays the choice.
      decidingDraw: ({ hosts: list }) =>
        !isFullScan && list.every((host) => active[host] === active[list[0]!]) ? 1 : -1,
      drawsOfPick: 1 + choiceCount,
      pickBlindly: pickOnly,
      peek: () => NO_HOST,
      scheduledWeight: (host) => leastRequestWeight(hosts.weight[host]!, active[host]!, bias),
    };
  },
};

/** Envoy takes a bias below zero or none at all as 1. */
export function usableBias(bias: number | undefined): number {
  return bias !== undefined && bias >= 0 ? bias : 1;
}

/** weight / (active + 1)^bias */
export function leastRequestWeight(weight: number, active: number, bias: number): number {
  if (bias === 1) return weight / (active + 1);
  return bias === 0 ? weight : weight / (active + 1) ** bias;
}

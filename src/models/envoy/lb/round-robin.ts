// ROUND_ROBIN: in turn; with unequal weights by schedule. Source: Envoy round_robin_lb.h (1.40).
import { remainder } from '../draw.ts';
import type { ScheduledPolicyDefinition } from './policy.ts';

export const roundRobin: ScheduledPolicyDefinition = {
  family: 'scheduled',
  name: 'ROUND_ROBIN',
  usesWeights: true,
  create: (_cluster, hosts) => ({
    pick(source) {
      const host = source.hosts[remainder(source.index, source.hosts.length)]!;
      source.index += 1;
      return host;
    },
    blindDraws: () => 0,
    decidingDraw: () => -1,
    drawsOfPick: 1,
    pickBlindly(source, picks, counts) {
      const { hosts } = source;
      const rounds = Math.floor(picks / hosts.length);
      for (const host of hosts) counts[host]! += rounds;
      for (let i = rounds * hosts.length; i < picks; i++)
        counts[hosts[remainder(source.index + i, hosts.length)]!]!++;
      source.index += picks;
    },
    peek: (source, _priorityDraw, ahead) =>
      source.hosts[remainder(source.index + ahead, source.hosts.length)]!,
    scheduledWeight: (host) => hosts.weight[host]!,
    forcesSchedule: () => false,
    refresh() {},
  }),
};

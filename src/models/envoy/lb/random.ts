// RANDOM: the draw that chose the priority chooses the host too; weights are ignored. Source: Envoy random_lb.cc (1.40).
import { remainder } from '../draw.ts';
import { pickOnly, type ScheduledPolicyDefinition } from './policy.ts';

export const random: ScheduledPolicyDefinition = {
  family: 'scheduled',
  name: 'RANDOM',
  usesWeights: false,
  create: (_cluster, hosts) => ({
    pick: (source, priorityDraw) => source.hosts[remainder(priorityDraw, source.hosts.length)]!,
    blindDraws: (source) => (source.hosts.length === 1 ? 0 : -1),
    decidingDraw: () => 0,
    drawsOfPick: 1,
    pickBlindly: pickOnly,
    peek: (source, priorityDraw) => source.hosts[remainder(priorityDraw, source.hosts.length)]!,
    scheduledWeight: (host) => hosts.weight[host]!,
    forcesSchedule: () => false,
    refresh() {},
  }),
};

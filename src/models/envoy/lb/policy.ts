// The contract of a load-balancing policy: given one list of hosts, choose. Priority, panic and locality are decided before it.
import type { RandomStream } from '../../../engine/random.ts';
import type { Cluster } from '../config.ts';
import { EdfScheduler } from '../edf.ts';
import type { HostSet } from '../host-set.ts';

/** One list of hosts that a policy chooses from: all, healthy or degraded hosts of a priority, or those of one locality. */
export interface HostSource {
  hosts: number[];
  /** Round robin's place; survives membership changes. Starts at the balancer's seed. */
  index: number;
  /** Present when host weights differ. */
  edf: EdfScheduler | null;
}

export interface LbPolicyDefinition {
  /** Envoy's enum name. */
  name: NonNullable<Cluster['lbPolicy']>;
  /** Weighted schedule when the hosts' weights differ. */
  usesWeights: boolean;
  /** Whole number of draws it takes from the stream is part of its behaviour. `priorityDraw` is the draw that chose the priority. */
  create(cluster: Cluster, hosts: HostSet, draw: RandomStream): LbPolicy;
}

export interface LbPolicy {
  /** Chooses from a source without a schedule; its list is not empty. */
  pick(source: HostSource, priorityDraw: number): number;
  /** Weight in the schedule, asked for each time the host is picked. */
  scheduledWeight(host: number): number;
}

/** Source: Envoy load_balancer_impl.cc EdfLoadBalancerBase::refresh: a schedule only for more than one host with unequal weights. */
export function scheduleFor(
  hosts: number[],
  set: HostSet,
  policy: LbPolicy,
  seed: number,
): EdfScheduler | null {
  const first = set.weight[hosts[0]!];
  if (hosts.length < 2 || hosts.every((host) => set.weight[host] === first)) return null;
  return EdfScheduler.createWithPicks(hosts, (host) => policy.scheduledWeight(host), seed);
}

// The network under the clusters as the topology of a scenario describes it: VPCs with vSwitches, security groups, CEN. Every value may
// be strange (names that nothing has, blocks that are none): those who read it decide what that means, and never fail.
// Source: Alibaba Cloud Service Mesh, multi-cluster guide (2021-12-27), "network plan"; CEN and ECS documentation.
import type { Origin } from '../envoy/config.ts';
import type { ClusterSpec } from '../kube/model.ts';

export interface Vpc {
  region?: string;
  cidr: string;
  vSwitches?: Record<string, { cidr: string; zone?: string }>;
}

export interface IngressRule {
  /** A CIDR block or the name of a security group. */
  from: string;
  /** 9080, "9080", "8000/9000" or "8000-9000", or several; absent = all. */
  ports?: number | string | (number | string)[];
  /** tcp | udp | icmp | gre | all; absent = all. */
  protocol?: string;
}

export interface SecurityGroup {
  ingress?: IngressRule[];
}

export interface Cen {
  /** VPCs. */
  attach?: string[];
  /** [bit/s] */
  bandwidthPackage?: number;
  /** Between two regions, per direction [bit/s]. */
  bandwidth?: { between: [string, string]; limit: number }[];
  /** VPC -> Pod routes of its clusters that its route table publishes. */
  publish?: Record<string, string[]>;
}

export interface NetworkCluster extends ClusterSpec {
  vpc?: string;
  vSwitches?: string[];
  securityGroup?: string;
}

export interface NetworkPlan {
  clusters: readonly NetworkCluster[];
  vpcs?: Record<string, Vpc>;
  securityGroups?: Record<string, SecurityGroup>;
  cen?: Cen;
}

/** Steps below `topology` in the scenario file. */
export type TopologyPath = (string | number)[];

/** Something in the plan that does not do what it seems to, with the place to blame. */
export interface TopologyProblem {
  rule: string;
  /** error: traffic fails that the plan means to pass. */
  severity: 'error' | 'warning' | 'info';
  message: string;
  hint: string;
  path: TopologyPath;
  /** Of something in a manifest; it wins over the path. */
  origin?: Origin;
}

/** The entry of that name, if the file wrote one (names come from strangers: "constructor" is one, too). */
export const named = <T>(entries: Record<string, T> | undefined, name: string | undefined): T | undefined =>
  entries !== undefined && name !== undefined && Object.hasOwn(entries, name) ? entries[name] : undefined;

/** The VPC that the cluster's pods live in; none for clusters outside the cloud and for those that name none that exists. */
export function vpcOf(plan: NetworkPlan, cluster: NetworkCluster): Vpc | undefined {
  return cluster.type === 'external' ? undefined : named(plan.vpcs, cluster.vpc);
}

export const regionOf = (plan: NetworkPlan, cluster: NetworkCluster): string | undefined =>
  vpcOf(plan, cluster)?.region ?? cluster.region;

/** Those that the cluster names; without a word all of its VPC. */
export function vSwitchesOf(plan: NetworkPlan, cluster: NetworkCluster): { name: string; cidr: string }[] {
  const all = vpcOf(plan, cluster)?.vSwitches;
  const names = cluster.vSwitches ?? Object.keys(all ?? {});
  return names.flatMap((name) => {
    const found = named(all, name);
    return found ? [{ name, cidr: found.cidr }] : [];
  });
}

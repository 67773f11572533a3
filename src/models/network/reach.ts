// Who reaches whom: one pod opens a connection to another, and either it arrives or its first packet, or the answer to it, is dropped on
// the way. Everything that stands in the way here drops silently: callers see a connect timeout, never a refusal. Clusters without a VPC,
// those outside the cloud among them, are taken to lie on one flat network.
// Source: Alibaba Cloud Service Mesh, multi-cluster guide (2021-12-27), "two regions"; CEN documentation.
import { covers, holds, overlaps } from './cidr.ts';
import {
  type NetworkCluster,
  type NetworkPlan,
  named,
  regionOf,
  type TopologyPath,
  type Vpc,
  vpcOf,
  vSwitchesOf,
} from './plan.ts';
import { isAdmitted, rulesOf } from './security-groups.ts';

/** A pod, or with no address any pod of the cluster. */
export interface Peer {
  cluster: string;
  ip?: string;
}

export interface Obstacle {
  rule: string;
  /** What the caller sees. */
  how: 'timeout';
  message: string;
  hint: string;
  path: TopologyPath;
  /** Does it stop connections of the other direction as well? */
  isBothWays: boolean;
}

/** What stands in the way of connections from one pod to a port of another; null = nothing. */
export function obstacleBetween(
  plan: NetworkPlan,
  from: Peer,
  to: Peer & { port?: number },
): Obstacle | null {
  if (from.cluster === to.cluster) return null;
  const a = plan.clusters.find((cluster) => cluster.id === from.cluster);
  const b = plan.clusters.find((cluster) => cluster.id === to.cluster);
  const [vpcA, vpcB] = [a && vpcOf(plan, a), b && vpcOf(plan, b)];
  if (!a || !b || !vpcA || !vpcB) return null;
  return (
    sameAddresses(plan, a, b) ??
    (a.vpc === b.vpc ? null : (unjoined(plan, a, b) ?? unrouted(plan, [a, from.ip], [b, to.ip]))) ??
    unadmitted(plan, a, b, from.ip, to.port)
  );
}

const path = (...steps: TopologyPath): TopologyPath => steps;

/** Packets to an address that the own cluster or VPC has, too, never leave it. */
function sameAddresses(plan: NetworkPlan, a: NetworkCluster, b: NetworkCluster): Obstacle | null {
  const isShared = a.vpc === b.vpc && [a, b].every((cluster) => livesInSwitches(plan, cluster));
  if (overlaps(a.podCIDR, b.podCIDR) && !isShared)
    return {
      rule: 'NET002',
      how: 'timeout',
      message: `the Pod CIDRs of ${a.id} (${a.podCIDR}) and ${b.id} (${b.podCIDR}) overlap: packets for the other cluster stay in the own one`,
      hint: 'give each cluster a Pod CIDR of its own; it cannot be changed in a cluster that exists',
      path: path('clusters', b.id, 'podCIDR'),
      isBothWays: true,
    };
  for (const [pods, nodes] of [
    [a, b],
    [b, a],
  ] as const) {
    const clash = vSwitchesOf(plan, nodes).find(
      (vSwitch) =>
        overlaps(pods.podCIDR, vSwitch.cidr) &&
        !(pods.vpc === nodes.vpc && vSwitchesOf(plan, pods).some((own) => own.name === vSwitch.name)),
    );
    if (clash)
      return {
        rule: 'NET002',
        how: 'timeout',
        message: `the Pod CIDR of ${pods.id} (${pods.podCIDR}) overlaps vSwitch ${clash.name} of ${nodes.id} (${clash.cidr}): packets have two ways to go`,
        hint: 'give the cluster a Pod CIDR that no vSwitch uses',
        path: path('clusters', pods.id, 'podCIDR'),
        isBothWays: true,
      };
  }
  return null;
}

/** Its pods have addresses of its vSwitches, which the VPC hands out, each once. */
const livesInSwitches = (plan: NetworkPlan, cluster: NetworkCluster): boolean =>
  cluster.podCIDR !== undefined &&
  covers(
    vSwitchesOf(plan, cluster).map(({ cidr }) => cidr),
    cluster.podCIDR,
  );

/** Two VPCs that CEN does not join, or not usably. */
function unjoined(plan: NetworkPlan, a: NetworkCluster, b: NetworkCluster): Obstacle | null {
  const attached = Array.isArray(plan.cen?.attach) ? plan.cen.attach : [];
  const missing = [a, b].find((cluster) => !attached.includes(cluster.vpc!));
  if (missing)
    return {
      rule: 'NET003',
      how: 'timeout',
      message: plan.cen
        ? `${missing.vpc} is not attached to CEN: nothing passes between ${a.id} and ${b.id}`
        : `${a.id} and ${b.id} are in different VPCs and no CEN joins them`,
      hint: `attach ${missing.vpc} to CEN: cen.attach; if the VPCs are joined by other means, leave out vpc`,
      path: plan.cen ? path('cen', 'attach') : path('clusters', missing.id, 'vpc'),
      isBothWays: true,
    };
  const clash = clashingSwitches(plan, a, b) ?? clashingSwitches(plan, b, a);
  if (clash)
    return {
      rule: 'NET001',
      how: 'timeout',
      message: `vSwitch ${clash.own.name} of ${clash.ownVpc} (${clash.own.cidr}) and ${clash.other.name} of ${clash.otherVpc} (${clash.other.cidr}) overlap: once the VPCs are joined their routes conflict`,
      hint: 'give the vSwitches different blocks; the blocks of the VPCs may be equal',
      path: path('vpcs', clash.otherVpc, 'vSwitches', clash.other.name, 'cidr'),
      isBothWays: true,
    };
  const [here, there] = [regionOf(plan, a), regionOf(plan, b)];
  if (here === undefined || there === undefined || here === there) return null;
  if (!(Number(plan.cen?.bandwidthPackage) > 0))
    return {
      rule: 'NET004',
      how: 'timeout',
      message: `CEN has no bandwidth package: nothing passes between ${here} and ${there}`,
      hint: 'buy one and write it as cen.bandwidthPackage',
      path: path('cen'),
      isBothWays: true,
    };
  if (bandwidthBetween(plan, here, there) === undefined)
    return {
      rule: 'NET005',
      how: 'timeout',
      message: `CEN has no cross-region bandwidth between ${here} and ${there}: there is no usable path`,
      hint: `set some of the package aside: cen.bandwidth: [{ between: [${here}, ${there}], limit: 5Mbps }]`,
      path: path('cen', ...(plan.cen?.bandwidth ? ['bandwidth'] : [])),
      isBothWays: true,
    };
  return null;
}

/** Only vSwitches that one of the clusters lives on matter to it. */
function clashingSwitches(plan: NetworkPlan, a: NetworkCluster, b: NetworkCluster) {
  const others = Object.entries(vpcOf(plan, b)?.vSwitches ?? {});
  for (const own of vSwitchesOf(plan, a))
    for (const [name, { cidr }] of others)
      if (overlaps(own.cidr, cidr)) return { own, ownVpc: a.vpc!, other: { name, cidr }, otherVpc: b.vpc! };
  return null;
}

/** Bandwidth of CEN between two regions [bit/s]; undefined = none is set. */
export function bandwidthBetween(plan: NetworkPlan, a: string, b: string): number | undefined {
  const entries = Array.isArray(plan.cen?.bandwidth) ? plan.cen.bandwidth : [];
  const found = entries.find(
    ({ between, limit }) =>
      limit > 0 && ((between[0] === a && between[1] === b) || (between[0] === b && between[1] === a)),
  );
  return found?.limit;
}

/** Packets go out by the route to the callee and come back by the route to the caller: each must be published by its own VPC. */
function unrouted(
  plan: NetworkPlan,
  from: readonly [NetworkCluster, string | undefined],
  to: readonly [NetworkCluster, string | undefined],
): Obstacle | null {
  for (const [[cluster, ip], [other]] of [
    [to, from],
    [from, to],
  ] as const) {
    if (isPublished(plan, cluster, ip)) continue;
    const isBack = cluster === from[0];
    return {
      rule: 'NET006',
      how: 'timeout',
      message: `${cluster.vpc} does not publish the Pod routes of ${cluster.id} (${cluster.podCIDR ?? ip}) to CEN: ${isBack ? 'answers' : `packets from ${other.id}`} do not find the way`,
      hint: `publish them: cen.publish: { ${cluster.vpc}: [${cluster.podCIDR ?? 'the Pod CIDR'}] }`,
      path: path('cen', ...(named(plan.cen?.publish, cluster.vpc) ? ['publish', cluster.vpc!] : [])),
      isBothWays: true,
    };
  }
  return null;
}

/** Routes to vSwitches are published by the attachment itself: pods that have addresses of a vSwitch need nothing more. */
export function isPublished(plan: NetworkPlan, cluster: NetworkCluster, ip?: string): boolean {
  const blocks = routedBlocks(plan, cluster);
  if (ip !== undefined && cluster.podCIDR !== undefined) return holds(blocks, ip);
  // Nobody said where the pods are: whatever is published is taken to be theirs.
  if (cluster.podCIDR === undefined) return (named(plan.cen?.publish, cluster.vpc) ?? []).length > 0;
  return covers(blocks, cluster.podCIDR);
}

export function routedBlocks(plan: NetworkPlan, cluster: NetworkCluster): string[] {
  const vpc: Vpc | undefined = vpcOf(plan, cluster);
  const published = named(plan.cen?.publish, cluster.vpc);
  return [
    ...(Array.isArray(published) ? published : []),
    ...Object.values(vpc?.vSwitches ?? {}).map(({ cidr }) => cidr),
  ];
}

function unadmitted(
  plan: NetworkPlan,
  from: NetworkCluster,
  to: NetworkCluster,
  ip: string | undefined,
  port: number | undefined,
): Obstacle | null {
  const isPodKnown = from.podCIDR !== undefined;
  const knock = { ...(ip !== undefined && isPodKnown && { ip }), ...(port !== undefined && { port }) };
  if (isAdmitted(plan, from, to, knock)) return null;
  const isOneVpc = from.vpc === to.vpc;
  const group = to.securityGroup!;
  const isNamedInVain = !isOneVpc && rulesOf(plan, to).some((rule) => rule.from === from.securityGroup);
  const wanted =
    isOneVpc && from.securityGroup !== undefined ? from.securityGroup : (from.podCIDR ?? 'its Pod CIDR');
  return {
    rule: 'NET007',
    how: 'timeout',
    message: `security group ${group} of ${to.id} does not admit ${from.id}${port === undefined ? '' : ` to port ${port}`}: its packets are dropped${isNamedInVain ? ` (a rule by group, ${from.securityGroup}, counts within one VPC only)` : ''}`,
    hint: `admit it: securityGroups: { ${group}: { ingress: [{ from: ${wanted} }] } }`,
    path: path('securityGroups', group, ...(named(plan.securityGroups, group)?.ingress ? ['ingress'] : [])),
    isBothWays: false,
  };
}

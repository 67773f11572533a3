// What is wrong with a network plan before anything runs: every pair of clusters that does not reach each other, with the place to blame,
// and what is written without effect.
import { covers, overlaps } from './cidr.ts';
import {
  type NetworkCluster,
  type NetworkPlan,
  regionOf,
  type TopologyPath,
  type TopologyProblem,
  vpcOf,
} from './plan.ts';
import { obstacleBetween } from './reach.ts';

export function networkProblems(plan: NetworkPlan): TopologyProblem[] {
  const found = [
    ...unreachablePairs(plan),
    ...idleSwitchClashes(plan),
    ...serviceClashes(plan),
    ...uselessPublications(plan),
    ...oversoldBandwidth(plan),
    ...oddClusters(plan),
  ];
  const seen = new Set<string>();
  return found.filter(({ rule, path, message }) => {
    // The same cause between the same two clusters is told once, whoever calls whom.
    const key = `${rule} ${path.join('.')} ${rule === 'NET007' ? message : ''}`;
    return !seen.has(key) && seen.add(key);
  });
}

/** Clusters of different Istio networks talk through gateways and need no way for pods. */
const areApart = (a: NetworkCluster, b: NetworkCluster): boolean =>
  a.network !== undefined && b.network !== undefined && a.network !== b.network;

function* pairs(plan: NetworkPlan): Generator<[NetworkCluster, NetworkCluster]> {
  for (const [i, a] of plan.clusters.entries()) for (const b of plan.clusters.slice(i + 1)) yield [a, b];
}

function* unreachablePairs(plan: NetworkPlan): Generator<TopologyProblem> {
  for (const [a, b] of pairs(plan)) {
    if (areApart(a, b)) continue;
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      const obstacle = obstacleBetween(plan, { cluster: from.id }, { cluster: to.id });
      if (!obstacle) continue;
      const { rule, message, hint, path, isBothWays } = obstacle;
      const words = isBothWays
        ? `connections between ${a.id} and ${b.id} time out`
        : `connections from ${from.id} to ${to.id} time out`;
      yield {
        rule,
        severity: isBothWays ? 'error' : 'warning',
        message: `${message}; ${words}`,
        hint,
        path,
      };
    }
  }
}

/** vSwitches that no cluster lives on still spoil the routes of joined VPCs. */
function* idleSwitchClashes(plan: NetworkPlan): Generator<TopologyProblem> {
  const all = Object.entries(plan.vpcs ?? {}).flatMap(([vpc, { vSwitches }]) =>
    Object.entries(vSwitches ?? {}).map(([name, { cidr }]) => ({ vpc, name, cidr })),
  );
  const attached = plan.cen?.attach ?? [];
  for (const [i, a] of all.entries())
    for (const b of all.slice(i + 1)) {
      if (!overlaps(a.cidr, b.cidr)) continue;
      if (a.vpc !== b.vpc && !(attached.includes(a.vpc) && attached.includes(b.vpc))) continue;
      yield {
        rule: 'NET001',
        severity: 'warning',
        message:
          a.vpc === b.vpc
            ? `vSwitches ${a.name} and ${b.name} of ${a.vpc} overlap (${a.cidr}, ${b.cidr})`
            : `vSwitch ${a.name} of ${a.vpc} (${a.cidr}) and ${b.name} of ${b.vpc} (${b.cidr}) overlap: the routes of the joined VPCs conflict`,
        hint: 'give the vSwitches different blocks',
        path: ['vpcs', b.vpc, 'vSwitches', b.name, 'cidr'],
      };
    }
}

/** Sidecars call pods, not ClusterIPs, so traffic does not suffer; the console refuses such a cluster all the same (AS-1). */
function* serviceClashes(plan: NetworkPlan): Generator<TopologyProblem> {
  for (const [a, b] of pairs(plan)) {
    if (!vpcOf(plan, a) || !vpcOf(plan, b)) continue;
    const at = (cluster: NetworkCluster, key: 'serviceCIDR' | 'podCIDR'): TopologyPath => [
      'clusters',
      cluster.id,
      key,
    ];
    const hint = 'ASM refuses to add a cluster whose Service CIDR overlaps with a block of another one';
    if (overlaps(a.serviceCIDR, b.serviceCIDR))
      yield {
        rule: 'NET008',
        severity: 'warning',
        message: `the Service CIDRs of ${a.id} (${a.serviceCIDR}) and ${b.id} (${b.serviceCIDR}) overlap`,
        hint,
        path: at(b, 'serviceCIDR'),
      };
    for (const [service, pods] of [
      [a, b],
      [b, a],
    ] as const)
      if (overlaps(service.serviceCIDR, pods.podCIDR))
        yield {
          rule: 'NET008',
          severity: 'warning',
          message: `the Service CIDR of ${service.id} (${service.serviceCIDR}) overlaps the Pod CIDR of ${pods.id} (${pods.podCIDR})`,
          hint,
          path: at(service, 'serviceCIDR'),
        };
  }
}

function* uselessPublications(plan: NetworkPlan): Generator<TopologyProblem> {
  for (const [vpc, blocks] of Object.entries(plan.cen?.publish ?? {})) {
    const clusters = plan.clusters.filter((cluster) => cluster.vpc === vpc && vpcOf(plan, cluster));
    if (clusters.length === 0 || clusters.some(({ podCIDR }) => podCIDR === undefined)) continue;
    for (const [i, block] of blocks.entries())
      if (!clusters.some(({ podCIDR }) => overlaps(podCIDR, block)))
        yield {
          rule: 'NET009',
          severity: 'warning',
          message: `${vpc} publishes ${block}, but no cluster in it has such Pod addresses (${clusters.map(({ id, podCIDR }) => `${id}: ${podCIDR}`).join(', ')})`,
          hint: 'publish the Pod CIDRs of the clusters in that VPC',
          path: ['cen', 'publish', vpc, i],
        };
  }
}

function* oversoldBandwidth(plan: NetworkPlan): Generator<TopologyProblem> {
  const { bandwidthPackage, bandwidth = [] } = plan.cen ?? {};
  const sum = bandwidth.reduce((total, { limit }) => total + limit, 0);
  if (bandwidthPackage !== undefined && sum > bandwidthPackage)
    yield {
      rule: 'NET010',
      severity: 'warning',
      message: `the cross-region bandwidths add up to ${megabits(sum)}, the package holds ${megabits(bandwidthPackage)}`,
      hint: 'the sum cannot be more than the package',
      path: ['cen', 'bandwidthPackage'],
    };
}

const megabits = (bits: number): string => `${Number((bits / 1e6).toFixed(3))} Mbps`;

function* oddClusters(plan: NetworkPlan): Generator<TopologyProblem> {
  for (const cluster of plan.clusters) {
    const vpc = vpcOf(plan, cluster);
    const at = (...steps: TopologyPath): TopologyPath => ['clusters', cluster.id, ...steps];
    if (!vpc && cluster.securityGroup !== undefined)
      yield {
        rule: 'NET011',
        severity: 'warning',
        message: `${cluster.id} is in no VPC, so its security group ${cluster.securityGroup} has no effect here: everybody reaches its pods`,
        hint: 'name its vpc; only clusters outside the cloud have none',
        path: at('securityGroup'),
      };
    if (!vpc) continue;
    const others = plan.clusters.filter((other) => vpcOf(plan, other) && other.vpc !== cluster.vpc);
    if (cluster.podCIDR === undefined && others.length > 0)
      yield {
        rule: 'NET011',
        severity: 'info',
        message: `${cluster.id} has no podCIDR: published routes and rules by address are taken to fit its pods`,
        hint: 'write its podCIDR',
        path: at(),
      };
    if (vpc.region !== undefined && cluster.region !== undefined && vpc.region !== cluster.region)
      yield {
        rule: 'NET012',
        severity: 'warning',
        message: `${cluster.id} is in ${cluster.region}, its VPC ${cluster.vpc} in ${vpc.region}`,
        hint: `a VPC lies in one region: ${regionOf(plan, cluster)}`,
        path: at('region'),
      };
    for (const name of cluster.vSwitches ?? []) {
      const found = Object.entries(vpc.vSwitches ?? {}).find(([other]) => other === name)?.[1];
      if (found && !covers([vpc.cidr], found.cidr))
        yield {
          rule: 'NET001',
          severity: 'warning',
          message: `vSwitch ${name} (${found.cidr}) is not inside ${cluster.vpc} (${vpc.cidr})`,
          hint: 'choose a block of the VPC',
          path: ['vpcs', cluster.vpc!, 'vSwitches', name, 'cidr'],
        };
    }
  }
}

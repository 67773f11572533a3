// Names inside the topology: clusters, regions and zones, gateways, VPCs with their vSwitches, security groups.
import { hintFor } from './diagnostics.ts';
import { contains, isMistake, parseCidr } from './durations.ts';
import type { Check } from './references-check.ts';
import type { TopologyFile } from './schema-topology.ts';

export function checkTopology(check: Check): void {
  const { scenario, names } = check;
  const { topology } = scenario;
  for (const gateway of topology.gateways) {
    const at = ['topology', 'gateways', gateway.name];
    check.known('FS3002', 'cluster', gateway.cluster, names.clusters, [...at, 'cluster']);
    for (const [i, id] of gateway.clusterIds.entries())
      if (id !== gateway.cluster)
        check.known('FS3002', 'cluster', id, names.clusters, [...at, 'clusterIds', i]);
  }
  for (const [i, { between }] of topology.links.entries()) {
    for (const [j, end] of between.entries()) check.place(end, ['topology', 'links', i, 'between', j]);
  }
  const proxies = new Set([
    'default',
    ...names.gateways,
    ...names.workloads.map((workload) => workload.name),
  ]);
  for (const name of Object.keys(topology.proxies))
    check.known('FS3003', 'workload or gateway', name, proxies, ['topology', 'proxies', name], true);
  checkVpcs(check);
}

function checkVpcs(check: Check): void {
  const { clusters } = check.scenario.topology;
  const vpcs = (check.scenario.topology.vpcs ?? {}) as NonNullable<TopologyFile['vpcs']>;
  const groups = (check.scenario.topology.securityGroups ?? {}) as NonNullable<
    TopologyFile['securityGroups']
  >;
  const cen = (check.scenario.topology.cen ?? {}) as NonNullable<TopologyFile['cen']>;
  const [vpcNames, groupNames] = [Object.keys(vpcs), Object.keys(groups)];
  for (const cluster of clusters) {
    const at = ['topology', 'clusters', cluster.id];
    if (cluster.vpc !== undefined) check.known('FS3013', 'VPC', cluster.vpc, vpcNames, [...at, 'vpc']);
    if (cluster.securityGroup !== undefined)
      check.known('FS3013', 'security group', cluster.securityGroup, groupNames, [...at, 'securityGroup']);
    const vpc = cluster.vpc !== undefined && Object.hasOwn(vpcs, cluster.vpc) ? vpcs[cluster.vpc] : undefined;
    const switches = vpc ? Object.keys(vpc.vSwitches ?? {}) : [];
    for (const [i, name] of (cluster.vSwitches ?? []).entries())
      check.known('FS3013', `vSwitch of ${cluster.vpc ?? 'a VPC'}`, name, switches, [...at, 'vSwitches', i]);
  }
  for (const [name, vpc] of Object.entries(vpcs)) {
    const outer = parseCidr(vpc.cidr);
    for (const [id, vSwitch] of Object.entries(vpc.vSwitches ?? {})) {
      const inner = parseCidr(vSwitch.cidr);
      if (isMistake(outer) || isMistake(inner) || contains(outer, inner)) continue;
      const message = `vSwitch ${id}: ${vSwitch.cidr} is not inside ${name}'s ${vpc.cidr}`;
      check.report('FS2003', check.originAt(['topology', 'vpcs', name, 'vSwitches', id, 'cidr']), message);
    }
  }
  for (const [name, group] of Object.entries(groups))
    for (const [i, rule] of (group.ingress ?? []).entries()) {
      const at = ['topology', 'securityGroups', name, 'ingress', i, 'from'];
      if (/^[\d.]+(\/\d+)?$/.test(rule.from)) {
        const cidr = parseCidr(rule.from);
        if (isMistake(cidr)) check.report('FS2006', check.originAt(at), cidr.message, cidr.hint);
      } else check.known('FS3013', 'security group', rule.from, groupNames, at);
    }
  for (const [i, name] of (cen.attach ?? []).entries())
    check.known('FS3013', 'VPC', name, vpcNames, ['topology', 'cen', 'attach', i]);
  for (const name of Object.keys(cen.publish ?? {}))
    check.known('FS3013', 'VPC', name, vpcNames, ['topology', 'cen', 'publish', name], true);
  for (const [i, { between }] of (cen.bandwidth ?? []).entries())
    for (const [j, region] of between.entries()) {
      if (check.names.regions.size === 0 || check.names.regions.has(region)) continue;
      const at = ['topology', 'cen', 'bandwidth', i, 'between', j];
      check.report(
        'FS3007',
        check.originAt(at),
        `there is no region "${region}"`,
        hintFor(region, check.names.regions),
      );
    }
}

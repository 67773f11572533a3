// One outbound cluster as one client sees it: its policy, its hosts by priority, and whether anybody is known to call it.
import type { Cluster, EnvoyConfig } from '../../models/envoy/config.ts';
import { assignmentOf } from '../../models/envoy/resolve-route.ts';
import type { EffectiveRule } from '../../models/istio/context.ts';
import type { TrafficPolicy } from '../../models/istio/destination-rule.ts';
import type { EffectiveSetting } from '../../models/istio/effective-setting.ts';
import type { IstioEndpoint, ProxyNode, Service, ServicePort } from '../../models/istio/model.ts';
import type { HostView, PlannedCluster } from './planned-clusters.ts';
import type { Client, LintSubject } from './subject.ts';

export type { HostView };

export interface ClusterView {
  client: Client;
  node: ProxyNode;
  /** A workload that calls it from there, as far as is known. */
  caller: string;
  /** First part of the client's locality. */
  region: string;
  config: EnvoyConfig;
  cluster: Cluster;
  service: Service;
  port: ServicePort;
  subset: string;
  subsetLabels: Record<string, string> | undefined;
  rule: EffectiveRule | null;
  /** Of the rule, merged for this port and subset. */
  policy: TrafficPolicy | null;
  setting: EffectiveSetting | null;
  /** The locality setting is the rule's own, not the mesh's. */
  isOwnSetting: boolean;
  hosts: HostView[];
  /** Hosts by priority, most preferred first; levels without hosts are left out. */
  levels: HostView[][];
  /** All endpoints of the service that fit the subset, whether or not the client gets them. */
  endpoints: IstioEndpoint[];
  isCalled: boolean;
}

export function viewsOf(client: Client, subject: LintSubject): ClusterView[] {
  const { context, plan } = subject;
  const { node, proxy } = client;
  const { config } = plan.world.proxies[proxy]!;
  const byName = new Map(config.clusters.map((cluster) => [cluster.name, cluster]));
  const called = new Map<string, string>();
  for (const { client: of, site, resolution } of subject.uses)
    for (const target of of === client ? resolution.targets : [])
      if (!called.has(target.cluster))
        called.set(target.cluster, plan.names.callerWorkloads.get(site.caller) ?? site.caller);
  const views: ClusterView[] = [];
  for (const service of context.visibleServices(node)) {
    const known = subject.known(service);
    const rule = context.destinationRuleFor(node, service);
    for (const one of subject.planned.of(service, rule, node.type)) {
      const cluster = byName.get(one.plan.cluster.name);
      if (!cluster) continue;
      views.push(viewOf(client, config, cluster, one, rule, known, called.get(cluster.name)));
    }
  }
  return views;
}

function viewOf(
  client: Client,
  config: EnvoyConfig,
  cluster: Cluster,
  planned: PlannedCluster,
  rule: EffectiveRule | null,
  service: Service,
  caller: string | undefined,
): ClusterView {
  const { node } = client;
  const { plan, endpoints } = planned;
  const load = plan.policy?.loadBalancer;
  return {
    client,
    node,
    caller: caller ?? client.workload,
    region: node.locality.split('/')[0] ?? '',
    config,
    cluster,
    service,
    port: plan.port,
    subset: plan.subset,
    subsetLabels: plan.subsetLabels,
    rule,
    policy: plan.policy,
    setting: plan.setting,
    isOwnSetting: Boolean(load?.localityLbSetting ?? load?.zoneAwareLbSetting),
    ...planned.hostsOf(assignmentOf(config, cluster)),
    endpoints,
    isCalled: caller !== undefined,
  };
}

// Outbound clusters of one service: one per port, and one per port and subset of the rule in force.
// Source: istio/istio pilot/pkg/networking/core/{cluster,cluster_builder}.go (1.31). Rules DR-10 .. DR-13, EP-30 .. EP-37, EP-42.
import type { Cluster, Origin } from '../../envoy/config.ts';
import { clusterPolicy } from '../cluster-policy.ts';
import type { EffectiveRule } from '../context.ts';
import { mergeSubsetPolicy, policyOfPort, type TrafficPolicy } from '../destination-rule.ts';
import { type EffectiveSetting, effectiveLbSetting } from '../effective-setting.ts';
import { clusterName } from '../host-name.ts';
import type { MeshSettings } from '../mesh-config.ts';
import type { ProxyNode, Service, ServicePort } from '../model.ts';
import type { IstioProfile } from '../profile.ts';
import { clusterType } from './cluster-type.ts';

export interface PlanContext {
  profile: IstioProfile;
  settings: MeshSettings;
  trafficDistributionOf(service: Service): string | undefined;
}

/** A cluster before its endpoints: shared by all proxies that see the same service under the same rule. */
export interface ClusterPlan {
  service: Service;
  port: ServicePort;
  subset: string;
  subsetLabels: Record<string, string> | undefined;
  /** Without endpoints; those of DNS clusters are added per client. */
  cluster: Cluster;
  /** Of the rule alone, merged; null = no rule. */
  policy: TrafficPolicy | null;
  setting: EffectiveSetting | null;
  trafficDistribution: string | undefined;
}

export function outboundPlans(
  service: Service,
  rule: EffectiveRule | null,
  proxy: ProxyNode['type'],
  context: PlanContext,
): ClusterPlan[] {
  const type = clusterType(service, proxy);
  if (type === null) return [];
  const trafficDistribution = context.trafficDistributionOf(service);
  const { settings, profile } = context;
  const shared = {
    profile,
    trafficDistribution,
    meshLocality: settings.localityLbSetting,
    meshZoneAware: settings.zoneAwareLbSetting,
    connectTimeout: settings.connectTimeout,
    defaultTrafficPolicy: settings.defaultTrafficPolicy,
    h2UpgradePolicy: settings.h2UpgradePolicy,
    type,
  };
  const plan = (port: ServicePort, subset: number | null): ClusterPlan => {
    const entry = subset === null ? undefined : rule?.spec.subsets?.[subset];
    const policy = entry
      ? mergeSubsetPolicy(rule?.spec.trafficPolicy, entry.trafficPolicy, port.port)
      : policyOfPort(rule?.spec.trafficPolicy, port.port);
    const cluster: Cluster = {
      name: clusterName('outbound', port.port, entry?.name ?? '', service.hostname),
      ...clusterPolicy(policy, { ...shared, protocol: port.protocol }),
      transportSocket: transportSocket(policy, service, settings),
    };
    if (cluster.type === 'EDS') cluster.edsClusterConfig = {};
    if (cluster.type === 'STRICT_DNS' || cluster.type === 'LOGICAL_DNS') {
      cluster.dnsRefreshRate = settings.dnsRefreshRate;
      cluster.respectDnsTtl = true;
    }
    addOrigins(cluster, rule, subset);
    return {
      service,
      port,
      subset: entry?.name ?? '',
      subsetLabels: entry?.labels,
      cluster,
      policy,
      setting: effectiveLbSetting({ destinationRuleLoadBalancer: policy?.loadBalancer, ...shared }, profile),
      trafficDistribution,
    };
  };
  return service.ports
    .filter(({ protocol }) => protocol !== 'UDP')
    .flatMap((port) => [
      plan(port, null),
      ...(rule?.spec.subsets ?? []).map((_, index) => plan(port, index)),
    ]);
}

/** Reachability only: what the client would speak to an endpoint that can do mTLS. */
function transportSocket(
  policy: TrafficPolicy | null,
  service: Service,
  settings: MeshSettings,
): Cluster['transportSocket'] {
  const mode = policy?.tls?.mode;
  if (mode === 'DISABLE') return 'raw_buffer';
  if (policy?.tls) return mode === undefined ? 'raw_buffer' : 'tls';
  return settings.enableAutoMtls && !service.meshExternal ? 'auto_mtls' : 'raw_buffer';
}

/** Where a reader finds the policy: the subset's own where it has one, else the top-level policy. */
function addOrigins(cluster: Cluster, rule: EffectiveRule | null, subset: number | null): void {
  if (!rule) return;
  const entry = subset === null ? undefined : rule.spec.subsets?.[subset];
  for (const source of rule.sources) {
    const own = entry ? (source.spec.subsets?.indexOf(entry) ?? -1) : -1;
    const top: (string | number)[] = ['spec', 'trafficPolicy'];
    const inSubset: (string | number)[] = ['spec', 'subsets', own, 'trafficPolicy'];
    const find = (path: (string | number)[]): Origin | undefined => source.originOf?.(path) ?? source.origin;
    if (own >= 0 && entry?.trafficPolicy) cluster.origin = find(inSubset);
    else if (source.spec.trafficPolicy) cluster.origin ??= find(top);
    if (own >= 0 && entry?.trafficPolicy?.outlierDetection)
      cluster.outlierOrigin = find([...inSubset, 'outlierDetection']);
    else if (source.spec.trafficPolicy?.outlierDetection)
      cluster.outlierOrigin ??= find([...top, 'outlierDetection']);
  }
  if (!cluster.outlierDetection) delete cluster.outlierOrigin;
}

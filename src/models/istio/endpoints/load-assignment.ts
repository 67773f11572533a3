// The endpoints of one cluster for one client: filters, locality groups, network gateways, then priorities and weights.
// What does not depend on the client is worked out once per cluster plan; clients that look alike to the plan share one assignment.
// Source: istio/istio pilot/pkg/xds/endpoints/endpoint_builder.go (1.31). Rules EP-5, EP-6, EP-40, EP-41, EP-42, LO-4.
import type { Cluster, ClusterLoadAssignment, LocalityLbEndpoints } from '../../envoy/config.ts';
import type { ClusterPlan } from '../clusters/outbound.ts';
import { getOrCreate } from '../get-or-create.ts';
import { applyLocalityLb, applyZoneAware, groupWeight, wantedLabels } from '../locality-lb.ts';
import type { IstioEndpoint, Mesh, ProxyNode } from '../model.ts';
import type { IstioProfile } from '../profile.ts';
import { type Group, hasPersistentSessions, localityGroups, type Member } from './locality-groups.ts';
import { type NetworkGateways, splitHorizon } from './split-horizon.ts';

export interface AssignmentContext {
  mesh: Mesh;
  profile: IstioProfile;
  gateways: NetworkGateways;
  isClusterLocal(hostname: string): boolean;
  /** PeerAuthentication DISABLE for the workload behind an endpoint. */
  isMtlsDisabled(namespace: string, labels: Record<string, string>, port: number): boolean;
  enableAutoMtls: boolean;
  /** One object per content, so that a view works out each key once and not once per cluster. */
  internNeeds(needs: ClientNeeds): ClientNeeds;
}

/** What of a client the endpoints of a cluster depend on. */
export interface ClientNeeds {
  cluster: boolean;
  nodeName: boolean;
  /** Network and IP families. */
  network: boolean;
  locality: boolean;
  /** Labels whose values failoverPriority compares. */
  labels: readonly string[];
}

export interface Assigner {
  needs: ClientNeeds;
  /** @param key clientKey(node, needs) */
  assignmentFor(node: ProxyNode, key: string): ClusterLoadAssignment;
  /** A DNS cluster carries its endpoints itself; one object per assignment. */
  withAssignment(cluster: Cluster, loadAssignment: ClusterLoadAssignment): Cluster;
}

const isDns = (plan: ClusterPlan) =>
  plan.cluster.type === 'STRICT_DNS' || plan.cluster.type === 'LOGICAL_DNS';

export interface AssignerOptions {
  /** Name of the assignment; absent = the cluster's. */
  clusterName?: string;
  /** Only endpoints that can do mTLS: clusters of AUTO_PASSTHROUGH gateways. */
  mtlsOnly?: boolean;
}

export function createAssigner(
  plan: ClusterPlan,
  context: AssignmentContext,
  options: AssignerOptions = {},
): Assigner {
  const { profile } = context;
  const { service, setting } = plan;
  const dns = isDns(plan);
  const prepared = preparedGroups(plan, context, dns).map(withOwnWeight);
  const isLocal = context.isClusterLocal(service.hostname);
  const isNodeLocal = service.internalTrafficPolicyLocal === true;
  const failover =
    setting !== null &&
    (setting.forcesFailover ||
      (dns ? plan.cluster.outlierDetection : plan.policy?.outlierDetection) !== undefined);
  const spec = setting?.setting;
  // failoverPriority on DNS clusters: since 1.30, on the plain cluster with one locality group.
  const priorities =
    spec && failover && !(setting.kind === 'locality' && spec.distribute?.length)
      ? (spec.failoverPriority ?? [])
      : [];
  const usesLocality =
    setting !== null &&
    (setting.kind === 'zone' ? setting.forcesFailover : Boolean(spec?.distribute?.length) || failover);
  const hasMtls = (member: Member) => canDoMtls(member.endpoint!, plan, context);
  const isMultiNetwork = context.gateways.isOn && prepared.some(({ endpoints }) => endpoints.some(isRemote));
  const cache = new Map<string, ClusterLoadAssignment>();
  const carriers = new Map<ClusterLoadAssignment, Cluster>();
  const shared: SharedGroups = new Map(prepared.map(({ endpoints }) => [endpoints, []]));

  const needs = context.internNeeds({
    cluster: isLocal || isNodeLocal,
    nodeName: isNodeLocal,
    network: isMultiNetwork,
    locality: usesLocality,
    labels: wantedLabels(priorities, {}, profile)
      .filter(({ value }) => value === undefined)
      .map(({ label }) => label),
  });

  const build = (node: ProxyNode): ClusterLoadAssignment => {
    let groups: Group[] = prepared;
    if (isLocal || isNodeLocal)
      groups = filtered(
        groups,
        ({ clusterId, nodeName }) =>
          clusterId === node.clusterId &&
          (!isNodeLocal || (nodeName !== undefined && nodeName === node.nodeName)),
      );
    // SH-9: behind an east-west gateway is its own network alone (its requested network view).
    if (options.mtlsOnly && node.network !== '')
      groups = filtered(groups, ({ network }) => network === '' || network === node.network);
    if (context.gateways.isOn) groups = splitHorizon(groups, node, context.gateways, hasMtls, profile);
    if (options.mtlsOnly) groups = groups.map((group) => onlyMtls(group, hasMtls));
    const client = { locality: node.locality, labels: node.labels };
    if (spec && setting.kind === 'zone') {
      if (setting.forcesFailover) groups = applyZoneAware(groups, client, spec, profile);
    } else if (spec) {
      const isIgnored =
        dns && priorities.length > 0 && !(profile.minor >= 30 && plan.subset === '' && groups.length === 1);
      if (!isIgnored) groups = applyLocalityLb(groups, client, spec, failover, profile);
      else if (spec.failover?.length && profile.minor >= 20)
        groups = applyLocalityLb(groups, client, { ...spec, failoverPriority: [] }, failover, profile);
    }
    return {
      clusterName: options.clusterName ?? plan.cluster.name,
      endpoints: groups.map((group) => asEnvoy(group, shared)),
    };
  };

  return {
    needs,
    assignmentFor(node, key) {
      const known = cache.get(key);
      if (known) return known;
      const made = build(node);
      cache.set(key, made);
      return made;
    },
    withAssignment: (cluster, loadAssignment) =>
      getOrCreate(carriers, loadAssignment, () => ({ ...cluster, loadAssignment })),
  };
}

/** Equal for clients that get the same endpoints. */
export function clientKey(node: ProxyNode, needs: ClientNeeds): string {
  let key = '';
  if (needs.cluster) key += `c${node.clusterId}|`;
  if (needs.nodeName) key += `n${node.nodeName ?? ''}|`;
  if (needs.network)
    key += `w${node.network}|${node.ipAddresses.map((address) => (address.includes(':') ? 6 : 4)).join('')}|`;
  if (needs.locality) key += `l${node.locality}|`;
  for (const label of needs.labels) key += `${node.labels[label] ?? ''}|`;
  return key;
}

const isRemote = ({ endpoint }: Member) => endpoint!.network !== '';
const withOwnWeight = (group: Group): Group => ({ ...group, weight: groupWeight(group.endpoints) });

function filtered(groups: readonly Group[], keeps: (endpoint: IstioEndpoint) => boolean): Group[] {
  return groups
    .map((group) => ({ ...group, endpoints: group.endpoints.filter((member) => keeps(member.endpoint!)) }))
    .filter(({ endpoints }) => endpoints.length > 0)
    .map(withOwnWeight);
}

function preparedGroups(plan: ClusterPlan, context: AssignmentContext, allowsNames: boolean): Group[] {
  const { service } = plan;
  const minHealth = plan.policy?.outlierDetection?.minHealthPercent ?? 0;
  const groups = localityGroups(
    context.mesh.endpoints.get(`${service.hostname}/${service.namespace}`) ?? [],
    {
      servicePortName: plan.port.name,
      ...(plan.subsetLabels && { subsetLabels: plan.subsetLabels }),
      sendsUnhealthy:
        plan.trafficDistribution !== undefined || (context.profile.minor >= 31 && minHealth <= 0),
      sendsDraining: hasPersistentSessions(service),
      allowsNames,
    },
  );
  // Without gateways an endpoint that has no address of its own cannot be reached at all.
  return context.gateways.isOn ? groups : filtered(groups, ({ address }) => address !== '');
}

/** SH-5. A TLS mode of the rule decides for all endpoints; else the endpoint's own ability and PeerAuthentication. */
function canDoMtls(endpoint: IstioEndpoint, plan: ClusterPlan, context: AssignmentContext): boolean {
  const tls = plan.policy?.tls;
  if (tls) return tls.mode === 'ISTIO_MUTUAL';
  if (!context.enableAutoMtls || !endpoint.mtls) return false;
  return !context.isMtlsDisabled(
    endpoint.namespace ?? plan.service.namespace,
    endpoint.labels,
    endpoint.endpointPort,
  );
}

function onlyMtls(group: Group, hasMtls: (member: Member) => boolean): Group {
  const endpoints = group.endpoints.filter((member) => member.endpoint === undefined || hasMtls(member));
  return { ...group, endpoints, weight: groupWeight(endpoints) };
}

/** By members: what was made of them. Members that a client's filters chose are seldom chosen again, and not in here. */
type SharedGroups = ReadonlyMap<readonly Member[], LocalityLbEndpoints[]>;

/** Equal groups of the same endpoints are one object: most clients differ in no more than a handful of priorities. */
function asEnvoy(group: Group, shared: SharedGroups): LocalityLbEndpoints {
  const variants = shared.get(group.endpoints) ?? [];
  for (const known of variants)
    if (known.priority === group.priority && known.loadBalancingWeight === group.weight) return known;
  const [region = '', zone = '', subZone = ''] = group.locality.split('/');
  const made: LocalityLbEndpoints = {
    locality: variants[0]?.locality ?? {
      ...(region && { region }),
      ...(zone && { zone }),
      ...(subZone && { subZone }),
    },
    lbEndpoints: variants[0]?.lbEndpoints ?? group.endpoints.map(({ lb }) => lb),
    ...(group.weight !== undefined && { loadBalancingWeight: group.weight }),
    priority: group.priority,
  };
  variants.push(made);
  return made;
}

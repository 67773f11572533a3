// Outbound clusters with their endpoints, shared by all proxies for which they are equal: first by scope and rules, then by what
// the endpoints of any of these clusters look at in a client.
import type { Cluster, ClusterLoadAssignment } from '../envoy/config.ts';
import { isAutoPassthrough, sniClusterName } from './clusters/auto-passthrough.ts';
import { type ClusterPlan, outboundPlans, type PlanContext } from './clusters/outbound.ts';
import { specialClusters } from './clusters/special.ts';
import type { EffectiveRule } from './context.ts';
import type { MeshContext } from './create-context.ts';
import { clusterLocalHosts } from './endpoints/cluster-local.ts';
import {
  type Assigner,
  type AssignmentContext,
  type ClientNeeds,
  clientKey,
  createAssigner,
} from './endpoints/load-assignment.ts';
import { mtlsDisabledByPolicy } from './endpoints/peer-authentication.ts';
import { indexNetworkGateways } from './endpoints/split-horizon.ts';
import { getOrCreate } from './get-or-create.ts';
import type { ProxyNode, Service } from './model.ts';
import { trafficDistributionOf } from './traffic-distribution.ts';

export interface OutboundView {
  clusters: Cluster[];
  endpoints: ClusterLoadAssignment[];
}

interface Entry {
  cluster: Cluster;
  /** Absent: a cluster without endpoints of its own, such as ORIGINAL_DST. */
  assigner?: Assigner;
  isDns: boolean;
}

type RuleEntries = Map<EffectiveRule | null, Entry[]>;

/** The clusters of one scope under one choice of rules. */
interface Family {
  entries: Entry[];
  needs: ClientNeeds;
  views: Map<string, OutboundView>;
}

export function createOutboundViews(context: MeshContext): (node: ProxyNode) => OutboundView {
  const { mesh, profile, meshConfig } = context;
  const knownNeeds = new Map<string, ClientNeeds>();
  const assignment: AssignmentContext = {
    mesh,
    profile,
    gateways: indexNetworkGateways(mesh.networkGateways),
    isClusterLocal: clusterLocalHosts(meshConfig, mesh.domain),
    isMtlsDisabled: mtlsDisabledByPolicy(
      context.configsOfKind('PeerAuthentication'),
      meshConfig.rootNamespace,
    ),
    enableAutoMtls: meshConfig.enableAutoMtls,
    internNeeds: (needs) => getOrCreate(knownNeeds, JSON.stringify(needs), () => needs),
  };
  const planContext: PlanContext = {
    profile,
    settings: meshConfig,
    trafficDistributionOf: (service) => trafficDistributionOf(service, mesh),
  };
  const special = specialClusters(meshConfig);
  const plans = new Map<string, WeakMap<Service, RuleEntries>>();
  const families = new Map<string, Family>();
  const equalFamilies = new Map<string, Family>();
  const numbers = new Map<Entry, number>();

  const entriesOf = (service: Service, node: ProxyNode, hasSni: boolean): Entry[] => {
    const rule = context.destinationRuleFor(node, service);
    const kind = `${node.type}${hasSni ? '+sni' : ''}`;
    const byService = getOrCreate(plans, kind, () => new WeakMap<Service, RuleEntries>());
    const byRule = getOrCreate(byService, service, (): RuleEntries => new Map());
    return getOrCreate(byRule, rule, () =>
      outboundPlans(service, rule, node.type, planContext).flatMap((plan) =>
        entriesOfPlan(plan, assignment, hasSni),
      ),
    );
  };

  const familyOf = (node: ProxyNode): Family => {
    const hasSni = isAutoPassthrough(context, node);
    const labels = context.ruleLabelKeys.map((key) => node.labels[key] ?? '').join('|');
    const key = `${context.scopeKey(node)}|${hasSni}|${labels}`;
    return getOrCreate(families, key, () => {
      const entries = context.visibleServices(node).flatMap((service) => entriesOf(service, node, hasSni));
      // Scopes of many namespaces see the same.
      const sum = entries.map((entry) => getOrCreate(numbers, entry, () => numbers.size)).join();
      return getOrCreate(equalFamilies, sum, () => ({
        entries,
        needs: unionOfNeeds(entries),
        views: new Map(),
      }));
    });
  };

  return (node) => {
    const family = familyOf(node);
    const key = clientKey(node, family.needs);
    return getOrCreate(family.views, key, () => buildView(family.entries, node, special));
  };
}

function entriesOfPlan(plan: ClusterPlan, context: AssignmentContext, hasSni: boolean): Entry[] {
  const { type } = plan.cluster;
  const isDns = type === 'STRICT_DNS' || type === 'LOGICAL_DNS';
  if (type !== 'EDS' && !isDns) return [{ cluster: plan.cluster, isDns }];
  const entry: Entry = { cluster: plan.cluster, assigner: createAssigner(plan, context), isDns };
  if (!hasSni || plan.service.meshExternal) return [entry];
  const name = sniClusterName(plan.port.port, plan.subset, plan.service.hostname);
  const assigner = createAssigner(plan, context, { clusterName: name, mtlsOnly: true });
  return [entry, { cluster: { ...plan.cluster, name, transportSocket: 'raw_buffer' }, assigner, isDns }];
}

function unionOfNeeds(entries: readonly Entry[]): ClientNeeds {
  const labels = new Set<string>();
  const union = { cluster: false, nodeName: false, network: false, locality: false };
  for (const { assigner } of entries) {
    if (!assigner) continue;
    const { needs } = assigner;
    union.cluster ||= needs.cluster;
    union.nodeName ||= needs.nodeName;
    union.network ||= needs.network;
    union.locality ||= needs.locality;
    for (const label of needs.labels) labels.add(label);
  }
  return { ...union, labels: [...labels].sort() };
}

function buildView(entries: readonly Entry[], node: ProxyNode, special: readonly Cluster[]): OutboundView {
  const clusters: Cluster[] = [];
  const endpoints: ClusterLoadAssignment[] = [];
  const keys = new Map<ClientNeeds, string>();
  for (const { cluster, assigner, isDns } of entries) {
    if (!assigner) {
      clusters.push(cluster);
      continue;
    }
    const key = getOrCreate(keys, assigner.needs, () => clientKey(node, assigner.needs));
    const loadAssignment = assigner.assignmentFor(node, key);
    if (!isDns) {
      clusters.push(cluster);
      endpoints.push(loadAssignment);
    } else if (loadAssignment.endpoints.length > 0) {
      // EP-42: a DNS cluster without endpoints does not exist.
      clusters.push(assigner.withAssignment(cluster, loadAssignment));
    }
  }
  clusters.push(...special);
  return { clusters, endpoints };
}

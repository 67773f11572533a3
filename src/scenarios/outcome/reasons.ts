// Why the requests went where they went, in words with the places in the user's files: the setting in force, the policy, what stood
// against an ejection. Read from the configuration at the start of the load's window and from what the runs counted.
import type { Cluster, ClusterLoadAssignment, Origin } from '../../models/envoy/config.ts';
import { expectedShares } from '../../models/envoy/expected-share.ts';
import { assignmentOf, clusterNamed, resolveRoute } from '../../models/envoy/resolve-route.ts';
import type { TranslationContext } from '../../models/istio/context.ts';
import { type EffectiveSetting, effectiveLbSetting } from '../../models/istio/effective-setting.ts';
import type { ProxyNode } from '../../models/istio/model.ts';
import type { CallSite, Plan } from '../plan/plan.ts';
import { configAt } from '../plan/plan.ts';
import type { EjectionReport, ServiceReport } from '../result.ts';
import { isService } from './selection.ts';

const MOST_REASONS = 6;

export function addReasons(reports: ServiceReport[], plan: Plan, ejections: readonly EjectionReport[]): void {
  for (const report of reports) {
    const reasons = new Set<string>();
    const unanswered = plan.unanswered.get(report.load);
    if (unanswered !== undefined) reasons.add(unanswered);
    for (const reason of unresolvedAt(report, plan)) reasons.add(reason);
    for (const site of sitesOf(report, plan))
      for (const reason of reasonsAt(site, report, plan, ejections)) reasons.add(reason);
    if (reasons.size > 0) report.reasons = [...reasons].slice(0, MOST_REASONS);
  }
}

function sitesOf(report: ServiceReport, plan: Plan): CallSite[] {
  return plan.callSites.filter(
    (site) =>
      site.proxy >= 0 &&
      (report.callers[plan.names.callerWorkloads.get(site.caller) ?? ''] ?? 0) > 0 &&
      (site.load === undefined || site.load === report.load),
  );
}

function* reasonsAt(
  site: CallSite,
  report: ServiceReport,
  plan: Plan,
  ejections: readonly EjectionReport[],
): Generator<string> {
  const fromNs = plan.loadWindows.get(report.load)?.fromNs ?? 0;
  const config = configAt(plan.world, site.proxy, fromNs);
  const { targets, route } = resolveRoute(config, site.port, site.request);
  for (const target of targets) {
    const host = target.cluster.split('|')[3] ?? '';
    if (!isService(host, report.service)) continue;
    const cluster = clusterNamed(config, target.cluster);
    if (!cluster) {
      yield `there is no cluster ${target.cluster}: its requests end with 503 NC${placed(route?.origin)}`;
      continue;
    }
    const assignment = assignmentOf(config, cluster);
    const expected = expectedShares(cluster, assignment);
    const subset = target.cluster.split('|')[2];
    const share = target.share < 1 ? `${Number((target.share * 100).toFixed(1))} % to ` : '';
    const which = subset || share ? `${share}${subset ? `subset ${subset}` : 'all subsets'}: ` : '';
    if (expected) yield which + expected.words;
    else yield `${which}${cluster.lbPolicy ?? 'ROUND_ROBIN'}`;
    const isSpread = new Set(assignment.endpoints.map((group) => group.locality?.region ?? '')).size > 1;
    const setting = isSpread || cluster.outlierDetection ? settingInForce(site, host, plan) : null;
    if (setting) yield setting;
    yield* obstaclesAt(site, assignment, plan);
    if (cluster.origin) yield `policy${placed(cluster.origin)}`;
    if (subset && route?.origin) yield `route${placed(route.origin)}`;
    const blocked = whyNotEjected(cluster, assignment, report, ejections);
    if (blocked) yield blocked;
    yield* ejectedInWindow(cluster, report, plan, ejections);
  }
}

/** Endpoints that the caller's proxy is told of and cannot reach. */
function obstaclesAt(site: CallSite, assignment: ClusterLoadAssignment, plan: Plan): Set<string> {
  const words = new Set<string>();
  for (const group of assignment.endpoints)
    for (const { endpoint } of group.lbEndpoints) {
      const obstacle = plan.obstacleTo(site.proxy, endpoint.address);
      if (obstacle !== null) words.add(obstacle);
    }
  return words;
}

/** Names that the callers' own clusters do not know. */
function* unresolvedAt(report: ServiceReport, plan: Plan): Generator<string> {
  for (const site of plan.callSites) {
    const name = site.request.host.replace(/:\d+$/, '');
    const caller = plan.names.callerWorkloads.get(site.caller) ?? site.caller;
    if (
      site.isUnresolved &&
      (isService(report.service, name) || isService(name, report.service)) &&
      (report.callers[caller] ?? 0) > 0
    )
      yield `${caller} does not find the name ${name}: its cluster has no such Service`;
  }
}

const placed = (origin: Origin | undefined): string =>
  origin ? ` ${origin.object ? `of ${origin.object} ` : ''}at ${origin.file}:${origin.line}` : '';

/** The locality setting that the translation used for this caller and host. */
function settingInForce(site: CallSite, host: string, plan: Plan): string | null {
  const node = plan.nodes[site.proxy];
  if (!node) return null;
  const found = effectiveOf(plan.context(), node, host);
  if (!found) return null;
  const { effective, isOwn } = found;
  const { distribute, failover, failoverPriority } = effective.setting;
  const where = isOwn ? 'the DestinationRule' : 'the mesh';
  const region = node.locality.split('/')[0] ?? '';
  if (distribute?.length) {
    const entry = distribute.find(({ from }) => from === '*' || from.split('/')[0] === region);
    return entry
      ? `${where} distributes from ${entry.from}: ${Object.entries(entry.to)
          .map(([to, weight]) => `${to} ${weight}`)
          .join(', ')}`
      : `${where} distributes, but no entry is for ${node.locality || 'a caller without locality'}`;
  }
  if (!found.hasOutlierDetection && !effective.forcesFailover) {
    return failover?.length || failoverPriority?.length
      ? `${where} names a failover, but without outlierDetection it is not in force`
      : null;
  }
  const to = failover?.find(({ from }) => from === region)?.to;
  if (to) return `${where} fails over from ${region} to ${to}`;
  return failoverPriority?.length ? `${where} prefers equal ${failoverPriority.join(', ')}` : null;
}

/** The locality setting of a service for a caller; null = none is in force. */
export function effectiveOf(
  context: TranslationContext,
  node: ProxyNode,
  host: string,
): { effective: EffectiveSetting; isOwn: boolean; hasOutlierDetection: boolean } | null {
  const service = context.serviceByHost(node, host);
  if (!service) return null;
  const policy = context.destinationRuleFor(node, service)?.spec.trafficPolicy;
  const effective = effectiveLbSetting(
    {
      destinationRuleLoadBalancer: policy?.loadBalancer,
      ...(service.trafficDistribution !== undefined && { trafficDistribution: service.trafficDistribution }),
      meshLocality: context.meshConfig.localityLbSetting,
      meshZoneAware: context.meshConfig.zoneAwareLbSetting,
    },
    context.profile,
  );
  if (!effective) return null;
  const isOwn = Boolean(policy?.loadBalancer?.localityLbSetting ?? policy?.loadBalancer?.zoneAwareLbSetting);
  return { effective, isOwn, hasOutlierDetection: policy?.outlierDetection !== undefined };
}

/** Failures, a detector, and still no ejection: the percentage stands in the way. */
function whyNotEjected(
  cluster: Cluster,
  assignment: ClusterLoadAssignment,
  report: ServiceReport,
  ejections: readonly EjectionReport[],
): string | null {
  if (report.errorRate === 0 || !cluster.outlierDetection) return null;
  if (ejections.some((ejection) => ejection.cluster === cluster.name)) return null;
  const hosts = assignment.endpoints.reduce((sum, group) => sum + group.lbEndpoints.length, 0);
  const most = cluster.outlierDetection.maxEjectionPercent ?? 10;
  if (hosts === 0 || 100 / hosts <= most) return null;
  return `nothing can be ejected: 1 of ${hosts} endpoints is ${Math.round(100 / hosts)} %, maxEjectionPercent is ${most}${placed(cluster.outlierOrigin)}`;
}

/** Ejections of the first run while the load ran. */
function* ejectedInWindow(
  cluster: Cluster,
  report: ServiceReport,
  plan: Plan,
  ejections: readonly EjectionReport[],
): Generator<string> {
  const window = plan.loadWindows.get(report.load);
  for (const ejection of ejections) {
    if (ejection.run !== 0 || ejection.cluster !== cluster.name) continue;
    if (window && (ejection.at * 1e9 < window.fromNs || ejection.at * 1e9 >= window.toNs)) continue;
    yield `${ejection.caller} ejected ${ejection.pod ?? ejection.endpoint} at ${Number(ejection.at.toFixed(3))} s (${ejection.reason})`;
  }
}

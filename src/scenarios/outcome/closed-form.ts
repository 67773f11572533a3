// The share that theory gives beside the one that was simulated: for windows in which nothing changes, from the configuration alone.
import { expectedShares } from '../../models/envoy/expected-share.ts';
import { assignmentOf, clusterNamed, resolveRoute } from '../../models/envoy/resolve-route.ts';
import { type CallSite, configAt, type Plan } from '../plan/plan.ts';
import type { ServiceReport } from '../result.ts';
import { isService } from './selection.ts';

/** Adds `closedForm` to the reports that have one. */
export function addClosedForms(reports: ServiceReport[], plan: Plan): void {
  for (const report of reports) {
    const window = plan.loadWindows.get(report.load);
    if (!window || !isQuiet(plan, window)) continue;
    const found = closedForm(report, plan, window.fromNs, illServers(plan, window));
    if (found) report.closedForm = found;
  }
}

/** No proxy is told anything within the window. */
function isQuiet(plan: Plan, window: Window): boolean {
  return plan.world.actions.every(
    (action) =>
      (action.kind !== 'endpoints' && action.kind !== 'config' && action.kind !== 'restartProxy') ||
      action.atNs <= window.fromNs ||
      action.atNs >= window.toNs,
  );
}

type Window = { fromNs: number; toNs: number };

/** Servers that do not answer as they should at some time of the window. */
function illServers(plan: Plan, window: Window): Set<number> {
  const since = new Map<number, number>();
  const ill = new Set<number>();
  for (const action of plan.world.actions) {
    if (action.atNs >= window.toNs) break;
    if (action.kind !== 'serverMode' && action.kind !== 'serverRespond') continue;
    const isWell = action.kind === 'serverMode' ? action.mode === 'ok' : action.status === null;
    for (const server of action.servers) {
      if (!isWell) since.set(server, action.atNs);
      else if (since.has(server) && action.atNs > window.fromNs) ill.add(server);
      else since.delete(server);
    }
  }
  for (const server of since.keys()) ill.add(server);
  return ill;
}

function closedForm(
  report: ServiceReport,
  plan: Plan,
  atNs: number,
  ill: ReadonlySet<number>,
): ServiceReport['closedForm'] {
  const by: Record<string, number> = {};
  const words = new Set<string>();
  let whole = 0;
  for (const [caller, calls] of Object.entries(report.callers)) {
    const sites = plan.callSites.filter(
      (site) =>
        plan.names.callerWorkloads.get(site.caller) === caller &&
        (site.load === undefined || site.load === report.load),
    );
    const shares = sites
      .map((site) => sharesAt(site, report.service, plan, atNs, ill))
      .filter((s) => s !== null);
    const first = shares[0];
    // Two callers that are configured differently have no common form.
    if (!first || shares.some((other) => other.key !== first.key)) return undefined;
    whole += calls;
    for (const [name, share] of Object.entries(first.by)) by[name] = (by[name] ?? 0) + calls * share;
    for (const word of first.words) words.add(word);
  }
  if (whole === 0) return undefined;
  for (const name of Object.keys(by)) by[name] = by[name]! / whole;
  return { by, basis: [...words].join('; ') };
}

function sharesAt(
  site: CallSite,
  service: string,
  plan: Plan,
  atNs: number,
  ill: ReadonlySet<number>,
): { key: string; by: Record<string, number>; words: string[] } | null {
  if (site.proxy < 0) return null;
  const config = configAt(plan.world, site.proxy, atNs);
  const { targets, route } = resolveRoute(config, site.port, site.request);
  const ofService = targets.filter((target) => isService(target.cluster.split('|')[3] ?? '', service));
  if (ofService.length === 0) return null;
  const weight = ofService.reduce((sum, target) => sum + target.share, 0);
  const by: Record<string, number> = {};
  const words: string[] = [];
  for (const target of ofService) {
    const cluster = clusterNamed(config, target.cluster);
    const expected = cluster && expectedShares(cluster, assignmentOf(config, cluster));
    const share = target.share / weight;
    if (!cluster || cluster.type === 'ORIGINAL_DST') return null;
    if (!expected) return null;
    const subset = target.cluster.split('|')[2];
    const prefix =
      ofService.length > 1
        ? `${Math.round(share * 1000) / 10} % to subset ${subset || '(all)'}: `
        : subset
          ? `subset ${subset}: `
          : '';
    words.push(prefix + expected.words);
    if (expected.byAddress.size === 0) by['none'] = (by['none'] ?? 0) + share;
    for (const [address, part] of expected.byAddress) {
      const server = serverAt(plan, address);
      if (ill.has(server)) return null;
      const name = plan.names.serverLabels[server]?.['workload'] ?? 'none';
      by[name] = (by[name] ?? 0) + share * part;
    }
  }
  if (route?.fault) return null;
  const key = Object.keys(by)
    .sort()
    .map((name) => `${name} ${by[name]!.toFixed(9)}`)
    .join(',');
  return { key, by, words };
}

const serverAt = (plan: Plan, address: string): number =>
  plan.world.servers.findIndex((server) =>
    server.addresses.some((entry) => `${entry.address}:${entry.port}` === address),
  );

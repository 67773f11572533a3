// How many tries one user request can cause in the whole mesh when every try fails in the way that is retried: the retry policies along the
// call scripts, multiplied. From the configuration at the load's start; nothing is simulated.
import { assignmentOf, clusterNamed, resolveRoute } from '../../models/envoy/resolve-route.ts';
import { type CallSite, configAt, type Plan } from '../plan/plan.ts';

const MOST_DEPTH = 30;

/** By load. */
export function worstCaseAttempts(plan: Plan): Map<string, number> {
  const worst = new Map<string, number>();
  const known = new Map<string, number>();
  for (const site of plan.callSites) {
    if (site.load === undefined) continue;
    const atNs = plan.loadWindows.get(site.load)?.fromNs ?? 0;
    worst.set(site.load, Math.max(worst.get(site.load) ?? 0, attemptsOf(plan, site, atNs, known, 0)));
  }
  return worst;
}

function attemptsOf(
  plan: Plan,
  site: CallSite,
  atNs: number,
  known: Map<string, number>,
  depth: number,
): number {
  if (site.proxy < 0 || depth > MOST_DEPTH) return 1;
  const key = `${site.proxy} ${site.port} ${site.request.host} ${site.request.path} ${atNs}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  const config = configAt(plan.world, site.proxy, atNs);
  const { route, targets } = resolveRoute(config, site.port, site.request);
  const policy = route?.route?.retryPolicy;
  const tries = policy ? 1 + (policy.numRetries ?? 1) : 1;
  const workloads = new Set<string>();
  for (const target of targets) {
    const cluster = clusterNamed(config, target.cluster);
    for (const group of cluster ? assignmentOf(config, cluster).endpoints : [])
      for (const { endpoint } of group.lbEndpoints) {
        const server = serverAt(plan, `${endpoint.address}:${endpoint.port}`);
        if (server !== undefined) workloads.add(server);
      }
  }
  // The server that causes most answers each time.
  let below = 0;
  for (const server of workloads) {
    let sum = 0;
    for (const call of plan.callSites)
      if (call.load === undefined && call.caller === server)
        sum += attemptsOf(plan, call, atNs, known, depth + 1);
    below = Math.max(below, sum);
  }
  const all = tries * (1 + below);
  known.set(key, all);
  return all;
}

const indexes = new WeakMap<Plan, Map<string, string>>();

function serverAt(plan: Plan, address: string): string | undefined {
  let index = indexes.get(plan);
  if (!index) {
    index = new Map();
    for (const { name, addresses } of plan.world.servers)
      for (const entry of addresses) index.set(`${entry.address}:${entry.port}`, name);
    indexes.set(plan, index);
  }
  return index.get(address);
}

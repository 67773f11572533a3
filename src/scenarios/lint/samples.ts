// What rules ask about loads and applications: how many requests, workers and callers there are, how slow servers are, what retries see.
import type { RetryPolicy } from '../../models/envoy/config.ts';
import { parseDurationNs } from '../../models/envoy/duration.ts';
import type { LatencySpec } from '../../models/world.ts';
import type { Load } from '../scenario.ts';
import type { LintSubject, RouteUse } from './subject.ts';
import type { ClusterView } from './views.ts';

/** Of a load with few requests that can be counted on fingers. */
export const requestsOf = (load: Load): number | undefined =>
  load.executor === 'iterations' ? load.iterations : undefined;

/** Worker threads of a client's proxy. */
export const workersOf = (view: ClusterView, subject: LintSubject): number =>
  subject.plan.world.proxies[view.client.proxy]?.concurrency ?? 1;

/** Loads that enter at the view's own client, with few requests. */
export const plainLoads = (view: ClusterView, subject: LintSubject): Load[] =>
  subject.scenario.load.filter((load) =>
    subject.uses.some(
      ({ site, client, resolution }) =>
        client === view.client &&
        site.load === load.name &&
        resolution.targets.some(({ cluster }) => cluster === view.cluster.name),
    ),
  );

/** Proxies that call the service of a view, replicas counted. */
export const clientsOf = (view: ClusterView, subject: LintSubject): number =>
  subject.callersOf(view.service.hostname);

/** Median and slowest ordinary answer of a service's applications [ns]. */
export function latencyOf(view: ClusterView, subject: LintSubject): { p50Ns: number; p99Ns: number } {
  let [p50Ns, p99Ns] = [0, 0];
  for (const { name, namespace } of subject.workloadsOf(view.service)) {
    const { behavior } = subject.scenario;
    const key = Object.hasOwn(behavior, `${namespace}/${name}`) ? `${namespace}/${name}` : name;
    const latency = Object.hasOwn(behavior, key) ? behavior[key]!.latency : undefined;
    if (!latency) continue;
    const [median, slow] = quantiles(latency);
    p50Ns = Math.max(p50Ns, median);
    p99Ns = Math.max(p99Ns, slow);
  }
  return { p50Ns, p99Ns };
}

function quantiles(latency: LatencySpec): [number, number] {
  switch (latency.dist) {
    case 'fixed':
      return [latency.ns, latency.ns];
    case 'uniform':
      return [(latency.minNs + latency.maxNs) / 2, latency.maxNs];
    case 'exponential':
      return [latency.meanNs * Math.LN2, latency.meanNs * Math.log(100)];
    case 'normal':
      return [latency.meanNs, latency.meanNs + 2.326 * latency.sdNs];
    case 'lognormal':
      return [latency.p50Ns, latency.p99Ns];
  }
}

/** Calls whose route draws among several clusters. */
export const weightedUses = (subject: LintSubject): RouteUse[] =>
  subject.uses.filter(({ resolution }) => resolution.targets.length > 1);

/** Does a retry policy repeat requests that the server has answered, so has done? */
export function readsAnswers(policy: RetryPolicy | undefined): boolean {
  if (!policy || policy.numRetries === 0) return false;
  const conditions = policy.retryOn.split(',');
  return (
    conditions.some((one) => ['5xx', 'gateway-error', 'reset', 'retriable-4xx'].includes(one)) ||
    (conditions.includes('retriable-status-codes') && (policy.retriableStatusCodes?.length ?? 0) > 0)
  );
}

/** Views of clusters that warm up. */
export const slowStartViews = (subject: LintSubject): ClusterView[] =>
  subject.views.filter((view) => slowStartNs(view) > 0);

/** Length of the warm-up [ns]; 0 = none. */
export const slowStartNs = (view: ClusterView): number =>
  parseDurationNs(
    (view.cluster.roundRobinLbConfig?.slowStartConfig ?? view.cluster.leastRequestLbConfig?.slowStartConfig)
      ?.slowStartWindow,
    0,
  );

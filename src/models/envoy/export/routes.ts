// Route configurations as Envoy's API writes them. Source: envoyproxy/envoy api/envoy/config/route/v3 (1.40).
import type {
  FractionalPercent,
  HttpFault,
  RetryPolicy,
  Route,
  RouteAction,
  RouteConfiguration,
  VirtualHost,
} from '../config.ts';
import { extension, FAULT_FILTER, TYPE } from './type-urls.ts';

export function exportRoutes(table: RouteConfiguration): object {
  return { ...table, virtualHosts: table.virtualHosts.map(virtualHost) };
}

function virtualHost(host: VirtualHost): object {
  const { retryPolicy, routes, ...rest } = host;
  return {
    ...rest,
    routes: routes.map(exportRoute),
    ...(retryPolicy && { retryPolicy: retries(retryPolicy) }),
  };
}

function exportRoute({ origin: _, fault, match, route, directResponse, ...rest }: Route): object {
  const { runtimeFraction, ...matching } = match;
  return {
    ...rest,
    match: { ...matching, ...(runtimeFraction && { runtimeFraction: runtime(runtimeFraction) }) },
    ...(route && { route: action(route) }),
    ...(directResponse && {
      directResponse: {
        status: directResponse.status,
        ...(directResponse.body !== undefined && { body: { inlineString: directResponse.body } }),
      },
    }),
    ...(fault && {
      typedPerFilterConfig: { [FAULT_FILTER]: { '@type': TYPE.fault, ...exportFault(fault) } },
    }),
  };
}

const fraction = (value: FractionalPercent) => ({
  numerator: value.numerator,
  denominator: value.denominator ?? 'HUNDRED',
});
const runtime = (value: FractionalPercent) => ({ defaultValue: fraction(value) });
const subset = (metadata: Record<string, string> | undefined) =>
  metadata && { filterMetadata: { 'envoy.lb': metadata } };

function action(route: RouteAction): object {
  const { weightedClusters, retryPolicy, requestMirrorPolicies, metadataMatch, ...rest } = route;
  return {
    ...rest,
    metadataMatch: subset(metadataMatch),
    ...(weightedClusters && {
      weightedClusters: {
        clusters: weightedClusters.clusters.map((entry) => ({
          ...entry,
          metadataMatch: subset(entry.metadataMatch),
        })),
        totalWeight: weightedClusters.totalWeight,
      },
    }),
    ...(retryPolicy && { retryPolicy: retries(retryPolicy) }),
    ...(requestMirrorPolicies && {
      requestMirrorPolicies: requestMirrorPolicies.map((mirror) => ({
        ...mirror,
        ...(mirror.runtimeFraction && { runtimeFraction: runtime(mirror.runtimeFraction) }),
      })),
    }),
  };
}

function retries({ retryHostPredicate, retryPriority, ...rest }: RetryPolicy): object {
  return {
    ...rest,
    ...(retryHostPredicate && { retryHostPredicate: retryHostPredicate.map(({ name }) => predicate(name)) }),
    ...(retryPriority && {
      retryPriority: extension(retryPriority.name, TYPE.previousPriorities, {
        updateFrequency: retryPriority.updateFrequency,
      }),
    }),
  };
}

const predicate = (name: string) =>
  extension(name, name.endsWith('omit_canary_hosts') ? TYPE.omitCanaryHosts : TYPE.previousHosts);

export function exportFault({ delay, abort, maxActiveFaults, headers }: HttpFault): object {
  return {
    ...(delay && { delay: { fixedDelay: delay.fixedDelay, percentage: fraction(delay.percentage) } }),
    ...(abort && { abort: { ...abort, percentage: fraction(abort.percentage) } }),
    maxActiveFaults,
    headers,
  };
}

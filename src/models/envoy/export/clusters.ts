// Clusters as Envoy's API writes them: what is not Envoy's is dropped, percentages and HTTP options get their wrappers.
// Source: envoyproxy/envoy api/envoy/config/cluster/v3 (1.40).
import type { Cluster, ClusterLoadAssignment, EnvoyConfig, HealthCheck } from '../config.ts';
import { exportAssignment } from './endpoints.ts';
import { type ExportOptions, watched } from './options.ts';
import { extension, HTTP_PROTOCOL_OPTIONS, TYPE } from './type-urls.ts';

/** Name under which a cluster's endpoints come. */
export const assignmentName = (cluster: Cluster) => cluster.edsClusterConfig?.serviceName || cluster.name;

export function exportCluster(cluster: Cluster, config: EnvoyConfig, options: ExportOptions): object {
  const type = cluster.type ?? 'STATIC';
  const name = assignmentName(cluster);
  const assignment: ClusterLoadAssignment = config.endpoints.find((entry) => entry.clusterName === name) ??
    cluster.loadAssignment ?? { clusterName: name, endpoints: [] };
  const isWatched = type === 'EDS' && options.edsPath !== undefined;
  return {
    name: cluster.name,
    type: type === 'EDS' && !isWatched ? 'STATIC' : type,
    connectTimeout: cluster.connectTimeout,
    ...(isWatched
      ? { edsClusterConfig: { serviceName: name, edsConfig: watched(options.edsPath!(name)) } }
      : type !== 'ORIGINAL_DST' && {
          loadAssignment: exportAssignment({ ...assignment, clusterName: cluster.name }),
        }),
    lbPolicy: type === 'ORIGINAL_DST' ? 'CLUSTER_PROVIDED' : cluster.lbPolicy,
    ...policies(cluster),
    ...protection(cluster, options),
    ...httpOptions(cluster),
    ...(cluster.preconnectPolicy && { preconnectPolicy: cluster.preconnectPolicy }),
    ...(type.endsWith('DNS') && {
      dnsRefreshRate: cluster.dnsRefreshRate,
      respectDnsTtl: cluster.respectDnsTtl,
    }),
  };
}

const percent = (value: number | undefined) => (value === undefined ? undefined : { value });

const slowStart = (config: NonNullable<Cluster['roundRobinLbConfig']>['slowStartConfig']) =>
  config && {
    slowStartWindow: config.slowStartWindow,
    ...(config.aggression !== undefined && {
      aggression: { defaultValue: config.aggression, runtimeKey: 'foresail.slow_start.aggression' },
    }),
    minWeightPercent: percent(config.minWeightPercent),
  };

function policies(cluster: Cluster): object {
  const { roundRobinLbConfig, leastRequestLbConfig, commonLbConfig } = cluster;
  const zoneAware = commonLbConfig?.zoneAwareLbConfig;
  return {
    ...(roundRobinLbConfig && {
      roundRobinLbConfig: { slowStartConfig: slowStart(roundRobinLbConfig.slowStartConfig) },
    }),
    ...(leastRequestLbConfig && {
      leastRequestLbConfig: {
        ...leastRequestLbConfig,
        slowStartConfig: slowStart(leastRequestLbConfig.slowStartConfig),
        ...(leastRequestLbConfig.activeRequestBias !== undefined && {
          activeRequestBias: {
            defaultValue: leastRequestLbConfig.activeRequestBias,
            runtimeKey: 'foresail.active_request_bias',
          },
        }),
      },
    }),
    ...(cluster.ringHashLbConfig && { ringHashLbConfig: cluster.ringHashLbConfig }),
    ...(cluster.maglevLbConfig && { maglevLbConfig: cluster.maglevLbConfig }),
    ...(cluster.lbSubsetConfig && { lbSubsetConfig: cluster.lbSubsetConfig }),
    ...(commonLbConfig && {
      commonLbConfig: {
        ...commonLbConfig,
        healthyPanicThreshold: percent(commonLbConfig.healthyPanicThreshold),
        ...(zoneAware && {
          zoneAwareLbConfig: { ...zoneAware, routingEnabled: percent(zoneAware.routingEnabled) },
        }),
      },
    }),
  };
}

function protection(cluster: Cluster, options: ExportOptions): object {
  const { outlierDetection, circuitBreakers } = cluster;
  const { checkMaxEjectionPercentOnFirstEject: _, ...outlier } = outlierDetection ?? {};
  return {
    ...(outlierDetection && { outlierDetection: outlier }),
    ...(circuitBreakers && {
      circuitBreakers: {
        ...circuitBreakers,
        ...(circuitBreakers.thresholds && {
          thresholds: circuitBreakers.thresholds.map((entry) => ({
            ...entry,
            ...(entry.retryBudget && {
              retryBudget: {
                ...entry.retryBudget,
                budgetPercent: percent(entry.retryBudget.budgetPercent),
              },
            }),
          })),
        }),
      },
    }),
    ...(cluster.healthChecks && {
      healthChecks: cluster.healthChecks.map((check) => healthCheck(check, cluster, options)),
    }),
    ignoreHealthOnHostRemoval: cluster.ignoreHealthOnHostRemoval,
    closeConnectionsOnHostHealthFailure: cluster.closeConnectionsOnHostHealthFailure,
  };
}

function healthCheck(check: HealthCheck, cluster: Cluster, options: ExportOptions): object {
  return {
    ...check,
    ...(check.httpHealthCheck && {
      httpHealthCheck: {
        ...check.httpHealthCheck,
        ...(cluster.http2ProtocolOptions && { codecClientType: 'HTTP2' }),
      },
    }),
    ...(options.healthLogPath && {
      eventLogger: [
        extension('envoy.health_check.event_sinks.file', TYPE.healthCheckLog, {
          eventLogPath: options.healthLogPath(cluster.name),
        }),
      ],
    }),
  };
}

function httpOptions(cluster: Cluster): object {
  const { http2ProtocolOptions, maxRequestsPerConnection, outlierErrorStatusCodes } = cluster;
  const common = {
    ...cluster.commonHttpProtocolOptions,
    ...(maxRequestsPerConnection !== undefined && { maxRequestsPerConnection }),
  };
  const hasCommon = Object.values(common).some((value) => value !== undefined);
  if (!hasCommon && !http2ProtocolOptions && !cluster.useDownstreamProtocol && !outlierErrorStatusCodes)
    return {};
  return {
    typedExtensionProtocolOptions: {
      [HTTP_PROTOCOL_OPTIONS]: {
        '@type': TYPE.httpProtocolOptions,
        ...(hasCommon && { commonHttpProtocolOptions: common }),
        ...(cluster.useDownstreamProtocol
          ? {
              useDownstreamProtocolConfig: {
                httpProtocolOptions: {},
                http2ProtocolOptions: http2ProtocolOptions ?? {},
              },
            }
          : {
              explicitHttpConfig: http2ProtocolOptions
                ? { http2ProtocolOptions }
                : { httpProtocolOptions: {} },
            }),
        ...(outlierErrorStatusCodes && {
          outlierDetection: { errorMatcher: errorMatcher(outlierErrorStatusCodes) },
        }),
      },
    },
  };
}

/** Any of these statuses. Source: Istio's retryStatusCodes of outlierDetection, HttpProtocolOptions.OutlierDetection.error_matcher. */
function errorMatcher(statuses: readonly number[]): object {
  const rules = statuses.map((status) => ({
    httpResponseHeadersMatch: {
      headers: [{ name: ':status', stringMatch: { exact: String(status) } }],
    },
  }));
  return rules.length === 1 ? rules[0]! : { orMatch: { rules } };
}

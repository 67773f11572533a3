// An EnvoyConfig as a bootstrap that a real Envoy starts with, self-contained or with watched files for what may change while it runs.
import type { EnvoyConfig } from '../config.ts';
import { assignmentName, exportCluster } from './clusters.ts';
import { exportAssignment, socketAddress } from './endpoints.ts';
import { exportListener } from './listeners.ts';
import { type ExportOptions, watched } from './options.ts';
import { exportRoutes } from './routes.ts';
import { snakeCase } from './snake-case.ts';
import { TYPE } from './type-urls.ts';

const ADMIN = { address: '127.0.0.1', port: 15000 };

/** Everything in one document. */
export function exportBootstrap(config: EnvoyConfig, options: ExportOptions = {}): object {
  return snakeCase({
    ...head(config, options),
    staticResources: {
      listeners: config.listeners.map((listener) => exportListener(listener, config, options)),
      clusters: config.clusters.map((cluster) => exportCluster(cluster, config, options)),
    },
  }) as object;
}

/** A bootstrap that takes its listeners and clusters from two watched files. */
export function watchingBootstrap(
  config: EnvoyConfig,
  paths: { lds: string; cds: string },
  options: ExportOptions,
): object {
  return snakeCase({
    ...head(config, options),
    // Envoy wants to know its own cluster before any other.
    ...(config.localClusterName !== undefined && {
      staticResources: {
        clusters: config.clusters
          .filter((cluster) => cluster.name === config.localClusterName)
          .map((cluster) => exportCluster(cluster, config, options)),
      },
    }),
    dynamicResources: { ldsConfig: watched(paths.lds), cdsConfig: watched(paths.cds) },
  }) as object;
}

function head(config: EnvoyConfig, options: ExportOptions): object {
  const { address, port } = options.admin ?? ADMIN;
  const { localClusterName } = config;
  return {
    node: {
      id: config.node.id,
      cluster: config.node.cluster ?? config.node.id,
      ...(config.node.locality && { locality: config.node.locality }),
    },
    admin: { address: socketAddress(address, port) },
    ...((localClusterName !== undefined || options.outlierLogPath !== undefined) && {
      clusterManager: {
        localClusterName,
        ...(options.outlierLogPath !== undefined && {
          outlierDetection: { eventLogPath: options.outlierLogPath },
        }),
      },
    }),
  };
}

const discovery = (version: number, type: string, resources: object[]) =>
  snakeCase({
    versionInfo: String(version),
    resources: resources.map((resource) => ({ '@type': type, ...resource })),
  }) as object;

/** Contents of the watched files, by what they bring. */
export const discoveryFiles = {
  listeners: (config: EnvoyConfig, options: ExportOptions, version: number) =>
    discovery(
      version,
      TYPE.listener,
      config.listeners.map((listener) => exportListener(listener, config, options)),
    ),
  clusters: (config: EnvoyConfig, options: ExportOptions, version: number) =>
    discovery(
      version,
      TYPE.cluster,
      config.clusters
        .filter((cluster) => cluster.name !== config.localClusterName)
        .map((cluster) => exportCluster(cluster, config, options)),
    ),
  /** Of one EDS cluster. */
  endpoints: (assignment: EnvoyConfig['endpoints'][number], version: number) =>
    discovery(version, TYPE.clusterLoadAssignment, [exportAssignment(assignment)]),
  routes: (table: EnvoyConfig['routeConfigurations'][number], version: number) =>
    discovery(version, TYPE.routeConfiguration, [exportRoutes(table)]),
};

/** Names of the load assignments that clusters of the configuration wait for, with what they hold now. */
export function assignmentsOf(config: EnvoyConfig): EnvoyConfig['endpoints'] {
  const names = new Set(
    config.clusters.filter((cluster) => cluster.type === 'EDS').map((cluster) => assignmentName(cluster)),
  );
  return [...names].map(
    (clusterName) =>
      config.endpoints.find((entry) => entry.clusterName === clusterName) ?? { clusterName, endpoints: [] },
  );
}

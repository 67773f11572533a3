// Listeners as Envoy's API writes them: HTTP connection managers with fault filter and router, TCP proxies, and the listener filters
// that the chains' matches need. Source: envoyproxy/envoy api/envoy/config/listener/v3 (1.40); istio/istio pilot/pkg/networking/core/listener.go.
import type { EnvoyConfig, FilterChain, HttpConnectionManager, Listener } from '../config.ts';
import { ACCESS_LOG_FORMAT } from './access-log.ts';
import { socketAddress } from './endpoints.ts';
import { type ExportOptions, watched } from './options.ts';
import { exportFault, exportRoutes } from './routes.ts';
import { extension, FAULT_FILTER, ROUTER_FILTER, TYPE } from './type-urls.ts';

const ANY_ADDRESS = '0.0.0.0';
/** Istio's listener that takes redirected connections and hands them to the one they were meant for. */
const VIRTUAL_OUTBOUND = 'virtualOutbound';

export function exportListener(listener: Listener, config: EnvoyConfig, options: ExportOptions): object {
  const chain = (entry: FilterChain) => exportChain(entry, config, options);
  const { address, port } = listener.address;
  // A Service's address is not the proxy's own: connections to it come by way of virtualOutbound.
  const isOwn =
    listener.trafficDirection !== 'OUTBOUND' || address === ANY_ADDRESS || address.startsWith('127.');
  return {
    name: listener.name,
    address: socketAddress(address, port),
    ...(listener.trafficDirection && { trafficDirection: listener.trafficDirection }),
    ...(listener.name === VIRTUAL_OUTBOUND && { useOriginalDst: true }),
    ...(!isOwn && { bindToPort: false }),
    listenerFilters: listenerFilters(listener),
    filterChains: listener.filterChains.map(chain),
    ...(listener.defaultFilterChain && { defaultFilterChain: chain(listener.defaultFilterChain) }),
  };
}

function listenerFilters(listener: Listener): object[] {
  const matches = listener.filterChains.map((chain) => chain.filterChainMatch ?? {});
  const isRedirected = listener.name.startsWith('virtual');
  return [
    ...(isRedirected ? [extension('envoy.filters.listener.original_dst', TYPE.originalDst)] : []),
    ...(matches.some((match) => match.serverNames || match.transportProtocol)
      ? [extension('envoy.filters.listener.tls_inspector', TYPE.tlsInspector)]
      : []),
    ...(matches.some((match) => match.applicationProtocols)
      ? [extension('envoy.filters.listener.http_inspector', TYPE.httpInspector)]
      : []),
  ];
}

function exportChain(chain: FilterChain, config: EnvoyConfig, options: ExportOptions): object {
  const { prefixRanges, ...match } = chain.filterChainMatch ?? {};
  const { httpConnectionManager, tcpProxy } = chain;
  const filters = [
    ...(httpConnectionManager
      ? [
          extension(
            'envoy.filters.network.http_connection_manager',
            TYPE.httpConnectionManager,
            exportManager(httpConnectionManager, config, options),
          ),
        ]
      : []),
    ...(tcpProxy
      ? [
          extension('envoy.filters.network.tcp_proxy', TYPE.tcpProxy, {
            ...tcpProxy,
            statPrefix: tcpProxy.statPrefix || 'tcp',
          }),
        ]
      : []),
  ];
  return {
    ...(chain.name !== undefined && { name: chain.name }),
    ...(chain.filterChainMatch && {
      filterChainMatch: { ...match, ...(prefixRanges && { prefixRanges: prefixRanges.map(range) }) },
    }),
    filters,
  };
}

/** "10.0.0.0/8", or one address. */
function range(text: string): object {
  const [addressPrefix = '', length] = text.split('/');
  return {
    addressPrefix,
    prefixLen: length === undefined ? (addressPrefix.includes(':') ? 128 : 32) : Number(length),
  };
}

function exportManager(manager: HttpConnectionManager, config: EnvoyConfig, options: ExportOptions): object {
  const named = manager.routeConfigName;
  const table = manager.routeConfig ??
    config.routeConfigurations.find((entry) => entry.name === named) ?? {
      // RDS never answers for a name that istiod does not know; Envoy then knows no route.
      name: named ?? '',
      virtualHosts: [],
    };
  const isWatched = manager.routeConfig === undefined && named !== undefined && options.rdsPath !== undefined;
  return {
    statPrefix: manager.statPrefix || 'http',
    ...(isWatched
      ? { rds: { routeConfigName: named, configSource: watched(options.rdsPath!(named)) } }
      : { routeConfig: exportRoutes(table) }),
    httpFilters: [...faultFilters(manager), extension(ROUTER_FILTER, TYPE.router)],
    streamIdleTimeout: manager.streamIdleTimeout,
    ...(options.accessLogPath !== undefined && {
      accessLog: [accessLog(options.accessLogPath)],
    }),
  };
}

/** Istio's connection managers always have the filter: routes carry the faults. */
function faultFilters(manager: HttpConnectionManager): object[] {
  const given = (manager.httpFilters ?? []).filter((filter) => filter.fault);
  if (given.length === 0) return [extension(FAULT_FILTER, TYPE.fault)];
  return given.map((filter) => extension(FAULT_FILTER, TYPE.fault, exportFault(filter.fault!)));
}

function accessLog(path: string): object {
  const logFormat = { jsonFormat: ACCESS_LOG_FORMAT };
  return path === '-'
    ? extension('envoy.access_loggers.stdout', TYPE.stdoutAccessLog, { logFormat })
    : extension('envoy.access_loggers.file', TYPE.fileAccessLog, { path, logFormat });
}

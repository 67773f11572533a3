// Names and type URLs of the extensions that an exported bootstrap uses. Source: envoyproxy/envoy api/envoy/extensions (1.40).
const EXTENSIONS = 'type.googleapis.com/envoy.extensions';

export const TYPE = {
  cluster: 'type.googleapis.com/envoy.config.cluster.v3.Cluster',
  listener: 'type.googleapis.com/envoy.config.listener.v3.Listener',
  routeConfiguration: 'type.googleapis.com/envoy.config.route.v3.RouteConfiguration',
  clusterLoadAssignment: 'type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment',
  httpConnectionManager: `${EXTENSIONS}.filters.network.http_connection_manager.v3.HttpConnectionManager`,
  tcpProxy: `${EXTENSIONS}.filters.network.tcp_proxy.v3.TcpProxy`,
  router: `${EXTENSIONS}.filters.http.router.v3.Router`,
  fault: `${EXTENSIONS}.filters.http.fault.v3.HTTPFault`,
  stdoutAccessLog: `${EXTENSIONS}.access_loggers.stream.v3.StdoutAccessLog`,
  fileAccessLog: `${EXTENSIONS}.access_loggers.file.v3.FileAccessLog`,
  httpProtocolOptions: `${EXTENSIONS}.upstreams.http.v3.HttpProtocolOptions`,
  previousHosts: `${EXTENSIONS}.retry.host.previous_hosts.v3.PreviousHostsPredicate`,
  omitCanaryHosts: `${EXTENSIONS}.retry.host.omit_canary_hosts.v3.OmitCanaryHostsPredicate`,
  previousPriorities: `${EXTENSIONS}.retry.priority.previous_priorities.v3.PreviousPrioritiesConfig`,
  tlsInspector: `${EXTENSIONS}.filters.listener.tls_inspector.v3.TlsInspector`,
  httpInspector: `${EXTENSIONS}.filters.listener.http_inspector.v3.HttpInspector`,
  originalDst: `${EXTENSIONS}.filters.listener.original_dst.v3.OriginalDst`,
  healthCheckLog: `${EXTENSIONS}.health_check.event_sinks.file.v3.HealthCheckEventFileSink`,
} as const;

export const HTTP_PROTOCOL_OPTIONS = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';
export const FAULT_FILTER = 'envoy.filters.http.fault';
export const ROUTER_FILTER = 'envoy.filters.http.router';

/** A named extension with its typed configuration. */
export const extension = (name: string, type: string, config: object = {}) => ({
  name,
  typedConfig: { '@type': type, ...config },
});

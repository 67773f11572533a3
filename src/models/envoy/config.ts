// Envoy's own configuration, the hinge of the product: istiod (models/istio/translate.ts) writes it, the compiler
// (models/compile.ts) reads it, `foresail export` prints it as a bootstrap for a real Envoy, and a config dump of a running
// Envoy becomes it. Field names are Envoy's v3 API in proto3 JSON spelling (lowerCamelCase); durations are proto JSON strings
// ("1.5s"); typed_config wrappers are left out (export adds them). Only fields that this product reads are declared.
// Source: envoyproxy/envoy api/envoy/config (1.40).

/** proto3 JSON duration: decimal seconds with the suffix "s", e.g. "0.025s". */
export type Duration = string;

/** What one proxy holds; what `/config_dump?include_eds` of a running Envoy shows. */
export interface EnvoyConfig {
  node: { id: string; cluster?: string; locality?: Locality };
  listeners: Listener[];
  routeConfigurations: RouteConfiguration[];
  clusters: Cluster[];
  /** One per EDS cluster, found by `clusterName`. Absent = the cluster's own loadAssignment. */
  endpoints: ClusterLoadAssignment[];
  /** Bootstrap cluster_manager.local_cluster_name: switches zone-aware routing on. */
  localClusterName?: string;
}

export interface Locality {
  region?: string;
  zone?: string;
  subZone?: string;
}

// ---------------------------------------------------------------------------------------------------------------- listeners
export interface Listener {
  name: string;
  /** Inbound = towards the own application of a sidecar. */
  trafficDirection?: 'INBOUND' | 'OUTBOUND';
  address: { address: string; port: number };
  /** In order; the first whose match fits takes the connection. */
  filterChains: FilterChain[];
  /** What happens when no chain matches. */
  defaultFilterChain?: FilterChain;
  /** Host names that applications of this proxy dial to get to this address. Not part of Envoy; never exported. */
  dialledAs?: string[];
}

export interface FilterChain {
  name?: string;
  filterChainMatch?: {
    serverNames?: string[];
    destinationPort?: number;
    prefixRanges?: string[];
    transportProtocol?: string;
    applicationProtocols?: string[];
  };
  /** Exactly one of the two. */
  httpConnectionManager?: HttpConnectionManager;
  tcpProxy?: TcpProxy;
}

export interface HttpConnectionManager {
  statPrefix?: string;
  /** Name of a RouteConfiguration (RDS), or the inline one. */
  routeConfigName?: string;
  routeConfig?: RouteConfiguration;
  /** HTTP filters before the router, in order; only fault is modelled. */
  httpFilters?: { name: string; fault?: HttpFault }[];
  streamIdleTimeout?: Duration;
}

export interface TcpProxy {
  statPrefix?: string;
  cluster?: string;
  weightedClusters?: { clusters: { name: string; weight: number }[] };
  maxConnectAttempts?: number;
}

// ------------------------------------------------------------------------------------------------------------------- routes
export interface RouteConfiguration {
  name: string;
  virtualHosts: VirtualHost[];
  ignorePortInHostMatching?: boolean;
  /** validate_clusters false: routes may name clusters that do not exist (Istio's RDS). */
  validateClusters?: boolean;
}

export interface VirtualHost {
  name: string;
  domains: string[];
  routes: Route[];
  retryPolicy?: RetryPolicy;
  includeRequestAttemptCount?: boolean;
  requireTls?: 'NONE' | 'EXTERNAL_ONLY' | 'ALL';
}

export interface StringMatcher {
  exact?: string;
  prefix?: string;
  suffix?: string;
  contains?: string;
  /** RE2, full match. */
  safeRegex?: { regex: string };
  ignoreCase?: boolean;
}

export interface HeaderMatcher {
  name: string;
  stringMatch?: StringMatcher;
  presentMatch?: boolean;
  invertMatch?: boolean;
  treatMissingHeaderAsEmpty?: boolean;
}

export interface QueryParameterMatcher {
  name: string;
  stringMatch?: StringMatcher;
  presentMatch?: boolean;
}

export interface RouteMatch {
  /** Exactly one path specifier. */
  prefix?: string;
  path?: string;
  safeRegex?: { regex: string };
  /** Whole path segments ("/api" matches "/api" and "/api/x", not "/apix"). */
  pathSeparatedPrefix?: string;
  /** Absent = true. */
  caseSensitive?: boolean;
  headers?: HeaderMatcher[];
  queryParameters?: QueryParameterMatcher[];
  runtimeFraction?: FractionalPercent;
}

export interface FractionalPercent {
  numerator: number;
  /** Absent = HUNDRED. */
  denominator?: 'HUNDRED' | 'TEN_THOUSAND' | 'MILLION';
}

export interface Route {
  name?: string;
  match: RouteMatch;
  /** Exactly one of route, redirect, directResponse. */
  route?: RouteAction;
  redirect?: RedirectAction;
  directResponse?: { status: number; body?: string };
  /** typed_per_filter_config of envoy.filters.http.fault. */
  fault?: HttpFault;
  /** Where it was written, for explanations. Not part of Envoy; never exported. */
  origin?: Origin;
}

export interface RouteAction {
  cluster?: string;
  weightedClusters?: { clusters: WeightedCluster[]; totalWeight?: number };
  clusterHeader?: string;
  /** Absent = SERVICE_UNAVAILABLE. */
  clusterNotFoundResponseCode?: 'SERVICE_UNAVAILABLE' | 'NOT_FOUND' | 'INTERNAL_SERVER_ERROR';
  /** Absent = 15s; "0s" = none. */
  timeout?: Duration;
  idleTimeout?: Duration;
  maxStreamDuration?: { maxStreamDuration?: Duration; grpcTimeoutHeaderMax?: Duration };
  retryPolicy?: RetryPolicy;
  hashPolicy?: HashPolicy[];
  requestMirrorPolicies?: {
    cluster: string;
    runtimeFraction?: FractionalPercent;
    disableShadowHostSuffixAppend?: boolean;
  }[];
  prefixRewrite?: string;
  regexRewrite?: { pattern: { regex: string }; substitution: string };
  hostRewriteLiteral?: string;
  autoHostRewrite?: boolean;
  /** envoy.lb metadata: selects a subset of a subset-load-balanced cluster. */
  metadataMatch?: Record<string, string>;
  priority?: 'DEFAULT' | 'HIGH';
  hedgePolicy?: { hedgeOnPerTryTimeout?: boolean };
}

export interface WeightedCluster {
  name: string;
  weight: number;
  metadataMatch?: Record<string, string>;
  requestHeadersToAdd?: { header: { key: string; value: string } }[];
}

export interface RedirectAction {
  hostRedirect?: string;
  pathRedirect?: string;
  prefixRewrite?: string;
  schemeRedirect?: string;
  httpsRedirect?: boolean;
  portRedirect?: number;
  responseCode?: 'MOVED_PERMANENTLY' | 'FOUND' | 'SEE_OTHER' | 'TEMPORARY_REDIRECT' | 'PERMANENT_REDIRECT';
}

export interface RetryPolicy {
  /** Comma-separated, e.g. "connect-failure,refused-stream". */
  retryOn: string;
  /** Absent = 1. */
  numRetries?: number;
  perTryTimeout?: Duration;
  perTryIdleTimeout?: Duration;
  retriableStatusCodes?: number[];
  retriableHeaders?: HeaderMatcher[];
  retriableRequestHeaders?: HeaderMatcher[];
  retryBackOff?: { baseInterval: Duration; maxInterval?: Duration };
  rateLimitedRetryBackOff?: {
    resetHeaders: { name: string; format: 'SECONDS' | 'UNIX_TIMESTAMP' }[];
    maxInterval?: Duration;
  };
  /** Names of the plug-ins: envoy.retry_host_predicates.previous_hosts, .omit_canary_hosts. */
  retryHostPredicate?: { name: string }[];
  /** envoy.retry_priorities.previous_priorities. */
  retryPriority?: { name: string; updateFrequency: number };
  hostSelectionRetryMaxAttempts?: number;
}

export interface HashPolicy {
  header?: { headerName: string };
  cookie?: { name: string; ttl?: Duration; path?: string };
  connectionProperties?: { sourceIp: boolean };
  queryParameter?: { name: string };
  filterState?: { key: string };
  terminal?: boolean;
}

export interface HttpFault {
  delay?: { fixedDelay: Duration; percentage: FractionalPercent };
  abort?: { httpStatus?: number; grpcStatus?: number; percentage: FractionalPercent };
  maxActiveFaults?: number;
  headers?: HeaderMatcher[];
}

// ----------------------------------------------------------------------------------------------------------------- clusters
export type LbPolicy =
  | 'ROUND_ROBIN'
  | 'LEAST_REQUEST'
  | 'RANDOM'
  | 'RING_HASH'
  | 'MAGLEV'
  | 'CLUSTER_PROVIDED';

export interface Cluster {
  name: string;
  /** Absent = STATIC. */
  type?: 'STATIC' | 'STRICT_DNS' | 'LOGICAL_DNS' | 'EDS' | 'ORIGINAL_DST';
  edsClusterConfig?: { serviceName?: string };
  loadAssignment?: ClusterLoadAssignment;
  /** Absent = 5s. */
  connectTimeout?: Duration;
  /** Absent = ROUND_ROBIN. */
  lbPolicy?: LbPolicy;
  roundRobinLbConfig?: { slowStartConfig?: SlowStartConfig };
  leastRequestLbConfig?: {
    choiceCount?: number;
    activeRequestBias?: number;
    slowStartConfig?: SlowStartConfig;
    selectionMethod?: 'N_CHOICES' | 'FULL_SCAN';
  };
  ringHashLbConfig?: {
    minimumRingSize?: number;
    maximumRingSize?: number;
    hashFunction?: 'XX_HASH' | 'MURMUR_HASH_2';
  };
  maglevLbConfig?: { tableSize?: number };
  lbSubsetConfig?: LbSubsetConfig;
  commonLbConfig?: CommonLbConfig;
  outlierDetection?: OutlierDetection;
  circuitBreakers?: {
    thresholds?: CircuitBreakerThresholds[];
    perHostThresholds?: CircuitBreakerThresholds[];
  };
  healthChecks?: HealthCheck[];
  ignoreHealthOnHostRemoval?: boolean;
  closeConnectionsOnHostHealthFailure?: boolean;
  /** Deprecated spelling of commonHttpProtocolOptions.maxRequestsPerConnection; both are read. */
  maxRequestsPerConnection?: number;
  commonHttpProtocolOptions?: {
    idleTimeout?: Duration;
    maxRequestsPerConnection?: number;
    maxConnectionDuration?: Duration;
  };
  /** Present = HTTP/2 upstream connections. */
  http2ProtocolOptions?: { maxConcurrentStreams?: number };
  /** HttpProtocolOptions.use_downstream_protocol_config: speaks whatever the client spoke. */
  useDownstreamProtocol?: boolean;
  /** HttpProtocolOptions.outlier_detection.error_matcher: these statuses, and no other, count as errors for outlier detection. */
  outlierErrorStatusCodes?: number[];
  preconnectPolicy?: { perUpstreamPreconnectRatio?: number; predictivePreconnectRatio?: number };
  dnsRefreshRate?: Duration;
  respectDnsTtl?: boolean;
  /** Name of the transport socket to upstream. Reachability only. */
  transportSocket?: 'raw_buffer' | 'tls' | 'auto_mtls';
  /** Where the policy was written, for explanations. Not part of Envoy; never exported. */
  origin?: Origin;
  outlierOrigin?: Origin;
}

export interface SlowStartConfig {
  slowStartWindow?: Duration;
  /** Absent = 1. */
  aggression?: number;
  /** Percent; absent = 10. */
  minWeightPercent?: number;
}

export interface CommonLbConfig {
  /** Percent; absent = 50. */
  healthyPanicThreshold?: number;
  localityWeightedLbConfig?: Record<string, never>;
  zoneAwareLbConfig?: {
    routingEnabled?: number;
    minClusterSize?: number;
    failTrafficOnPanic?: boolean;
    forceLocalityDirectRouting?: boolean;
    forceLocalZone?: { minSize?: number };
    localityBasis?: 'HEALTHY_HOSTS_NUM' | 'HEALTHY_HOSTS_WEIGHT';
  };
  /** Absent = 1s. */
  updateMergeWindow?: Duration;
  ignoreNewHostsUntilFirstHc?: boolean;
  consistentHashingLbConfig?: { useHostnameForHashing?: boolean; hashBalanceFactor?: number };
}

export interface LbSubsetConfig {
  fallbackPolicy?: 'NO_FALLBACK' | 'ANY_ENDPOINT' | 'DEFAULT_SUBSET';
  defaultSubset?: Record<string, string>;
  subsetSelectors: {
    keys: string[];
    fallbackPolicy?: 'NOT_DEFINED' | 'NO_FALLBACK' | 'ANY_ENDPOINT' | 'DEFAULT_SUBSET' | 'KEYS_SUBSET';
    fallbackKeysSubset?: string[];
    singleHostPerSubset?: boolean;
  }[];
  localityWeightAware?: boolean;
  scaleLocalityWeight?: boolean;
  panicModeAny?: boolean;
  listAsAny?: boolean;
}

/** All absent fields take Envoy's defaults: see models/envoy/outlier-detection.ts. Percentages are whole numbers. */
export interface OutlierDetection {
  consecutive5xx?: number;
  interval?: Duration;
  baseEjectionTime?: Duration;
  maxEjectionPercent?: number;
  enforcingConsecutive5xx?: number;
  enforcingSuccessRate?: number;
  successRateMinimumHosts?: number;
  successRateRequestVolume?: number;
  successRateStdevFactor?: number;
  consecutiveGatewayFailure?: number;
  enforcingConsecutiveGatewayFailure?: number;
  splitExternalLocalOriginErrors?: boolean;
  consecutiveLocalOriginFailure?: number;
  enforcingConsecutiveLocalOriginFailure?: number;
  enforcingLocalOriginSuccessRate?: number;
  failurePercentageThreshold?: number;
  enforcingFailurePercentage?: number;
  enforcingFailurePercentageLocalOrigin?: number;
  failurePercentageMinimumHosts?: number;
  failurePercentageRequestVolume?: number;
  maxEjectionTime?: Duration;
  maxEjectionTimeJitter?: Duration;
  successfulActiveHealthCheckUnejectHost?: boolean;
  alwaysEjectOneHost?: boolean;
  /** Not Envoy's: false = the rule of Envoy before 1.28, where the first ejection was always allowed. Absent = true. */
  checkMaxEjectionPercentOnFirstEject?: boolean;
}

export interface CircuitBreakerThresholds {
  priority?: 'DEFAULT' | 'HIGH';
  maxConnections?: number;
  maxPendingRequests?: number;
  maxRequests?: number;
  maxRetries?: number;
  retryBudget?: { budgetPercent?: number; minRetryConcurrency?: number };
  trackRemaining?: boolean;
  maxConnectionPools?: number;
}

export interface HealthCheck {
  timeout: Duration;
  interval: Duration;
  initialJitter?: Duration;
  intervalJitter?: Duration;
  intervalJitterPercent?: number;
  unhealthyThreshold: number;
  healthyThreshold: number;
  reuseConnection?: boolean;
  httpHealthCheck?: {
    path: string;
    host?: string;
    expectedStatuses?: { start: number; end: number }[];
    retriableStatuses?: { start: number; end: number }[];
  };
  tcpHealthCheck?: Record<string, never>;
  noTrafficInterval?: Duration;
  noTrafficHealthyInterval?: Duration;
  unhealthyInterval?: Duration;
  unhealthyEdgeInterval?: Duration;
  healthyEdgeInterval?: Duration;
}

// ---------------------------------------------------------------------------------------------------------------- endpoints
export type HealthStatus = 'UNKNOWN' | 'HEALTHY' | 'UNHEALTHY' | 'DRAINING' | 'TIMEOUT' | 'DEGRADED';

export interface ClusterLoadAssignment {
  clusterName: string;
  endpoints: LocalityLbEndpoints[];
  policy?: {
    overprovisioningFactor?: number;
    weightedPriorityHealth?: boolean;
    dropOverloads?: { category: string; dropPercentage: FractionalPercent }[];
  };
}

export interface LocalityLbEndpoints {
  locality?: Locality;
  lbEndpoints: LbEndpoint[];
  /** Absent or 0 = no traffic where locality weighting is on. */
  loadBalancingWeight?: number;
  /** Absent = 0. */
  priority?: number;
}

export interface LbEndpoint {
  endpoint: { address: string; port: number; hostname?: string };
  healthStatus?: HealthStatus;
  /** Absent = 1. */
  loadBalancingWeight?: number;
  /** filter_metadata of envoy.lb (hash_key, subset keys). */
  metadata?: Record<string, string>;
}

// ------------------------------------------------------------------------------------------------------------------- origin
/** Where in the user's files something was written. Lines and columns count from 1. */
export interface Origin {
  file: string;
  line: number;
  col: number;
  /** For people: "DestinationRule default/reviews". */
  object?: string;
  /** Path inside the object, e.g. "spec.trafficPolicy.outlierDetection". */
  path?: string;
}

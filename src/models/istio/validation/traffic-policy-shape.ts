// Fields of a DestinationRule. Source: istio/api networking/v1alpha3/destination_rule.proto (1.31).
import { any, boolean, duration, int, list, map, number, object, oneOfWords, string, uint } from './shape.ts';

const percentage = object({ value: number });
const selector = object({ number: uint });

export const localityLbSetting = object({
  distribute: list(object({ from: string, to: map(uint) })),
  failover: list(object({ from: string, to: string })),
  failoverPriority: list(string),
  enabled: boolean,
});

export const zoneAwareLbSetting = object({
  enabled: boolean,
  failover: list(object({ from: string, to: string })),
  failoverPriority: list(string),
  minClusterSize: uint,
});

const loadBalancer = object(
  {
    simple: oneOfWords('UNSPECIFIED', 'LEAST_CONN', 'RANDOM', 'PASSTHROUGH', 'ROUND_ROBIN', 'LEAST_REQUEST'),
    consistentHash: object(
      {
        httpHeaderName: string,
        httpCookie: object({ name: string, path: string, ttl: duration, attributes: list(any) }),
        useSourceIp: boolean,
        httpQueryParameterName: string,
        ringHash: object({ minimumRingSize: uint }),
        maglev: object({ tableSize: uint }),
        minimumRingSize: uint,
      },
      ['httpHeaderName', 'httpCookie', 'useSourceIp', 'httpQueryParameterName'],
      ['ringHash', 'maglev'],
    ),
    localityLbSetting,
    zoneAwareLbSetting,
    warmupDurationSecs: duration,
    warmup: object({ duration, minimumPercent: number, aggression: number }),
  },
  ['simple', 'consistentHash'],
);

export const connectionPool = object({
  tcp: object({
    maxConnections: int,
    connectTimeout: duration,
    tcpKeepalive: object({ probes: uint, time: duration, interval: duration }),
    maxConnectionDuration: duration,
    idleTimeout: duration,
  }),
  http: object({
    http1MaxPendingRequests: int,
    http2MaxRequests: int,
    maxRequestsPerConnection: int,
    maxRetries: int,
    idleTimeout: duration,
    h2UpgradePolicy: oneOfWords('DEFAULT', 'DO_NOT_UPGRADE', 'UPGRADE'),
    useClientProtocol: boolean,
    maxConcurrentStreams: int,
    http2KeepAlive: object({ interval: duration, timeout: duration }),
  }),
});

export const outlierDetection = object({
  consecutiveErrors: int,
  splitExternalLocalOriginErrors: boolean,
  consecutiveLocalOriginFailures: uint,
  consecutiveGatewayErrors: uint,
  consecutive5xxErrors: uint,
  interval: duration,
  baseEjectionTime: duration,
  maxEjectionPercent: int,
  minHealthPercent: int,
  outlierDetectionHttpErrorCodes: list(uint),
});

const tls = object({
  mode: oneOfWords('DISABLE', 'SIMPLE', 'MUTUAL', 'ISTIO_MUTUAL'),
  clientCertificate: string,
  privateKey: string,
  caCertificates: string,
  credentialName: string,
  subjectAltNames: list(string),
  sni: string,
  insecureSkipVerify: boolean,
  caCrl: string,
});

const trafficPolicy = object({
  loadBalancer,
  connectionPool,
  outlierDetection,
  tls,
  portLevelSettings: list(object({ port: selector, loadBalancer, connectionPool, outlierDetection, tls })),
  tunnel: object({ protocol: string, targetHost: string, targetPort: uint }),
  proxyProtocol: object({ version: oneOfWords('V1', 'V2') }),
  retryBudget: object({ percent: number, minRetryConcurrency: uint }),
});

export const destinationRuleShape = object({
  host: string,
  trafficPolicy,
  subsets: list(object({ name: string, labels: map(string), trafficPolicy })),
  exportTo: list(string),
  workloadSelector: object({ matchLabels: map(string) }),
});

/** Blocks of MeshConfig that steer traffic; its other fields are read elsewhere or not at all. */
export const meshConfigShape = object({
  localityLbSetting,
  zoneAwareLbSetting,
  defaultTrafficPolicy: object({ connectionPool, outlierDetection }),
  connectTimeout: duration,
  protocolDetectionTimeout: duration,
  dnsRefreshRate: duration,
  defaultHttpRetryPolicy: any,
  outboundTrafficPolicy: object({ mode: oneOfWords('ALLOW_ANY', 'REGISTRY_ONLY') }),
  serviceSettings: list(object({ settings: object({ clusterLocal: boolean }), hosts: list(string) })),
});

export { percentage, selector };

// Fields of VirtualService, Gateway, ServiceEntry, WorkloadEntry, WorkloadGroup and Sidecar.
// Source: istio/api networking/v1alpha3/*.proto (1.31).
import {
  any,
  boolean,
  duration,
  int,
  list,
  map,
  type ObjectShape,
  object,
  oneOfWords,
  string,
  uint,
} from './shape.ts';
import { connectionPool, destinationRuleShape, percentage, selector } from './traffic-policy-shape.ts';

const stringMatch = object({ exact: string, prefix: string, regex: string }, ['exact', 'prefix', 'regex']);
const destination = object({ host: string, subset: string, port: selector });
const operations = object({ set: map(string), add: map(string), remove: list(string) });
const headers = object({ request: operations, response: operations });
const routeDestination = object({ destination, weight: int });

const httpMatch = object({
  name: string,
  uri: stringMatch,
  scheme: stringMatch,
  method: stringMatch,
  authority: stringMatch,
  headers: map(stringMatch),
  port: uint,
  sourceLabels: map(string),
  gateways: list(string),
  queryParams: map(stringMatch),
  ignoreUriCase: boolean,
  withoutHeaders: map(stringMatch),
  sourceNamespace: string,
  statPrefix: string,
});

export const httpRetry = object({
  attempts: int,
  perTryTimeout: duration,
  retryOn: string,
  retryRemoteLocalities: boolean,
  retryIgnorePreviousHosts: boolean,
  backoff: duration,
});

const httpRoute = object({
  name: string,
  match: list(httpMatch),
  route: list(object({ destination, weight: int, headers })),
  redirect: object(
    {
      uri: string,
      authority: string,
      port: uint,
      derivePort: oneOfWords('FROM_PROTOCOL_DEFAULT', 'FROM_REQUEST_PORT'),
      scheme: string,
      redirectCode: uint,
    },
    ['port', 'derivePort'],
  ),
  directResponse: object({ status: uint, body: object({ string, bytes: string }, ['string', 'bytes']) }),
  delegate: object({ name: string, namespace: string }),
  rewrite: object({
    uri: string,
    authority: string,
    uriRegexRewrite: object({ match: string, rewrite: string }),
  }),
  timeout: duration,
  retries: httpRetry,
  fault: object({
    delay: object({ percent: int, fixedDelay: duration, exponentialDelay: duration, percentage }, [
      'fixedDelay',
      'exponentialDelay',
    ]),
    abort: object({ httpStatus: int, grpcStatus: string, http2Error: string, percentage }, [
      'httpStatus',
      'grpcStatus',
      'http2Error',
    ]),
  }),
  mirror: destination,
  mirrors: list(object({ destination, percentage })),
  mirrorPercent: uint,
  mirrorPercentage: percentage,
  corsPolicy: object({
    allowOrigin: list(string),
    allowOrigins: list(stringMatch),
    allowMethods: list(string),
    allowHeaders: list(string),
    exposeHeaders: list(string),
    maxAge: duration,
    allowCredentials: boolean,
    unmatchedPreflights: oneOfWords('UNSPECIFIED', 'FORWARD', 'IGNORE'),
  }),
  headers,
});

const l4Match = {
  destinationSubnets: list(string),
  port: uint,
  sourceLabels: map(string),
  gateways: list(string),
  sourceNamespace: string,
  sourceSubnet: string,
};

const virtualService = object({
  hosts: list(string),
  gateways: list(string),
  http: list(httpRoute),
  tls: list(
    object({ match: list(object({ sniHosts: list(string), ...l4Match })), route: list(routeDestination) }),
  ),
  tcp: list(object({ match: list(object(l4Match)), route: list(routeDestination) })),
  exportTo: list(string),
});

const tlsVersion = oneOfWords('TLS_AUTO', 'TLSV1_0', 'TLSV1_1', 'TLSV1_2', 'TLSV1_3');
const certificate = object({ serverCertificate: string, privateKey: string, caCertificates: string });
const serverTls = object({
  httpsRedirect: boolean,
  mode: oneOfWords('PASSTHROUGH', 'SIMPLE', 'MUTUAL', 'AUTO_PASSTHROUGH', 'ISTIO_MUTUAL', 'OPTIONAL_MUTUAL'),
  serverCertificate: string,
  privateKey: string,
  caCertificates: string,
  caCrl: string,
  credentialName: string,
  credentialNames: list(string),
  caCertCredentialName: string,
  tlsCertificates: list(certificate),
  subjectAltNames: list(string),
  verifyCertificateSpki: list(string),
  verifyCertificateHash: list(string),
  minProtocolVersion: tlsVersion,
  maxProtocolVersion: tlsVersion,
  cipherSuites: list(string),
});
const gateway = object({
  servers: list(
    object({
      port: object({ number: uint, protocol: string, name: string, targetPort: uint }),
      bind: string,
      hosts: list(string),
      tls: serverTls,
      defaultEndpoint: string,
      name: string,
    }),
  ),
  selector: map(string),
});

const workloadEntry = object({
  address: string,
  ports: map(uint),
  labels: map(string),
  network: string,
  locality: string,
  weight: uint,
  serviceAccount: string,
});
const workloadSelector = object({ labels: map(string) });
const serviceEntry = object({
  hosts: list(string),
  addresses: list(string),
  ports: list(object({ number: uint, protocol: string, name: string, targetPort: uint })),
  location: oneOfWords('MESH_EXTERNAL', 'MESH_INTERNAL'),
  resolution: oneOfWords('NONE', 'STATIC', 'DNS', 'DNS_ROUND_ROBIN', 'DYNAMIC_DNS'),
  endpoints: list(workloadEntry),
  workloadSelector,
  exportTo: list(string),
  subjectAltNames: list(string),
});

const probe = object(
  {
    initialDelaySeconds: int,
    timeoutSeconds: int,
    periodSeconds: int,
    successThreshold: int,
    failureThreshold: int,
    httpGet: object({ path: string, port: uint, host: string, scheme: string, httpHeaders: list(any) }),
    tcpSocket: object({ host: string, port: uint }),
    exec: object({ command: list(string) }),
    grpc: object({ port: uint, service: string }),
  },
  ['httpGet', 'tcpSocket', 'exec', 'grpc'],
);
const workloadGroup = object({
  metadata: object({ labels: map(string), annotations: map(string) }),
  template: workloadEntry,
  probe,
});

const sidecarPort = object({ number: uint, protocol: string, name: string, targetPort: uint });
const captureMode = oneOfWords('DEFAULT', 'IPTABLES', 'NONE');
const sidecar = object({
  workloadSelector,
  ingress: list(
    object({
      port: sidecarPort,
      bind: string,
      captureMode,
      defaultEndpoint: string,
      tls: serverTls,
      connectionPool,
    }),
  ),
  egress: list(object({ port: sidecarPort, bind: string, captureMode, hosts: list(string) })),
  inboundConnectionPool: connectionPool,
  outboundTrafficPolicy: object({
    mode: oneOfWords('REGISTRY_ONLY', 'ALLOW_ANY'),
    egressProxy: destination,
  }),
});

export const SHAPES: Readonly<Record<string, ObjectShape>> = {
  DestinationRule: destinationRuleShape,
  Gateway: gateway,
  ServiceEntry: serviceEntry,
  Sidecar: sidecar,
  VirtualService: virtualService,
  WorkloadEntry: workloadEntry,
  WorkloadGroup: workloadGroup,
};

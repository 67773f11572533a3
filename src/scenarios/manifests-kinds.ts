// Which kinds of objects are read, which carry no traffic, and which are real but not simulated: with what they could change.
// Sources: Kubernetes 1.31 API groups, istio/api 1.31, Gateway API 1.2, Alibaba Cloud ASM's custom resources.

export const ISTIO_GROUP = 'networking.istio.io';
export const ISTIO_VERSIONS = ['v1', 'v1beta1', 'v1alpha3'];

/** Read by the simulation, by API group ('' = core). */
export const READ_KINDS: Record<string, string> = {
  Service: '',
  Pod: '',
  Node: '',
  Namespace: '',
  ConfigMap: '',
  Deployment: 'apps',
  StatefulSet: 'apps',
  DaemonSet: 'apps',
  ReplicaSet: 'apps',
  EndpointSlice: 'discovery.k8s.io',
  VirtualService: ISTIO_GROUP,
  DestinationRule: ISTIO_GROUP,
  ServiceEntry: ISTIO_GROUP,
  Sidecar: ISTIO_GROUP,
  WorkloadEntry: ISTIO_GROUP,
  IstioOperator: 'install.istio.io',
  MeshConfig: '',
};

const GATEWAY_API = 'gateway.networking.k8s.io';
const GATEWAY_API_READ = ['Gateway', 'HTTPRoute', 'GRPCRoute', 'ReferenceGrant'];

export function isRead(group: string, kind: string): boolean {
  if (group === GATEWAY_API) return GATEWAY_API_READ.includes(kind);
  return kind === 'Gateway' ? group === ISTIO_GROUP : READ_KINDS[kind] === group;
}

export const ISTIO_KINDS = [
  'Gateway',
  ...Object.keys(READ_KINDS).filter((kind) => READ_KINDS[kind] === ISTIO_GROUP),
];
const ISTIO_UNREAD = ['EnvoyFilter', 'ProxyConfig', 'WorkloadGroup'];
/** All kinds of networking.istio.io. */
export const ISTIO_KNOWN = [...ISTIO_KINDS, ...ISTIO_UNREAD];

const SILENT = new Set(
  `Secret ServiceAccount Role RoleBinding ClusterRole ClusterRoleBinding CustomResourceDefinition PersistentVolume
  PersistentVolumeClaim StorageClass PriorityClass ResourceQuota LimitRange ServiceMonitor PodMonitor PrometheusRule
  GatewayClass Event ControllerRevision CertificateSigningRequest Lease ConfigMap`.split(/\s+/),
);
/** Carries no traffic and changes none. */
export const isSilent = (kind: string): boolean => SILENT.has(kind);

/** What leaving a kind out could change in the prediction. */
const EFFECTS: Record<string, string> = {
  EnvoyFilter: 'it can change any listener, route or cluster',
  WasmPlugin: 'it can change or refuse any request',
  AuthorizationPolicy: 'it can refuse requests (403)',
  PeerAuthentication: 'STRICT refuses callers without a sidecar',
  RequestAuthentication: 'it can refuse requests (401)',
  Telemetry: 'it changes what is recorded, not where traffic goes',
  ProxyConfig: 'it can set the worker threads of proxies (use topology.proxies)',
  WorkloadGroup: 'machines outside Kubernetes that join later are not there',
  HorizontalPodAutoscaler: 'replicas stay as written; a `scale` fault can play it',
  VerticalPodAutoscaler: 'pods keep the size that is written',
  ScaledObject: 'replicas stay as written; a `scale` fault can play it',
  PodDisruptionBudget: 'it limits evictions, which are not simulated',
  NetworkPolicy: 'it can cut connections (a `partition` fault can play it)',
  Ingress: 'requests from outside take it, not the Istio gateway',
  Endpoints: 'addresses written by hand are read from EndpointSlice only',
  Job: 'its pods call nobody here',
  CronJob: 'its pods call nobody here',
  Rollout: 'Argo Rollouts: its pods are not there; write them as Deployments',
  Kustomization: 'render it with `kustomize build` and read the result',
  IstioGateway: 'name it in topology.gateways with its clusterIds',
  ASMCircuitBreaker: 'it can refuse requests',
  TCPRoute: 'Gateway API routes are not followed; write a VirtualService',
  TLSRoute: 'Gateway API routes are not followed; write a VirtualService',
};

export const effectOf = (kind: string): string =>
  EFFECTS[kind] ?? 'this kind is not known here; its effect on traffic is not either';

/** For misspelt kinds. */
export const KNOWN_KINDS = [
  ...new Set([...Object.keys(READ_KINDS), ...ISTIO_KNOWN, ...Object.keys(EFFECTS), ...SILENT]),
];

// What istiod holds in memory: the objects that translation reads. scenarios/ parses files into these; models/kube makes services and
// endpoints from workloads; models/istio/translate.ts turns a Mesh and one ProxyNode into Envoy configuration.
import type { Origin } from '../envoy/config.ts';
import type { IstioProfile } from './profile.ts';

/** A validated Istio (or Gateway API) object. `spec` has Istio's JSON field names; durations stay strings. */
export interface ConfigObject<Spec = unknown> {
  kind: string;
  name: string;
  namespace: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  spec: Spec;
  /** Order of creation (files have no times): document order over all inputs. */
  creation: number;
  origin?: Origin;
  /** Finds the position of a path below the object, e.g. ['spec', 'http', 0]. */
  originOf?: (path: (string | number)[]) => Origin | undefined;
}

export interface ServicePort {
  name: string;
  port: number;
  targetPort?: number | string;
  protocol: Protocol;
}
export type Protocol =
  | 'HTTP'
  | 'HTTP2'
  | 'GRPC'
  | 'HTTPS'
  | 'TLS'
  | 'TCP'
  | 'MONGO'
  | 'REDIS'
  | 'MYSQL'
  | 'UDP'
  | 'UNSUPPORTED' /* = sniffed */;

/** A service as istiod sees it, one per hostname and namespace, all clusters united. */
export interface Service {
  /** "reviews.default.svc.cluster.local" or a ServiceEntry host. */
  hostname: string;
  name: string;
  namespace: string;
  ports: ServicePort[];
  registry: 'Kubernetes' | 'External';
  /** Kubernetes: ClientSideLB; headless: Passthrough; ServiceEntry: by resolution. */
  resolution: 'ClientSideLB' | 'DNSLB' | 'DNSRoundRobinLB' | 'Passthrough' | 'Alias';
  /** cluster id -> VIPs there. Headless: ["0.0.0.0"]-like empty. A cluster without an entry has no Service object. */
  clusterVIPs: Record<string, string[]>;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  exportTo: string[];
  trafficDistribution?: string;
  internalTrafficPolicyLocal?: boolean;
  publishNotReadyAddresses?: boolean;
  externalName?: string;
  meshExternal?: boolean;
  creation: number;
  origin?: Origin;
}

export interface IstioEndpoint {
  address: string;
  addresses?: string[];
  servicePortName: string;
  endpointPort: number;
  /** Pod labels plus the synthetic topology labels (EP-12). */
  labels: Record<string, string>;
  /** "region/zone/subzone", trailing empty parts cut off; "" = none. */
  locality: string;
  clusterId: string;
  network: string;
  weight: number;
  nodeName?: string;
  mtls: boolean;
  health: 'healthy' | 'unhealthy' | 'draining' | 'terminating';
  /** Pod name, for people. */
  pod?: string;
  namespace?: string;
  workload?: string;
}

export interface NetworkGateway {
  network: string;
  cluster?: string;
  address: string;
  port: number;
}

/** The proxy that configuration is made for. */
export interface ProxyNode {
  id: string;
  type: 'sidecar' | 'router';
  namespace: string;
  labels: Record<string, string>;
  clusterId: string;
  network: string;
  /** "region/zone/subzone"; "" = unknown. */
  locality: string;
  nodeName?: string;
  ipAddresses: string[];
  /** Ports its own application listens on (inbound listeners). */
  ports?: number[];
}

export interface Mesh {
  profile: IstioProfile;
  meshConfig: MeshConfigSpec;
  /** All Istio and Gateway API objects in creation order. */
  configs: ConfigObject[];
  services: Service[];
  /** hostname + "/" + namespace -> endpoints of all clusters. */
  endpoints: Map<string, IstioEndpoint[]>;
  networkGateways: NetworkGateway[];
  /** Namespace labels by cluster/namespace, e.g. traffic-distribution annotations live in `annotations`. */
  namespaces: {
    cluster: string;
    name: string;
    labels: Record<string, string>;
    annotations: Record<string, string>;
  }[];
  domain: string;
}

/** MeshConfig in Istio's JSON spelling; see models/istio/mesh-config.ts for schema and defaults. */
export type MeshConfigSpec = Record<string, unknown>;

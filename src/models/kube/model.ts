// What the Kubernetes part knows: clusters with nodes, workloads that own pods, services that select them. Built once from manifests;
// faults (scale, crash, zone down) change the pods, and the mesh is assembled again from what is there then.
import type { Origin } from '../envoy/config.ts';
import type { Protocol } from '../istio/model.ts';

/** A parsed document of a manifest, of any kind. Values are plain data; `originOf` finds the place of a path below it. */
export interface ManifestObject {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    /** Who made it: an exported Pod or ReplicaSet names its owner here. */
    ownerReferences?: unknown;
  };
  spec?: unknown;
  /** Of exported objects: pod and load balancer addresses. */
  status?: unknown;
  /** EndpointSlice and Endpoints keep their content beside metadata, not below spec. */
  addressType?: unknown;
  endpoints?: unknown;
  ports?: unknown;
  subsets?: unknown;
  /** ConfigMap data and the like. */
  data?: unknown;
  origin?: Origin;
  originOf?: (path: readonly (string | number)[]) => Origin;
}

/** What the scenario's topology adds to a cluster's manifests. */
export interface ClusterSpec {
  id: string;
  /** ack | ask | external | any */
  type?: string;
  region?: string;
  /** Istio network; absent = one flat network (""). */
  network?: string;
  podCIDR?: string;
  serviceCIDR?: string;
  components?: string[];
  /** false = it cannot give LoadBalancer Services an address; public, intranet = of that kind only. Absent = it can. */
  loadBalancer?: boolean | string;
  /** Node pools in words; Node objects of the manifests win. `zone` such as cn-hangzhou-h. */
  nodes?: { zone: string; count: number; region?: string; labels?: Record<string, string> }[];
}

export interface KubeNode {
  name: string;
  cluster: string;
  region: string;
  zone: string;
  subzone: string;
  labels: Record<string, string>;
  taints?: { key: string; value: string; effect: string }[];
  /** Cordoned. */
  isUnschedulable?: boolean;
  /** Addresses that a NodePort answers on: external ones if there are any, else internal ones. */
  addresses?: string[];
}

export interface Probe {
  initialDelayNs: number;
  periodNs: number;
  failureThreshold: number;
}

export type WorkloadKind = 'Deployment' | 'StatefulSet' | 'DaemonSet' | 'ReplicaSet' | 'Pod';

export interface Workload {
  kind: WorkloadKind;
  cluster: string;
  namespace: string;
  name: string;
  replicas: number;
  labels: Record<string, string>;
  /** How a changed template is rolled out. */
  strategy?: UpdateStrategy;
  origin?: Origin;
}

export interface UpdateStrategy {
  /** Deployment: RollingUpdate or Recreate. StatefulSet, DaemonSet: RollingUpdate or OnDelete. */
  type: 'RollingUpdate' | 'Recreate' | 'OnDelete';
  /** A count, or a percentage of the replicas such as "25%". */
  maxSurge: number | string;
  maxUnavailable: number | string;
  /** StatefulSet: only ordinals from here on are updated. */
  partition: number;
  /** StatefulSet: pods are made and removed all at once instead of one after the other. */
  isParallel: boolean;
  minReadyNs: number;
}

/** One replica. Pods are never removed from the list: a removed one is `isGone`, a new one gets the next ordinal. */
export interface Pod {
  cluster: string;
  namespace: string;
  /** "reviews-v1-0": workload name and ordinal; a bare Pod keeps its name. Unique per cluster and namespace. */
  name: string;
  ip: string;
  workload: { kind: WorkloadKind; name: string };
  /** Index within the workload: reviews-v1[0]. */
  ordinal: number;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  serviceAccount: string;
  /** '' when the pod could not be placed. */
  node: string;
  region: string;
  zone: string;
  subzone: string;
  network: string;
  containerPorts: { name?: string; port: number }[];
  /** Has an Envoy of its own (injected, or a gateway pod). */
  hasSidecar: boolean;
  /** Runs only the proxy: no application (a pod of a gateway workload). */
  isGateway: boolean;
  /** Worker threads from annotations or resources; absent = the scenario's or the default. */
  concurrency?: number;
  readinessProbe?: Probe;
  /** preStop sleep of the application [ns]. */
  preStopNs: number;
  /** terminationGracePeriodSeconds [ns]; absent = 30 s. */
  terminationGraceNs?: number;
  /** Its name under a headless service: StatefulSet pods, or spec.hostname with spec.subdomain. */
  hostname?: string;
  subdomain?: string;
  /** Why it never gets ready (Pending, no such node...); absent = schedulable. */
  blocked?: string;
  isReady: boolean;
  isTerminating: boolean;
  isGone: boolean;
  origin?: Origin;
}

export interface KubeServicePort {
  name: string;
  port: number;
  /** Absent = port. A name refers to a container port. */
  targetPort?: number | string;
  protocol: Protocol;
  nodePort?: number;
}

export interface KubeService {
  cluster: string;
  namespace: string;
  name: string;
  type: 'ClusterIP' | 'NodePort' | 'LoadBalancer' | 'ExternalName';
  /** '' = headless. */
  clusterIP: string;
  externalName?: string;
  ports: KubeServicePort[];
  selector: Record<string, string>;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  trafficDistribution?: string;
  internalTrafficPolicyLocal: boolean;
  publishNotReadyAddresses: boolean;
  externalIPs: string[];
  /** Of type LoadBalancer: addresses from an exported status, or one that the cloud is taken to give. */
  loadBalancerAddresses?: string[];
  origin?: Origin;
}

export interface KubeNamespace {
  cluster: string;
  name: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
}

/** Everything of all clusters. Mutable: faults change pods and workloads in place. */
export interface KubeState {
  clusters: ClusterSpec[];
  nodes: KubeNode[];
  namespaces: KubeNamespace[];
  workloads: Workload[];
  pods: Pod[];
  services: KubeService[];
  /** Hand-written EndpointSlices/Endpoints of services without selector. */
  slices: {
    cluster: string;
    namespace: string;
    service: string;
    addresses: {
      ip: string;
      isReady: boolean;
      node?: string;
      /** Conditions as written; absent = not said. */
      isServing?: boolean;
      isTerminating?: boolean;
      /** Target pod: the endpoint counts only once the pod exists (EP-10). */
      pod?: string;
    }[];
    ports: { name: string; port: number }[];
    /** Name of the EndpointSlice or Endpoints object. */
    object?: string;
  }[];
}

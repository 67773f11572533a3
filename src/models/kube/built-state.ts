// What building leaves behind: the state, and what is needed to make further pods of the same workloads later on.
import type { Origin } from '../envoy/config.ts';
import type { KubeState } from './model.ts';

export interface Problem {
  /** An error is something the API server refuses, or that cannot be understood; a warning runs, but not as it seems. */
  severity: 'error' | 'warning';
  message: string;
  hint?: string;
  origin?: Origin;
}

export interface PodTemplate {
  labels: Record<string, string>;
  annotations: Record<string, string>;
  spec: Record<string, unknown>;
}

export interface BuildOptions {
  /** Labels that Gateway objects select: workloads that carry them are gateways. */
  gatewaySelectors: Record<string, string>[];
  /** Minor of the Istio release, e.g. 24. Absent = the newest. */
  istioMinor?: number;
  /** `data.meshNetworks` of the ConfigMap istio, parsed: names networks by cluster or by address range. */
  meshNetworks?: unknown;
}

export interface BuiltState {
  state: KubeState;
  /** By templateKey: what new pods are made from. */
  templates: Map<string, PodTemplate>;
  problems: Problem[];
  assumptions: string[];
  options: BuildOptions;
  /** Counters and tallies that keep names, addresses and placement of later pods apart from earlier ones. */
  ledger: Ledger;
}

export interface Ledger {
  /** Addresses given or claimed, per cluster. */
  usedIPs: Map<string, Set<string>>;
  /** Addresses handed out so far: "pod/c1", "service/c1". */
  counts: Map<string, number>;
  /** Next ordinal per workload. */
  ordinals: Map<string, number>;
  /** Live pods per workload and node. */
  placed: Map<string, Map<string, number>>;
  /** Nodes that are down ("cluster/name"), and by how many faults. */
  nodesDown: Map<string, number>;
  /** Namespaces ("cluster/name") that were taken to be labelled. */
  namespacesAssumed: Set<string>;
}

export const templateKey = (workload: { kind: string; cluster: string; namespace: string; name: string }) =>
  `${workload.cluster}/${workload.namespace}/${workload.kind}/${workload.name}`;

/** Of a pod: the key of the workload that owns it. */
export const ownerKey = (pod: {
  cluster: string;
  namespace: string;
  workload: { kind: string; name: string };
}) => `${pod.cluster}/${pod.namespace}/${pod.workload.kind}/${pod.workload.name}`;

// What can be done to the clusters in the course of a run, and what Kubernetes makes of it, event by event.
import type { KubeState, ManifestObject, Pod, WorkloadKind } from './model.ts';

export interface WorkloadRef {
  cluster: string;
  namespace: string;
  name: string;
  /** Absent = the first workload of that name that is no bare Pod. */
  kind?: WorkloadKind;
}

/** Indexes into state.pods or state.nodes; a function is asked at the time of the change. */
export type Selection = readonly number[] | ((state: KubeState) => readonly number[]);

export type KubeChange = { atNs: number } & (
  | { kind: 'scale'; workload: WorkloadRef; replicas: number }
  /** The process dies. It is restarted after 10 s (20, 40 … 300 s the next times), or at `untilNs`. */
  | { kind: 'crash'; pods: Selection; untilNs?: number }
  /** Seen by the readiness probe only; what callers see is the server's mode. */
  | { kind: 'refuse' | 'hang' | 'blackhole'; pods: Selection; untilNs?: number }
  /** Machines stop at once: their pods vanish from the network. */
  | { kind: 'nodesDown'; nodes: Selection; untilNs?: number }
  | { kind: 'rollout'; workload: WorkloadRef }
  | { kind: 'apply'; cluster: string; objects: ManifestObject[] }
  | { kind: 'delete'; cluster: string; objectKind: string; namespace: string; name: string }
  /** While istiod cannot be reached no new pod with a sidecar becomes ready (XP-5). */
  | { kind: 'controlPlane'; isUp: boolean }
);

export type KubeEventKind =
  /** The pod is on the list (and, unless `blocked`, on a node); not listening yet. */
  | 'podCreated'
  /** Its process listens. */
  | 'podStarted'
  | 'podReady'
  | 'podUnready'
  /** The process died: connections are refused. */
  | 'podCrashed'
  /** Its machine is gone: packets to it vanish. */
  | 'podLost'
  /** A new process begins; podStarted follows when it listens. */
  | 'podRestarted'
  /** Its endpoint leaves now; the application still serves until podStopped. */
  | 'podTerminating'
  /** Its proxy begins to drain. */
  | 'podStopping'
  /** Nothing answers at its address any more; it is gone for good. */
  | 'podStopped'
  /** Labels of a bare Pod changed in place. */
  | 'podChanged'
  | 'nodesChanged'
  | 'namespacesChanged'
  | 'servicesChanged';

export interface KubeEvent {
  kind: KubeEventKind;
  /** Index into state.pods; -1 for events that are not about one pod. */
  pod: number;
  /** For the timeline, e.g. "reviews-v1-0 is ready". */
  text: string;
}

/** One instant: built.state already is as it is after these events. */
export interface KubeStep {
  atNs: number;
  events: KubeEvent[];
}

export interface TimelineOptions {
  /** From the start of a process until it listens [ns]. Absent = 5 s for all. */
  startupNs?: (pod: Pod) => number;
  /** Why the pod never becomes ready (e.g. its proxy cannot reach istiod); null = it does. Asked when it would. */
  heldBack?: (pod: Pod, atNs: number) => string | null;
  /** Sidecars that stop after the application (Istio 1.27+ where the cluster supports it). Absent = false. */
  nativeSidecars?: boolean;
  /** meshConfig.defaultConfig.terminationDrainDuration [ns]. Absent = 5 s. */
  terminationDrainNs?: number;
  /** Events later than this are not worked out. */
  untilNs?: number;
}

// One pod's life as the kubelet and the API server see it: start, readiness, crash and restart, a lost machine, shutdown. Rules PO-1,
// PO-2, XP-4, XP-5. Source: Kubernetes documentation "Pod Lifecycle" (1.31); times that the scenario format fixes are named below.
import { Agenda } from './agenda.ts';
import { type BuiltState, ownerKey } from './built-state.ts';
import type { KubeEvent, KubeEventKind, TimelineOptions } from './change.ts';
import type { Pod } from './model.ts';
import { tallyPlace } from './pods.ts';

const SECOND = 1e9;
/** Start of a process until it listens, unless the scenario says otherwise. */
const STARTUP_NS = 5 * SECOND;
/** From the death of a process until the endpoint is unready. */
const CRASH_NOTICED_NS = SECOND;
/** Source: kubelet MaxContainerBackOff 5 min, first step 10 s, forgotten after 10 min of running. */
const BACKOFF_NS = 10 * SECOND;
const MAX_BACKOFF_NS = 300 * SECOND;
const BACKOFF_RESET_NS = 600 * SECOND;
/** Source: kube-controller-manager node-monitor-grace-period 40 s; DefaultTolerationSeconds 300 s. */
const NODE_MONITOR_GRACE_NS = 40 * SECOND;
const EVICTION_NS = 300 * SECOND;
/** Source: Istio meshConfig.defaultConfig.terminationDrainDuration. */
const TERMINATION_DRAIN_NS = 5 * SECOND;

export interface PodLife {
  /** Of the template that it was made from. */
  revision: number;
  readySinceNs: number;
  restarts: number;
  /** Crashes in a row, for the back-off. */
  crashes: number;
  runningSinceNs: number;
  isListening: boolean;
  /** Its machine is down. */
  isLost: boolean;
  /** Its proxy has had its first configuration, which a restart of the application does not undo. */
  isConfigured: boolean;
  /** Readiness probes fail until then. */
  probesFailUntilNs: number;
  /** The first probe is due then. */
  firstProbeNs: number;
  /** Counts up when what was planned for the pod no longer holds. */
  epoch: number;
}

export class Kubelet {
  readonly agenda = new Agenda();
  readonly built: BuiltState;
  readonly options: TimelineOptions;
  nowNs = 0;
  events: KubeEvent[] = [];
  /** Workloads whose controller has to look again. */
  readonly dirty = new Set<string>();
  isControlPlaneUp = true;
  /** A pending pod may fit now. */
  hasRoom = false;
  readonly #lives = new Map<number, PodLife>();
  readonly #awaitingConfig = new Set<number>();

  constructor(built: BuiltState, options: TimelineOptions) {
    this.built = built;
    this.options = options;
  }

  pod(index: number): Pod {
    return this.built.state.pods[index]!;
  }

  /** Pods that were there at the start have been running for long. */
  life(index: number): PodLife {
    let life = this.#lives.get(index);
    if (!life) {
      const isRunning = this.pod(index).node !== '';
      life = {
        revision: 0,
        readySinceNs: Number.NEGATIVE_INFINITY,
        restarts: 0,
        crashes: 0,
        runningSinceNs: Number.NEGATIVE_INFINITY,
        isListening: isRunning,
        isLost: false,
        isConfigured: isRunning && this.pod(index).blocked === undefined,
        probesFailUntilNs: Number.NEGATIVE_INFINITY,
        firstProbeNs: Number.NEGATIVE_INFINITY,
        epoch: 0,
      };
      this.#lives.set(index, life);
    }
    return life;
  }

  emit(kind: KubeEventKind, index: number, words: string): void {
    const pod = index >= 0 ? this.pod(index) : undefined;
    const where = pod && this.built.state.clusters.length > 1 ? ` (${pod.cluster})` : '';
    this.events.push({ kind, pod: index, text: pod ? `${pod.name}${where} ${words}` : words });
    if (pod) this.dirty.add(ownerKey(pod));
  }

  /** Something planned for this life of the pod; it does not happen if the pod was stopped or restarted meanwhile. */
  #later(index: number, delayNs: number, run: () => void): void {
    const epoch = this.life(index).epoch;
    this.agenda.add(this.nowNs + delayNs, () => {
      if (this.life(index).epoch === epoch) run();
    });
  }

  created(index: number, revision: number): void {
    const pod = this.pod(index);
    const life = this.life(index);
    life.revision = revision;
    life.isListening = false;
    life.isConfigured = false;
    this.emit('podCreated', index, pod.blocked ?? `is created on ${pod.node}`);
    if (pod.node !== '') this.start(index);
  }

  start(index: number): void {
    const pod = this.pod(index);
    const life = this.life(index);
    life.epoch++;
    const startup = this.options.startupNs?.(pod) ?? STARTUP_NS;
    const delay = pod.readinessProbe?.initialDelayNs ?? 0;
    life.firstProbeNs = this.nowNs + startup + delay;
    this.#later(index, startup, () => {
      life.isListening = true;
      life.runningSinceNs = this.nowNs;
      this.emit('podStarted', index, 'listens');
      if (delay === 0) this.becomeReady(index);
      else this.#later(index, delay, () => this.becomeReady(index));
    });
  }

  becomeReady(index: number): void {
    const pod = this.pod(index);
    const life = this.life(index);
    if (pod.isReady || pod.isTerminating || pod.isGone || life.isLost || !life.isListening) return;
    if (life.firstProbeNs > this.nowNs || life.probesFailUntilNs > this.nowNs) return;
    if (pod.hasSidecar && !life.isConfigured) {
      const why = this.isControlPlaneUp
        ? (this.options.heldBack?.(pod, this.nowNs) ?? null)
        : 'its proxy waits for istiod, which cannot be reached';
      if (why !== null) {
        this.#awaitingConfig.add(index);
        if (pod.blocked !== why) this.emit('podUnready', index, `does not become ready: ${why}`);
        pod.blocked = why;
        return;
      }
    }
    delete pod.blocked;
    life.isConfigured = true;
    life.readySinceNs = this.nowNs;
    pod.isReady = true;
    this.emit('podReady', index, 'is ready');
  }

  controlPlane(isUp: boolean): void {
    this.isControlPlaneUp = isUp;
    if (!isUp) return;
    const waiting = [...this.#awaitingConfig].sort((a, b) => a - b);
    this.#awaitingConfig.clear();
    for (const index of waiting) this.becomeReady(index);
  }

  #becomeUnready(index: number, why: string): void {
    const pod = this.pod(index);
    if (!pod.isReady) return;
    pod.isReady = false;
    this.emit('podUnready', index, `is no longer ready: ${why}`);
  }

  crash(index: number, untilNs?: number): void {
    const pod = this.pod(index);
    const life = this.life(index);
    if (pod.isTerminating || pod.isGone || life.isLost || !life.isListening) return;
    if (untilNs !== undefined && untilNs <= this.nowNs) return;
    if (this.nowNs - life.runningSinceNs >= BACKOFF_RESET_NS) life.crashes = 0;
    const backoff = Math.min(BACKOFF_NS * 2 ** life.crashes++, MAX_BACKOFF_NS);
    life.isListening = false;
    life.epoch++;
    this.emit('podCrashed', index, 'has crashed: its port refuses connections');
    this.#later(index, CRASH_NOTICED_NS, () => this.#becomeUnready(index, 'its process is gone'));
    this.#later(index, untilNs === undefined ? backoff : untilNs - this.nowNs, () => this.#restart(index));
  }

  #restart(index: number): void {
    this.life(index).restarts++;
    // Sooner than anybody noticed: a container that starts is not ready.
    this.#becomeUnready(index, 'its process starts anew');
    this.emit('podRestarted', index, 'is restarted');
    this.start(index);
  }

  /** Probes are sent every period from the fault on, so both ends are found by the first probe after them. */
  failProbes(index: number, untilNs: number): void {
    const pod = this.pod(index);
    const probe = pod.readinessProbe;
    if (!probe || pod.isGone || untilNs <= this.nowNs) return;
    const life = this.life(index);
    const fromNs = this.nowNs;
    const noticedNs = fromNs + probe.periodNs * probe.failureThreshold;
    life.probesFailUntilNs = Math.max(life.probesFailUntilNs, untilNs);
    this.agenda.add(noticedNs, () => {
      if (life.probesFailUntilNs > this.nowNs) this.#becomeUnready(index, 'its readiness probe fails');
    });
    if (untilNs === Number.POSITIVE_INFINITY) return;
    const nextProbeNs = fromNs + Math.ceil((untilNs - fromNs) / probe.periodNs) * probe.periodNs;
    this.agenda.add(nextProbeNs, () => this.becomeReady(index));
  }

  lose(index: number): void {
    const pod = this.pod(index);
    const life = this.life(index);
    if (pod.isGone || life.isLost) return;
    life.isLost = true;
    life.isListening = false;
    life.epoch++;
    this.emit('podLost', index, 'is lost with its node: packets to it vanish');
    this.#later(index, NODE_MONITOR_GRACE_NS, () => this.#becomeUnready(index, 'its node does not answer'));
    // Daemons tolerate an unreachable node for ever.
    if (pod.workload.kind !== 'DaemonSet')
      this.#later(index, NODE_MONITOR_GRACE_NS + EVICTION_NS, () => this.terminate(index));
  }

  /** The node is back: what was to go is gone, the rest starts anew in its place. */
  recover(index: number): void {
    const pod = this.pod(index);
    const life = this.life(index);
    if (pod.isGone || !life.isLost) return;
    life.isLost = false;
    life.isConfigured = false;
    if (pod.isTerminating) this.#stop(index);
    else this.#restart(index);
  }

  /** The endpoint leaves now; the process goes when its preStop hook has ended, and never after its grace period. */
  terminate(index: number): void {
    const pod = this.pod(index);
    const life = this.life(index);
    if (pod.isTerminating || pod.isGone) return;
    const { isListening } = life;
    pod.isTerminating = true;
    pod.isReady = false;
    life.epoch++;
    if (pod.node !== '') tallyPlace(this.built, pod, -1);
    this.emit('podTerminating', index, 'is being removed');
    // The API server keeps it until its node answers again.
    if (life.isLost) return;
    if (isListening && pod.hasSidecar) this.emit('podStopping', index, 'drains its proxy');
    const delay = isListening ? this.#shutdownNs(pod) : 0;
    if (delay === 0) this.#stop(index);
    else this.#later(index, delay, () => this.#stop(index));
  }

  #shutdownNs(pod: Pod): number {
    const drain = this.options.terminationDrainNs ?? TERMINATION_DRAIN_NS;
    const grace = pod.terminationGraceNs ?? Number.POSITIVE_INFINITY;
    if (pod.isGateway) return Math.min(drain, grace);
    // An ordinary sidecar is told to stop at once, hook or not, and takes the application's traffic with it when it exits.
    const proxy = pod.hasSidecar && this.options.nativeSidecars !== true ? drain : Number.POSITIVE_INFINITY;
    return Math.min(pod.preStopNs, proxy, grace);
  }

  #stop(index: number): void {
    const pod = this.pod(index);
    pod.isGone = true;
    this.life(index).isListening = false;
    this.life(index).epoch++;
    this.hasRoom = true;
    this.emit('podStopped', index, 'is gone');
  }

  /** The API server forgets it, whatever its node says (the node was deleted). */
  forget(index: number): void {
    this.life(index).isLost = false;
    this.life(index).isListening = false;
    this.terminate(index);
    if (!this.pod(index).isGone) this.#stop(index);
  }
}

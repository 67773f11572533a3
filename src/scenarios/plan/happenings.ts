// Everything that happens after the start, in order of time: faults, what Kubernetes makes of them, changed Istio objects, and the pushes
// by which proxies hear of it.
import type { BuiltState } from '../../models/kube/built-state.ts';
import type { KubeChange, KubeEvent, KubeStep } from '../../models/kube/change.ts';
import { kubeTimeline } from '../../models/kube/timeline.ts';
import type { ActionSpec } from '../../models/world.ts';
import type { Fault, Scenario } from '../scenario.ts';
import type { Cast } from './cast.ts';
import type { Names } from './dial.ts';
import type { Ground } from './ground.ts';
import { isIstioObject, istioKey } from './istio-objects.ts';
import { kubeChangesOf } from './kube-changes.ts';
import type { MeshView } from './mesh-view.ts';
import { actionsOfPodEvent, isSeenByIstiod } from './pod-events.ts';
import { Debounce, PUSH_NS, Pushes } from './pushes.ts';
import { actionsOfFault } from './server-faults.ts';

/** How long after the last load or fault things are still worked out [ns]. */
const AFTERMATH_NS = 600e9;
/** For loads whose end only their answers know [ns]. */
const UNKNOWN_END_NS = 3600e9;

export class Happenings {
  readonly #actions: ActionSpec[] = [];
  readonly #debounce = new Debounce();
  readonly #pushes: Pushes;
  readonly #modes: { action: Extract<ActionSpec, { kind: 'serverMode' }>; untilNs: number }[] = [];

  constructor(
    readonly scenario: Scenario,
    readonly built: BuiltState,
    readonly view: MeshView,
    readonly cast: Cast,
    readonly names: Names,
    readonly ground: Ground,
    readonly windows: readonly { toNs: number }[],
  ) {
    this.#pushes = new Pushes(cast.proxies.map((proxy) => proxy.config));
  }

  workOut(): ActionSpec[] {
    const { scenario, built } = this;
    const faults = scenario.faults
      .map((fault, order) => ({ fault, order }))
      .sort((a, b) => a.fault.atNs - b.fault.atNs || a.order - b.order)
      .map(({ fault }) => fault);
    if (faults.length === 0) return [];
    const changes = faults.flatMap((fault) => [
      this.#atTimeOf(fault),
      ...kubeChangesOf([fault], built.state),
    ]);
    const steps = kubeTimeline(built, changes, {
      untilNs: this.#horizonNs(faults),
      startupNs: (pod) =>
        (scenario.behavior[`${pod.namespace}/${pod.workload.name}`] ?? scenario.behavior[pod.workload.name])
          ?.startupNs ?? 5e9,
      heldBack: (pod) => this.ground.heldBack(pod),
    });
    for (const step of steps) this.#step(step);
    this.#pushDue(Number.POSITIVE_INFINITY);
    return this.#actions;
  }

  /** Kubernetes asks who is meant when the time has come: the moment at which the state is that of the fault. Nobody is, for its part. */
  #atTimeOf(fault: Fault): KubeChange {
    return {
      atNs: fault.atNs,
      kind: 'refuse',
      pods: () => {
        this.#fault(fault);
        return [];
      },
    };
  }

  /** A process that starts anew is as ill as a fault that still lasts makes it. */
  #stillFaulty(action: ActionSpec): ActionSpec | null {
    if (action.kind !== 'serverMode' || action.mode !== 'ok') return null;
    const lasting = this.#modes.findLast(
      (entry) =>
        entry.untilNs > action.atNs &&
        action.servers.every((server) => entry.action.servers.includes(server)),
    );
    if (!lasting) return null;
    const { mode, percentage } = lasting.action;
    return { ...action, mode, ...(percentage !== undefined && { percentage }) };
  }

  #horizonNs(faults: readonly Fault[]): number {
    const ends = this.windows.map(({ toNs }) => (Number.isFinite(toNs) ? toNs : UNKNOWN_END_NS));
    const lasts = faults.map((fault) => fault.atNs + (fault.forNs ?? 0));
    return Math.max(0, ...ends, ...lasts) + AFTERMATH_NS;
  }

  /** The part of a fault that is not Kubernetes': servers, links, proxies, Istio objects. */
  #fault(fault: Fault): void {
    this.#pushDue(fault.atNs);
    const actions = actionsOfFault(fault, this.built.state, this.cast.members);
    this.#actions.push(...actions);
    for (const action of actions)
      if (action.kind === 'serverMode' && action.mode !== 'ok')
        this.#modes.push({ action, untilNs: fault.atNs + (fault.forNs ?? Number.POSITIVE_INFINITY) });
    if (fault.kind === 'istiodDown') {
      this.#mark(fault.atNs, 'istiodDown', 'istiod cannot be reached: proxies keep what they have');
      if (fault.forNs !== undefined) this.#mark(fault.atNs + fault.forNs, 'istiodDown', 'istiod is back');
    }
    const { objects } = this.view;
    let isChanged = false;
    if (fault.kind === 'apply') {
      for (const object of fault.objects.filter(isIstioObject)) {
        objects.apply(object);
        this.#mark(fault.atNs, 'apply', `${istioKey(object)} is applied`);
        isChanged = true;
      }
    } else if (fault.kind === 'delete') {
      isChanged = objects.remove(fault.objectKind, fault.namespace ?? 'default', fault.name);
      if (isChanged) this.#mark(fault.atNs, 'delete', `${fault.objectKind}/${fault.name} is deleted`);
    }
    if (isChanged) {
      this.view.lookAtObjects();
      this.#debounce.add(fault.atNs);
    }
  }

  #step({ atNs, events }: KubeStep): void {
    this.#pushDue(atNs);
    for (const member of this.cast.enter(atNs))
      if (member.proxy >= 0) this.#pushes.enter(this.cast.proxies[member.proxy]!.config);
    for (const event of events)
      for (const action of actionsOfPodEvent(atNs, event, this.cast.members, this.#isShut(event)))
        this.#actions.push(this.#stillFaulty(action) ?? action);
    if (!events.some(isSeenByIstiod)) return;
    this.view.lookAtClusters();
    this.#debounce.add(atNs);
    this.#actions.push(...this.names.update(atNs, this.cast.members));
    if (events.some((event) => event.kind === 'servicesChanged')) this.#dialAgain(atNs);
  }

  /** The application listens, but behind a proxy that lets nobody in. */
  #isShut(event: KubeEvent): boolean {
    const pod = this.built.state.pods[event.pod];
    return event.kind === 'podStarted' && pod !== undefined && this.ground.heldBack(pod) !== null;
  }

  /** Services came or went: names may resolve that did not, or no longer do. */
  #dialAgain(atNs: number): void {
    for (const { pod, server } of this.cast.members) {
      if (server < 0 || pod.isGone) continue;
      const behaviour = this.cast.behaviourOf(pod);
      const before = this.cast.servers[server]!;
      if (JSON.stringify(behaviour) !== JSON.stringify(before.behaviour))
        this.#actions.push({ atNs, kind: 'serverBehaviour', servers: [server], behaviour });
    }
  }

  /** Sends the batch that is due before a time, with what istiod knew then. */
  #pushDue(beforeNs: number): void {
    let dueNs = this.#debounce.dueNs;
    if (dueNs === Number.POSITIVE_INFINITY) return;
    const down = this.ground.downtimes.find(({ fromNs, toNs }) => dueNs >= fromNs && dueNs < toNs);
    if (down) dueNs = down.toNs;
    if (dueNs > beforeNs || dueNs === Number.POSITIVE_INFINITY) return;
    this.#debounce.clear();
    const atNs = dueNs + PUSH_NS;
    const wanted = this.cast.members.flatMap(({ pod, proxy, node }) =>
      proxy < 0 || pod.isGone || node === null || this.ground.heldBack(pod) !== null
        ? []
        : [[proxy, this.view.configOf(node, pod)] as const],
    );
    const pushed = this.#pushes.push(atNs, wanted);
    if (pushed.length === 0) return;
    this.#actions.push(...pushed);
    this.#mark(atNs, 'push', pushWords(pushed));
  }

  #mark(atNs: number, name: string, label: string): void {
    this.#actions.push({ atNs, kind: 'mark', name, label });
  }
}

function pushWords(actions: readonly ActionSpec[]): string {
  const proxies = new Set<number>();
  const services = new Set<string>();
  let isWhole = false;
  for (const action of actions) {
    if (action.kind === 'config') isWhole = true;
    if (action.kind === 'endpoints')
      for (const assignment of action.assignments) services.add(assignment.clusterName.split('|')[3] ?? '');
    if (action.kind === 'config' || action.kind === 'endpoints')
      for (const proxy of action.proxies) proxies.add(proxy);
  }
  const short = [...services].map((host) => host.split('.')[0]).slice(0, 4);
  const what = isWhole
    ? 'the whole configuration'
    : `endpoints of ${short.join(', ')}${services.size > 4 ? ' and others' : ''}`;
  return `istiod pushes ${what} to ${proxies.size} ${proxies.size === 1 ? 'proxy' : 'proxies'}`;
}

// What the controllers of all kinds share: the pods of a workload, making one more, and who goes first when there are too many.
// Source: kubernetes/pkg/controller/controller_utils.go ActivePodsWithRanks (1.31).
import { ownerKey, templateKey } from './built-state.ts';
import type { Pod, Workload } from './model.ts';
import type { Kubelet } from './pod-life.ts';
import { addPod, type NewPod, templateOf } from './pods.ts';
import { label } from './shape.ts';

export class Replicas {
  readonly kubelet: Kubelet;
  readonly #podsOf = new Map<string, number[]>();
  /** Number of the template that new pods are made from, and the templates seen so far. */
  readonly #revisions = new Map<string, { current: number; count: number; seen: Map<string, number> }>();

  constructor(kubelet: Kubelet) {
    this.kubelet = kubelet;
    for (const [index, pod] of kubelet.built.state.pods.entries()) this.#own(index, pod);
  }

  #own(index: number, pod: Pod): void {
    const key = ownerKey(pod);
    const owned = this.#podsOf.get(key);
    if (owned) owned.push(index);
    else this.#podsOf.set(key, [index]);
  }

  /** Indexes of pods that are not gone, terminating ones included, oldest first. */
  podsOf(workload: Workload): number[] {
    const key = templateKey(workload);
    const left = (this.#podsOf.get(key) ?? []).filter((index) => !this.kubelet.pod(index).isGone);
    this.#podsOf.set(key, left);
    return left;
  }

  liveOf(workload: Workload): number[] {
    return this.podsOf(workload).filter((index) => !this.kubelet.pod(index).isTerminating);
  }

  create(workload: Workload, made: Partial<NewPod> = {}): number {
    const { built } = this.kubelet;
    const ordinal = made.ordinal ?? built.ledger.ordinals.get(templateKey(workload)) ?? 0;
    const index = addPod(built, workload, templateOf(built, workload), {
      ...made,
      ordinal,
    });
    this.#own(index, this.kubelet.pod(index));
    this.kubelet.created(index, this.revisionOf(workload));
    return index;
  }

  revisionOf(workload: Workload): number {
    return this.#revision(workload).current;
  }

  #revision(workload: Workload) {
    const key = templateKey(workload);
    let revision = this.#revisions.get(key);
    if (!revision) {
      revision = { current: 0, count: 1, seen: new Map([[this.#fingerprint(workload), 0]]) };
      this.#revisions.set(key, revision);
    }
    return revision;
  }

  #fingerprint = (workload: Workload): string => JSON.stringify(templateOf(this.kubelet.built, workload));

  /** Runs `change`, which may alter the template; an earlier template counts as the revision that it was. */
  retemplate(workload: Workload, change: () => void): boolean {
    const revision = this.#revision(workload);
    const before = this.#fingerprint(workload);
    change();
    const after = this.#fingerprint(workload);
    if (before === after) return false;
    revision.current = revision.seen.get(after) ?? revision.count++;
    revision.seen.set(after, revision.current);
    return true;
  }

  /** The same template once more, as `kubectl rollout restart` does by an annotation. */
  restart(workload: Workload): void {
    const revision = this.#revision(workload);
    revision.current = revision.count++;
    revision.seen.set(this.#fingerprint(workload), revision.current);
  }

  isAvailable(workload: Workload, index: number): boolean {
    const { kubelet } = this;
    if (!kubelet.pod(index).isReady) return false;
    const dueNs = kubelet.life(index).readySinceNs + (workload.strategy?.minReadyNs ?? 0);
    if (dueNs <= kubelet.nowNs) return true;
    kubelet.agenda.add(dueNs, () => kubelet.dirty.add(templateKey(workload)));
    return false;
  }

  /** Who goes first: without a node, not ready, cheap to delete, several on one node, ready most recently, restarted most, youngest. */
  inOrderOfRemoval(indexes: readonly number[], workload: Workload): number[] {
    const { kubelet } = this;
    const perNode = new Map<string, number>();
    for (const index of this.liveOf(workload))
      perNode.set(kubelet.pod(index).node, (perNode.get(kubelet.pod(index).node) ?? 0) + 1);
    const rank = (index: number): number[] => {
      const pod = kubelet.pod(index);
      const life = kubelet.life(index);
      const cost = Number(label(pod.annotations, 'controller.kubernetes.io/pod-deletion-cost') ?? 0);
      return [
        pod.node === '' ? 0 : 1,
        pod.isReady ? 1 : 0,
        Number.isInteger(cost) ? cost : 0,
        -(perNode.get(pod.node) ?? 0),
        -life.readySinceNs,
        -life.restarts,
        -index,
      ];
    };
    const ranked = indexes.map((index) => ({ index, rank: rank(index) }));
    ranked.sort((a, b) => {
      const i = a.rank.findIndex((value, at) => value !== b.rank[at]);
      return i < 0 ? 0 : a.rank[i]! < b.rank[i]! ? -1 : 1;
    });
    return ranked.map(({ index }) => index);
  }
}

/** A count, or a percentage of the replicas, rounded as the caller says. */
export function countOf(value: number | string, total: number, round: (x: number) => number): number {
  return typeof value === 'number' ? value : round((total * Number.parseInt(value, 10)) / 100);
}

// Who calls, in groups: pods of one workload (or gateway) in one zone of one cluster hold the same configuration and share their counts.
import type { Place } from '../../models/world.ts';
import type { Plan } from '../plan/plan.ts';
import type { RecordedCaller } from './recording.ts';

export class Callers {
  readonly all: RecordedCaller[] = [];
  readonly #byPod = new Map<string, number>();
  readonly #byKey = new Map<string, number>();
  /** By caller: a proxy that stands for all of them; -1 = they have none. */
  readonly proxies: number[] = [];

  constructor(plan: Plan) {
    const servers = new Set(plan.world.servers.map(({ name }) => name));
    const { callerWorkloads } = plan.names;
    for (const [index, { name, place }] of plan.world.proxies.entries()) {
      const kind = servers.has(name) ? 'workload' : 'gateway';
      this.#add(name, callerWorkloads.get(name) ?? name, kind, place, index);
    }
    for (const { name, place } of plan.world.servers)
      if (!this.#byPod.has(name)) this.#add(name, callerWorkloads.get(name) ?? name, 'workload', place, -1);
  }

  #add(pod: string, name: string, kind: RecordedCaller['kind'], place: Place, proxy: number): void {
    const { cluster, region, zone } = place;
    // Pods without a proxy call by other rules than those with one.
    const key = JSON.stringify([kind, name, cluster, region, zone, proxy >= 0]);
    let index = this.#byKey.get(key);
    if (index === undefined) {
      index = this.all.push({ name, kind, cluster, region, zone, pods: [] }) - 1;
      this.#byKey.set(key, index);
      this.proxies.push(proxy);
    }
    this.all[index]!.pods.push(pod);
    this.#byPod.set(pod, index);
  }

  /** Index of the group of a pod or gateway proxy, -1 = unknown. */
  of(pod: string): number {
    return this.#byPod.get(pod) ?? -1;
  }
}

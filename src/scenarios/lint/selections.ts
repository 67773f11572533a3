// What Services select before the first fault: pods and workloads, found by cluster and namespace, since a Service selects in its own alone.

import { getOrCreate } from '../../models/istio/get-or-create.ts';
import type { Service } from '../../models/istio/model.ts';
import { templateKey } from '../../models/kube/built-state.ts';
import type { KubeService, Pod, Workload } from '../../models/kube/model.ts';
import { selects } from '../../models/kube/selects.ts';
import type { Plan } from '../plan/plan.ts';

type Selectable = Parameters<typeof selects>[1];

export class Selections {
  readonly #pods = new Map<Service, Pod[]>();
  readonly #workloads = new Map<Service, Workload[]>();
  #byName?: Map<string, KubeService[]>;
  #podsByHome?: Map<string, Numbered<Pod>[]>;
  #workloadsByHome?: Map<string, Numbered<Workload>[]>;

  constructor(readonly plan: Pick<Plan, 'initialState' | 'built'>) {}

  /** In all clusters. */
  servicesOf({ name, namespace }: Service): readonly KubeService[] {
    this.#byName ??= groupedBy(
      this.plan.initialState.services,
      (service) => `${service.namespace}/${service.name}`,
    );
    return this.#byName.get(`${namespace}/${name}`) ?? [];
  }

  podsOf(service: Service): Pod[] {
    return getOrCreate(this.#pods, service, () => {
      this.#podsByHome ??= byHome(this.plan.initialState.pods, (pod) => pod);
      return this.#selected(service, this.#podsByHome).filter((pod) => !pod.isGateway);
    });
  }

  workloadsOf(service: Service): Workload[] {
    return getOrCreate(this.#workloads, service, () => {
      const { templates } = this.plan.built;
      this.#workloadsByHome ??= byHome(this.plan.initialState.workloads, (workload) => ({
        ...workload,
        labels: templates.get(templateKey(workload))?.labels ?? workload.labels,
      }));
      return this.#selected(service, this.#workloadsByHome);
    });
  }

  /** In the order of their numbers. */
  #selected<T>(service: Service, homes: ReadonlyMap<string, readonly Numbered<T>[]>): T[] {
    const found = new Set<Numbered<T>>();
    for (const one of this.servicesOf(service))
      for (const candidate of homes.get(homeOf(one)) ?? [])
        if (selects(one, candidate.selectable)) found.add(candidate);
    return [...found].sort((a, b) => a.number - b.number).map(({ entry }) => entry);
  }
}

interface Numbered<T> {
  number: number;
  entry: T;
  selectable: Selectable;
}

const homeOf = ({ cluster, namespace }: { cluster: string; namespace: string }) => `${cluster}/${namespace}`;

const byHome = <T>(entries: readonly T[], selectableOf: (entry: T) => Selectable) =>
  groupedBy(
    entries.map((entry, number): Numbered<T> => ({ number, entry, selectable: selectableOf(entry) })),
    ({ selectable }) => homeOf(selectable),
  );

function groupedBy<T>(entries: readonly T[], keyOf: (entry: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const entry of entries) getOrCreate(groups, keyOf(entry), () => []).push(entry);
  return groups;
}

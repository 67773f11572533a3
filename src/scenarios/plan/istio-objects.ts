// The objects that istiod reads, out of all manifests: in document order, which stands for the order of creation.
import type { ConfigObject } from '../../models/istio/model.ts';
import { normaliseSpec } from '../../models/istio/validation/index.ts';
import type { ManifestObject } from '../../models/kube/model.ts';
import type { ManifestSet } from '../scenario.ts';

const GROUPS = ['networking.istio.io/', 'gateway.networking.k8s.io/', 'security.istio.io/'];

export const isIstioObject = (object: ManifestObject): boolean =>
  GROUPS.some((group) => object.apiVersion.startsWith(group));

export const istioKey = (object: { kind: string; metadata: { namespace?: string; name: string } }) =>
  `${object.kind}/${object.metadata.namespace ?? 'default'}/${object.metadata.name}`;

/** Objects by key, in order of creation; replacing one keeps its place, as an update keeps the creation time. */
export class IstioObjects {
  readonly #byKey = new Map<string, ConfigObject>();
  #created = 0;

  constructor(sets: readonly ManifestSet[]) {
    for (const set of sets) for (const object of set.objects) if (isIstioObject(object)) this.apply(object);
  }

  apply(object: ManifestObject): void {
    const key = istioKey(object);
    const known = this.#byKey.get(key);
    this.#byKey.set(key, {
      kind: object.kind,
      name: object.metadata.name,
      namespace: object.metadata.namespace ?? 'default',
      labels: object.metadata.labels ?? {},
      annotations: object.metadata.annotations ?? {},
      // Protobuf's JSON takes snake_case names too: consecutive_5xx_errors.
      spec: normaliseSpec(object.kind, object.spec ?? {}),
      creation: known?.creation ?? this.#created++,
      ...(object.origin && { origin: object.origin }),
      ...(object.originOf && { originOf: object.originOf }),
    });
  }

  /** @returns false when there was none */
  remove(kind: string, namespace: string, name: string): boolean {
    return this.#byKey.delete(`${kind}/${namespace}/${name}`);
  }

  get all(): ConfigObject[] {
    return [...this.#byKey.values()].sort((a, b) => a.creation - b.creation);
  }

  /** Pod labels that Gateway objects (of Istio) select. */
  get gatewaySelectors(): Record<string, string>[] {
    return this.all.flatMap((object) => {
      const selector = (object.spec as { selector?: unknown } | null)?.selector;
      if (object.kind !== 'Gateway' || typeof selector !== 'object' || selector === null) return [];
      return [
        Object.fromEntries(Object.entries(selector).filter(([, value]) => typeof value === 'string')),
      ] as Record<string, string>[];
    });
  }
}

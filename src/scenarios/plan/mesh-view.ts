// What istiod holds at a time: taken from the clusters' state and the Istio objects whenever one of them has changed.

import { endpointsIn, servedClusters } from '../../models/asm/gateways.ts';
import type { AsmGateway } from '../../models/asm/plan.ts';
import type { EnvoyConfig } from '../../models/envoy/config.ts';
import { withExternalServices } from '../../models/istio/external-services.ts';
import type { Mesh, ProxyNode } from '../../models/istio/model.ts';
import type { IstioProfile } from '../../models/istio/profile.ts';
import { createTranslator, type Translator } from '../../models/istio/translate.ts';
import type { KubeState, Pod } from '../../models/kube/model.ts';
import { assembleRegistry, type Registry } from '../../models/kube/registry.ts';
import type { IstioObjects } from './istio-objects.ts';

export class MeshView {
  #registry: Registry | null = null;
  #mesh: Mesh | null = null;
  #translator: Translator | null = null;
  /** For gateways that serve only some clusters, by these. */
  readonly #partial = new Map<string, Translator>();

  constructor(
    readonly state: KubeState,
    readonly objects: IstioObjects,
    readonly profile: IstioProfile,
    readonly meshConfig: Record<string, unknown>,
    readonly meshNetworks: unknown,
    readonly domain: string,
    readonly gateways: readonly AsmGateway[] = [],
  ) {}

  /** As of the last look; the first use looks. */
  get mesh(): Mesh {
    this.#mesh ??= this.#assemble();
    return this.#mesh;
  }

  /** Of `mesh`; made when first asked for. */
  get translator(): Translator {
    this.#translator ??= createTranslator(this.mesh);
    return this.#translator;
  }

  /** What istiod sends to the proxy of a pod. */
  configOf(node: ProxyNode, pod: Pod): EnvoyConfig {
    const served = pod.isGateway ? servedClusters({ gateways: this.gateways }, pod) : null;
    if (served === null || this.state.clusters.every(({ id }) => served.includes(id)))
      return this.translator.configOf(node);
    const key = served.join('\n');
    let translator = this.#partial.get(key);
    if (!translator) {
      translator = createTranslator({
        ...this.mesh,
        endpoints: endpointsIn(this.mesh.endpoints, served),
      });
      this.#partial.set(key, translator);
    }
    return translator.configOf(node);
  }

  /** Takes in what the clusters are now. */
  lookAtClusters(): void {
    this.#registry = null;
    this.lookAtObjects();
    this.#mesh = this.#assemble();
  }

  /** Takes in what the Istio objects are now; the clusters stay as they were last seen. */
  lookAtObjects(): void {
    this.#mesh = null;
    this.#translator = null;
    this.#partial.clear();
  }

  #assemble(): Mesh {
    this.#registry ??= assembleRegistry(this.state, {
      domain: this.domain,
      meshNetworks: this.meshNetworks,
    });
    const mesh = {
      profile: this.profile,
      meshConfig: this.meshConfig,
      configs: this.objects.all,
      ...this.#registry,
      domain: this.domain,
    };
    return withExternalServices(mesh, this.state);
  }
}

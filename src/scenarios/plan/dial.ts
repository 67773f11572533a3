// What a caller's cluster makes of the names that applications dial, and whom kube-proxy would pick behind each of them over time.
import type { Mesh } from '../../models/istio/model.ts';
import { kubeProxyCandidates } from '../../models/kube/kube-proxy.ts';
import type { KubeState, Pod } from '../../models/kube/model.ts';
import { hostnameOf } from '../../models/kube/registry.ts';
import type { ActionSpec } from '../../models/world.ts';
import type { Dial, Dialled } from './behaviours.ts';
import type { CastMember } from './cast.ts';

interface Dialling {
  cluster: string;
  namespace: string;
  host: string;
  port: number;
}

/** Remembers every name that was dialled, so that its candidates can be worked out again when pods change. */
export class Names {
  readonly #dialled = new Map<string, Dialling>();
  readonly #sent = new Map<string, string>();

  constructor(
    readonly state: KubeState,
    readonly mesh: () => Mesh,
    readonly domain: string,
  ) {}

  dialOf(pod: Pod): Dial {
    return (host, port) => this.#dial(pod, host, port);
  }

  #dial(pod: Pod, host: string, port: number | undefined): Dialled {
    const found = kubeProxyCandidates(this.state, pod.cluster, host, port ?? 0, pod.namespace, {
      domain: this.domain,
    });
    if (found) {
      const known = port ?? this.#onlyPort(pod.cluster, found.hostname) ?? 80;
      const kubeProxy = `${pod.cluster}/${found.hostname}`;
      this.#dialled.set(kubeProxy, { cluster: pod.cluster, namespace: pod.namespace, host, port: known });
      return { port: known, kubeProxy };
    }
    const mesh = this.mesh();
    const full = host.includes('.') ? host : `${host}.${pod.namespace}.svc.${this.domain}`;
    const service = mesh.services.find(
      (entry) => entry.hostname === full || entry.hostname === `${full}.svc.${this.domain}`,
    );
    const kubeProxy = `${pod.cluster}/${service?.hostname ?? host}`;
    const isElsewhere =
      !host.endsWith(`.${this.domain}`) && host.includes('.') && service?.registry !== 'Kubernetes';
    const isCaptured = pod.hasSidecar && service !== undefined && hasDnsCapture(mesh);
    if (!isElsewhere && !isCaptured) return { port: undefined, kubeProxy };
    return { port: port ?? (service?.ports.length === 1 ? service.ports[0]!.port : 80), kubeProxy };
  }

  #onlyPort(cluster: string, hostname: string): number | undefined {
    const service = this.state.services.find(
      (entry) => entry.cluster === cluster && hostnameOf(entry, this.domain) === hostname,
    );
    return service?.ports.length === 1 ? service.ports[0]!.port : undefined;
  }

  /** Actions for the names whose candidates are others than before. */
  update(atNs: number, members: readonly CastMember[]): ActionSpec[] {
    const actions: ActionSpec[] = [];
    for (const [name, { cluster, namespace, host, port }] of this.#dialled) {
      const found = kubeProxyCandidates(this.state, cluster, host, port, namespace, { domain: this.domain });
      const servers = (found?.pods ?? [])
        .map((pod) => members[pod]?.server ?? -1)
        .filter((server) => server >= 0);
      const key = servers.join(',');
      if (this.#sent.get(name) === key) continue;
      this.#sent.set(name, key);
      actions.push({ atNs, kind: 'kubeProxy', name, servers });
    }
    return actions;
  }
}

/** DN-1: MeshConfig.defaultConfig.proxyMetadata.ISTIO_META_DNS_CAPTURE. */
function hasDnsCapture(mesh: Mesh): boolean {
  const defaults = mesh.meshConfig['defaultConfig'] as
    | { proxyMetadata?: Record<string, unknown> }
    | undefined;
  return String(defaults?.proxyMetadata?.['ISTIO_META_DNS_CAPTURE']) === 'true';
}

// Does a pod get a sidecar? Rule IN-1: first the webhook's selectors decide whether it is called, then the injector looks at the pod.
// Source: istio/istio manifests/charts/istio-control/istio-discovery/templates/mutatingwebhook.yaml, pkg/kube/inject/inject.go
// injectRequired (1.31). Default installation: policy enabled, no enableNamespacesByDefault.
import { label } from './shape.ts';

/** Namespaces that the injector skips whatever their labels say. Source: pkg/kube/inject IgnoredNamespaces. */
const IGNORED = new Set(['kube-system', 'kube-public', 'kube-node-lease', 'local-path-storage']);

export interface InjectionCandidate {
  namespace: string;
  /** null = the manifests hold no such Namespace, so nobody knows its labels. */
  namespaceLabels: Record<string, string> | null;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  hostNetwork: boolean;
}

/** `isAssumed`: the namespace is unknown and was taken to be labelled for injection. */
export interface Injection {
  isInjected: boolean;
  isAssumed: boolean;
  /** For people. */
  why: string;
}

const answer = (isInjected: boolean, why: string, isAssumed = false): Injection => ({
  isInjected,
  isAssumed,
  why,
});

export function injectionOf(pod: InjectionCandidate): Injection {
  if (pod.hostNetwork) return answer(false, 'the pod uses the host network');
  if (IGNORED.has(pod.namespace)) return answer(false, `namespace ${pod.namespace} is never injected`);
  const own = label(pod.labels, 'sidecar.istio.io/inject');
  if (own === 'false') return answer(false, 'the pod has the label sidecar.istio.io/inject=false');
  const called = webhookOf(pod, own);
  if (!called.isInjected) return called;
  // The label is the new form and wins; what is neither empty nor a yes is a no.
  const wish = own ?? label(pod.annotations, 'sidecar.istio.io/inject') ?? '';
  if (wish === '' || /^(y|yes|true|on)$/i.test(wish)) return called;
  return answer(false, `the pod says sidecar.istio.io/inject: ${wish}`);
}

function webhookOf(pod: InjectionCandidate, own: string | undefined): Injection {
  const podRevision = label(pod.labels, 'istio.io/rev');
  if (pod.namespaceLabels === null) {
    if (own === 'true' || podRevision !== undefined) return answer(true, 'the pod asks for it');
    // Nobody labels the control plane's own namespace.
    if (pod.namespace === 'istio-system') return answer(false, 'istio-system is not labelled for injection');
    return answer(true, `namespace ${pod.namespace} is taken to be labelled istio-injection=enabled`, true);
  }
  const enabled = label(pod.namespaceLabels, 'istio-injection');
  if (enabled === 'enabled') return answer(true, 'the namespace has istio-injection=enabled');
  if (enabled !== undefined) return answer(false, `the namespace has istio-injection=${enabled}`);
  const revision = label(pod.namespaceLabels, 'istio.io/rev');
  if (revision !== undefined) return answer(true, `the namespace has istio.io/rev=${revision}`);
  if (podRevision !== undefined) return answer(true, `the pod has istio.io/rev=${podRevision}`);
  if (own === 'true') return answer(true, 'the pod has the label sidecar.istio.io/inject=true');
  return answer(false, 'neither the namespace nor the pod is labelled for injection');
}

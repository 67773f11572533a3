// Namespaces whose pods are captured by ztunnel instead of sidecars.
import type { Origin } from '../../models/envoy/config.ts';
import type { LintSubject } from './subject.ts';

export function ambientNamespaces(subject: LintSubject): { name: string; manifest: Origin | undefined }[] {
  const names = new Set<string>();
  const { state } = subject;
  for (const { name, labels } of state.namespaces)
    if (labels['istio.io/dataplane-mode'] === 'ambient') names.add(name);
  for (const pod of state.pods)
    if (pod.labels['istio.io/dataplane-mode'] === 'ambient') names.add(pod.namespace);
  const objects = subject.scenario.manifests.flatMap((set) => set.objects);
  return [...names].map((name) => ({
    name,
    manifest: objects.find((object) => object.kind === 'Namespace' && object.metadata.name === name)?.origin,
  }));
}

// Which pods a Service is about: those of its cluster and namespace that carry every label of its selector. Without a selector it is about
// none; its endpoints are then written by somebody else. Source: kubernetes pkg/controller/endpointslice (1.31), syncService.
import type { KubeService } from './model.ts';
import { isSelected } from './shape.ts';

export const selects = (
  service: Pick<KubeService, 'cluster' | 'namespace' | 'selector'>,
  pod: { cluster: string; namespace: string; labels: Record<string, string> },
): boolean =>
  service.cluster === pod.cluster &&
  service.namespace === pod.namespace &&
  Object.keys(service.selector).length > 0 &&
  isSelected(pod.labels, service.selector);

// Does a cluster give its LoadBalancer Services an address? It does unless the topology says that it cannot, wholly or for one kind.
// Source: Alibaba Cloud Service Mesh, multi-cluster guide (2021-12-27), "external registered cluster"; cloud-controller-manager annotations.
import type { ClusterSpec, KubeService } from '../kube/model.ts';

/** Annotation by which a Service asks for an address inside the VPC. */
export const ADDRESS_TYPE = 'service.beta.kubernetes.io/alibaba-cloud-loadbalancer-address-type';

export function givesAddress(
  cluster: ClusterSpec | undefined,
  service: Pick<KubeService, 'annotations'>,
): boolean {
  const able = cluster?.loadBalancer;
  if (able === false || able === 'none') return false;
  // Any other word is the name of some load balancer.
  return able === 'public' || able === 'intranet' ? able === wantedAddress(service) : true;
}

export const wantedAddress = (service: Pick<KubeService, 'annotations'>): 'public' | 'intranet' =>
  Object.hasOwn(service.annotations, ADDRESS_TYPE) && service.annotations[ADDRESS_TYPE] === 'intranet'
    ? 'intranet'
    : 'public';

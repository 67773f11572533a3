// Gateways: can anybody outside reach one, and which clusters does it serve? A gateway that the console makes is deployed in one cluster
// and serves the clusters whose ids it lists: pods of others are no endpoints for it. One for which nothing is listed serves all.
// Source: Alibaba Cloud Service Mesh, multi-cluster guide (2021-12-27), "external registered cluster" and "two regions"; rule GW-6.
import type { IstioEndpoint } from '../istio/model.ts';
import type { KubeService, KubeState, Pod } from '../kube/model.ts';
import type { TopologyPath } from '../network/plan.ts';
import type { AsmGateway, AsmPlan } from './plan.ts';

export interface GatewayTrouble {
  rule: string;
  message: string;
  hint: string;
  path: TopologyPath;
}

type GatewayPod = Pick<Pod, 'cluster' | 'namespace' | 'labels' | 'workload'>;

export const describedGateway = (
  plan: Pick<AsmPlan, 'gateways'>,
  pod: Pick<Pod, 'cluster' | 'workload'>,
): AsmGateway | undefined =>
  plan.gateways.find((entry) => entry.name === pod.workload.name && entry.cluster === pod.cluster);

/** Why no request from outside gets to the gateway's pods; null = it does. Behind a NodePort or a ClusterIP something else stands. */
export function gatewayTrouble(plan: AsmPlan, state: KubeState, pod: GatewayPod): GatewayTrouble | null {
  const described = describedGateway(plan, pod);
  const name = pod.workload.name;
  if (described?.loadBalancer === 'none' && (described.serviceType ?? 'LoadBalancer') === 'LoadBalancer')
    return {
      rule: 'ASM007',
      message: `gateway ${name} has no load balancer, so no address: no request from outside reaches it`,
      hint: 'give it one (loadBalancer: public), or another serviceType: NodePort',
      path: ['gateways', name, 'loadBalancer'],
    };
  const services = state.services.filter((service) => isFor(service, pod));
  const hasAddress = (service: KubeService) =>
    service.type !== 'LoadBalancer' ||
    (service.loadBalancerAddresses ?? []).length > 0 ||
    service.externalIPs.length > 0;
  if (services.length === 0 || services.some(hasAddress)) return null;
  return {
    rule: 'ASM007',
    message: `the load balancer of gateway ${name} never gets an address: cluster ${pod.cluster} cannot give one of that type, so no request from outside reaches it`,
    hint: 'change the type of its Service to NodePort or ClusterIP (serviceType)',
    path: described ? ['gateways', name] : ['clusters', pod.cluster, 'loadBalancer'],
  };
}

export const isFor = (service: KubeService, pod: GatewayPod): boolean =>
  service.cluster === pod.cluster &&
  service.namespace === pod.namespace &&
  Object.keys(service.selector).length > 0 &&
  Object.entries(service.selector).every(([key, value]) => pod.labels[key] === value);

/** Clusters whose pods the gateway balances over; null = all. */
export function servedClusters(
  plan: Pick<AsmPlan, 'gateways'>,
  pod: Pick<Pod, 'cluster' | 'workload'>,
): readonly string[] | null {
  return describedGateway(plan, pod)?.servedClusters ?? null;
}

/** What is left of a service's endpoints; those outside all clusters (ServiceEntries) stay. */
export const endpointsIn = (
  endpoints: ReadonlyMap<string, IstioEndpoint[]>,
  clusters: readonly string[],
): Map<string, IstioEndpoint[]> =>
  new Map(
    [...endpoints].map(([key, all]) => [
      key,
      all.filter((endpoint) => endpoint.clusterId === '' || clusters.includes(endpoint.clusterId)),
    ]),
  );

// Self-discovery: the cluster of a proxy's own kind, which Envoy's zone-aware routing compares the target's zones with. Opt-in by proxy metadata
// ISTIO_META_ENABLE_SELF_DISCOVERY. Its members are the endpoints of the first service of the pod that belong to the pod's workload.
// Source: istio/istio pilot/pkg/xds/endpoints FilterIstioEndpointForLocalCluster, bootstrap local_cluster (1.31). Rule ZA-1.
import type { Cluster, ClusterLoadAssignment } from '../../envoy/config.ts';
import type { MeshContext } from '../create-context.ts';
import { protoDuration } from '../duration.ts';
import { localityGroups } from '../endpoints/locality-groups.ts';
import type { ProxyNode } from '../model.ts';

export const LOCAL_CLUSTER = 'local_cluster';

export interface LocalCluster {
  cluster: Cluster;
  assignment: ClusterLoadAssignment;
}

export const hasSelfDiscovery = ({ profile, meshConfig }: MeshContext): boolean =>
  profile.minor >= 31 && meshConfig.proxyMetadata['ISTIO_META_ENABLE_SELF_DISCOVERY'] === 'true';

/** Name of what shares one local cluster; null = the proxy's pod belongs to no service. */
export function localClusterKey(context: MeshContext, node: ProxyNode): string | null {
  const [first] = context.servedPorts(node);
  if (!first) return null;
  const { hostname, namespace } = first.service;
  return `${hostname}/${namespace}|${first.port.name}|${ownWorkload(context, node) ?? ''}`;
}

function ownWorkload(context: MeshContext, node: ProxyNode): string | undefined {
  const [first] = context.servedPorts(node);
  if (!first) return undefined;
  const all = context.mesh.endpoints.get(`${first.service.hostname}/${first.service.namespace}`) ?? [];
  return all.find(
    ({ address, clusterId }) => clusterId === node.clusterId && node.ipAddresses.includes(address),
  )?.workload;
}

/** @param node a proxy that localClusterKey() has a key for */
export function localCluster(context: MeshContext, node: ProxyNode): LocalCluster {
  const [first] = context.servedPorts(node);
  const workload = ownWorkload(context, node);
  const all = context.mesh.endpoints.get(`${first!.service.hostname}/${first!.service.namespace}`) ?? [];
  const groups = localityGroups(
    all.filter((endpoint) => endpoint.workload === workload),
    { servicePortName: first!.port.name, sendsUnhealthy: false, sendsDraining: false, allowsNames: false },
  );
  return {
    cluster: {
      name: LOCAL_CLUSTER,
      type: 'EDS',
      edsClusterConfig: {},
      connectTimeout: protoDuration(context.meshConfig.connectTimeout),
      lbPolicy: 'ROUND_ROBIN',
    },
    assignment: {
      clusterName: LOCAL_CLUSTER,
      endpoints: groups.map(({ locality, endpoints }) => {
        const [region = '', zone = '', subZone = ''] = locality.split('/');
        return {
          locality: { ...(region && { region }), ...(zone && { zone }), ...(subZone && { subZone }) },
          lbEndpoints: endpoints.map(({ lb }) => lb),
        };
      }),
    },
  };
}

// Load assignments as Envoy's API writes them.
import type { ClusterLoadAssignment, LbEndpoint } from '../config.ts';

export function exportAssignment(assignment: ClusterLoadAssignment): object {
  const { policy } = assignment;
  return {
    clusterName: assignment.clusterName,
    endpoints: assignment.endpoints.map((group) => ({
      ...(group.locality && { locality: group.locality }),
      lbEndpoints: group.lbEndpoints.map(exportEndpoint),
      ...(group.loadBalancingWeight && { loadBalancingWeight: group.loadBalancingWeight }),
      ...(group.priority && { priority: group.priority }),
    })),
    ...(policy && {
      policy: {
        ...(policy.overprovisioningFactor !== undefined && {
          overprovisioningFactor: policy.overprovisioningFactor,
        }),
        ...(policy.weightedPriorityHealth && { weightedPriorityHealth: true }),
        ...(policy.dropOverloads && { dropOverloads: policy.dropOverloads }),
      },
    }),
  };
}

function exportEndpoint({ endpoint, healthStatus, loadBalancingWeight, metadata }: LbEndpoint): object {
  return {
    endpoint: {
      address: socketAddress(endpoint.address, endpoint.port),
      ...(endpoint.hostname !== undefined && { hostname: endpoint.hostname }),
    },
    ...(healthStatus !== undefined && { healthStatus }),
    ...(loadBalancingWeight !== undefined && { loadBalancingWeight }),
    ...(metadata && { metadata: { filterMetadata: { 'envoy.lb': metadata } } }),
  };
}

export const socketAddress = (address: string, port: number) => ({
  socketAddress: { address, portValue: port },
});

// The faults that Kubernetes has a part in, in its own words.
import type { KubeChange, WorkloadRef } from '../../models/kube/change.ts';
import type { KubeState } from '../../models/kube/model.ts';
import type { Fault, Target } from '../scenario.ts';
import { isIstioObject } from './istio-objects.ts';
import { nodesAimedAt, podsAimedAt } from './targets.ts';

export function kubeChangesOf(faults: readonly Fault[], state: KubeState): KubeChange[] {
  return faults.flatMap((fault): KubeChange[] => {
    const { atNs } = fault;
    const untilNs = fault.forNs === undefined ? {} : { untilNs: atNs + fault.forNs };
    switch (fault.kind) {
      case 'scale': {
        const changes: KubeChange[] = [];
        for (const workload of workloadsOf(fault.target, state)) {
          changes.push({ atNs, kind: 'scale', workload, replicas: fault.replicas });
          const before = state.workloads.find((entry) => isSame(entry, workload))?.replicas;
          if (fault.forNs !== undefined && before !== undefined)
            changes.push({ atNs: atNs + fault.forNs, kind: 'scale', workload, replicas: before });
        }
        return changes;
      }
      case 'crash':
        return [{ atNs, kind: 'crash', pods: (now) => podsAimedAt(fault.target, now), ...untilNs }];
      case 'refuse':
      case 'hang':
      case 'blackhole':
        return [{ atNs, kind: fault.kind, pods: (now) => podsAimedAt(fault.target, now), ...untilNs }];
      case 'zoneDown':
      case 'regionDown':
      case 'clusterDown':
        return [{ atNs, kind: 'nodesDown', nodes: (now) => nodesAimedAt(fault.target, now), ...untilNs }];
      case 'rollout':
        return workloadsOf(fault.target, state).map((workload) => ({ atNs, kind: 'rollout', workload }));
      case 'apply': {
        const objects = fault.objects.filter((object) => !isIstioObject(object));
        return fault.cluster === null || objects.length === 0
          ? []
          : [{ atNs, kind: 'apply', cluster: fault.cluster, objects }];
      }
      case 'delete':
        return fault.cluster === null
          ? []
          : [
              {
                atNs,
                kind: 'delete',
                cluster: fault.cluster,
                objectKind: fault.objectKind,
                namespace: fault.namespace ?? 'default',
                name: fault.name,
              },
            ];
      case 'istiodDown':
        return [
          { atNs, kind: 'controlPlane', isUp: false },
          ...(fault.forNs === undefined
            ? []
            : [{ atNs: atNs + fault.forNs, kind: 'controlPlane' as const, isUp: true }]),
        ];
      default:
        return [];
    }
  });
}

const isSame = (a: WorkloadRef, b: WorkloadRef) =>
  a.cluster === b.cluster && a.namespace === b.namespace && a.name === b.name && a.kind === b.kind;

function workloadsOf(target: Target, state: KubeState): WorkloadRef[] {
  return state.workloads
    .filter(
      (workload) =>
        workload.name === target.name &&
        (target.kind !== 'deployment' || workload.kind === 'Deployment') &&
        (target.cluster === undefined || workload.cluster === target.cluster) &&
        (target.namespace === undefined || workload.namespace === target.namespace),
    )
    .map(({ cluster, namespace, name, kind }) => ({ cluster, namespace, name, kind }));
}

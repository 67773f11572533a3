// What a fault is aimed at: the pods or nodes that a target names at a given time.

import type { KubeState, Pod } from '../../models/kube/model.ts';
import { selects } from '../../models/kube/selects.ts';
import type { Target } from '../scenario.ts';
import { isPodNamed } from './load-specs.ts';

/** Indexes into state.pods of the pods that are there now. */
export function podsAimedAt(target: Target, state: KubeState): number[] {
  const isAimed = predicateOf(target, state);
  const found: number[] = [];
  for (const [index, pod] of state.pods.entries()) {
    if (pod.isGone) continue;
    if (target.cluster !== undefined && pod.cluster !== target.cluster) continue;
    if (target.namespace !== undefined && pod.namespace !== target.namespace) continue;
    if (isAimed(pod)) found.push(index);
  }
  return found;
}

function predicateOf(target: Target, state: KubeState): (pod: Pod) => boolean {
  const { name } = target;
  switch (target.kind) {
    case 'pod':
      return (pod) => isPodNamed(pod, name);
    case 'workload':
      return (pod) => pod.workload.name === name;
    case 'deployment':
      return (pod) => pod.workload.name === name && pod.workload.kind === 'Deployment';
    case 'service': {
      const services = state.services.filter((service) => service.name === name);
      return (pod) => services.some((service) => selects(service, pod));
    }
    case 'zone':
      return (pod) => pod.zone === name;
    case 'region':
      return (pod) => pod.region === name;
    case 'cluster':
      return (pod) => pod.cluster === name;
  }
}

/** Indexes into state.nodes of the machines of a zone, region or cluster. */
export function nodesAimedAt(target: Target, state: KubeState): number[] {
  const field = target.kind === 'zone' || target.kind === 'region' ? target.kind : 'cluster';
  return state.nodes.flatMap((node, index) =>
    node[field] === target.name && (target.cluster === undefined || node.cluster === target.cluster)
      ? [index]
      : [],
  );
}

/** "reviews-v1 in ack-hangzhou", for timelines. */
export function targetWords(target: Target): string {
  const what =
    target.kind === 'workload' || target.kind === 'deployment' || target.kind === 'pod'
      ? ''
      : `${target.kind} `;
  return `${what}${target.name}${target.cluster !== undefined ? ` in ${target.cluster}` : ''}`;
}

// What faults do to endpoints: some take them away, some leave them listed and failing.
import type { Pod } from '../../models/kube/model.ts';
import { podsAimedAt } from '../plan/targets.ts';
import type { Fault, Scenario } from '../scenario.ts';
import type { LintSubject } from './subject.ts';

const REMOVING: readonly Fault['kind'][] = [
  'scale',
  'crash',
  'zoneDown',
  'regionDown',
  'clusterDown',
  'rollout',
];
const FAILING: readonly Fault['kind'][] = ['refuse', 'reset', 'respond', 'hang', 'blackhole'];

/** Kubernetes notices, so the endpoints go. */
export const removesEndpoints = (fault: Fault): boolean => REMOVING.includes(fault.kind);

/** The pods stay endpoints and fail: only ejections help. */
export const leavesFailing = (fault: Fault): boolean =>
  FAILING.includes(fault.kind) && !(fault.kind === 'respond' && fault.status < 500);

export function podsHit(fault: Fault, subject: LintSubject): Pod[] {
  if (!('target' in fault)) return [];
  const { state } = subject;
  return podsAimedAt(fault.target, state).map((index) => state.pods[index]!);
}

/** The pods stay, and are not ready any more: a crash, or a probe that fails. */
export function makesUnready(fault: Fault, pods: readonly Pod[]): boolean {
  if (fault.kind === 'crash') return true;
  return (
    ['refuse', 'hang', 'blackhole'].includes(fault.kind) &&
    pods.some((pod) => pod.readinessProbe !== undefined)
  );
}

/** Requests per second that the loads ask for at most, together. */
export function rateOf(scenario: Scenario): number {
  return scenario.load.reduce((sum, load) => {
    const stages = Math.max(0, ...(load.stages ?? []).map((stage) => stage.targetPerSecond));
    const paced = load.executor === 'iterations' && load.paceNs > 0 ? 1e9 / load.paceNs : 0;
    return sum + Math.max(load.ratePerSecond ?? 0, stages, paced);
  }, 0);
}

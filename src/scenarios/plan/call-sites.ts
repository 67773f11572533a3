// Who asks for what through which proxy, as the behaviours of the first pods say it.
import type { Behaviour, BehaviourCall, Scenario } from '../scenario.ts';
import { callSpec } from './behaviours.ts';
import type { Cast } from './cast.ts';
import type { Names } from './dial.ts';
import type { CallSite } from './plan.ts';

export function callSitesOf(scenario: Scenario, cast: Cast, names: Names): CallSite[] {
  return cast.members.flatMap((member): CallSite[] => {
    const { pod } = member;
    const behaviour =
      scenario.behavior[`${pod.namespace}/${pod.workload.name}`] ?? scenario.behavior[pod.workload.name];
    if (member.server < 0 || behaviour === undefined) return [];
    return callsOf(behaviour).map((call) => {
      const { method, host, path, headers, port, isUnresolved } = callSpec(call, names.dialOf(pod));
      return {
        caller: member.name,
        proxy: isUnresolved ? -1 : member.proxy,
        port,
        request: { method, host, path, headers },
        ...(isUnresolved && { isUnresolved: true }),
      };
    });
  });
}

function callsOf(behaviour: Behaviour): BehaviourCall[] {
  return (behaviour.script ?? []).flatMap((step) => {
    if ('sleepNs' in step) return [];
    return 'parallel' in step ? step.parallel : [step];
  });
}

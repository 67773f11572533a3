// TI001: without istiod nothing new gets ready.
import { removesEndpoints } from '../fault-kinds.ts';
import { defineRule } from '../rule.ts';
import { timeWords } from '../words.ts';

export const ti001 = defineRule({
  id: 'TI001',
  title: 'New pods do not become ready while istiod is away',
  severity: 'warning',
  symptom: 'A region that is cut off from istiod cannot grow or heal; callers keep old endpoints.',
  cause: 'A new proxy needs its first configuration to be ready, and endpoint changes reach nobody.',
  fix: 'Run istiod where the pods are, or keep spare capacity.',
  *check(subject) {
    for (const down of subject.scenario.faults) {
      if (down.kind !== 'istiodDown') continue;
      const untilNs = down.forNs === undefined ? Number.POSITIVE_INFINITY : down.atNs + down.forNs;
      const change = subject.scenario.faults.find(
        (fault) =>
          fault !== down &&
          fault.atNs >= down.atNs &&
          fault.atNs < untilNs &&
          (removesEndpoints(fault) || fault.kind === 'apply'),
      );
      if (!change) continue;
      yield {
        at: down.origin,
        message: `istiod is away when ${change.kind} happens at t=${timeWords(change.atNs)}: proxies do not hear of it${change.kind === 'scale' && change.replicas > 0 ? ', and new pods never become ready' : ''}.`,
      };
    }
  },
});

// OD001: the percentage does not allow even one ejection.
import { ejectingViews, ejectionsOf, percentWords } from '../ejection.ts';
import { removesEndpoints } from '../fault-kinds.ts';
import { fixOfBlock, originOfBlock } from '../policy-place.ts';
import { defineRule } from '../rule.ts';
import { nameOfView, percent, plural } from '../words.ts';

export const od001 = defineRule({
  id: 'OD001',
  title: 'outlierDetection can never eject',
  severity: 'error',
  symptom:
    'One pod fails for ever, outlierDetection is set, and nothing is ejected; a failover never starts.',
  cause:
    'Istio writes maxEjectionPercent only when it is set, so Envoy takes its default of 10. Since Envoy 1.28 (Istio 1.20) an ejection must fit into the percentage: with fewer than 10 endpoints not one does. Before, the first ejection was always allowed.',
  fix: 'Set maxEjectionPercent so that at least one endpoint fits: 100 lets failover empty a whole region.',
  example: 'P01-od-default-percent-never-ejects',
  *check(subject) {
    for (const view of ejectingViews(subject)) {
      if (ejectionsOf(view, subject) > 0) continue;
      const hosts = view.hosts.length;
      const faults = subject.faultsOn(view.service);
      // Whoever only takes endpoints away needs no ejection for the failover that is watched.
      const isIdle = view.levels.length > 1 && faults.length > 0 && faults.every(removesEndpoints);
      const fix = fixOfBlock(view, 'outlierDetection', ['maxEjectionPercent'], 100);
      yield {
        at: originOfBlock(view, 'outlierDetection'),
        key: nameOfView(view),
        message: `outlierDetection on ${nameOfView(view)} can never eject: 1 of ${plural(hosts, 'endpoint')} is ${percent(1 / hosts)} > maxEjectionPercent ${percentWords(view.cluster)}.`,
        hint: `set maxEjectionPercent: 100, or at least ${Math.min(100, Math.ceil(100 / hosts))}`,
        severity: isIdle ? 'info' : hosts === 1 ? 'warning' : 'error',
        ...(fix && { fix }),
      };
    }
  },
});

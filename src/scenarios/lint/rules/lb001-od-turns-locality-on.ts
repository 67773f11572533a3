// LB001: locality load balancing is on by default, and waits for outlierDetection.
import { hasExplicitList, priorityViews } from '../locality.ts';
import { originOfBlock } from '../policy-place.ts';
import { defineRule } from '../rule.ts';
import { callersOf, nameOfView, plural } from '../words.ts';

export const lb001 = defineRule({
  id: 'LB001',
  title: 'outlierDetection silently turns locality failover on',
  severity: 'warning',
  symptom: 'After adding outlierDetection one pod gets everything, those of other zones nothing.',
  cause:
    'meshConfig.localityLbSetting.enabled is true by default; its priorities (same zone, same region, elsewhere) come into force with outlierDetection.',
  fix: 'If that is not wanted: loadBalancer.localityLbSetting: { enabled: false } in the DestinationRule. If it is: write failover or failoverPriority down.',
  example: 'P33-od-turns-locality-on',
  *check(subject) {
    for (const view of priorityViews(subject)) {
      if (!view.policy?.outlierDetection || view.setting?.kind !== 'locality') continue;
      if (view.isOwnSetting || view.setting.forcesFailover || hasExplicitList(view)) continue;
      const first = view.levels[0]!;
      yield {
        at: originOfBlock(view, 'outlierDetection'),
        key: nameOfView(view),
        message: `outlierDetection on ${nameOfView(view)} activates locality failover: ${callersOf(view)} will use ${first.length} of ${plural(view.hosts.length, 'endpoint')}.`,
        hint: 'set loadBalancer.localityLbSetting.enabled: false, or write the failover that you want',
      };
    }
  },
});

// LB002: priorities are not even made without outlierDetection.
import { settingOrigin } from '../locality.ts';
import { fixOfBlock } from '../policy-place.ts';
import { defineRule } from '../rule.ts';
import type { ClusterView } from '../views.ts';
import { listed, nameOfView } from '../words.ts';

export const lb002 = defineRule({
  id: 'LB002',
  title: 'failover without outlierDetection has no effect',
  severity: 'error',
  sameAs: ['IST0133'],
  symptom: 'A failover is written down, traffic is spread over all regions.',
  cause:
    'istiod makes priorities only for services whose effective policy has outlierDetection, at the same level: a port entry does not inherit it. Istio warns at the top level of a rule only.',
  fix: 'Add outlierDetection to the policy (an empty block is enough) with a maxEjectionPercent that lets it act.',
  example: 'P34-failover-needs-od',
  *check(subject) {
    const ofMesh: ClusterView[] = [];
    let isMeshUsed = false;
    for (const view of subject.views) {
      const { setting } = view;
      if (setting?.kind !== 'locality' || setting.forcesFailover || setting.setting.distribute?.length)
        continue;
      if (!setting.setting.failover?.length && !setting.setting.failoverPriority?.length) continue;
      if (view.policy?.outlierDetection) {
        isMeshUsed ||= !view.isOwnSetting;
        continue;
      }
      if (!view.isOwnSetting) {
        if (new Set(view.hosts.map((host) => host.locality)).size > 1) ofMesh.push(view);
        continue;
      }
      const word = setting.setting.failover?.length ? 'failover' : 'failoverPriority';
      const fix = fixOfBlock(view, 'loadBalancer', ['..', 'outlierDetection'], { maxEjectionPercent: 100 });
      yield {
        at: settingOrigin(view, subject, word),
        key: nameOfView(view),
        message: `localityLbSetting.${word} has no effect: ${nameOfView(view)} has no outlierDetection${view.rule?.spec.trafficPolicy?.outlierDetection ? ` for port ${view.port.port}${view.subset ? ` of subset ${view.subset}` : ''}; the rule's own one is not inherited there` : ''}.`,
        hint: 'add outlierDetection: { maxEjectionPercent: 100 } beside loadBalancer',
        ...(fix && { fix }),
      };
    }
    if (ofMesh.length === 0) return;
    const names = [...new Set(ofMesh.map(nameOfView))];
    yield {
      at: subject.meshPlace('localityLbSetting'),
      message: `the mesh's failover is not in force for ${listed(names)}: no outlierDetection.`,
      hint: 'a DestinationRule with outlierDetection switches it on for a service',
      severity: isMeshUsed ? 'info' : 'warning',
    };
  },
});

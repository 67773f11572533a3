// LB010: a service's own trafficDistribution hides the mesh's locality setting.
import { defineRule } from '../rule.ts';
import { nameOfView } from '../words.ts';

export const lb010 = defineRule({
  id: 'LB010',
  title: "trafficDistribution replaces the mesh's locality setting",
  severity: 'info',
  symptom: 'The mesh-wide distribute or failover does not apply to one service.',
  cause:
    "The first setting that is present wins: the DestinationRule's, then the Service's trafficDistribution, then the mesh's; nothing is merged.",
  fix: 'Remove trafficDistribution, or write localityLbSetting in a DestinationRule.',
  *check(subject) {
    const mesh = subject.context.meshConfig.localityLbSetting;
    if (!mesh.distribute?.length && !mesh.failover?.length && !mesh.failoverPriority?.length) return;
    for (const view of subject.views) {
      if (
        !view.setting?.forcesFailover ||
        view.isOwnSetting ||
        view.service.trafficDistribution === undefined
      )
        continue;
      yield {
        at: view.service.origin ?? subject.kubeServicesOf(view.service)[0]?.origin,
        key: nameOfView(view),
        message: `${nameOfView(view)}: trafficDistribution ${view.service.trafficDistribution} replaces the mesh's locality setting for this service.`,
      };
    }
  },
});

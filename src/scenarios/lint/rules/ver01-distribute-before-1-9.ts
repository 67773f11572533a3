// VER01: history.
import { settingOrigin } from '../locality.ts';
import { defineRule } from '../rule.ts';
import { nameOfView } from '../words.ts';

export const ver01 = defineRule({
  id: 'VER01',
  title: 'distribute without outlierDetection on old releases',
  severity: 'info',
  symptom: '70/30 is configured, the traffic is even.',
  cause: 'Before 1.9 locality weights came into force only with outlierDetection.',
  fix: 'Add outlierDetection, or upgrade.',
  example: 'P52-distribute-weights-need-od-old',
  *check(subject) {
    if (subject.minor >= 9) return;
    for (const view of subject.views) {
      if (!view.setting?.setting.distribute?.length || view.cluster.outlierDetection) continue;
      yield {
        at: settingOrigin(view, subject, 'distribute'),
        key: nameOfView(view),
        message: `istio ${subject.mesh.profile.version} (below 1.9) ignores the weights of distribute for ${nameOfView(view)} without outlierDetection.`,
      };
    }
  },
});

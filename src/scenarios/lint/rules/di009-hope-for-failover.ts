// DI009: a locality that is bad but not ejected keeps its share.
import { leavesFailing } from '../fault-kinds.ts';
import { settingOrigin } from '../locality.ts';
import { defineRule } from '../rule.ts';
import { nameOfView } from '../words.ts';

export const di009 = defineRule({
  id: 'DI009',
  title: 'distribute without outlierDetection keeps sending to a failing region',
  severity: 'info',
  symptom: '10 % of the requests fail for as long as one region is down.',
  cause:
    'Weights follow healthy endpoints; without outlierDetection pods that fail but stay listed count as healthy.',
  fix: 'Add outlierDetection with maxEjectionPercent: 100: the share of an ejected locality goes to the others.',
  *check(subject) {
    for (const view of subject.views) {
      if (!view.setting?.setting.distribute?.length || view.cluster.outlierDetection) continue;
      const fault = subject.faultsOn(view.service).find(leavesFailing);
      if (!fault || new Set(view.hosts.map((host) => host.locality)).size < 2) continue;
      yield {
        at: settingOrigin(view, subject, 'distribute'),
        key: nameOfView(view),
        message: `${nameOfView(view)} is distributed without outlierDetection: a region that fails but stays listed keeps its share.`,
        hint: 'add outlierDetection { maxEjectionPercent: 100 }',
      };
    }
  },
});

// LB007: what the mesh-wide default does, and what not.
import { recordOf } from '../../../models/istio/plain.ts';
import { defineRule } from '../rule.ts';
import { listed, nameOfView, plural } from '../words.ts';

export const lb007 = defineRule({
  id: 'LB007',
  title: 'Mesh-wide default outlierDetection',
  severity: 'warning',
  symptom: 'A baseline that was meant for safety ejects pods everywhere, or does nothing at all.',
  cause:
    'From 1.31 meshConfig.defaultTrafficPolicy fills blocks that no rule has: outlier detection itself runs for every service. Priorities are made from DestinationRules only, so it does not switch locality failover on. Before 1.31 the field is not read.',
  fix: 'Give services that are to fail over a DestinationRule with outlierDetection.',
  example: 'P38-mesh-default-od-turns-locality-on',
  *check(subject) {
    const written = recordOf(subject.mesh.meshConfig['defaultTrafficPolicy'])['outlierDetection'];
    if (written === undefined) return;
    const at = subject.meshPlace('defaultTrafficPolicy');
    if (subject.minor < 31) {
      yield {
        at,
        message: `meshConfig.defaultTrafficPolicy is not read by istio ${subject.mesh.profile.version}: it came with 1.31.`,
      };
      return;
    }
    const names = new Set(
      subject.views
        .filter((view) => view.cluster.outlierDetection && !view.policy?.outlierDetection)
        .map(nameOfView),
    );
    if (names.size === 0) return;
    yield {
      at,
      message: `meshConfig.defaultTrafficPolicy.outlierDetection ejects endpoints of ${plural(names.size, 'service')} (${listed([...names])}) but activates no locality failover there: priorities need a DestinationRule.`,
      hint: 'write outlierDetection in a DestinationRule where failover is wanted',
    };
  },
});

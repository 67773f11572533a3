// SS003: what the clock counts from.
import { originOfBlock } from '../policy-place.ts';
import { defineRule } from '../rule.ts';
import { slowStartNs, slowStartViews } from '../samples.ts';
import { nameOfView, timeWords } from '../words.ts';

export const ss003 = defineRule({
  id: 'SS003',
  title: 'When the warm-up window starts',
  severity: 'info',
  symptom: "A pod that needs a minute to start begins at 10 % of its share, or at 20 %, by Envoy's version.",
  cause:
    'Envoy 1.40 (measured) counts from the moment a host becomes healthy; older ones counted from when it was added.',
  fix: 'Choose the window for the time after readiness.',
  example: 'P76-warmup-clock-starts-early',
  *check(subject) {
    for (const view of slowStartViews(subject)) {
      const startup = subject
        .workloadsOf(view.service)
        .map(({ name }) =>
          Object.hasOwn(subject.scenario.behavior, name)
            ? subject.scenario.behavior[name]!.startupNs
            : undefined,
        )
        .find((ns) => ns !== undefined && ns > 0);
      const grows = subject.faultsOn(view.service).some(({ kind }) => kind === 'scale' || kind === 'rollout');
      if (startup === undefined || !grows) continue;
      yield {
        at: originOfBlock(view, 'loadBalancer'),
        key: nameOfView(view),
        message: `${nameOfView(view)}: start-up ${timeWords(startup)} of warm-up ${timeWords(slowStartNs(view))}: the window counts from readiness, the first share is ${view.cluster.leastRequestLbConfig?.slowStartConfig?.minWeightPercent ?? view.cluster.roundRobinLbConfig?.slowStartConfig?.minWeightPercent ?? 10} % of a full one.`,
      };
    }
  },
});

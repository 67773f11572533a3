// OC004: errors in a row say little about a share of errors.
import { ejectingViews, ejectionsOf, errorsInARow } from '../ejection.ts';
import { originOfBlock } from '../policy-place.ts';
import { defineRule } from '../rule.ts';
import { nameOfView, percent } from '../words.ts';

export const oc004 = defineRule({
  id: 'OC004',
  title: 'Consecutive errors do not catch a partial failure',
  severity: 'warning',
  symptom: 'A pod answers a third of its requests with 500 and is never ejected, or only by chance.',
  cause: 'One good answer sets the counter back to 0. Istio offers no success-rate detector.',
  fix: 'Lower consecutive5xxErrors, or let the readiness probe fail when the error rate is high.',
  *check(subject) {
    for (const view of ejectingViews(subject)) {
      const errors = errorsInARow(view.cluster);
      if (errors < 3 || ejectionsOf(view, subject) === 0) continue;
      const rates = [
        ...subject
          .faultsOn(view.service)
          .flatMap((fault) =>
            fault.kind === 'respond' && fault.status >= 500 && fault.percentage < 100
              ? [fault.percentage / 100]
              : [],
          ),
        ...subject.workloadsOf(view.service).flatMap(({ name }) => {
          const behaviour = Object.hasOwn(subject.scenario.behavior, name)
            ? subject.scenario.behavior[name]
            : undefined;
          return behaviour?.errorRate ? [behaviour.errorRate] : [];
        }),
      ].filter((rate) => rate > 0 && rate < 0.9);
      const rate = Math.max(0, ...rates);
      if (rate === 0) continue;
      const chance = rate ** errors;
      yield {
        at: originOfBlock(view, 'outlierDetection'),
        key: nameOfView(view),
        message: `${nameOfView(view)} fails ${percent(rate)} of its requests: ${errors} errors in a row come once in about ${Math.round(1 / chance)} requests per endpoint, any good answer starts again at 0.`,
        hint: 'lower consecutive5xxErrors',
        severity: chance < 0.002 ? 'warning' : 'info',
      };
    }
  },
});

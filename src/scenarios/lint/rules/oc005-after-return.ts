// OC005: a host that comes back is tried with live requests, again and again.
import { parseDurationNs } from '../../../models/envoy/duration.ts';
import { ejectingViews, ejectionsOf, errorsInARow } from '../ejection.ts';
import { leavesFailing } from '../fault-kinds.ts';
import { originOfBlock } from '../policy-place.ts';
import { defineRule } from '../rule.ts';
import { nameOfView, plural, timeWords } from '../words.ts';

export const oc005 = defineRule({
  id: 'OC005',
  title: 'Each return of a bad endpoint costs requests again',
  severity: 'info',
  symptom: 'A pod that stays broken causes a burst of errors each time it comes back.',
  cause:
    'There is no probe: a returned host gets live requests, and needs the whole number of errors again. The ejection time grows by baseEjectionTime with each ejection. (envoyproxy/envoy#40697 reports more errors after the first time; Envoy 1.40 measured: the same number each time.)',
  fix: 'Let a readiness probe take permanently broken pods out; lengthen baseEjectionTime.',
  example: 'P58-second-ejection-slower',
  *check(subject) {
    for (const view of ejectingViews(subject)) {
      if (ejectionsOf(view, subject) === 0) continue;
      const baseNs = parseDurationNs(view.cluster.outlierDetection?.baseEjectionTime, 30e9);
      const ends = Math.max(
        0,
        ...[...subject.plan.loadWindows.values()].map((window) =>
          Number.isFinite(window.toNs) ? window.toNs : 0,
        ),
      );
      const fault = subject
        .faultsOn(view.service)
        .find((one) => leavesFailing(one) && (one.forNs ?? ends - one.atNs) > 2 * baseNs);
      if (!fault) continue;
      yield {
        at: fault.origin ?? originOfBlock(view, 'outlierDetection'),
        key: nameOfView(view),
        message: `${nameOfView(view)} fails longer than baseEjectionTime ${timeWords(baseNs)}: each return of a bad endpoint costs ${plural(errorsInARow(view.cluster), 'error')} per caller again; the time out grows by ${timeWords(baseNs)} each time.`,
      };
    }
  },
});

// OC009: a host that hangs is not an error until somebody gives up on it.
import { parseDurationNs } from '../../../models/envoy/duration.ts';
import { ejectingViews } from '../ejection.ts';
import { originOfBlock } from '../policy-place.ts';
import { defineRule } from '../rule.ts';
import { nameOfView } from '../words.ts';

export const oc009 = defineRule({
  id: 'OC009',
  title: 'Without a timeout a hanging endpoint is never ejected',
  severity: 'warning',
  symptom: 'A pod hangs, requests wait for ever, outlierDetection does nothing.',
  cause: 'Istio routes have no timeout by default; only an answer, a reset or a timeout is counted.',
  fix: 'Set timeout (or retries.perTryTimeout) on the route of the VirtualService.',
  *check(subject) {
    for (const view of ejectingViews(subject)) {
      const fault = subject.faultsOn(view.service).find(({ kind }) => kind === 'hang' || kind === 'slow');
      if (!fault) continue;
      const use = subject.uses.find(
        ({ client, resolution }) =>
          client === view.client && resolution.targets.some(({ cluster }) => cluster === view.cluster.name),
      );
      const action = use?.resolution.route?.route;
      if (!action) continue;
      const hasTimeout =
        parseDurationNs(action.timeout, 15e9) > 0 ||
        parseDurationNs(action.retryPolicy?.perTryTimeout, 0) > 0;
      if (hasTimeout) continue;
      yield {
        at: originOfBlock(view, 'outlierDetection'),
        key: nameOfView(view),
        message: `calls to ${nameOfView(view)} have no timeout: an endpoint that ${fault.kind === 'hang' ? 'hangs' : 'is slow'} is never an error, so outlierDetection does not see it.`,
        hint: 'set timeout on the route',
        severity: fault.kind === 'hang' ? 'warning' : 'info',
      };
    }
  },
});

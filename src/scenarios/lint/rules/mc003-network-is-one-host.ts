// MC003: what stands behind a gateway is one host for outlier detection.
import { ejectingViews, ejectionsOf, errorsInARow } from '../ejection.ts';
import { remoteGateways } from '../locality.ts';
import { originOfBlock } from '../policy-place.ts';
import { defineRule } from '../rule.ts';
import { nameOfView, plural } from '../words.ts';

export const mc003 = defineRule({
  id: 'MC003',
  title: 'Outlier detection ejects a whole remote network',
  severity: 'error',
  symptom: 'A few 500s of a remote canary take out all remote pods.',
  cause:
    'Callers see the address of the east-west gateway as one endpoint per network; errors of any pod behind it count for all.',
  fix: 'Detect outliers on the remote side; or count gateway errors only: consecutiveGatewayErrors with consecutive5xxErrors: 0.',
  example: 'P11-gateway-ejected-as-one-host',
  *check(subject) {
    for (const view of ejectingViews(subject)) {
      if (ejectionsOf(view, subject) === 0) continue;
      if (view.cluster.outlierDetection?.enforcingConsecutive5xx === 0) continue;
      for (const { network, hosts, behind } of remoteGateways(view, subject)) {
        if (behind.length < 2) continue;
        const addresses = new Set(hosts.map((host) => `${host.address}:${host.port}`)).size;
        yield {
          at: originOfBlock(view, 'outlierDetection'),
          key: `${nameOfView(view)} ${network}`,
          message: `network ${network} is ${plural(addresses, 'endpoint')} for outlier detection on ${nameOfView(view)}: ${plural(errorsInARow(view.cluster), 'consecutive 5xx error')} from any of its ${behind.length} pods eject all of them.`,
          hint: 'consecutiveGatewayErrors with consecutive5xxErrors: 0, or detect on the remote side',
        };
      }
    }
  },
});

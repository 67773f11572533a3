// OC003: the 5xx counter runs although only gateway errors were asked for.
import { ejectingViews } from '../ejection.ts';
import { fixOfBlock, originOfBlock } from '../policy-place.ts';
import { defineRule } from '../rule.ts';
import { nameOfView } from '../words.ts';

export const oc003 = defineRule({
  id: 'OC003',
  title: 'consecutiveGatewayErrors leaves the 5xx counter on',
  severity: 'warning',
  symptom: 'Plain 500s eject, although only gateway errors were meant to.',
  cause: "consecutive5xxErrors that is not written stays at Envoy's default of 5, enforced at 100 %.",
  fix: 'Write consecutive5xxErrors: 0 beside consecutiveGatewayErrors.',
  example: 'P56-gateway-errors-only-still-5xx',
  *check(subject) {
    for (const view of ejectingViews(subject)) {
      const detection = view.policy?.outlierDetection;
      if (!detection?.consecutiveGatewayErrors || detection.consecutive5xxErrors !== undefined) continue;
      const fix = fixOfBlock(view, 'outlierDetection', ['consecutive5xxErrors'], 0);
      yield {
        at: originOfBlock(view, 'outlierDetection', 'consecutiveGatewayErrors'),
        key: nameOfView(view),
        message: `${nameOfView(view)}: consecutive5xxErrors is unset, so 5 plain 500s in a row eject too (default 5).`,
        hint: 'set consecutive5xxErrors: 0 to count gateway errors only',
        ...(fix && { fix }),
      };
    }
  },
});

// ST004: few addresses are few keys.
import { originOfBlock } from '../policy-place.ts';
import { defineRule } from '../rule.ts';
import { nameOfView } from '../words.ts';

export const st004 = defineRule({
  id: 'ST004',
  title: 'useSourceIp with few callers',
  severity: 'info',
  symptom: 'One pod gets everything although there are ten.',
  cause:
    'The key is the address of the direct client: behind a gateway or for pods that are few, there are few different keys.',
  fix: 'Hash on a header or cookie.',
  *check(subject) {
    for (const view of subject.views) {
      if (!view.policy?.loadBalancer?.consistentHash?.useSourceIp || view.hosts.length < 2 || !view.isCalled)
        continue;
      yield {
        at: originOfBlock(view, 'loadBalancer', 'consistentHash', 'useSourceIp'),
        key: nameOfView(view),
        message: `${nameOfView(view)}: useSourceIp hashes the address of whoever connects to ${view.caller}'s proxy${view.node.type === 'sidecar' ? ': its own application, one key, so one endpoint gets all of its calls' : ''}.`,
        hint: 'hash on httpHeaderName or httpCookie',
      };
    }
  },
});

// TI002: an address that swallows packets costs a connect timeout per try.
import { parseDurationNs } from '../../../models/envoy/duration.ts';
import { defineRule } from '../rule.ts';
import { nameOfView, timeWords } from '../words.ts';

export const ti002 = defineRule({
  id: 'TI002',
  title: 'Unreachable addresses cost a connect timeout per try',
  severity: 'info',
  symptom: 'Calls take 10, 20 or 30 seconds and then fail or succeed.',
  cause:
    'Packets that are dropped (partition, missing route, security group) are noticed only by connectTimeout, 10 s in Istio; retries add up.',
  fix: 'connectionPool.tcp.connectTimeout: 1s.',
  *check(subject) {
    const fault = subject.scenario.faults.find(({ kind }) => kind === 'partition' || kind === 'blackhole');
    if (!fault) return;
    for (const view of subject.views) {
      if (!view.isCalled) continue;
      const connectNs = parseDurationNs(view.cluster.connectTimeout, 5e9);
      const isHit =
        fault.kind === 'partition'
          ? new Set(view.hosts.map((host) => host.endpoint?.clusterId ?? host.region)).size > 1
          : subject.faultsOn(view.service).includes(fault);
      if (connectNs < 5e9 || !isHit) continue;
      yield {
        at: fault.origin,
        key: nameOfView(view),
        message: `${nameOfView(view)}: a try to an address that swallows packets lasts ${timeWords(connectNs)} (connectTimeout), with 2 retries up to ${timeWords(3 * connectNs)}.`,
        hint: 'connectionPool.tcp.connectTimeout: 1s',
      };
    }
  },
});

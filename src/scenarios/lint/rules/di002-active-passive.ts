// DI002: 100 % to one place is no failover.
import { localityMatches } from '../../../models/istio/locality-lb.ts';
import { recordOf } from '../../../models/istio/plain.ts';
import { settingOrigin } from '../locality.ts';
import { defineRule } from '../rule.ts';
import { nameOfView } from '../words.ts';

export const di002 = defineRule({
  id: 'DI002',
  title: 'distribute with a single target cannot fail over',
  severity: 'info',
  symptom: 'Active/passive was meant; when the active place fails, everything fails.',
  cause: 'distribute drops all other endpoints: there is no passive side.',
  fix: 'Use failoverPriority: ["topology.kubernetes.io/zone=NAME"] with outlierDetection and maxEjectionPercent: 100.',
  example: 'P46-active-passive-az-with-distribute',
  *check(subject) {
    for (const view of subject.views) {
      const distribute = view.setting?.setting.distribute;
      const entry = distribute?.find(({ from }) => localityMatches(view.node.locality, from));
      const targets = Object.keys(recordOf(entry?.to));
      if (!entry || targets.length !== 1) continue;
      const claimed = view.endpoints.filter(({ locality }) => localityMatches(locality, targets[0]!));
      if (claimed.length === view.endpoints.length && view.endpoints.length > 0) continue;
      const label = targets[0]!.split('/').filter((part) => part !== '*').length > 1 ? 'zone' : 'region';
      const name = targets[0]!
        .split('/')
        .filter((part) => part !== '*')
        .at(-1);
      yield {
        at: settingOrigin(view, subject, 'distribute'),
        key: `${nameOfView(view)} ${entry.from}`,
        message: `${nameOfView(view)}: distribute sends all to ${targets[0]} and drops the other endpoints: if it fails, nothing takes over.`,
        hint: `for active/passive use failoverPriority: ["topology.kubernetes.io/${label}=${name}"]`,
      };
    }
  },
});

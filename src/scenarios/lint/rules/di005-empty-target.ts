// DI005: a known place without endpoints gives its share away.
import { localityMatches } from '../../../models/istio/locality-lb.ts';
import { recordOf } from '../../../models/istio/plain.ts';
import { podsHit, removesEndpoints } from '../fault-kinds.ts';
import { nodeLocalities, settingOrigin } from '../locality.ts';
import { defineRule } from '../rule.ts';
import { listed, nameOfView } from '../words.ts';

export const di005 = defineRule({
  id: 'DI005',
  title: 'A distribute target has no endpoints of the service',
  severity: 'info',
  symptom: '90/10 becomes 0/100 during a scale-down.',
  cause: 'Weights exist only for localities with endpoints.',
  fix: 'Expected; know that the other side must carry it.',
  example: 'P49-distribute-missing-endpoints-shift',
  *check(subject) {
    const known = nodeLocalities(subject);
    for (const view of subject.views) {
      const entry = view.setting?.setting.distribute?.find(({ from }) =>
        localityMatches(view.node.locality, from),
      );
      if (!entry) continue;
      const targets = Object.keys(recordOf(entry.to));
      const isIn = (target: string, addresses?: Set<string>) =>
        view.endpoints.some((one) => localityMatches(one.locality, target) && !addresses?.has(one.address));
      const gone = new Set(
        subject
          .faultsOn(view.service)
          .filter(
            (fault) =>
              removesEndpoints(fault) &&
              !(fault.kind === 'scale' && fault.replicas > 0) &&
              fault.kind !== 'rollout',
          )
          .flatMap((fault) => podsHit(fault, subject).map((pod) => pod.ip)),
      );
      const isSingle =
        view.endpoints.length > 0 && new Set(view.endpoints.map(({ locality }) => locality)).size === 1;
      for (const target of targets) {
        const isEmpty = !isIn(target) && known.some((locality) => localityMatches(locality, target));
        const becomesEmpty = isIn(target) && !isIn(target, gone);
        if (!isEmpty && !becomesEmpty) continue;
        // A service that lives in one place is no case for distribution.
        const isMeant =
          becomesEmpty || view.isOwnSetting || !isSingle || subject.workloadsOf(view.service).length > 1;
        if (!isMeant) continue;
        const others = targets.filter((other) => other !== target && isIn(other, gone));
        yield {
          at: settingOrigin(view, subject, 'distribute'),
          key: `${nameOfView(view)} ${target}`,
          message: `${target} ${becomesEmpty ? 'will have' : 'has'} 0 endpoints of ${nameOfView(view)}: ${others.length === 0 ? 'nobody answers then' : `${listed(others)} get${others.length === 1 ? 's' : ''} 100 %`}.`,
        };
      }
    }
  },
});

// MC007: a gateway endpoint knows nothing of the health behind it.
import type { Origin } from '../../../models/envoy/config.ts';
import { makesUnready, podsHit } from '../fault-kinds.ts';
import { remoteGateways } from '../locality.ts';
import { defineRule } from '../rule.ts';
import { nameOfView } from '../words.ts';

export const mc007 = defineRule({
  id: 'MC007',
  title: 'A network without ready pods still gets traffic',
  severity: 'warning',
  symptom: 'Half of the first tries go to a network whose pods are all unready; retries hide it or do not.',
  cause:
    "From 1.31 unready endpoints are kept, and their weight goes to the gateway's endpoint, which is sent as healthy.",
  fix: 'Keep retries on, use outlierDetection, or scale the remote side to 0 instead of leaving it unready.',
  example: 'P16-ew-gateway-unready-remote',
  *check(subject) {
    if (subject.minor < 31) return;
    for (const view of subject.views)
      for (const { network, behind } of remoteGateways(view, subject)) {
        if (behind.length === 0) continue;
        const pods = subject.podsOf(view.service);
        const unready = new Set(
          behind.filter(({ health }) => health === 'unhealthy').map(({ address }) => address),
        );
        let origin: Origin | undefined;
        for (const fault of subject.faultsOn(view.service)) {
          if (!makesUnready(fault, pods)) continue;
          for (const pod of podsHit(fault, subject)) unready.add(pod.ip);
          origin ??= fault.origin;
        }
        if (!behind.every(({ address }) => unready.has(address))) continue;
        yield {
          at: origin ?? view.service.origin,
          key: `${nameOfView(view)} ${network}`,
          message: `network ${network} has 0 ready endpoints of ${nameOfView(view)}${origin ? ' once the fault acts' : ''}, but its gateway still gets weight ${behind.length}.`,
          hint: 'retries and outlierDetection hide it; 0 replicas instead of unready pods avoid it',
        };
      }
  },
});

// PR002: unready pods of the first priority count, or do not.
import type { Origin } from '../../../models/envoy/config.ts';
import { makesUnready, podsHit } from '../fault-kinds.ts';
import { priorityViews } from '../locality.ts';
import { defineRule } from '../rule.ts';
import { listed, nameOfView, placesOf } from '../words.ts';

export const pr002 = defineRule({
  id: 'PR002',
  title: 'A region with few ready pods keeps its traffic, or not, by version',
  severity: 'warning',
  sameAs: ['IST0169'],
  symptom:
    'Two of ten pods are left and get all the local traffic (up to 1.30), or 72 % of it leaves (from 1.31).',
  cause:
    'Up to 1.30 unready endpoints are left out, so the ones that are left are 100 % healthy. From 1.31 they are sent as unhealthy and count in the healthy share.',
  fix: 'Know the version; leave room for the load that stays.',
  example: 'P28-unready-pods-invisible',
  *check(subject) {
    for (const view of priorityViews(subject)) {
      const first = view.levels[0]!;
      const local = new Set(first.map((host) => host.address));
      const pods = subject.podsOf(view.service).filter((pod) => local.has(pod.ip));
      const hit = new Set<string>();
      let origin: Origin | undefined;
      for (const fault of subject.faultsOn(view.service)) {
        if (!makesUnready(fault, pods)) continue;
        for (const pod of podsHit(fault, subject)) if (local.has(pod.ip)) hit.add(pod.ip);
        origin ??= fault.origin;
      }
      const left = first.length - hit.size;
      if (hit.size === 0 || left <= 0) continue;
      const stays = Math.floor(Math.min(100, (140 * left) / first.length));
      yield {
        at: origin ?? view.cluster.origin,
        key: nameOfView(view),
        message: `${nameOfView(view)}: with ${left} of ${first.length} pods ready in ${listed(placesOf(first))}, up to istio 1.30 they keep 100 % (${Number((first.length / left).toFixed(1))} times the load); from 1.31 ${stays} % stay and ${100 - stays} % leave. This is ${subject.mesh.profile.version}.`,
        severity: stays === 100 ? 'info' : 'warning',
      };
    }
  },
});

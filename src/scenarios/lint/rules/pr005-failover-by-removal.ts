// PR005: removal is not ejection.
import { ejectionsOf, mostEjections, percentOf, percentWords } from '../ejection.ts';
import { podsHit } from '../fault-kinds.ts';
import { hasExplicitList } from '../locality.ts';
import { defineRule } from '../rule.ts';
import { nameOfView, percent } from '../words.ts';

export const pr005 = defineRule({
  id: 'PR005',
  title: 'The failover happens because endpoints are removed',
  severity: 'info',
  symptom: 'Scaling to 0 moves all traffic with no ejection at all; a crash of the same pod does not.',
  cause:
    'An empty locality has no priority of its own. A pod that fails but stays listed must be ejected, and maxEjectionPercent decides whether it may.',
  fix: 'Test both: scale to 0, and refuse.',
  example: 'P32-seed-b-failover',
  *check(subject) {
    for (const service of subject.services) {
      const views = subject
        .viewsOf(service)
        .filter((view) => view.cluster.outlierDetection || hasExplicitList(view));
      const workloads = subject.workloadsOf(service);
      for (const view of views) {
        if (view.hosts.length === 0) continue;
        const emptied = subject.faultsOn(service).find((fault) => {
          if (fault.kind !== 'scale' || fault.replicas > 0 || view.levels.length < 2) return false;
          const gone = new Set(podsHit(fault, subject).map((pod) => pod.ip));
          return view.levels[0]!.every((host) => gone.has(host.address));
        });
        const isEmpty =
          !view.hosts.some((host) => host.region === view.region) &&
          workloads.some((workload) => workload.replicas === 0 && workload.cluster === view.node.clusterId);
        if (!emptied && !isEmpty) continue;
        const canEject = ejectionsOf(view, subject) > 0 || !view.cluster.outlierDetection;
        const all = Math.max(view.hosts.length, isEmpty ? view.hosts.length + 1 : 0);
        yield {
          at: emptied?.origin ?? view.cluster.origin ?? service.origin,
          key: nameOfView(view),
          message: `${nameOfView(view)}: the failover happens by endpoint removal (0 ejections). ${canEject && mostEjections(all, percentOf(view.cluster), subject.minor) > 0 ? 'A pod that fails but stays listed is ejected first.' : `If the pod fails but stays listed: 1 of ${all} endpoints is ${percent(1 / all)} > maxEjectionPercent ${percentWords(view.cluster)}, it can never be ejected (OD001).`}`,
        };
      }
    }
  },
});

// SS005: without warm-up a new pod is like an old one.
import { defineRule } from '../rule.ts';
import { nameOfView, percent } from '../words.ts';

export const ss005 = defineRule({
  id: 'SS005',
  title: 'A new pod gets its full share at once',
  severity: 'info',
  symptom: 'A latency spike on every scale-out while the new pod is cold.',
  cause:
    'There is no slow start unless loadBalancer.warmup is set; LEAST_REQUEST gives a busy (slow) pod less, ROUND_ROBIN its whole share.',
  fix: 'loadBalancer: { simple: LEAST_REQUEST, warmup: { duration: 60s } }.',
  example: 'P78-cold-pod-gets-full-share',
  *check(subject) {
    for (const view of subject.views) {
      if (
        view.cluster.roundRobinLbConfig?.slowStartConfig ||
        view.cluster.leastRequestLbConfig?.slowStartConfig
      )
        continue;
      if (view.policy?.loadBalancer?.consistentHash || view.levels.length === 0) continue;
      for (const fault of subject.faultsOn(view.service)) {
        if (fault.kind !== 'scale') continue;
        const before =
          subject.workloadsOf(view.service).find(({ name }) => name === fault.target.name)?.replicas ?? 0;
        const all = view.hosts.length + fault.replicas - before;
        if (fault.replicas <= before || before === 0) continue;
        yield {
          at: fault.origin,
          key: `${nameOfView(view)} ${fault.atNs}`,
          message: `scale ${before} -> ${fault.replicas} of ${nameOfView(view)}: a new pod gets ${percent(1 / all)} in its first second${view.cluster.lbPolicy === 'LEAST_REQUEST' ? ' (less while it is slow: LEAST_REQUEST)' : ''}.`,
          hint: 'loadBalancer.warmup: { duration: 60s }',
        };
      }
    }
  },
});

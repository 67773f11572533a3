// LEAST_REQUEST: the least busy of choiceCount hosts drawn with replacement; a full scan draws among the ties; with unequal weights a
// schedule of weight / (active + 1)^bias. Source: Envoy least_request_lb.cc (1.40).
import type { LbPolicyDefinition } from './policy.ts';

export const leastRequest: LbPolicyDefinition = {
  name: 'LEAST_REQUEST',
  usesWeights: true,
  create(cluster, hosts, draw) {
    const choiceCount = cluster.leastRequestLbConfig?.choiceCount ?? 2;
    const isFullScan = cluster.leastRequestLbConfig?.selectionMethod === 'FULL_SCAN';
    const configuredBias = cluster.leastRequestLbConfig?.activeRequestBias ?? 1;
    const bias = configuredBias >= 0 ? configuredBias : 1;
    const active = hosts.activeRequests;
    return {
      pick(source) {
        const list = source.hosts;
        if (isFullScan) {
          let best = list[0]!;
          let ties = 1;
          for (let i = 1; i < list.length; i++) {
            const host = list[i]!;
            if (active[host]! < active[best]!) {
              best = host;
              ties = 1;
            } else if (active[host] === active[best]) {
              ties += 1;
              if (draw.uint32() % ties === 0) best = host;
            }
          }
          return best;
        }
        let best = list[draw.uint32() % list.length]!;
        for (let i = 1; i < choiceCount; i++) {
          const host = list[draw.uint32() % list.length]!;
          if (active[host]! < active[best]!) best = host;
        }
        return best;
      },
      scheduledWeight: (host) => hosts.weight[host]! / (active[host]! + 1) ** bias,
    };
  },
};

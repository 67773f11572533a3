// What is said of one pod, and how often it was asked after all.
import type { Pod } from '../../models/kube/model.ts';
import type { Place, PodVerdict } from './explanation.ts';
import { type RuleId, rule } from './rules.ts';
import type { Scene } from './scene.ts';

export type Verdict = Pick<PodVerdict, 'reason' | 'says' | 'places' | 'rules'>;

export const verdict = (reason: string, says: string, places: Place[] = [], ...rules: RuleId[]): Verdict => ({
  reason,
  says,
  places,
  rules: rules.map(rule),
});

/** In the whole first run. */
export function countsOf(scene: Scene, pods: readonly Pod[]): { requests: number; attempts: number } {
  const servers = serversOf(scene, pods);
  const sums = { requests: 0, attempts: 0 };
  for (const row of scene.run.tallies)
    for (const [server, count] of Object.entries(row.by)) {
      if (!servers.has(Number(server))) continue;
      sums.requests += count.requests;
      sums.attempts += count.attempts;
    }
  return sums;
}

function serversOf(scene: Scene, pods: readonly Pod[]): Set<number> {
  const servers = new Set<number>();
  for (const [index, { name }] of scene.plan.world.servers.entries()) {
    const pod = scene.podNamed(name);
    if (pod && pods.includes(pod)) servers.add(index);
  }
  return servers;
}

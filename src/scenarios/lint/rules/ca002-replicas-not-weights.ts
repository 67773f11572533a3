// CA002: subsets split nothing by themselves.
import { originOfRule } from '../policy-place.ts';
import { defineRule } from '../rule.ts';
import { nameOfView } from '../words.ts';

export const ca002 = defineRule({
  id: 'CA002',
  title: 'Without a VirtualService the split follows replicas',
  severity: 'info',
  symptom: '90/10 was expected and 50/50 came with one pod each.',
  cause: 'A DestinationRule with subsets only names groups; endpoints weigh 1 each.',
  fix: 'A VirtualService with weights.',
  example: 'P42-replicas-not-weights',
  *check(subject) {
    for (const view of subject.views) {
      const subsets = view.rule?.spec.subsets ?? [];
      if (view.subset !== '' || subsets.length < 2 || !view.isCalled || view.levels.length !== 1) continue;
      if (view.cluster.commonLbConfig?.localityWeightedLbConfig) continue;
      const counts = subsets.map(
        ({ labels }) =>
          view.hosts.filter(({ endpoint }) =>
            Object.entries(labels ?? {}).every(([key, value]) => endpoint?.labels[key] === value),
          ).length,
      );
      if (counts.filter((count) => count > 0).length < 2) continue;
      const use = subject.uses.find(
        ({ client, resolution }) =>
          client === view.client && resolution.targets.some(({ cluster }) => cluster === view.cluster.name),
      );
      yield {
        at: originOfRule(view),
        key: nameOfView(view),
        message: `${nameOfView(view)}: no route names its subsets${use?.resolution.route?.origin ? ' here' : ''}, so the split follows replicas ${counts.join(':')} (${subsets.map(({ name }) => name).join(', ')}).`,
        hint: 'a VirtualService with weights splits by subset',
      };
    }
  },
});

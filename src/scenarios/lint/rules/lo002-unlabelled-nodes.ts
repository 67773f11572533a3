// LO002: no label is a locality of its own, far from everybody.
import { defineRule } from '../rule.ts';
import { listed, nameOfView, plural } from '../words.ts';

export const lo002 = defineRule({
  id: 'LO002',
  title: 'Nodes without topology labels',
  severity: 'error',
  symptom: 'Endpoints on some nodes are never used, or everything is even.',
  cause:
    'A missing region is a locality of its own that matches nobody: it becomes the lowest priority, and no distribute target names it.',
  fix: 'Label the nodes with topology.kubernetes.io/region and /zone.',
  example: 'P71-nodes-without-zone-labels',
  *check(subject) {
    const { nodes } = subject.state;
    const bare = nodes.filter((node) => node.region === '');
    if (bare.length === 0) return;
    const names = new Set(bare.map((node) => `${node.cluster}/${node.name}`));
    for (const view of subject.views) {
      const isLocal = view.levels.length > 1 || Boolean(view.setting?.setting.distribute?.length);
      const onBare = view.endpoints.filter((one) => names.has(`${one.clusterId}/${one.nodeName ?? ''}`));
      const isPartly = onBare.length < view.endpoints.length || view.node.locality !== '';
      if (!isLocal || onBare.length === 0 || !isPartly) continue;
      yield {
        at:
          subject.state.workloads.find(({ name }) => name === onBare[0]!.workload)?.origin ??
          view.service.origin,
        key: nameOfView(view),
        message: `${bare.length} of ${plural(nodes.length, 'node')} ${bare.length === 1 ? 'has' : 'have'} no topology.kubernetes.io/region: ${listed(onBare.map((one) => one.pod ?? one.address))} of ${nameOfView(view)} become the lowest priority.`,
        hint: 'label the nodes',
      };
    }
  },
});

// LO004: whoever is nowhere is near nobody.
import { hasExplicitList } from '../locality.ts';
import { defineRule } from '../rule.ts';
import { nameOfView } from '../words.ts';

export const lo004 = defineRule({
  id: 'LO004',
  title: 'A caller has no locality',
  severity: 'warning',
  symptom: 'Locality settings work for some callers and not for others.',
  cause:
    "The caller's node has no topology labels (often a virtual or serverless node), so no `from` matches and no endpoint is near.",
  fix: 'Label the node, or set the label istio-locality on the pod.',
  *check(subject) {
    for (const view of subject.views) {
      if (view.node.locality !== '' || !view.isCalled) continue;
      if (!view.cluster.outlierDetection && !hasExplicitList(view)) continue;
      if (new Set(view.hosts.map((host) => host.locality)).size < 2) continue;
      yield {
        at: subject.state.workloads.find(({ name }) => name === view.caller)?.origin,
        key: view.caller,
        message: `caller ${view.caller} has no locality (its node has no topology labels): the locality setting for ${nameOfView(view)} does not reach it.`,
        hint: 'label its node with topology.kubernetes.io/region and /zone',
      };
    }
  },
});

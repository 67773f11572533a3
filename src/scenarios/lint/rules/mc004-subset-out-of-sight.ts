// MC004: a subset without endpoints for this caller.
import { originOfRule } from '../policy-place.ts';
import { defineRule } from '../rule.ts';
import { listed, nameOfView, plural } from '../words.ts';

export const mc004 = defineRule({
  id: 'MC004',
  title: 'A subset has no endpoints that the caller can see',
  severity: 'error',
  symptom: 'A version that runs in the second cluster is never reached, or gives 503.',
  cause:
    'The Service is missing in one of the clusters, the labels do not fit, the cluster is cluster-local, or no way leads to its network.',
  fix: "Create the same Service (name and namespace) in every cluster and check the pods' labels.",
  example: 'P12-subset-only-remote',
  *check(subject) {
    const clusters = subject.state.clusters;
    if (clusters.length < 2) return;
    for (const { client, resolution, site } of subject.uses)
      for (const target of resolution.targets) {
        const view = subject.allViews.find(
          (one) => one.client === client && one.cluster.name === target.cluster,
        );
        if (!view || view.subset === '' || view.hosts.length > 0) continue;
        if (view.cluster.type === 'ORIGINAL_DST') continue;
        const scaled = subject.workloadsOf(view.service).some((workload) => workload.replicas === 0);
        if (scaled && view.endpoints.length === 0) continue;
        const missing = clusters
          .map(({ id }) => id)
          .filter((id) => !subject.kubeServicesOf(view.service).some((service) => service.cluster === id));
        yield {
          at: resolution.route?.origin ?? originOfRule(view),
          key: `${nameOfView(view)} ${client.node.clusterId}`,
          message: `subset ${nameOfView(view)} has 0 endpoints visible from cluster ${client.node.clusterId} (${site.caller}): ${
            view.endpoints.length > 0
              ? `${plural(view.endpoints.length, 'endpoint')} elsewhere cannot be reached`
              : missing.length > 0
                ? `Service ${view.service.name} is missing in ${listed(missing)}`
                : `no pod has the labels ${Object.entries(view.subsetLabels ?? {})
                    .map(([key, value]) => `${key}=${value}`)
                    .join(', ')}`
          }.`,
          hint: 'the Service must exist in every cluster, and the pods must carry the labels',
        };
      }
  },
});

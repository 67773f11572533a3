// MC006: one name in two clusters is one service.
import { hasExplicitList } from '../locality.ts';
import { defineRule } from '../rule.ts';
import type { HostView } from '../views.ts';
import { nameOfView, percent } from '../words.ts';

export const mc006 = defineRule({
  id: 'MC006',
  title: 'Calls leave the cluster by default',
  severity: 'warning',
  symptom: 'Adding a second cluster moves half of the calls over the wire.',
  cause:
    'Services of one name and namespace are one service over all clusters, and without outlierDetection there is no preference for near endpoints.',
  fix: 'meshConfig.serviceSettings with clusterLocal: true keeps a service inside; outlierDetection or distribute prefer the near side.',
  example: 'P14-cross-cluster-by-default',
  *check(subject) {
    for (const view of subject.views) {
      if (
        view.levels.length !== 1 ||
        view.setting?.setting.distribute?.length ||
        view.setting?.forcesFailover
      )
        continue;
      const own = view.endpoints.filter((one) => one.clusterId === view.node.clusterId);
      const away = view.endpoints.filter((one) => one.clusterId !== view.node.clusterId);
      const reached = view.hosts.filter((host) =>
        host.endpoint ? host.endpoint.clusterId !== view.node.clusterId : true,
      );
      if (own.length === 0 || away.length === 0 || reached.length === 0) continue;
      const twins = new Set(own.map((one) => `${one.namespace}/${one.workload}`));
      const isTwin = away.some((one) => twins.has(`${one.namespace}/${one.workload}`));
      const weight = (hosts: readonly HostView[]) => hosts.reduce((sum, host) => sum + host.weight, 0);
      const isPlanned = hasExplicitList(view) || view.service.trafficDistribution !== undefined;
      yield {
        at: subject.kubeServicesOf(view.service).find((one) => one.cluster === view.node.clusterId)?.origin,
        key: `${nameOfView(view)} ${view.node.clusterId}`,
        message: `${nameOfView(view)}: ${percent(weight(reached) / weight(view.hosts))} of the calls from ${view.node.clusterId} leave the cluster.`,
        hint: 'keep them local with serviceSettings.clusterLocal, or outlierDetection with locality',
        severity: isTwin && !isPlanned && view.isCalled ? 'warning' : 'info',
      };
    }
  },
});

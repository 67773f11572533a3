// MB001: policy runs in the caller's proxy.
import { resolveShortName } from '../../../models/istio/host-name.ts';
import { stringOf, stringsOf } from '../../../models/istio/plain.ts';
import { injectionOf } from '../../../models/kube/injection.ts';
import { defineRule } from '../rule.ts';
import { httpRules, isForMesh } from '../virtual-services.ts';
import { listed, plural } from '../words.ts';

export const mb001 = defineRule({
  id: 'MB001',
  title: 'A caller without sidecar ignores VirtualServices and DestinationRules',
  severity: 'error',
  sameAs: ['IST0102', 'IST0103'],
  symptom: 'A header rule or a 90/10 split has no effect for one caller.',
  cause:
    "Routing, faults, balancing and ejection run in the caller's own Envoy. Without one, kube-proxy picks any ready pod of the caller's cluster at random.",
  fix: "Label the caller's namespace istio-injection=enabled (and restart the pods).",
  example: 'P67-client-without-sidecar',
  *check(subject) {
    const { state } = subject;
    for (const { request, caller, proxy } of subject.plan.callSites) {
      if (proxy >= 0) continue;
      const server = subject.plan.world.servers.find((one) => one.name === caller);
      if (!server || server.sidecar !== undefined) continue;
      const namespace = server.labels['namespace'] ?? 'default';
      const full = resolveShortName(request.host.replace(/:\d+$/, ''), namespace, subject.mesh.domain);
      const service = subject.services.find(
        (one) =>
          one.hostname === full ||
          full === `${one.name}.${one.namespace}` ||
          full === `${one.name}.${one.namespace}.svc`,
      );
      if (!service) continue;
      const named = (kind: string) =>
        subject
          .configs(kind)
          .filter((config) =>
            (kind === 'DestinationRule'
              ? [stringOf(config.spec['host'])]
              : stringsOf(config.spec['hosts'])
            ).some(
              (host) => host !== '*' && subject.servicesOfHost(host, config.namespace).includes(service),
            ),
          );
      const ignored = [...named('VirtualService').filter(isForMesh), ...named('DestinationRule')];
      if (ignored.length === 0) continue;
      const pod = state.pods.find(
        (one) => one.workload.name === server.labels['workload'] && one.namespace === namespace,
      );
      const labels = state.namespaces.find(
        (one) => one.name === namespace && one.cluster === server.place.cluster,
      )?.labels;
      const why = pod
        ? injectionOf({
            namespace,
            namespaceLabels: labels ?? null,
            labels: pod.labels,
            annotations: pod.annotations,
            hostNetwork: false,
          }).why
        : 'no sidecar';
      const weights = ignored.flatMap((config) =>
        config.kind === 'VirtualService'
          ? httpRules(config, subject).flatMap(({ destinations }) =>
              destinations.map(({ weight }) => weight ?? 0),
            )
          : [],
      );
      const workloads = new Set(subject.podsOf(service).map((one) => one.workload.name)).size;
      yield {
        at: state.workloads.find(
          (one) => one.name === server.labels['workload'] && one.namespace === namespace,
        )?.origin,
        key: `${server.labels['workload']} ${service.hostname}`,
        message: `caller ${server.labels['workload']} is not injected (${why}): it ignores ${listed(ignored.map((config) => `${config.kind} ${config.name}`))}${weights.length > 1 ? `; ${weights.join('/')} becomes an even split over the pods of ${plural(workloads, 'workload')}` : ''}.`,
        hint: `label namespace ${namespace} istio-injection=enabled`,
      };
    }
  },
});

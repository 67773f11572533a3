// MB004: what a Sidecar does not import is passed through.
import { resolveShortName } from '../../../models/istio/host-name.ts';
import { defineRule } from '../rule.ts';

export const mb004 = defineRule({
  id: 'MB004',
  title: "The caller's Sidecar does not import a host that it calls",
  severity: 'error',
  sameAs: ['KIA1004', 'IST0101'],
  symptom: 'Rules for one service do not apply to one caller; calls never reach the other cluster.',
  cause:
    'Hosts that spec.egress does not list have no cluster: the call passes through to the Service address, where kube-proxy picks a pod of the own cluster (or is refused with REGISTRY_ONLY).',
  fix: 'Add the host to egress.hosts.',
  *check(subject) {
    for (const { client, caller, site, resolution } of subject.uses) {
      const sidecar = subject.context.sidecarOf(client.node);
      if (!sidecar || client.node.type !== 'sidecar') continue;
      if (resolution.targets.some(({ cluster }) => cluster.startsWith('outbound|'))) continue;
      const full = resolveShortName(
        site.request.host.replace(/:\d+$/, ''),
        client.node.namespace,
        subject.mesh.domain,
      );
      const service = subject.services.find(
        (one) =>
          one.hostname === full ||
          full === `${one.name}.${one.namespace}` ||
          full === `${one.name}.${one.namespace}.svc`,
      );
      if (!service || subject.context.serviceByHost(client.node, service.hostname)) continue;
      const isOnly = subject.context.outboundTrafficPolicy(client.node) === 'REGISTRY_ONLY';
      yield {
        at: subject.originOf(sidecar, ['spec', 'egress']),
        key: `${caller} ${service.hostname}`,
        message: `Sidecar ${sidecar.name} imports no ${subject.nameOf(service)}, which ${caller} calls: ${isOnly ? 'the call is refused (REGISTRY_ONLY)' : 'it passes through without any policy, to pods of its own cluster only'}.`,
        hint: `add "${service.namespace}/${service.hostname}" to egress.hosts`,
      };
    }
  },
});

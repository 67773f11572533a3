// VS001: whatever no rule matches gets 404.
import { isSubsetOf, resolveShortName } from '../../../models/istio/host-name.ts';
import { defineRule } from '../rule.ts';
import { hostsOf, httpRules, isForMesh, servicesOf, takesAll, virtualServices } from '../virtual-services.ts';

export const vs001 = defineRule({
  id: 'VS001',
  title: 'A VirtualService without a default route',
  severity: 'warning',
  symptom: 'Requests that match no rule get 404, although the service is there.',
  cause:
    'A VirtualService replaces the default route of its host; nothing is left for requests that no match takes.',
  fix: 'Add a last rule without match.',
  *check(subject) {
    for (const config of virtualServices(subject)) {
      const rules = httpRules(config, subject);
      if (rules.length === 0 || rules.some(takesAll)) continue;
      // A gateway's paths are usually a choice; a call that falls through is not.
      const lost = subject.uses.find(
        ({ resolution, site }) =>
          resolution.virtualHost !== null &&
          resolution.route === null &&
          hostsOf(config).some((host) =>
            isSubsetOf(
              resolveShortName(site.request.host.replace(/:\d+$/, ''), config.namespace, subject.mesh.domain),
              resolveShortName(host, config.namespace, subject.mesh.domain),
            ),
          ),
      );
      const isMesh = isForMesh(config) && servicesOf(config, subject).length > 0;
      if (!lost && !isMesh) continue;
      yield {
        at: subject.originOf(config, ['spec', 'http']),
        key: `${config.namespace}/${config.name}`,
        message: `VirtualService ${config.name} has no default route: ${lost ? `${lost.site.request.method} ${lost.site.request.path} of ${lost.caller} gets 404` : 'requests that match none of its rules get 404'}.`,
        hint: 'add a last rule without match',
      };
    }
  },
});

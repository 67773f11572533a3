// VS003: spec.gateways without mesh.
import { defineRule } from '../rule.ts';
import { gatewaysOf, httpRules, isForMesh, servicesOf, virtualServices } from '../virtual-services.ts';
import { listed } from '../words.ts';

export const vs003 = defineRule({
  id: 'VS003',
  title: 'A VirtualService for a gateway does not reach callers in the mesh',
  severity: 'warning',
  sameAs: ['IST0140'],
  symptom: 'Retries are switched off (or traffic is split) in the VirtualService, and sidecars do as before.',
  cause:
    'spec.gateways names gateways only; without `mesh` in the list sidecars keep the default route, with its two retries.',
  fix: 'gateways: [mesh, NAMESPACE/GATEWAY].',
  example: 'P24-retries-off-only-on-gateway',
  *check(subject) {
    for (const config of virtualServices(subject)) {
      if (isForMesh(config)) continue;
      // Hosts that a gateway shows to the world are one thing; the name that sidecars dial is another.
      const rules = httpRules(config, subject);
      const named = new Set(servicesOf(config, subject));
      if (named.size === 0) continue;
      const words = [
        ...(rules.some(({ spec }) => spec['retries'] !== undefined) ? ['retries'] : []),
        ...(rules.some(({ spec }) => spec['timeout'] !== undefined) ? ['timeout'] : []),
        ...(rules.some(({ spec }) => spec['fault'] !== undefined) ? ['fault'] : []),
        ...(rules.some(({ destinations }) => destinations.length > 1) ? ['weights'] : []),
        ...(rules.some(({ destinations }) => destinations.some(({ subset }) => subset !== ''))
          ? ['subsets']
          : []),
        ...(rules.some(({ matches }) => matches.length > 0) ? ['matches'] : []),
      ];
      if (words.length === 0) continue;
      const caller = subject.uses.find(
        ({ client, resolution }) =>
          client.node.type === 'sidecar' &&
          resolution.targets.some(({ cluster }) =>
            [...named].some(({ hostname }) => cluster.split('|')[3] === hostname),
          ),
      );
      if (!caller && subject.knowsCalls) continue;
      yield {
        at: subject.originOf(config, ['spec', 'gateways']),
        key: `${config.namespace}/${config.name}`,
        message: `VirtualService ${config.name} binds only ${listed(gatewaysOf(config))}; in-mesh callers${caller ? ` such as ${caller.caller}` : ''} do not get its ${listed(words)} and keep the default route with 2 retries.`,
        hint: `gateways: [mesh, ${gatewaysOf(config).join(', ')}]`,
        severity: caller ? 'warning' : 'info',
      };
    }
  },
});

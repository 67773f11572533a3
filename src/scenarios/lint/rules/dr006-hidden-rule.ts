// DR006: the most specific rule replaces, it does not inherit.

import { getOrCreate } from '../../../models/istio/get-or-create.ts';
import type { ConfigObject, Service } from '../../../models/istio/model.ts';
import { recordOf, stringOf, stringsOf } from '../../../models/istio/plain.ts';
import { defineRule } from '../rule.ts';
import { listed, nameOfView } from '../words.ts';

export const dr006 = defineRule({
  id: 'DR006',
  title: 'A DestinationRule hides a more general one',
  severity: 'info',
  symptom: 'Circuit-breaker limits of the mesh-wide rule vanish for one service.',
  cause:
    "The rule in the caller's namespace wins, then the service's, then the root namespace's; a more specific host before a wildcard. Nothing is inherited.",
  fix: 'Repeat the blocks in the more specific rule, or use meshConfig.defaultTrafficPolicy (1.31).',
  example: 'P66-dr-inheritance',
  *check(subject) {
    const byService = new Map<Service, ConfigObject<Record<string, unknown>>[]>();
    for (const config of subject.configs('DestinationRule'))
      for (const service of subject.servicesOfHost(stringOf(config.spec['host']), config.namespace))
        getOrCreate(byService, service, () => []).push(config);
    for (const view of subject.views) {
      if (!view.rule || view.subset !== '') continue;
      const used = new Set(view.rule.sources.map((source) => `${source.namespace}/${source.name}`));
      const own = new Set(Object.keys(view.rule.spec.trafficPolicy ?? {}));
      for (const config of byService.get(view.service) ?? []) {
        if (used.has(`${config.namespace}/${config.name}`)) continue;
        const isVisible =
          config.namespace === view.node.namespace ||
          !stringsOf(config.spec['exportTo']).every((one) => one === '.') ||
          stringsOf(config.spec['exportTo']).length === 0;
        const isCandidate = [
          view.node.namespace,
          view.service.namespace,
          subject.context.meshConfig.rootNamespace,
        ].includes(config.namespace);
        if (!isVisible || !isCandidate) continue;
        const lost = Object.keys(recordOf(config.spec['trafficPolicy'])).filter((block) => !own.has(block));
        const [source] = view.rule.sources;
        if (lost.length === 0 || !source) continue;
        const isServer = config.namespace === view.service.namespace && source.namespace !== config.namespace;
        const isHarm =
          isServer && lost.some((block) => block === 'outlierDetection' || block === 'loadBalancer');
        yield {
          at: subject.originOf(source, ['spec', 'host']),
          key: `${nameOfView(view)} ${config.namespace}/${config.name}`,
          message: `DestinationRule ${source.namespace}/${source.name} replaces ${config.namespace}/${config.name} for ${nameOfView(view)}: its ${listed(lost)} ${lost.length === 1 ? 'is' : 'are'} back to the defaults${lost.includes('connectionPool') ? ' (limits 2^32-1)' : ''}.`,
          hint: `repeat ${listed(lost)} in ${source.name}`,
          severity: isHarm ? 'warning' : 'info',
        };
      }
    }
  },
});

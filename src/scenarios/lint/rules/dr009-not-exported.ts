// DR009: the caller does not see the rule.
import { stringOf, stringsOf } from '../../../models/istio/plain.ts';
import { defineRule } from '../rule.ts';
import { listed } from '../words.ts';

export const dr009 = defineRule({
  id: 'DR009',
  title: 'A DestinationRule does not reach the callers',
  severity: 'warning',
  symptom: 'Policy and subsets work for some namespaces only; routes to subsets give 503 NC elsewhere.',
  cause:
    "exportTo limits who sees the rule; and callers look only in their own, the service's and the root namespace.",
  fix: 'exportTo: ["*"], and put the rule into the service\'s namespace.',
  *check(subject) {
    for (const config of subject.configs('DestinationRule')) {
      const services = subject.servicesOfHost(stringOf(config.spec['host']), config.namespace);
      for (const service of services) {
        const views = subject.viewsOf(service).filter((view) => view.subset === '');
        const lost = views.filter(
          (view) =>
            !view.rule?.sources.some(
              (source) => source.name === config.name && source.namespace === config.namespace,
            ),
        );
        const exportTo = stringsOf(config.spec['exportTo']);
        const isLimited = exportTo.length > 0 && !exportTo.includes('*');
        const isElsewhere =
          config.namespace !== service.namespace &&
          config.namespace !== subject.context.meshConfig.rootNamespace;
        const bare = lost.filter(
          (view) =>
            view.rule === null &&
            (view.isCalled || !subject.knowsCalls) &&
            view.node.namespace !== config.namespace,
        );
        if ((!isLimited && !isElsewhere) || bare.length === 0) continue;
        yield {
          at: subject.originOf(config, isLimited ? ['spec', 'exportTo'] : ['metadata', 'namespace']),
          key: `${config.namespace}/${config.name} ${service.hostname}`,
          message: `DestinationRule ${config.namespace}/${config.name} does not reach ${listed([...new Set(bare.map((view) => `${view.caller} (${view.node.namespace})`))])}: ${isLimited ? `exportTo is ${exportTo.join(', ')}` : `it is neither in the callers' nor in the service's namespace (${service.namespace})`}.`,
          hint: isLimited ? 'exportTo: ["*"]' : `move it to namespace ${service.namespace}`,
          severity: bare.some((view) => view.isCalled) ? 'warning' : 'info',
        };
      }
    }
  },
});

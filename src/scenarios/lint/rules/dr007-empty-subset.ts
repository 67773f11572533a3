// DR007: labels that no pod carries.
import { arrayOf, recordOf, stringOf, textMapOf } from '../../../models/istio/plain.ts';
import { templateKey } from '../../../models/kube/built-state.ts';
import { defineRule } from '../rule.ts';
import { allDestinations, virtualServices } from '../virtual-services.ts';
import { listed } from '../words.ts';

export const dr007 = defineRule({
  id: 'DR007',
  title: 'A subset selects no pod',
  severity: 'error',
  sameAs: ['IST0173', 'KIA0203'],
  symptom: '503 UH for routes to the subset.',
  cause: "The subset's labels are looked for among pod labels (and topology labels); none fits.",
  fix: 'Correct the labels of the subset or of the pods.',
  *check(subject) {
    const routed = new Set(
      virtualServices(subject).flatMap((config) =>
        allDestinations(config, subject).map(({ fullHost, subset }) => `${fullHost} ${subset}`),
      ),
    );
    const { templates } = subject;
    for (const config of subject.configs('DestinationRule'))
      for (const service of subject.servicesOfHost(stringOf(config.spec['host']), config.namespace)) {
        if (service.registry === 'External') continue;
        const endpoints = subject.endpointsOf(service);
        const workloads = subject.workloadsOf(service);
        for (const [i, one] of arrayOf(config.spec['subsets']).entries()) {
          const labels = Object.entries(textMapOf(recordOf(one)['labels']));
          const name = stringOf(recordOf(one)['name']);
          const fits = (of: Record<string, string>) => labels.every(([key, value]) => of[key] === value);
          if (endpoints.some((endpoint) => fits(endpoint.labels))) continue;
          if (
            workloads.some((workload) =>
              fits(templates.get(templateKey(workload))?.labels ?? workload.labels),
            )
          )
            continue;
          const key = labels[0]?.[0];
          const values =
            key === undefined
              ? []
              : [...new Set(endpoints.map((endpoint) => endpoint.labels[key] ?? ''))].filter(Boolean);
          yield {
            at: subject.originOf(config, ['spec', 'subsets', i, 'labels']),
            key: `${config.namespace}/${config.name} ${name}`,
            message: `subset ${name} of ${subject.nameOf(service)} selects no pod: none has ${labels.map(([a, b]) => `${a}=${b}`).join(', ')}.`,
            ...(values.length > 0 && { hint: `pods have ${key} ${listed(values)}` }),
            severity: routed.has(`${service.hostname.toLowerCase()} ${name}`) ? 'error' : 'info',
          };
        }
      }
  },
});

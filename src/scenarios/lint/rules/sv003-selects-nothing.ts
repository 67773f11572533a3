// SV003: a Service without pods.
import { defineRule } from '../rule.ts';

export const sv003 = defineRule({
  id: 'SV003',
  title: 'A called Service selects no workload in any cluster',
  severity: 'error',
  symptom: '503 UH for every call.',
  cause: 'The selector fits the labels of no pod template.',
  fix: 'Correct the selector or the pod labels.',
  *check(subject) {
    for (const service of subject.services) {
      const own = subject.kubeServicesOf(service);
      const views = subject.viewsOf(service);
      if (
        service.registry === 'External' ||
        own.length === 0 ||
        own.every((one) => Object.keys(one.selector).length === 0)
      )
        continue;
      if (subject.workloadsOf(service).length > 0 || subject.endpointsOf(service).length > 0) continue;
      const isCalled = views.some((view) => view.isCalled);
      const [first] = own;
      yield {
        at: first!.origin,
        key: service.hostname,
        message: `Service ${subject.nameOf(service)} selects no workload: none has ${Object.entries(
          first!.selector,
        )
          .map(([key, value]) => `${key}=${value}`)
          .join(', ')}${isCalled ? '; its callers get 503' : ''}.`,
        hint: 'correct the selector or the labels',
        severity: isCalled ? 'error' : 'info',
      };
    }
  },
});

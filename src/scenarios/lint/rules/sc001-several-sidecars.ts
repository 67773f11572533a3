// SC001: which Sidecar holds?
import { recordOf, textMapOf } from '../../../models/istio/plain.ts';
import { defineRule } from '../rule.ts';

export const sc001 = defineRule({
  id: 'SC001',
  title: 'Several Sidecars for one namespace or workload',
  severity: 'error',
  sameAs: ['IST0110', 'IST0111', 'KIA0002', 'KIA0003'],
  symptom: 'One of the Sidecars has no effect.',
  cause: 'Only the oldest Sidecar that selects a workload (or the oldest without selector) is used.',
  fix: 'One Sidecar without selector per namespace, and disjoint selectors.',
  *check(subject) {
    const seen = new Map<string, string>();
    for (const config of subject.configs('Sidecar')) {
      const labels = Object.entries(textMapOf(recordOf(config.spec['workloadSelector'])['labels'])).sort();
      const key = `${config.namespace} ${JSON.stringify(labels)}`;
      const first = seen.get(key);
      if (first === undefined) seen.set(key, config.name);
      else
        yield {
          at: config.origin,
          message: `Sidecar ${config.name} is not used: ${first} is older and ${labels.length === 0 ? 'has no selector either' : 'has the same selector'} in namespace ${config.namespace}.`,
          hint: 'merge them',
        };
    }
  },
});

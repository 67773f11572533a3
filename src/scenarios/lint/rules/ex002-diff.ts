// EX002: a pointer for those who are about to change something.
import { defineRule } from '../rule.ts';

export const ex002 = defineRule({
  id: 'EX002',
  title: 'What a change moves',
  severity: 'info',
  symptom: 'No way to see the effect of a change before it is applied.',
  cause: 'Tools compare YAML, not behaviour.',
  fix: 'foresail diff OLD NEW tells which shares move.',
  example: 'P83-no-preview-of-effective-config',
  *check(subject) {
    const fault = subject.scenario.faults.find(
      (one) =>
        one.kind === 'delete' ||
        (one.kind === 'apply' && one.objects.some(({ apiVersion }) => apiVersion.includes('istio.io/'))),
    );
    if (!fault) return;
    yield {
      at: fault.origin,
      key: 'EX002',
      message:
        'this scenario changes policy while it runs: "foresail diff OLD NEW" tells which shares move between the two.',
    };
  },
});

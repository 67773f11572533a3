// MC009: one name, two shapes.
import { defineRule } from '../rule.ts';

export const mc009 = defineRule({
  id: 'MC009',
  title: 'A Service differs between clusters',
  severity: 'warning',
  sameAs: ['IST0170'],
  symptom:
    'A port works from one cluster and not from the other, or a headless and an ordinary Service are mixed.',
  cause:
    'istiod takes ports and kind of a service from the first cluster that has it; the others only add endpoints.',
  fix: 'Use the same Service manifest in all clusters.',
  *check(subject) {
    for (const service of subject.services) {
      const [first, ...others] = subject.kubeServicesOf(service);
      if (!first) continue;
      for (const other of others) {
        const ports = (one: typeof other) =>
          one.ports
            .map(({ port, name }) => `${port}/${name}`)
            .sort()
            .join(' ');
        const words =
          (first.clusterIP === '') !== (other.clusterIP === '')
            ? 'headless in one of them'
            : first.type !== other.type && [first.type, other.type].includes('ExternalName')
              ? `${first.type} and ${other.type}`
              : ports(first) !== ports(other)
                ? `ports ${ports(first)} and ${ports(other)}`
                : undefined;
        if (words === undefined) continue;
        yield {
          at: other.origin ?? first.origin,
          key: `${service.hostname} ${other.cluster}`,
          message: `Service ${subject.nameOf(service)} differs between ${first.cluster} and ${other.cluster}: ${words}; what ${first.cluster} has holds everywhere.`,
          hint: 'use one manifest for all clusters',
        };
      }
    }
  },
});

// DR002: the oldest policy stays whole.
import { resolveShortName } from '../../../models/istio/host-name.ts';
import type { ConfigObject } from '../../../models/istio/model.ts';
import { recordOf, stringOf, stringsOf } from '../../../models/istio/plain.ts';
import { defineRule } from '../rule.ts';
import { listed } from '../words.ts';

export const dr002 = defineRule({
  id: 'DR002',
  title: 'Two DestinationRules for a host: only one trafficPolicy counts',
  severity: 'error',
  sameAs: ['KIA0201'],
  symptom: 'A policy that was split into a rule of its own is not applied.',
  cause:
    "Rules for one host in one namespace are merged: subsets are united, the top-level policy is the oldest rule's and nobody else's.",
  fix: 'One DestinationRule per host.',
  example: 'P62-two-dr-one-policy',
  *check(subject) {
    const owners = new Map<string, ConfigObject<Record<string, unknown>>>();
    for (const config of subject.configs('DestinationRule')) {
      if (recordOf(config.spec['workloadSelector'])['matchLabels'] !== undefined) continue;
      const host = resolveShortName(stringOf(config.spec['host']), config.namespace, subject.mesh.domain);
      const exported = stringsOf(config.spec['exportTo']).sort().join();
      const key = `${config.namespace} ${host} ${exported}`;
      const first = owners.get(key);
      if (!first) {
        owners.set(key, config);
        continue;
      }
      const policy = recordOf(config.spec['trafficPolicy']);
      const blocks = Object.keys(policy);
      const before = recordOf(first.spec['trafficPolicy']);
      const isShadowed = Object.keys(before).length > 0;
      if (blocks.length > 0 && isShadowed)
        yield {
          at: subject.originOf(config, ['spec', 'trafficPolicy']),
          message: `DestinationRule ${config.name} is shadowed by ${first.name} (older) for ${host}: its ${listed(blocks)} never appl${blocks.length === 1 ? 'ies' : 'y'}.`,
          hint: `move it into ${first.name}`,
        };
      else
        yield {
          at: subject.originOf(config, ['spec', 'host']),
          message: `DestinationRule ${config.name} and ${first.name} are for one host, ${host}: they are merged, subsets of the older one first.`,
          hint: 'one DestinationRule per host',
          severity: 'info',
        };
    }
  },
});

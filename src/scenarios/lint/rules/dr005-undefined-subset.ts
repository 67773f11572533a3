// DR005: a route to a subset that nobody defines.
import { isSubsetOf, resolveShortName } from '../../../models/istio/host-name.ts';
import { arrayOf, recordOf, stringOf } from '../../../models/istio/plain.ts';
import { nearestName } from '../../diagnostics.ts';
import { defineRule } from '../rule.ts';
import { allDestinations, virtualServices } from '../virtual-services.ts';
import { listed } from '../words.ts';

export const dr005 = defineRule({
  id: 'DR005',
  title: 'A route names a subset that is not defined',
  severity: 'error',
  sameAs: ['IST0101', 'KIA1107'],
  symptom: 'Everything is 503 after the VirtualService is applied.',
  cause:
    'The DestinationRule was not applied (or later, or does not reach the caller): the cluster does not exist, 503 NC.',
  fix: 'Apply the DestinationRule with the subset first.',
  example: 'P64-subset-missing-503',
  *check(subject) {
    const rules = subject.configs('DestinationRule');
    for (const config of virtualServices(subject))
      for (const { host, fullHost, subset, at } of allDestinations(config, subject)) {
        if (subset === '') continue;
        const known = rules
          .filter((rule) => {
            const of = resolveShortName(stringOf(rule.spec['host']), rule.namespace, subject.mesh.domain);
            return of !== '' && isSubsetOf(fullHost, of);
          })
          .flatMap((rule) => arrayOf(rule.spec['subsets']).map((one) => stringOf(recordOf(one)['name'])));
        if (known.includes(subset)) continue;
        const near = nearestName(subset, known);
        yield {
          at,
          message: `VirtualService ${config.name}: route to ${host}/${subset}: subset ${subset} is not defined${known.length > 0 ? ` (defined: ${listed([...new Set(known)])})` : ' by any DestinationRule among the files'}: 503 NC.`,
          hint:
            near === undefined
              ? `add a DestinationRule for ${host} with subset ${subset}`
              : `did you mean ${near}?`,
        };
      }
  },
});

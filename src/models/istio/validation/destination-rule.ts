// DestinationRule. Source: istio/istio pkg/config/validation/validation.go ValidateDestinationRule, validateSubset (1.31).
import {
  blockOf,
  checkExportTo,
  checkLabels,
  checkSelector,
  isRecord,
  listOf,
  type Spec,
  textOf,
} from './common.ts';
import { isDnsLabel, wildcardDomainError } from './names.ts';
import type { Path, Report } from './report.ts';
import { checkTrafficPolicy } from './traffic-policy.ts';

export function checkDestinationRule(spec: Spec, namespace: string, report: Report): void {
  const host = textOf(spec, 'host');
  report.check(['spec', 'host'], host === '' ? 'host is missing' : wildcardDomainError(host));
  checkTrafficPolicy(blockOf(spec, 'trafficPolicy'), ['spec', 'trafficPolicy'], report);
  const names = new Set<string>();
  for (const [index, subset] of listOf(spec, 'subsets').entries()) {
    const path = ['spec', 'subsets', index];
    if (!isRecord(subset)) {
      report.error(path, 'must not be empty');
      continue;
    }
    const name = textOf(subset, 'name');
    if (names.has(name)) report.error([...path, 'name'], `there are two subsets "${name}"`);
    names.add(name);
    checkSubsetName(name, [...path, 'name'], report);
    checkLabels(blockOf(subset, 'labels'), [...path, 'labels'], report);
    // What subsets warn about is lost on Istio's way up.
    checkTrafficPolicy(blockOf(subset, 'trafficPolicy'), [...path, 'trafficPolicy'], report.errorsOnly());
  }
  const selector = blockOf(spec, 'workloadSelector');
  checkExportTo(spec, namespace, report, { hasSelector: selector !== undefined });
  checkSelector(
    selector,
    'matchLabels',
    ['spec', 'workloadSelector'],
    report,
    'a workloadSelector without labels selects every workload',
  );
}

export function checkSubsetName(name: string, path: Path, report: Report): void {
  if (name === '') report.error(path, 'a subset needs a name');
  else if (!isDnsLabel(name))
    report.error(path, `"${name}" is no subset name`, 'only letters, digits and "-" in between, at most 63');
}

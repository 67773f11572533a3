// One match of an HTTP rule. Source: istio/istio pkg/config/validation/virtualservice.go validateHTTPRouteMatchRequest (1.31).
import { checkRegex } from './check-regex.ts';
import { blockOf, checkGatewayNames, checkLabels, numberOf, type Spec, textOf } from './common.ts';
import { headerNameError } from './http-headers.ts';
import { isDnsLabel, portError } from './names.ts';
import type { Path, Report } from './report.ts';

export function checkHttpMatch(match: Spec, path: Path, report: Report): void {
  for (const field of ['headers', 'withoutHeaders'] as const) {
    for (const [name, value] of Object.entries(blockOf(match, field) ?? {})) {
      const here = [...path, field, name];
      report.check(here, isJwtClaim(name) ? undefined : headerNameError(name));
      if (value === null && field === 'headers')
        report.error(here, 'a matcher must not be null', 'write {} for "present"');
      // "*" stands for "present" where a header must be missing.
      const isStar = field === 'withoutHeaders' && textOf(value, 'regex') === '*';
      if (!isStar) checkStringMatch(value, here, report);
    }
  }
  // Of the path an empty prefix is allowed.
  const uri = blockOf(match, 'uri');
  if (uri && 'regex' in uri) checkMatchRegex(uri, [...path, 'uri'], report);
  for (const field of ['scheme', 'method', 'authority'] as const)
    checkStringMatch(match[field], [...path, field], report);
  for (const [name, value] of Object.entries(blockOf(match, 'queryParams') ?? {}))
    checkStringMatch(value, [...path, 'queryParams', name], report);
  if (numberOf(match, 'port') !== 0) report.check([...path, 'port'], portError(match['port']));
  checkLabels(blockOf(match, 'sourceLabels'), [...path, 'sourceLabels'], report);
  // What gateway names warn about is lost on Istio's way up.
  checkGatewayNames(match, path, report.errorsOnly());
  const namespace = textOf(match, 'sourceNamespace');
  if (namespace !== '' && !isDnsLabel(namespace))
    report.error([...path, 'sourceNamespace'], `"${namespace}" is no namespace`);
}

export const isJwtClaim = (name: string): boolean => /^@request\.auth\.claims([.[].+)$/i.test(name);

function checkStringMatch(value: unknown, path: Path, report: Report): void {
  if (value === null || typeof value !== 'object') return;
  const match = value as Spec;
  if ('prefix' in match && match['prefix'] === '')
    report.error([...path, 'prefix'], 'a prefix must not be empty');
  if ('regex' in match) checkMatchRegex(match, path, report);
}

function checkMatchRegex(match: Spec, path: Path, report: Report): void {
  const regex = match['regex'];
  if (typeof regex !== 'string') return;
  if (regex === '') report.error([...path, 'regex'], 'a regular expression must not be empty');
  else checkRegex(regex, [...path, 'regex'], report);
}

// Header operations of a rule or a destination. Source: istio/istio pkg/config/validation/{validation,header_value_validator}.go (1.31).
import { blockOf, type Spec, textsOf } from './common.ts';
import type { Path, Report } from './report.ts';

const HEADER_NAME = /^[!#$%&'*+\-.^_`|~A-Za-z0-9]+$/;

export function headerNameError(name: string): string | undefined {
  if (name === '') return 'a header name must not be empty';
  return HEADER_NAME.test(name) ? undefined : `"${name}" is no header name`;
}

const isInternal = (name: string) => name.startsWith(':') || name.toLowerCase() === 'host';
const isAuthority = (name: string) => [':authority', 'host'].includes(name.toLowerCase());

/** In requests the Host header may be set or added; otherwise pseudo headers are Envoy's own. */
export function checkHeaders(headers: Spec | undefined, path: Path, report: Report): void {
  for (const side of ['request', 'response'] as const) {
    const operations = blockOf(headers, side);
    for (const operation of ['add', 'set'] as const) {
      for (const [name, value] of Object.entries(blockOf(operations, operation) ?? {})) {
        const here = [...path, side, operation, name];
        report.check(here, operationNameError(name, side === 'request'));
        if (typeof value === 'string') report.check(here, headerValueError(value));
      }
    }
    for (const [index, name] of textsOf(operations, 'remove'))
      report.check([...path, side, 'remove', index], operationNameError(name, false));
  }
}

function operationNameError(name: string, allowsAuthority: boolean): string | undefined {
  if (name === '') return 'a header name must not be empty';
  if (!isInternal(name) || (allowsAuthority && isAuthority(name))) return undefined;
  return `"${name}" cannot be changed here`;
}

/** Operations that write the Host header. */
export function authorityHeaders(headers: Spec | undefined): string[] {
  const request = blockOf(headers, 'request');
  return (['set', 'add'] as const).flatMap((operation) =>
    Object.keys(blockOf(request, operation) ?? {})
      .filter(isAuthority)
      .map((name) => `headers.request.${operation}.${name}`),
  );
}

/** "%%" is a percent sign, "%NAME%" or "%NAME(arguments)%" a variable of Envoy. */
function headerValueError(value: string): string | undefined {
  if (/[\u0000-\u0008\u000a-\u001f\u007f]/.test(value))
    return 'a header value cannot hold control characters';
  let rest = value;
  while (rest !== '') {
    const at = rest.indexOf('%');
    if (at < 0) return undefined;
    rest = rest.slice(at);
    const found = /^%%/.exec(rest) ?? /^%[A-Z_0-9]+(\([^%]*\)(:\d+)?)?%/.exec(rest);
    if (!found)
      return `"${value}": a single "%" begins a variable such as %HOSTNAME%; write "%%" for the sign`;
    rest = rest.slice(found[0].length);
  }
  return undefined;
}

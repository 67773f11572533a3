// Matches of HTTPRoute and GRPCRoute in VirtualService's words.
// Source: istio/istio pilot/pkg/config/kube/gateway/conversion.go createURIMatch, createGRPCURIMatch and siblings (1.31). Rule GW-7.
import { blockOf, listOf, type Spec, textOf } from '../spec-reading.ts';

export function convertHttpMatch(match: Spec): Spec {
  const method = textOf(match, 'method');
  return {
    uri: pathMatch(blockOf(match, 'path') ?? {}),
    ...named('headers', match, 'headers'),
    ...named('queryParams', match, 'queryParams'),
    ...(method && { method: { exact: method } }),
  };
}

function pathMatch(path: Spec): Spec {
  const value = textOf(path, 'value') || '/';
  const type = textOf(path, 'type') || 'PathPrefix';
  if (type === 'Exact') return { exact: value };
  if (type === 'RegularExpression') return { regex: value };
  return { prefix: value === '/' ? value : value.replace(/\/$/, '') };
}

/** A list of {name, value, type} as a map of matchers. */
function named(field: string, match: Spec, list: string): Spec {
  const entries = listOf(match, list).map((entry): [string, Spec] => [
    textOf(entry, 'name'),
    textOf(entry, 'type') === 'RegularExpression'
      ? { regex: textOf(entry, 'value') }
      : { exact: textOf(entry, 'value') },
  ]);
  return entries.length > 0 ? { [field]: Object.fromEntries(entries) } : {};
}

/** The path of a gRPC call is /<service>/<method>. */
export function convertGrpcMatch(match: Spec): Spec {
  const call = blockOf(match, 'method');
  const headers = named('headers', match, 'headers');
  if (!call) return headers;
  const service = textOf(call, 'service');
  const method = textOf(call, 'method');
  const isRegex = textOf(call, 'type') === 'RegularExpression';
  if (!service) return { uri: { regex: `/[^/]+/${method}` }, ...headers };
  if (!method) return { uri: isRegex ? { regex: `/${service}/.+` } : { prefix: `/${service}/` }, ...headers };
  const path = `/${service}/${method}`;
  return { uri: isRegex ? { regex: path } : { exact: path }, ...headers };
}

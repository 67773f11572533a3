// Filters of HTTPRoute in VirtualService's words: headers, redirect, rewrite.
// Source: istio/istio pilot/pkg/config/kube/gateway/conversion.go createHeadersFilter, createRedirectFilter, createRewriteFilter (1.31).
import { PREFIX_MARK } from '../redirect.ts';
import { blockOf, listOf, numberOf, type Spec, textOf, textsOf } from '../spec-reading.ts';

export function convertHeaders(filter: Spec): Spec {
  const toMap = (field: string): Spec => {
    const map: Record<string, string> = {};
    for (const entry of listOf(filter, field)) {
      const name = textOf(entry, 'name').toLowerCase();
      // Of equal names the first counts.
      if (!Object.hasOwn(map, name)) map[name] = textOf(entry, 'value');
    }
    return map;
  };
  return { add: toMap('add'), set: toMap('set'), remove: textsOf(filter, 'remove') };
}

/** Status 302 is the default that the API server writes into the object. */
export function convertRedirect(filter: Spec): Spec {
  const port = numberOf(filter, 'port');
  const scheme = textOf(filter, 'scheme');
  const path = blockOf(filter, 'path');
  const hostname = textOf(filter, 'hostname');
  const redirect: Spec = { redirectCode: numberOf(filter, 'statusCode') ?? 302 };
  if (hostname) redirect['authority'] = hostname;
  if (scheme) redirect['scheme'] = scheme;
  if (port !== undefined) redirect['port'] = port;
  else redirect['derivePort'] = scheme ? 'FROM_PROTOCOL_DEFAULT' : 'FROM_REQUEST_PORT';
  if (path && textOf(path, 'type') === 'ReplaceFullPath') redirect['uri'] = textOf(path, 'replaceFullPath');
  if (path && textOf(path, 'type') === 'ReplacePrefixMatch')
    redirect['uri'] = `${PREFIX_MARK}${textOf(path, 'replacePrefixMatch')}`;
  return redirect;
}

/** null = nothing to rewrite. A prefix replaced by "/" is taken away. */
export function convertRewrite(filter: Spec): Spec | null {
  const path = blockOf(filter, 'path');
  const hostname = textOf(filter, 'hostname');
  const type = path ? textOf(path, 'type') : '';
  const rewrite: Spec = {};
  if (path && type === 'ReplacePrefixMatch')
    rewrite['uri'] = textOf(path, 'replacePrefixMatch').replace(/\/$/, '') || '/';
  if (path && type === 'ReplaceFullPath')
    rewrite['uriRegexRewrite'] = { match: '/.*', rewrite: textOf(path, 'replaceFullPath') };
  if (hostname) rewrite['authority'] = hostname;
  return Object.keys(rewrite).length > 0 ? rewrite : null;
}

// Answers that never leave the proxy: redirect and directResponse (VF-3).
// Source: istio/istio pilot/pkg/networking/core/route/route.go ApplyRedirect, ApplyDirectResponse (1.31).
import type { RedirectAction, Route } from '../../envoy/config.ts';
import type { Semantics } from './match.ts';
import { blockOf, numberOf, type Spec, textOf } from './spec-reading.ts';

const CODES: Record<number, RedirectAction['responseCode']> = {
  301: 'MOVED_PERMANENTLY',
  302: 'FOUND',
  303: 'SEE_OTHER',
  307: 'TEMPORARY_REDIRECT',
  308: 'PERMANENT_REDIRECT',
};
/** Marks, in converted Gateway API routes, a path that replaces the matched prefix only. */
export const PREFIX_MARK = '%PREFIX()%';

/** undefined = a code that Envoy does not know: the route keeps no action at all. */
export function translateRedirect(
  redirect: Spec,
  listenerPort: number,
  isTls: boolean,
  semantics: Semantics,
): RedirectAction | undefined {
  const responseCode = CODES[numberOf(redirect, 'redirectCode') || 301];
  if (!responseCode) return undefined;
  const uri = textOf(redirect, 'uri');
  const scheme = textOf(redirect, 'scheme');
  const authority = textOf(redirect, 'authority');
  const isPrefix = semantics === 'gateway' && uri.startsWith(PREFIX_MARK);
  const port = redirectPort(redirect, listenerPort, scheme || (isTls ? 'https' : 'http'));
  return {
    ...(authority && { hostRedirect: authority }),
    ...(isPrefix && { prefixRewrite: uri.slice(PREFIX_MARK.length) }),
    ...(!isPrefix && uri && { pathRedirect: uri }),
    ...(scheme && { schemeRedirect: scheme }),
    ...(port > 0 && { portRedirect: port }),
    responseCode,
  };
}

/** 0 = none written; the scheme's own port is left out. */
function redirectPort(redirect: Spec, listenerPort: number, scheme: string): number {
  const derived = textOf(redirect, 'derivePort') === 'FROM_REQUEST_PORT' ? listenerPort : 0;
  const port = numberOf(redirect, 'port') ?? derived;
  return (port === 80 && scheme === 'http') || (port === 443 && scheme === 'https') ? 0 : port;
}

export function translateDirectResponse(response: Spec): NonNullable<Route['directResponse']> {
  const body = textOf(blockOf(response, 'body') ?? {}, 'string');
  return { status: numberOf(response, 'status') ?? 0, ...(body && { body }) };
}

// One entry of an HTTP rule's `match` -> Envoy's route match. What depends on the proxy alone (port, source, gateways) is decided here too.
// Source: istio/istio pilot/pkg/networking/core/route/route.go TranslateRouteMatch, sourceMatchHTTP, IsCatchAllRoute (1.31). Rules VM-1..5.
import type { HeaderMatcher, QueryParameterMatcher, RouteMatch, StringMatcher } from '../../envoy/config.ts';
import {
  blockOf,
  isLabelSubset,
  isRecord,
  labelsOf,
  numberOf,
  type Spec,
  textOf,
  textsOf,
} from './spec-reading.ts';

/** Whose object the rule came from: Gateway API and Ingress prefixes are whole path segments (VM-2). */
export type Semantics = 'istio' | 'gateway' | 'ingress';

/** What the generated configuration is for, as far as matches look at it. */
export interface MatchScope {
  listenerPort: number;
  /** "mesh", or the gateway's "namespace/name". */
  gateways: ReadonlySet<string>;
  labels: Readonly<Record<string, string>>;
  namespace: string;
  /** Namespace of the object, for gateway names without one. */
  objectNamespace: string;
}

/** Can the match hit at all in this proxy? With `gateways` set, labels and namespace are not looked at (VM-4). */
export function matchApplies(match: Spec, scope: MatchScope): boolean {
  const port = numberOf(match, 'port') ?? 0;
  if (port !== 0 && port !== scope.listenerPort) return false;
  const gateways = textsOf(match, 'gateways');
  if (gateways.length > 0)
    return gateways.some((name) => scope.gateways.has(gatewayKey(name, scope.objectNamespace)));
  if (!isLabelSubset(labelsOf(match, 'sourceLabels'), scope.labels)) return false;
  const namespace = textOf(match, 'sourceNamespace');
  return namespace === '' || namespace === scope.namespace;
}

/** "gw" in namespace edge -> "edge/gw"; "mesh" stays (VS-1). The old form "gw.edge.svc.cluster.local" is read too. */
export function gatewayKey(name: string, namespace: string): string {
  if (name === 'mesh' || name.includes('/')) return name.replace(/^\.\//, `${namespace}/`);
  const parts = name.split('.');
  return parts.length > 1 ? `${parts[1]}/${parts[0]}` : `${namespace}/${name}`;
}

export function translateMatch(match: Spec | undefined, semantics: Semantics): RouteMatch {
  if (!match) return { prefix: '/' };
  const headers = [
    ...matchers(match, 'headers').map(([name, value]) => headerMatcher(name, value)),
    ...matchers(match, 'withoutHeaders').map(([name, value]) => {
      const matcher = headerMatcher(name, value);
      matcher.invertMatch = true;
      if (!matcher.presentMatch) matcher.treatMissingHeaderAsEmpty = true;
      return matcher;
    }),
  ].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  for (const [field, header] of [
    ['method', ':method'],
    ['authority', ':authority'],
    ['scheme', ':scheme'],
  ] as const) {
    const value = blockOf(match, field);
    if (value) headers.push(headerMatcher(header, value));
  }
  const queryParameters = matchers(match, 'queryParams').map(([name, value]) => queryMatcher(name, value));
  return {
    ...translateUri(blockOf(match, 'uri'), semantics),
    ...(match['ignoreUriCase'] === true && { caseSensitive: false }),
    ...(headers.length > 0 && { headers }),
    ...(queryParameters.length > 0 && { queryParameters }),
  };
}

function translateUri(uri: Spec | undefined, semantics: Semantics): RouteMatch {
  const given = uri && stringMatch(uri);
  if (given?.exact !== undefined) return { path: given.exact };
  if (given?.safeRegex) return { safeRegex: given.safeRegex };
  const prefix = given?.prefix ?? '/';
  return semantics !== 'istio' && prefix !== '/'
    ? { pathSeparatedPrefix: prefix.replace(/\/$/, '') }
    : { prefix };
}

/** null (an empty YAML value) is a matcher as well: the header must be there. */
function matchers(match: Spec, field: string): [string, Spec][] {
  return Object.entries(blockOf(match, field) ?? {}).map(([name, value]) => [
    name,
    isRecord(value) ? value : {},
  ]);
}

/** undefined = the value does not matter, only that it is there. "*" is not RE2; Istio reads it as "present". */
function stringMatch(value: Spec): StringMatcher | undefined {
  if (typeof value['exact'] === 'string') return { exact: value['exact'] };
  if (typeof value['prefix'] === 'string') return { prefix: value['prefix'] };
  if (typeof value['regex'] === 'string' && value['regex'] !== '*')
    return { safeRegex: { regex: value['regex'] } };
  return undefined;
}

function headerMatcher(name: string, value: Spec): HeaderMatcher {
  const match = stringMatch(value);
  return match ? { name, stringMatch: match } : { name, presentMatch: true };
}

function queryMatcher(name: string, value: Spec): QueryParameterMatcher {
  const match = stringMatch(value);
  return match ? { name, stringMatch: match } : { name, presentMatch: true };
}

/** Routes behind such a one are never reached; gateways move it behind all others (VM-1, VS-3). */
export function isCatchAll(match: RouteMatch): boolean {
  const takesAllPaths =
    match.prefix === '/' || match.pathSeparatedPrefix === '/' || match.safeRegex?.regex === '.*';
  return takesAllPaths && !match.headers?.length && !match.queryParameters?.length;
}

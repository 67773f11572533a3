// The HTTP routes of one VirtualService for one listener port of one proxy, in order.
// Source: istio/istio pilot/pkg/networking/core/route/route.go BuildHTTPRoutesForVirtualService, translateRoute (1.31). Rules VM-1, VW-1..5.
import type { HashPolicy, Route, RouteAction, WeightedCluster } from '../../envoy/config.ts';
import type { IstioProfile } from '../profile.ts';
import { outboundRetryPolicy, type RetrySpec } from '../retry-policy.ts';
import { fractionOf, translateFault } from './fault.ts';
import { type HttpRule, ruleName, ruleOrigin, type VirtualServiceView } from './http-rule.ts';
import { isCatchAll, type MatchScope, matchApplies, type Semantics, translateMatch } from './match.ts';
import { translateDirectResponse, translateRedirect } from './redirect.ts';
import { authorityOf } from './request-headers.ts';
import { blockOf, durationOf, isRecord, listOf, numberOf, type Spec, textOf } from './spec-reading.ts';

/** A destination as written, its host already a full name. */
export interface Destination {
  host: string;
  subset: string;
  /** undefined = not written. */
  port: number | undefined;
}

export interface RouteOptions extends MatchScope {
  profile: IstioProfile;
  /** The listener terminates TLS. */
  isTls: boolean;
  /** Short names become full ones in the object's namespace (VW-5). */
  resolveHost: (host: string) => string;
  /** The name of the destination's cluster (VW-1); it need not exist (VW-4). */
  clusterOf: (destination: Destination) => string;
  /** The hash policy that the destination's rule gives (LB-1). */
  hashOf: (destination: Destination) => HashPolicy | undefined;
  /** MeshConfig.defaultHttpRetryPolicy. */
  defaultRetries: RetrySpec | null;
}

/** Empty = nothing in it can hit in this proxy: as if the VirtualService were not there (VS-4). */
export function httpRoutesOf(view: VirtualServiceView, options: RouteOptions): Route[] {
  const routes: Route[] = [];
  for (const rule of view.rules) {
    const matches = listOf(rule.spec, 'match');
    if (matches.length === 0) {
      routes.push(translateRule(rule, undefined, 0, view.semantics, options));
      return routes;
    }
    for (const [index, match] of matches.entries()) {
      if (!matchApplies(match, options)) continue;
      const route = translateRule(rule, match, index, view.semantics, options);
      routes.push(route);
      if (isCatchAll(route.match)) return routes;
    }
  }
  return routes;
}

function translateRule(
  rule: HttpRule,
  match: Spec | undefined,
  index: number,
  semantics: Semantics,
  options: RouteOptions,
): Route {
  const { spec } = rule;
  const matchName = match ? textOf(match, 'name') : '';
  const name = matchName ? `${ruleName(rule)}.${matchName}` : ruleName(rule);
  const route: Route = { ...(name && { name }), match: translateMatch(match, semantics) };
  const redirect = blockOf(spec, 'redirect');
  const directResponse = blockOf(spec, 'directResponse');
  if (redirect) {
    const action = translateRedirect(redirect, options.listenerPort, options.isTls, semantics);
    if (action) route.redirect = action;
  } else if (directResponse) route.directResponse = translateDirectResponse(directResponse);
  else route.route = translateAction(spec, route, semantics, options);
  const fault = blockOf(spec, 'fault');
  const translated = fault && translateFault(fault);
  if (translated) route.fault = translated;
  const hasSeveral = listOf(spec, 'match').length > 1;
  route.origin = hasSeveral ? ruleOrigin(rule, 'match', index) : ruleOrigin(rule);
  return route;
}

function translateAction(spec: Spec, route: Route, semantics: Semantics, options: RouteOptions): RouteAction {
  const action: RouteAction = { timeout: durationOf(spec, 'timeout') ?? '0s' };
  if (semantics === 'gateway') action.clusterNotFoundResponseCode = 'INTERNAL_SERVER_ERROR';
  const rewrite = blockOf(spec, 'rewrite');
  if (rewrite) translatePathRewrite(action, rewrite, route, semantics);
  const authority =
    (rewrite ? textOf(rewrite, 'authority') : '') || authorityOf(blockOf(spec, 'headers') ?? {});
  if (authority) action.hostRewriteLiteral = authority;
  const mirrors = translateMirrors(spec, options);
  if (mirrors.length > 0) action.requestMirrorPolicies = mirrors;
  const isSingleHash = translateDestinations(action, listOf(spec, 'route'), options);
  const retries = blockOf(spec, 'retries');
  const retryPolicy = outboundRetryPolicy(
    retries ? retrySpec(retries) : options.defaultRetries && retrySpec(options.defaultRetries as Spec),
    options.profile,
    isSingleHash,
  );
  if (retryPolicy) action.retryPolicy = retryPolicy;
  return action;
}

/** @returns the rule has one destination, and that one is hashed */
function translateDestinations(action: RouteAction, routes: Spec[], options: RouteOptions): boolean {
  const hashes: HashPolicy[] = [];
  const [only] = routes;
  if (routes.length === 1 && only) {
    const destination = destinationOf(blockOf(only, 'destination'), options);
    action.cluster = options.clusterOf(destination);
    const authority = authorityOf(blockOf(only, 'headers') ?? {});
    if (authority && action.hostRewriteLiteral === undefined) action.hostRewriteLiteral = authority;
    const hash = options.hashOf(destination);
    if (hash) hashes.push(hash);
  } else {
    const clusters: WeightedCluster[] = [];
    for (const entry of routes) {
      const weight = numberOf(entry, 'weight') ?? 0;
      if (weight === 0) continue;
      const destination = destinationOf(blockOf(entry, 'destination'), options);
      clusters.push({ name: options.clusterOf(destination), weight });
      const hash = options.hashOf(destination);
      if (hash) hashes.push(hash);
    }
    action.weightedClusters = { clusters };
  }
  if (hashes.length > 0) action.hashPolicy = hashes;
  return routes.length === 1 && hashes.length > 0;
}

export function destinationOf(
  destination: Spec | undefined,
  { resolveHost }: Pick<RouteOptions, 'resolveHost'>,
): Destination {
  const spec = destination ?? {};
  const host = textOf(spec, 'host');
  const port = blockOf(spec, 'port');
  return {
    host: host && resolveHost(host),
    subset: textOf(spec, 'subset'),
    port: port ? (numberOf(port, 'number') ?? 0) : undefined,
  };
}

/** An uri rewrite replaces what matched; a prefix "/" of the Gateway API takes the matched segments away (VF-3). */
function translatePathRewrite(action: RouteAction, rewrite: Spec, route: Route, semantics: Semantics): void {
  const regex = blockOf(rewrite, 'uriRegexRewrite');
  const uri = textOf(rewrite, 'uri');
  if (regex)
    action.regexRewrite = {
      pattern: { regex: textOf(regex, 'match') },
      substitution: textOf(regex, 'rewrite'),
    };
  else if (semantics === 'gateway' && uri === '/')
    action.regexRewrite = {
      pattern: { regex: `^${quoteMeta(route.match.pathSeparatedPrefix ?? '')}(/?)(.*)` },
      substitution: '/\\2',
    };
  else if (uri) action.prefixRewrite = uri;
}

/** Go's regexp.QuoteMeta. */
const quoteMeta = (text: string): string => text.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&');

/** `mirror` with its percentage, then `mirrors`; 0 % takes one away (VF-2). */
function translateMirrors(
  spec: Spec,
  options: RouteOptions,
): NonNullable<RouteAction['requestMirrorPolicies']> {
  const found: NonNullable<RouteAction['requestMirrorPolicies']> = [];
  const add = (destination: Spec | undefined, percentage: Spec | undefined, percent?: number) => {
    const fraction = percentage ? fractionOf(percentage) : { numerator: percent ?? 100 };
    if (!destination || fraction.numerator <= 0) return;
    found.push({
      cluster: options.clusterOf(destinationOf(destination, options)),
      runtimeFraction: fraction,
      ...(options.profile.minor >= 28 && { disableShadowHostSuffixAppend: true }),
    });
  };
  add(
    blockOf(spec, 'mirror'),
    blockOf(spec, 'mirrorPercentage'),
    numberOf(spec, 'mirrorPercent') ?? numberOf(spec, 'mirror_percent'),
  );
  for (const mirror of listOf(spec, 'mirrors'))
    add(blockOf(mirror, 'destination'), blockOf(mirror, 'percentage'));
  return found;
}

/** Attempts that are not written are 0, which switches retries off (RT-2); durations that cannot be read are left out. */
export function retrySpec(retries: Spec): RetrySpec {
  const perTryTimeout = durationOf(retries, 'perTryTimeout');
  const backoff = durationOf(retries, 'backoff');
  return {
    attempts: numberOf(retries, 'attempts') ?? 0,
    ...(textOf(retries, 'retryOn') && { retryOn: textOf(retries, 'retryOn') }),
    ...(perTryTimeout !== undefined && { perTryTimeout }),
    ...(backoff !== undefined && { backoff }),
    ...(retries['retryRemoteLocalities'] === true && { retryRemoteLocalities: true }),
    ...(typeof retries['retryIgnorePreviousHosts'] === 'boolean' && {
      retryIgnorePreviousHosts: retries['retryIgnorePreviousHosts'],
    }),
  };
}

/** The route that a service port has without a VirtualService. */
export function defaultRoute(
  cluster: string,
  hash: HashPolicy | undefined,
  options: Pick<RouteOptions, 'profile' | 'defaultRetries'>,
): Route {
  const { defaultRetries } = options;
  const retries = isRecord(defaultRetries) ? retrySpec(defaultRetries as Spec) : null;
  const retryPolicy = outboundRetryPolicy(retries, options.profile, false);
  return {
    name: 'default',
    match: { prefix: '/' },
    route: {
      cluster,
      timeout: '0s',
      ...(retryPolicy && { retryPolicy }),
      ...(hash && { hashPolicy: [hash] }),
    },
  };
}

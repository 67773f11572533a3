// A rule of an HTTPRoute or GRPCRoute as rules of a VirtualService, one per match.
// Source: istio/istio pilot/pkg/config/kube/gateway/conversion.go convertHTTPRoute, convertGRPCRoute (1.31). Rule GW-7.
import type { TranslationContext } from '../../context.ts';
import type { ConfigObject } from '../../model.ts';
import { type HttpRule, specOf } from '../http-rule.ts';
import { blockOf, durationOf, listOf, numberOf, type Spec, textOf } from '../spec-reading.ts';
import { type Backends, backendDestination, convertBackends } from './backends.ts';
import { convertGrpcMatch, convertHttpMatch } from './convert-match.ts';
import { convertHeaders, convertRedirect, convertRewrite } from './filters.ts';

/** @param enforcesGrants backends of other namespaces need a ReferenceGrant (parents that are gateways). @returns none when a rule cannot be converted */
export function convertRules(
  context: TranslationContext,
  object: ConfigObject,
  enforcesGrants: boolean,
): HttpRule[] {
  const rules: HttpRule[] = [];
  const backends: Backends = { context, object, enforcesGrants };
  for (const [index, rule] of listOf(specOf(object), 'rules').entries()) {
    const matches = listOf(rule, 'matches');
    const base = convertRule(backends, rule, index);
    if (base === null) return [];
    const path = ['spec', 'rules', index];
    if (matches.length === 0) rules.push({ spec: base, source: object, path });
    for (const match of matches) {
      const converted = object.kind === 'GRPCRoute' ? convertGrpcMatch(match) : convertHttpMatch(match);
      rules.push({ spec: { ...base, match: [converted] }, source: object, path });
    }
  }
  return rules;
}

/** null = the whole route is refused. */
function convertRule(backends: Backends, rule: Spec, index: number): Spec | null {
  const { object } = backends;
  const spec: Spec = { name: textOf(rule, 'name') || `${object.namespace}.${object.name}.${index}` };
  const headers: Spec = {};
  const mirrors: Spec[] = [];
  for (const filter of listOf(rule, 'filters')) {
    const type = textOf(filter, 'type');
    if (type === 'RequestHeaderModifier')
      headers['request'] = convertHeaders(blockOf(filter, 'requestHeaderModifier') ?? {});
    else if (type === 'ResponseHeaderModifier')
      headers['response'] = convertHeaders(blockOf(filter, 'responseHeaderModifier') ?? {});
    else if (type === 'RequestRedirect')
      spec['redirect'] = convertRedirect(blockOf(filter, 'requestRedirect') ?? {});
    else if (type === 'URLRewrite') {
      const rewrite = convertRewrite(blockOf(filter, 'urlRewrite') ?? {});
      if (rewrite) spec['rewrite'] = rewrite;
    } else if (type === 'RequestMirror') {
      const mirror = convertMirror(backends, blockOf(filter, 'requestMirror') ?? {});
      if (mirror) mirrors.push(mirror);
    } else if (type !== 'CORS') return null;
  }
  if (Object.keys(headers).length > 0) spec['headers'] = headers;
  if (mirrors.length > 0) spec['mirrors'] = mirrors;
  if (object.kind === 'HTTPRoute') addRetryAndTimeouts(spec, rule);
  const references = listOf(rule, 'backendRefs');
  const sum = references.reduce((total, entry) => total + (numberOf(entry, 'weight') ?? 1), 0);
  // No backend that could get anything: the specification asks for 500.
  if (sum === 0 && !spec['redirect']) {
    spec['directResponse'] = { status: 500 };
    return spec;
  }
  const route = convertBackends(backends, references);
  if (route === null) return null;
  spec['route'] = route;
  return spec;
}

function convertMirror(backends: Backends, mirror: Spec): Spec | null {
  const found = backendDestination(backends, blockOf(mirror, 'backendRef') ?? {});
  if (found === null || !found.isValid) return null;
  const fraction = blockOf(mirror, 'fraction');
  const percent = numberOf(mirror, 'percent');
  const value = fraction
    ? (100 * (numberOf(fraction, 'numerator') ?? 0)) / (numberOf(fraction, 'denominator') || 100)
    : percent;
  return { destination: found.destination, ...(value !== undefined && { percentage: { value } }) };
}

/** backendRequest bounds each try when retries are configured, else the whole request; 0s = not set. */
function addRetryAndTimeouts(spec: Spec, rule: Spec): void {
  const retry = blockOf(rule, 'retry');
  if (retry) {
    const codes = Array.isArray(retry['codes']) ? retry['codes'].map(String) : [];
    const attempts = numberOf(retry, 'attempts') ?? 2;
    const backoff = durationOf(retry, 'backoff');
    spec['retries'] = {
      attempts,
      ...(attempts !== 0 && { retryOn: [...RETRY_ON, ...codes].join(',') }),
      ...(backoff !== undefined && { backoff }),
    };
  }
  const timeouts = blockOf(rule, 'timeouts') ?? {};
  const request = durationOf(timeouts, 'request');
  const backendRequest = durationOf(timeouts, 'backendRequest');
  if (request !== undefined && request !== '0s') spec['timeout'] = request;
  if (backendRequest === undefined || backendRequest === '0s') return;
  if (retry) spec['retries'] = { ...(spec['retries'] as Spec), perTryTimeout: backendRequest };
  else spec['timeout'] = backendRequest;
}

const RETRY_ON = ['connect-failure', 'refused-stream', 'unavailable', 'cancelled'];

// One HTTP rule of a VirtualService. Source: istio/istio pkg/config/validation/virtualservice.go, validation.go (1.31).
import { grpcStatusOf } from '../routes/fault.ts';
import { checkRegex } from './check-regex.ts';
import { blockOf, isRecord, isSet, listOf, numberOf, type Spec, textOf, textsOf } from './common.ts';
import { checkSubsetName } from './destination-rule.ts';
import { authorityHeaders, checkHeaders } from './http-headers.ts';
import { checkHttpMatch } from './http-match.ts';
import { durationError, portError, wildcardDomainError } from './names.ts';
import type { Path, Report } from './report.ts';

export function checkHttpRule(rule: Spec, isDelegate: boolean, path: Path, report: Report): void {
  checkActions(rule, isDelegate, path, report);
  for (const [index, match] of listOf(rule, 'match').entries())
    if (isRecord(match)) checkHttpMatch(match, [...path, 'match', index], report);
  checkHeaders(blockOf(rule, 'headers'), [...path, 'headers'], report);
  checkCors(blockOf(rule, 'corsPolicy'), [...path, 'corsPolicy'], report);
  checkFault(blockOf(rule, 'fault'), [...path, 'fault'], report);
  if (isSet(rule, 'mirrorPercent')) {
    if (numberOf(rule, 'mirrorPercent') > 100)
      report.error([...path, 'mirrorPercent'], 'must be at most 100');
    report.warning([...path, 'mirrorPercent'], 'mirrorPercent is old', 'use mirrorPercentage: { value: … }');
  }
  checkMirrorPercentage(blockOf(rule, 'mirrorPercentage'), [...path, 'mirrorPercentage'], report);
  checkDestination(blockOf(rule, 'mirror'), [...path, 'mirror'], report);
  for (const [index, mirror] of listOf(rule, 'mirrors').entries()) {
    const here = [...path, 'mirrors', index];
    const destination = blockOf(mirror, 'destination');
    if (!destination) report.error(here, 'a mirror needs a destination');
    else checkDestination(destination, [...here, 'destination'], report);
    checkMirrorPercentage(blockOf(mirror, 'percentage'), [...here, 'percentage'], report);
  }
  checkRedirect(blockOf(rule, 'redirect'), [...path, 'redirect'], report);
  checkDirectResponse(blockOf(rule, 'directResponse'), [...path, 'directResponse'], report);
  checkRetries(blockOf(rule, 'retries'), [...path, 'retries'], report);
  checkRewrite(rule, path, report);
  checkRouteDestinations(listOf(rule, 'route'), [...path, 'route'], report);
  report.check([...path, 'timeout'], durationError(rule['timeout']));
}

/** Which of route, redirect, directResponse and delegate there may be together. */
function checkActions(rule: Spec, isDelegate: boolean, path: Path, report: Report): void {
  if (!isDelegate && isSet(rule, 'delegate')) {
    for (const field of ['redirect', 'route'] as const)
      if (isSet(rule, field)) report.error([...path, field], `${field} does not go with delegate`);
    return;
  }
  if (isDelegate && isSet(rule, 'delegate'))
    report.error([...path, 'delegate'], 'a delegate cannot delegate again: one level only');
  const hasRoute = listOf(rule, 'route').length > 0;
  const local = ['redirect', 'directResponse'].find((field) => isSet(rule, field));
  if (local) {
    if (hasRoute) report.error([...path, 'route'], `route does not go with ${local}`);
    for (const field of ['fault', 'rewrite'] as const)
      if (isSet(rule, field)) report.error([...path, field], `${field} does not go with ${local}`);
    if (local === 'redirect' && isSet(rule, 'directResponse'))
      report.error([...path, 'directResponse'], 'directResponse does not go with redirect');
  } else if (!hasRoute) report.error(path, 'a rule needs a route, a redirect or a directResponse');
  if (isSet(rule, 'mirror') && listOf(rule, 'mirrors').length > 0)
    report.error([...path, 'mirrors'], 'mirror and mirrors exclude each other');
}

export function checkRouteDestinations(routes: readonly unknown[], path: Path, report: Report): void {
  let sum = 0;
  for (const [index, route] of routes.entries()) {
    const here = [...path, index];
    if (!isRecord(route)) {
      report.error(here, 'must not be empty');
      continue;
    }
    const destination = blockOf(route, 'destination');
    if (!destination) report.error(here, 'a destination is missing');
    checkHeaders(blockOf(route, 'headers'), [...here, 'headers'], report);
    checkDestination(destination, [...here, 'destination'], report);
    const weight = numberOf(route, 'weight');
    if (weight < 0) report.error([...here, 'weight'], `weight ${weight} must not be negative`);
    sum += weight;
  }
  if (routes.length > 1 && sum === 0)
    report.error(path, 'with several destinations at least one needs a weight above 0');
}

export function checkDestination(destination: Spec | undefined, path: Path, report: Report): void {
  if (!destination) return;
  const host = textOf(destination, 'host');
  if (host === '*') report.error([...path, 'host'], '"*" is no destination');
  else report.check([...path, 'host'], host === '' ? 'host is missing' : wildcardDomainError(host));
  const subset = textOf(destination, 'subset');
  if (subset !== '') checkSubsetName(subset, [...path, 'subset'], report);
  const port = blockOf(destination, 'port');
  if (port) report.check([...path, 'port', 'number'], portError(port['number']));
}

function checkMirrorPercentage(percentage: Spec | undefined, path: Path, report: Report): void {
  const value = percentage ? numberOf(percentage, 'value') : 0;
  if (value < 0 || value > 100) report.error([...path, 'value'], `${value} must be from 0 to 100`);
}

/** Envoy counts in parts per million. */
function checkFaultPercentage(block: Spec, path: Path, report: Report): void {
  const value = numberOf(blockOf(block, 'percentage'), 'value');
  if (value < 0 || value > 100 || (value > 0 && value < 0.0001))
    report.error([...path, 'percentage', 'value'], `${value} must be 0, or from 0.0001 to 100`);
}

function checkFault(fault: Spec | undefined, path: Path, report: Report): void {
  if (!fault) return;
  const abort = blockOf(fault, 'abort');
  const delay = blockOf(fault, 'delay');
  if (!abort && !delay) report.error(path, 'a fault needs an abort or a delay');
  if (abort) {
    const here = [...path, 'abort'];
    checkFaultPercentage(abort, here, report);
    const grpc = textOf(abort, 'grpcStatus');
    if (isSet(abort, 'httpStatus')) checkStatus(abort['httpStatus'], [...here, 'httpStatus'], report);
    else if (isSet(abort, 'grpcStatus') && grpcStatusOf(grpc) === undefined)
      report.error([...here, 'grpcStatus'], `"${grpc}" is no gRPC status`, 'for example NOT_FOUND');
    else if (isSet(abort, 'http2Error')) report.error([...here, 'http2Error'], 'http2Error is not supported');
  }
  if (!delay) return;
  const here = [...path, 'delay'];
  checkFaultPercentage(delay, here, report);
  if (isSet(delay, 'exponentialDelay'))
    report.error([...here, 'exponentialDelay'], 'exponentialDelay is not supported', 'use fixedDelay');
  report.check([...here, 'fixedDelay'], durationError(delay['fixedDelay']));
}

function checkStatus(status: unknown, path: Path, report: Report): void {
  if (typeof status !== 'number' || status < 200 || status > 600)
    report.error(path, `HTTP status ${String(status ?? 0)} must be from 200 to 599`);
}

function checkRedirect(redirect: Spec | undefined, path: Path, report: Report): void {
  if (!redirect) return;
  const fields = ['uri', 'authority', 'scheme'].filter((field) => textOf(redirect, field) !== '');
  if (fields.length === 0 && !isSet(redirect, 'port') && !isSet(redirect, 'derivePort'))
    return report.error(path, 'a redirect needs uri, authority, scheme or port');
  const code = numberOf(redirect, 'redirectCode');
  if (code !== 0 && (code < 300 || code > 399))
    return report.error([...path, 'redirectCode'], `${code} is no redirect: it must be from 300 to 399`);
  if (!['', 'http', 'https'].includes(textOf(redirect, 'scheme')))
    return report.error([...path, 'scheme'], 'must be http or https');
  if (numberOf(redirect, 'port') > 0) report.check([...path, 'port'], portError(redirect['port']));
}

function checkDirectResponse(response: Spec | undefined, path: Path, report: Report): void {
  if (!response) return;
  const body = blockOf(response, 'body') ?? {};
  const size = Math.max(textOf(body, 'string').length, (textOf(body, 'bytes').length * 3) / 4);
  if (size > 1024 * 1024) report.error([...path, 'body'], 'a body must be smaller than 1 MB');
  else if (size > 100 * 1024) report.warning([...path, 'body'], 'a body of more than 100 KB burdens istiod');
  checkStatus(response['status'], [...path, 'status'], report);
}

const RETRY_ON = new Set(
  `5xx gateway-error reset reset-before-request connect-failure retriable-4xx refused-stream retriable-status-codes
  retriable-headers envoy-ratelimited http3-post-connect-failure cancelled deadline-exceeded internal resource-exhausted
  unavailable`.split(/\s+/),
);
/** Codes that Go's net/http has a text for. */
const isHttpStatus = (code: number): boolean =>
  (code >= 100 && code <= 103) ||
  (code >= 200 && code <= 208) ||
  code === 226 ||
  (code >= 300 && code <= 308 && code !== 306) ||
  (code >= 400 && code <= 418) ||
  (code >= 421 && code <= 426) ||
  [428, 429, 431, 451].includes(code) ||
  (code >= 500 && code <= 508) ||
  code === 510 ||
  code === 511;

export function checkRetries(retries: Spec | undefined, path: Path, report: Report): void {
  if (!retries) return;
  const attempts = numberOf(retries, 'attempts');
  if (attempts < 0) report.error([...path, 'attempts'], 'must not be negative');
  const others = ['perTryTimeout', 'retryOn', 'retryRemoteLocalities'].filter(
    (field) => isSet(retries, field) && retries[field] !== '',
  );
  if (attempts === 0 && others.length > 0)
    report.error(
      path,
      `attempts is ${isSet(retries, 'attempts') ? '0' : 'missing, which means 0'}: retries are off, yet ${others.join(', ')} is set`,
    );
  report.check([...path, 'perTryTimeout'], durationError(retries['perTryTimeout']));
  report.check([...path, 'backoff'], durationError(retries['backoff']));
  for (const policy of textOf(retries, 'retryOn') === '' ? [] : textOf(retries, 'retryOn').split(',')) {
    const code = /^[+-]?\d+$/.test(policy) ? Number(policy) : 0;
    if (RETRY_ON.has(policy) || isHttpStatus(code)) continue;
    const hint = RETRY_ON.has(policy.trim()) ? 'leave the blank out' : undefined;
    report.error([...path, 'retryOn'], `"${policy}" is no retry condition`, hint);
  }
}

function checkRewrite(rule: Spec, path: Path, report: Report): void {
  const rewrite = blockOf(rule, 'rewrite');
  const here = [...path, 'rewrite'];
  if (rewrite) {
    const regex = blockOf(rewrite, 'uriRegexRewrite');
    const uri = textOf(rewrite, 'uri');
    if (uri !== '' && regex) report.error(here, 'uri and uriRegexRewrite exclude each other');
    else if (uri === '' && !regex && textOf(rewrite, 'authority') === '')
      report.error(here, 'a rewrite needs uri, uriRegexRewrite or authority');
    if (regex) {
      const match = textOf(regex, 'match');
      if (match === '' || textOf(regex, 'rewrite') === '')
        report.error([...here, 'uriRegexRewrite'], 'uriRegexRewrite needs match and rewrite');
      else checkRegex(match, [...here, 'uriRegexRewrite', 'match'], report);
    }
  }
  const written = [
    ...(rewrite && textOf(rewrite, 'authority') !== '' ? ['rewrite.authority'] : []),
    ...authorityHeaders(blockOf(rule, 'headers')),
  ];
  if (written.length > 1) report.error(path, `the Host header is rewritten twice: ${written.join(' and ')}`);
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', '*'];
const HEADER_NAME = /^[!#$%&'*+\-.^_`|~A-Za-z0-9]+$/;

function checkCors(policy: Spec | undefined, path: Path, report: Report): void {
  if (!policy) return;
  for (const [index, origin] of listOf(policy, 'allowOrigins').entries()) {
    const here = [...path, 'allowOrigins', index];
    const regex = textOf(origin, 'regex');
    if (!['exact', 'prefix', 'regex'].some((field) => textOf(origin, field) !== ''))
      report.error(here, 'an origin needs exact, prefix or regex');
    else if (regex !== '') checkRegex(regex, [...here, 'regex'], report);
  }
  for (const [index, method] of textsOf(policy, 'allowMethods'))
    if (!METHODS.includes(method))
      report.error([...path, 'allowMethods', index], `"${method}" is no HTTP method`);
  for (const field of ['allowHeaders', 'exposeHeaders'] as const)
    for (const [index, name] of textsOf(policy, field))
      if (!HEADER_NAME.test(name)) report.error([...path, field, index], `"${name}" is no header name`);
  const age = textOf(policy, 'maxAge');
  report.check([...path, 'maxAge'], durationError(policy['maxAge']));
  if (/\.|ms|us|µs|ns/.test(age) && age !== '' && !Number.isInteger(Number.parseFloat(age)))
    report.error([...path, 'maxAge'], 'maxAge goes down to whole seconds');
}

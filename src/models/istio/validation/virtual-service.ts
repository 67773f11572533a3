// VirtualService. Source: istio/istio pkg/config/validation/validation.go ValidateVirtualService, validateTLSRoute, validateTCPRoute (1.31).
import { hostsMatch, isSubsetOf } from '../host-name.ts';
import {
  blockOf,
  checkExportTo,
  checkGatewayNames,
  checkLabels,
  isRecord,
  listOf,
  numberOf,
  type Spec,
  textsOf,
} from './common.ts';
import { isJwtClaim } from './http-match.ts';
import { checkHttpRule, checkRouteDestinations } from './http-rule.ts';
import { isIpAddress, portError, subnetError, wildcardDomainError } from './names.ts';
import type { Path, Report } from './report.ts';
import { warnOfUnreachable } from './unreachable-rules.ts';

export function checkVirtualService(spec: Spec, namespace: string, report: Report): void {
  const hosts = textsOf(spec, 'hosts');
  const isDelegate = listOf(spec, 'hosts').length === 0;
  if (isDelegate)
    for (const field of ['gateways', 'tls', 'tcp'] as const)
      if (listOf(spec, field).length > 0)
        report.error(['spec', field], `a delegate (no hosts) must not have ${field}`);
  const gateways = textsOf(spec, 'gateways').map(([, name]) => name);
  if (gateways.length > 0) checkGatewayNames(spec, ['spec'], report);
  const isForGateway = gateways.length > 0 && !gateways.includes('mesh');
  if (!isForGateway) refuseJwtClaims(spec, report);
  checkHosts(spec, hosts, isForGateway, report);
  if (['http', 'tcp', 'tls'].every((field) => listOf(spec, field).length === 0))
    report.error(['spec'], 'there must be http, tcp or tls rules');
  for (const [index, rule] of listOf(spec, 'http').entries()) {
    const path = ['spec', 'http', index];
    if (isRecord(rule)) checkHttpRule(rule, isDelegate, path, report);
    else report.error(path, 'must not be empty');
  }
  for (const [index, rule] of listOf(spec, 'tls').entries())
    if (isRecord(rule)) checkTlsRule(rule, spec, ['spec', 'tls', index], report);
  for (const [index, rule] of listOf(spec, 'tcp').entries())
    if (isRecord(rule)) checkTcpRule(rule, ['spec', 'tcp', index], report);
  checkExportTo(spec, namespace, report);
  warnOfUnreachable(listOf(spec, 'http'), ['spec', 'http'], true, report);
  warnOfUnreachable(listOf(spec, 'tcp'), ['spec', 'tcp'], false, report);
  warnOfUnreachable(listOf(spec, 'tls'), ['spec', 'tls'], false, report);
}

function checkHosts(spec: Spec, hosts: [number, string][], isForGateway: boolean, report: Report): void {
  const isSni =
    isForGateway &&
    listOf(spec, 'tls').some((rule) =>
      listOf(rule, 'match').some((match) => textsOf(match, 'sniHosts').length > 0),
    );
  let areValid = true;
  for (const [index, host] of hosts) {
    const path = ['spec', 'hosts', index];
    const problem = wildcardDomainError(host, isSni);
    if (problem !== undefined && !isIpAddress(host)) {
      report.error(path, problem);
      areValid = false;
    } else if (!isForGateway && host === '*') {
      report.error(path, '"*" is not allowed for sidecars', 'list gateways without mesh, or name the hosts');
      areValid = false;
    }
  }
  if (!areValid) return;
  for (const [index, host] of hosts)
    for (const [other, otherHost] of hosts)
      if (other > index && hostsMatch(host, otherHost))
        report.error(['spec', 'hosts', other], `"${otherHost}" and "${host}" are the same host twice`);
}

/** Claims are known where a token was checked: at gateways. */
function refuseJwtClaims(spec: Spec, report: Report): void {
  for (const [index, rule] of listOf(spec, 'http').entries())
    for (const [matchIndex, match] of listOf(rule, 'match').entries())
      for (const field of ['headers', 'withoutHeaders'] as const)
        for (const name of Object.keys(blockOf(match, field) ?? {}))
          if (isJwtClaim(name))
            report.error(
              ['spec', 'http', index, 'match', matchIndex, field, name],
              'JWT claims can be matched at gateways only',
            );
}

function checkTlsRule(rule: Spec, context: Spec, path: Path, report: Report): void {
  const matches = listOf(rule, 'match');
  if (matches.length === 0) report.error(path, 'a tls rule needs a match with sniHosts');
  const hosts = textsOf(context, 'hosts').map(([, host]) => host);
  const isForGateway = !textsOf(context, 'gateways').some(([, name]) => name === 'mesh');
  for (const [index, match] of matches.entries()) {
    const here = [...path, 'match', index];
    if (!isRecord(match)) {
      report.error(here, 'must not be empty');
      continue;
    }
    const sniHosts = textsOf(match, 'sniHosts');
    if (sniHosts.length === 0) report.error(here, 'a tls match needs sniHosts');
    for (const [sniIndex, host] of sniHosts) {
      const at = [...here, 'sniHosts', sniIndex];
      const problem = wildcardDomainError(host, isForGateway);
      if (problem !== undefined && isIpAddress(host))
        report.warning(at, `"${host}": clients send no IP address as server name`);
      else if (problem !== undefined) report.error(at, problem);
      else if (!hosts.some((outer) => isSubsetOf(host, outer)))
        report.error(at, `"${host}" lies in none of the hosts of this VirtualService`);
    }
    checkL4Match(match, here, report);
  }
  if (listOf(rule, 'route').length === 0) report.error(path, 'a tls rule needs a route');
  checkRouteDestinations(listOf(rule, 'route'), [...path, 'route'], report);
}

function checkTcpRule(rule: Spec, path: Path, report: Report): void {
  for (const [index, match] of listOf(rule, 'match').entries()) {
    const here = [...path, 'match', index];
    if (isRecord(match)) checkL4Match(match, here, report.errorsOnly());
    else report.error(here, 'must not be empty');
  }
  if (listOf(rule, 'route').length === 0) report.error(path, 'a tcp rule needs a route');
  checkRouteDestinations(listOf(rule, 'route'), [...path, 'route'], report);
}

function checkL4Match(match: Spec, path: Path, report: Report): void {
  for (const [index, subnet] of textsOf(match, 'destinationSubnets'))
    report.check([...path, 'destinationSubnets', index], subnetError(subnet));
  if (numberOf(match, 'port') !== 0) report.check([...path, 'port'], portError(match['port']));
  checkLabels(blockOf(match, 'sourceLabels'), [...path, 'sourceLabels'], report);
  checkGatewayNames(match, path, report);
}

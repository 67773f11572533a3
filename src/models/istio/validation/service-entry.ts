// ServiceEntry. Source: istio/istio pkg/config/validation/validation.go ValidateServiceEntry (1.31).
import {
  blockOf,
  checkExportTo,
  checkLabels,
  checkSelector,
  isRecord,
  isSet,
  listOf,
  numberOf,
  type Spec,
  textOf,
  textsOf,
} from './common.ts';
import {
  fqdnError,
  isDnsLabel,
  isIpAddress,
  partialWildcardError,
  portError,
  protocolClass,
  protocolError,
  subnetError,
  wildcardDomainError,
} from './names.ts';
import type { Report } from './report.ts';
import { checkEndpointPorts, checkWorkloadEntry } from './workload.ts';

export function checkServiceEntry(
  spec: Spec,
  namespace: string,
  labels: Readonly<Record<string, unknown>>,
  report: Report,
): void {
  const selector = blockOf(spec, 'workloadSelector');
  checkSelector(
    selector,
    'labels',
    ['spec', 'workloadSelector'],
    report,
    'a workloadSelector without labels selects every workload of the namespace',
  );
  if (selector && isSet(spec, 'endpoints'))
    report.error(['spec', 'endpoints'], 'endpoints and workloadSelector exclude each other');
  const hosts = textsOf(spec, 'hosts');
  if (hosts.length === 0) report.error(['spec', 'hosts'], 'a service entry needs at least one host');
  for (const [index, host] of hosts) {
    const path = ['spec', 'hosts', index];
    if (host === '*') report.error(path, '"*" is no host of a service entry');
    else {
      report.check(path, wildcardDomainError(host));
      const partial = partialWildcardError(host);
      if (partial) report.warning(path, partial);
    }
  }
  const resolution = textOf(spec, 'resolution') || 'NONE';
  const addresses = textsOf(spec, 'addresses');
  for (const [index, address] of addresses) report.check(['spec', 'addresses', index], subnetError(address));
  if (addresses.some(([, address]) => address.includes('/')) && !['NONE', 'STATIC'].includes(resolution))
    report.error(['spec', 'addresses'], 'CIDR blocks go with resolution NONE and STATIC only');
  const portNames = checkPorts(spec, addresses.length > 0 || allocates(spec, resolution, labels), report);
  checkResolution(spec, resolution, portNames, report);
  const kinds = ports(spec).map((port) => protocolClass(textOf(port, 'protocol')));
  if (resolution !== 'NONE' && hosts.length > 1 && kinds.some((kind) => kind !== 'http' && kind !== 'tls'))
    report.error(
      ['spec', 'hosts'],
      'several hosts go with HTTP and TLS ports only: TCP cannot tell them apart',
    );
  checkExportTo(spec, namespace, report, { isServiceEntry: true });
}

const ports = (spec: Spec): Spec[] => listOf(spec, 'ports').filter(isRecord);

/** Does istiod give the entry an address of its own? Since 1.25 it does unless told otherwise. */
function allocates(spec: Spec, resolution: string, labels: Readonly<Record<string, unknown>>): boolean {
  if (labels['networking.istio.io/enable-autoallocate-ip'] === 'false') return false;
  return resolution !== 'NONE' && !textsOf(spec, 'hosts').some(([, host]) => host.startsWith('*'));
}

function checkPorts(spec: Spec, hasAddress: boolean, report: Report): Set<string> {
  const names = new Set<string>();
  const numbers = new Set<number>();
  for (const [index, port] of listOf(spec, 'ports').entries()) {
    const path = ['spec', 'ports', index];
    if (!isRecord(port)) {
      report.error(path, 'must not be empty');
      continue;
    }
    const name = textOf(port, 'name');
    const number = numberOf(port, 'number');
    if (names.has(name)) report.error([...path, 'name'], `there are two ports named "${name}"`);
    if (numbers.has(number)) report.error([...path, 'number'], `there are two ports ${number}`);
    names.add(name);
    numbers.add(number);
    if (numberOf(port, 'targetPort') !== 0)
      report.check([...path, 'targetPort'], portError(port['targetPort']));
    const protocol = textOf(port, 'protocol');
    if (!hasAddress && (protocol === '' || protocol === 'TCP'))
      report.warning(path, 'a TCP port (or one without protocol) needs addresses to be told apart');
    if (!isDnsLabel(name)) report.error([...path, 'name'], `"${name}" is no port name`);
    report.check([...path, 'protocol'], protocolError(protocol));
    report.check([...path, 'number'], portError(port['number']));
  }
  return names;
}

function checkResolution(spec: Spec, resolution: string, portNames: Set<string>, report: Report): void {
  const endpoints = listOf(spec, 'endpoints');
  const hosts = textsOf(spec, 'hosts');
  if (resolution === 'NONE' || resolution === 'DYNAMIC_DNS') {
    if (endpoints.length > 0)
      report.error(['spec', 'endpoints'], `resolution ${resolution} takes no endpoints`);
    if (resolution === 'NONE' && isSet(spec, 'workloadSelector'))
      report.warning(['spec', 'workloadSelector'], 'workloadSelector does nothing with resolution NONE');
    if (resolution === 'DYNAMIC_DNS') checkDynamicDns(spec, hosts, report);
    return;
  }
  if (resolution === 'DNS' || resolution === 'DNS_ROUND_ROBIN') {
    if (endpoints.length === 0)
      for (const [index, host] of hosts)
        if (fqdnError(host) !== undefined)
          report.error(
            ['spec', 'hosts', index],
            `resolution ${resolution} without endpoints needs a full host name`,
          );
    if (resolution === 'DNS_ROUND_ROBIN' && endpoints.length > 1)
      report.error(['spec', 'endpoints'], 'DNS_ROUND_ROBIN takes one endpoint at most');
  }
  for (const [index, endpoint] of endpoints.entries()) {
    const path = ['spec', 'endpoints', index];
    if (!isRecord(endpoint)) report.error(path, 'must not be empty');
    else if (resolution === 'STATIC') checkWorkloadEntry(endpoint, portNames, false, path, report);
    else {
      const address = textOf(endpoint, 'address');
      if (!isIpAddress(address) && fqdnError(address) !== undefined)
        report.error([...path, 'address'], `"${address}" is neither an IP address nor a host name`);
      checkLabels(blockOf(endpoint, 'labels'), [...path, 'labels'], report);
      checkEndpointPorts(endpoint, portNames, path, report);
    }
  }
  const hasTcp = ports(spec).some((port) =>
    ['tcp', 'tls'].includes(protocolClass(textOf(port, 'protocol')) ?? ''),
  );
  if (resolution !== 'STATIC' && hosts.length > 1 && hasTcp && textsOf(spec, 'addresses').length > 0)
    report.warning(['spec', 'hosts'], 'with an address and a TCP port only one host can be told apart');
}

/** The name is looked up per request: wildcard hosts, and protocols that carry a name. */
function checkDynamicDns(spec: Spec, hosts: [number, string][], report: Report): void {
  for (const [index, host] of hosts)
    if (!host.startsWith('*'))
      report.error(
        ['spec', 'hosts', index],
        'resolution DYNAMIC_DNS is for wildcard hosts',
        'use resolution: DNS',
      );
  for (const [index, port] of listOf(spec, 'ports').entries()) {
    const kind = protocolClass(textOf(port, 'protocol'));
    if (kind !== 'http' && kind !== 'tls')
      report.error(['spec', 'ports', index], 'resolution DYNAMIC_DNS goes with HTTP and TLS ports only');
  }
}

// WorkloadEntry and WorkloadGroup; endpoints of a ServiceEntry are entries as well.
// Source: istio/istio pkg/config/validation/validation.go validateWorkloadEntry, ValidateWorkloadGroup (1.31).
import { blockOf, checkLabels, isRecord, isSet, listOf, numberOf, type Spec, textOf } from './common.ts';
import { fqdnError, isDnsLabel, isIpAddress, portError, UNIX_PREFIX, unixAddressError } from './names.ts';
import type { Path, Report } from './report.ts';

/** @param servicePorts names of the ServiceEntry's ports; undefined = stands alone. @param allowsNames the address may be a host name */
export function checkWorkloadEntry(
  entry: Spec,
  servicePorts: ReadonlySet<string> | undefined,
  allowsNames: boolean,
  path: Path,
  report: Report,
): void {
  const address = textOf(entry, 'address');
  if (address === '') {
    if (textOf(entry, 'network') === '') return report.error(path, 'an address is missing');
    report.warning(path, 'without an address the endpoint is reached through its network’s gateway only');
  }
  const isUnix = address.startsWith(UNIX_PREFIX);
  if (isUnix) {
    report.check([...path, 'address'], unixAddressError(address.slice(UNIX_PREFIX.length)));
    if (Object.keys(blockOf(entry, 'ports') ?? {}).length > 0)
      report.error([...path, 'ports'], 'a unix socket has no ports');
    if (servicePorts && servicePorts.size !== 1)
      report.error([...path, 'address'], 'a unix socket serves exactly one port');
  } else if (address !== '' && !isIpAddress(address)) {
    if (!allowsNames)
      report.error(
        [...path, 'address'],
        `"${address}" is no IP address`,
        'use resolution: DNS for host names',
      );
    else if (fqdnError(address) !== undefined)
      report.error([...path, 'address'], `"${address}" is neither an IP address nor a host name`);
  }
  checkEndpointPorts(entry, servicePorts, path, report);
  checkLabels(blockOf(entry, 'labels'), [...path, 'labels'], report);
}

export function checkEndpointPorts(
  entry: Spec,
  servicePorts: ReadonlySet<string> | undefined,
  path: Path,
  report: Report,
): void {
  for (const [name, port] of Object.entries(blockOf(entry, 'ports') ?? {})) {
    const here = [...path, 'ports', name];
    if (servicePorts && !servicePorts.has(name))
      report.error(
        here,
        `the service has no port named "${name}"`,
        `it has ${[...servicePorts].join(', ') || 'none'}`,
      );
    if (!isDnsLabel(name)) report.error(here, `"${name}" is no port name`);
    report.check(here, portError(port));
  }
}

export function checkWorkloadGroup(spec: Spec, report: Report): void {
  if (!isSet(spec, 'template')) return report.error(['spec'], 'template is missing');
  checkLabels(blockOf(blockOf(spec, 'metadata'), 'labels'), ['spec', 'metadata', 'labels'], report);
  const probe = blockOf(spec, 'probe');
  if (probe) checkProbe(probe, ['spec', 'probe'], report);
}

const COUNTS = [
  'periodSeconds',
  'initialDelaySeconds',
  'timeoutSeconds',
  'successThreshold',
  'failureThreshold',
];

function checkProbe(probe: Spec, path: Path, report: Report): void {
  for (const field of COUNTS)
    if (numberOf(probe, field) < 0) report.error([...path, field], 'must not be negative');
  const http = blockOf(probe, 'httpGet');
  const tcp = blockOf(probe, 'tcpSocket');
  const exec = blockOf(probe, 'exec');
  if (http) {
    report.check([...path, 'httpGet', 'port'], portError(http['port']));
    if (!['', 'HTTP', 'HTTPS'].includes(textOf(http, 'scheme')))
      report.error([...path, 'httpGet', 'scheme'], 'must be HTTP or HTTPS');
    for (const [index, header] of listOf(http, 'httpHeaders').entries())
      if (!isRecord(header) || !/^[-A-Za-z0-9]+$/.test(textOf(header, 'name')))
        report.error([...path, 'httpGet', 'httpHeaders', index], 'a header needs a name');
  } else if (tcp) report.check([...path, 'tcpSocket', 'port'], portError(tcp['port']));
  else if (exec) {
    if (listOf(exec, 'command').length === 0) report.error([...path, 'exec'], 'command is missing');
  } else if (!isSet(probe, 'grpc')) report.error(path, 'a probe needs httpGet, tcpSocket, exec or grpc');
}

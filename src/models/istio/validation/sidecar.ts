// Sidecar. Source: istio/istio pkg/config/validation/validation.go ValidateSidecar (1.31).
import {
  blockOf,
  checkSelector,
  isRecord,
  isSet,
  listOf,
  numberOf,
  type Spec,
  textOf,
  textsOf,
} from './common.ts';
import { checkNamespacedHost, checkServerTls } from './gateway.ts';
import { checkDestination } from './http-rule.ts';
import {
  fqdnError,
  ipError,
  isDnsLabel,
  portError,
  protocolClass,
  protocolError,
  UNIX_PREFIX,
  unixAddressError,
} from './names.ts';
import type { Path, Report } from './report.ts';
import { checkConnectionPool } from './traffic-policy.ts';

export function checkSidecar(spec: Spec, namespace: string, report: Report): void {
  checkSelector(
    blockOf(spec, 'workloadSelector'),
    'labels',
    ['spec', 'workloadSelector'],
    report,
    'a workloadSelector without labels selects every workload of the namespace',
  );
  const fields = ['outboundTrafficPolicy', 'inboundConnectionPool'];
  if (
    ['egress', 'ingress'].every((field) => listOf(spec, field).length === 0) &&
    !fields.some((field) => isSet(spec, field))
  )
    return report.error(
      ['spec'],
      'a Sidecar must configure something: egress, ingress or outboundTrafficPolicy',
    );
  checkIngress(spec, report);
  checkConnectionPool(blockOf(spec, 'inboundConnectionPool'), ['spec', 'inboundConnectionPool'], report);
  checkEgress(spec, namespace, report);
  checkOutboundPolicy(blockOf(spec, 'outboundTrafficPolicy'), ['spec', 'outboundTrafficPolicy'], report);
}

function checkIngress(spec: Spec, report: Report): void {
  const numbers = new Set<number>();
  for (const [index, entry] of listOf(spec, 'ingress').entries()) {
    const path = ['spec', 'ingress', index];
    const port = blockOf(entry, 'port');
    if (!isRecord(entry) || !port) {
      report.error(path, 'an ingress listener needs a port');
      continue;
    }
    checkPort(port, [...path, 'port'], report);
    report.check([...path, 'port', 'number'], portError(port['number']));
    const bind = textOf(entry, 'bind');
    if (bind !== '') report.check([...path, 'bind'], ipError(bind));
    const number = numberOf(port, 'number');
    if (numbers.has(number)) report.error([...path, 'port', 'number'], `port ${number} is listed twice`);
    numbers.add(number);
    checkDefaultEndpoint(textOf(entry, 'defaultEndpoint'), [...path, 'defaultEndpoint'], report);
    checkIngressTls(blockOf(entry, 'tls'), textOf(port, 'protocol'), [...path, 'tls'], report);
    const pool = blockOf(entry, 'connectionPool');
    checkConnectionPool(pool, [...path, 'connectionPool'], report);
    if (isSet(pool, 'http') && protocolClass(textOf(port, 'protocol')) !== 'http')
      report.warning(
        [...path, 'connectionPool', 'http'],
        'http limits do nothing on a port that is not HTTP',
      );
  }
}

function checkIngressTls(tls: Spec | undefined, protocol: string, path: Path, report: Report): void {
  if (!tls) return;
  for (const field of ['subjectAltNames', 'credentialNames', 'tlsCertificates'] as const)
    if (listOf(tls, field).length > 0) report.error([...path, field], `${field} is not supported here`);
  if (tls['httpsRedirect'] === true)
    report.error([...path, 'httpsRedirect'], 'httpsRedirect is not supported here');
  if (textOf(tls, 'credentialName') !== '')
    report.error([...path, 'credentialName'], 'credentialName is not supported here');
  if (['ISTIO_MUTUAL', 'AUTO_PASSTHROUGH'].includes(textOf(tls, 'mode')))
    report.error([...path, 'mode'], `${textOf(tls, 'mode')} is not possible here`);
  if (protocolClass(protocol) !== 'tls') report.error(path, 'tls goes with HTTPS and TLS ports only');
  checkServerTls(tls, path, report);
}

const LOCAL_HOSTS = ['', '127.0.0.1', '0.0.0.0', '[::1]', '[::]'];

function checkDefaultEndpoint(endpoint: string, path: Path, report: Report): void {
  if (endpoint === '') return;
  if (endpoint.startsWith(UNIX_PREFIX))
    return report.check(path, unixAddressError(endpoint.slice(UNIX_PREFIX.length)));
  const colon = endpoint.lastIndexOf(':');
  const host = endpoint.slice(0, Math.max(0, colon));
  if (colon < 0 || !LOCAL_HOSTS.includes(host))
    return report.error(
      path,
      `"${endpoint}" must be 127.0.0.1:PORT, 0.0.0.0:PORT, [::1]:PORT, [::]:PORT or unix://PATH`,
    );
  const port = endpoint.slice(colon + 1);
  report.check(path, portError(/^\d+$/.test(port) ? Number(port) : Number.NaN));
}

function checkEgress(spec: Spec, namespace: string, report: Report): void {
  const numbers = new Set<number>();
  const sockets = new Set<string>();
  const listeners = listOf(spec, 'egress');
  for (const [index, listener] of listeners.entries()) {
    const path = ['spec', 'egress', index];
    if (!isRecord(listener)) {
      report.error(path, 'must not be empty');
      continue;
    }
    const port = blockOf(listener, 'port');
    if (!port) {
      if (index !== listeners.length - 1)
        report.error(path, 'a listener without port takes every port: only the last one can be such');
    } else {
      const bind = textOf(listener, 'bind');
      const number = numberOf(port, 'number');
      checkPort(port, [...path, 'port'], report);
      if (number === 0) {
        if (!bind.startsWith(UNIX_PREFIX))
          report.error([...path, 'port'], 'port 0 goes with a unix socket in bind only');
        else report.check([...path, 'bind'], unixAddressError(bind.slice(UNIX_PREFIX.length)));
        if (!['', 'DEFAULT', 'NONE'].includes(textOf(listener, 'captureMode')))
          report.error([...path, 'captureMode'], 'must be DEFAULT or NONE with a unix socket');
        if (sockets.has(bind)) report.error([...path, 'bind'], `${bind} is listed twice`);
        sockets.add(bind);
      } else {
        report.check([...path, 'port', 'number'], portError(number));
        if (bind !== '') report.check([...path, 'bind'], ipError(bind));
        if (numbers.has(number)) report.error([...path, 'port', 'number'], `port ${number} is listed twice`);
        numbers.add(number);
      }
    }
    checkEgressHosts(listener, namespace, path, report);
  }
}

function checkEgressHosts(listener: Spec, own: string, path: Path, report: Report): void {
  const hosts = textsOf(listener, 'hosts');
  if (hosts.length === 0) report.error(path, 'an egress listener needs hosts');
  const seen = new Map<string, Set<string>>();
  for (const [index, entry] of hosts) {
    const here = [...path, 'hosts', index];
    const slash = entry.indexOf('/');
    if (slash >= 0) {
      const namespace = entry.slice(0, slash) === '.' ? own : entry.slice(0, slash);
      const host = entry.slice(slash + 1);
      const known = seen.get(namespace) ?? new Set<string>();
      seen.set(namespace, known);
      if (host === '*' ? known.size > 0 : known.has(host) || known.has('*'))
        report.warning(here, `"${entry}" is listed twice, or is part of another entry`);
      known.add(host);
    }
    checkNamespacedHost(entry, false, here, report);
  }
  if (seen.get('*')?.has('*') && seen.size > 1)
    report.warning([...path, 'hosts'], '"*/*" selects everything: the other entries do nothing');
}

function checkPort(port: Spec, path: Path, report: Report): void {
  if (numberOf(port, 'targetPort') > 0)
    report.error([...path, 'targetPort'], 'targetPort does nothing in a Sidecar');
  const name = textOf(port, 'name');
  if (name !== '' && !isDnsLabel(name)) report.error([...path, 'name'], `"${name}" is no port name`);
  report.check([...path, 'protocol'], protocolError(textOf(port, 'protocol')));
}

/** A Sidecar's own mode is REGISTRY_ONLY unless written. */
function checkOutboundPolicy(policy: Spec | undefined, path: Path, report: Report): void {
  const proxy = blockOf(policy, 'egressProxy');
  if (!policy || !proxy) return;
  const here = [...path, 'egressProxy'];
  if (textOf(policy, 'mode') !== 'ALLOW_ANY') return report.error(here, 'egressProxy needs mode ALLOW_ANY');
  report.check([...here, 'host'], fqdnError(textOf(proxy, 'host')));
  if (!isSet(proxy, 'port')) return report.error(here, 'egressProxy needs a port');
  checkDestination(proxy, here, report);
}

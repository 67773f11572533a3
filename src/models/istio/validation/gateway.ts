// Gateway, and the TLS block that Sidecar's ingress shares with it.
// Source: istio/istio pkg/config/validation/validation.go ValidateGateway, validateServer, validateTLSOptions (1.31).
import { blockOf, isRecord, listOf, numberOf, type Spec, textOf, textsOf } from './common.ts';
import {
  ipError,
  isDnsLabel,
  isIpAddress,
  partialWildcardError,
  portError,
  protocolClass,
  UNIX_PREFIX,
  unixAddressError,
  wildcardDomainError,
} from './names.ts';
import type { Path, Report } from './report.ts';

export function checkGateway(spec: Spec, name: string | undefined, report: Report): void {
  if (name !== undefined && !isDnsLabel(name))
    report.error(['metadata', 'name'], `"${name}" is no gateway name: no dots, at most 63 characters`);
  const servers = listOf(spec, 'servers');
  if (servers.length === 0) report.error(['spec', 'servers'], 'a gateway needs at least one server');
  const portNames = new Set<string>();
  for (const [index, server] of servers.entries()) {
    const path = ['spec', 'servers', index];
    if (!isRecord(server)) {
      report.error(path, 'must not be empty');
      continue;
    }
    checkServer(server, path, report);
    const port = blockOf(server, 'port');
    if (!port) continue;
    const portName = textOf(port, 'name');
    if (portNames.has(portName))
      report.error([...path, 'port', 'name'], `there are two ports named "${portName}"`);
    portNames.add(portName);
    const isHttp = protocolClass(textOf(port, 'protocol')) === 'http';
    if (!isHttp && blockOf(server, 'tls')?.['httpsRedirect'] === true)
      report.warning([...path, 'tls', 'httpsRedirect'], 'httpsRedirect has an effect on HTTP servers only');
  }
}

function checkServer(server: Spec, path: Path, report: Report): void {
  const hosts = textsOf(server, 'hosts');
  if (hosts.length === 0) report.error(path, 'a server needs at least one host');
  for (const [index, host] of hosts) checkNamespacedHost(host, true, [...path, 'hosts', index], report);
  const port = blockOf(server, 'port');
  const bind = textOf(server, 'bind');
  const isUnix = bind.startsWith(UNIX_PREFIX);
  const before = report.verdicts.length;
  if (!port) report.error(path, 'a server needs a port');
  else {
    const protocol = textOf(port, 'protocol');
    if (protocolClass(protocol) === undefined)
      report.error(
        [...path, 'port', 'protocol'],
        `protocol "${protocol}" is not known`,
        'HTTP, HTTP2, GRPC, HTTPS, TLS, TCP, MONGO, REDIS or MYSQL',
      );
    if (numberOf(port, 'number') > 0 || !isUnix)
      report.check([...path, 'port', 'number'], portError(port['number']));
    if (numberOf(port, 'targetPort') > 0)
      report.error([...path, 'port', 'targetPort'], 'targetPort does nothing in a gateway');
    if (textOf(port, 'name') === '') report.error([...path, 'port'], 'a port needs a name');
  }
  const isPortValid = report.verdicts.length === before;
  if (isUnix) {
    report.check([...path, 'bind'], unixAddressError(bind.slice(UNIX_PREFIX.length)));
    if (numberOf(port, 'number') !== 0)
      report.error([...path, 'port', 'number'], 'must be 0 with a unix socket');
  } else if (bind !== '') report.check([...path, 'bind'], ipError(bind));
  const tls = blockOf(server, 'tls');
  checkServerTls(tls, [...path, 'tls'], report);
  if (!isPortValid || !port) return;
  const kind = protocolClass(textOf(port, 'protocol'));
  if (kind === 'tls' && !tls)
    report.error(
      path,
      `a ${textOf(port, 'protocol')} server needs tls`,
      'for example tls: { mode: SIMPLE, credentialName: … }',
    );
  if (kind === 'tls' || !tls) return;
  const isPassthrough = ['PASSTHROUGH', 'AUTO_PASSTHROUGH', ''].includes(textOf(tls, 'mode'));
  const hasFiles = ['caCertificates', 'privateKey', 'serverCertificate'].some(
    (field) => textOf(tls, field) !== '',
  );
  if (kind !== 'http') report.error([...path, 'tls'], 'tls goes with HTTPS and TLS ports only');
  else if (!isPassthrough || hasFiles)
    report.error([...path, 'tls'], 'an HTTP server takes no tls but httpsRedirect');
}

const CIPHERS = new Set(
  `ECDHE-ECDSA-AES128-GCM-SHA256 ECDHE-RSA-AES128-GCM-SHA256 ECDHE-ECDSA-AES256-GCM-SHA384 ECDHE-RSA-AES256-GCM-SHA384
  ECDHE-ECDSA-CHACHA20-POLY1305 ECDHE-RSA-CHACHA20-POLY1305 ECDHE-PSK-CHACHA20-POLY1305 ECDHE-ECDSA-AES128-SHA
  ECDHE-RSA-AES128-SHA ECDHE-ECDSA-AES256-SHA ECDHE-RSA-AES256-SHA ECDHE-PSK-AES128-CBC-SHA ECDHE-PSK-AES256-CBC-SHA
  PSK-AES128-CBC-SHA PSK-AES256-CBC-SHA AES128-GCM-SHA256 AES256-GCM-SHA384 AES128-SHA AES256-SHA DES-CBC3-SHA`.split(
    /\s+/,
  ),
);

export function checkServerTls(tls: Spec | undefined, path: Path, report: Report): void {
  if (!tls) return;
  const mode = textOf(tls, 'mode') || 'PASSTHROUGH';
  const credential = textOf(tls, 'credentialName');
  const has = (field: string) => textOf(tls, field) !== '';
  const ciphers = textsOf(tls, 'cipherSuites');
  if (['TLSV1_0', 'TLSV1_1'].includes(textOf(tls, 'minProtocolVersion')) && ciphers.length === 0)
    report.warning(
      [...path, 'minProtocolVersion'],
      'TLS below 1.2 needs cipherSuites: the default ones fit no longer',
    );
  const seen = new Set<string>();
  for (const [index, cipher] of ciphers) {
    if (!CIPHERS.has(cipher))
      report.warning([...path, 'cipherSuites', index], `"${cipher}" is not known and left out`);
    else if (seen.has(cipher))
      report.warning([...path, 'cipherSuites', index], `"${cipher}" is listed twice`);
    seen.add(cipher);
  }
  const files = ['serverCertificate', 'privateKey', 'caCertificates'];
  if (mode === 'ISTIO_MUTUAL') {
    for (const field of [...files, 'credentialName'])
      if (has(field)) report.error([...path, field], `${field} does not go with ISTIO_MUTUAL`);
    return;
  }
  if (mode.includes('PASSTHROUGH') && ['caCrl', ...files, 'credentialName'].some(has))
    report.warning(path, `${mode} uses no certificates: they are ignored`);
  const isMutual = mode === 'MUTUAL' || mode === 'OPTIONAL_MUTUAL';
  const hasCredentials =
    listOf(tls, 'credentialNames').length > 0 || listOf(tls, 'tlsCertificates').length > 0;
  if ((mode === 'SIMPLE' || isMutual) && (credential !== '' || hasCredentials)) return;
  const wanted = mode === 'SIMPLE' ? files.slice(0, 2) : isMutual ? files : [];
  for (const field of wanted)
    if (!has(field)) report.error(path, `${mode} needs ${field}, or a credentialName`);
  if (has('caCrl') && mode === 'SIMPLE') report.error([...path, 'caCrl'], 'caCrl does not go with SIMPLE');
}

/** "namespace/host"; gateways take a bare host, and IP addresses. */
export function checkNamespacedHost(entry: string, isGateway: boolean, path: Path, report: Report): void {
  const slash = entry.indexOf('/');
  if (slash < 0) {
    if (isGateway) checkHostPart(entry, true, path, report);
    else
      report.error(
        path,
        `"${entry}" must be written as namespace/host`,
        `for example "./${entry}" or "*/${entry}"`,
      );
    return;
  }
  const namespace = entry.slice(0, slash);
  const host = entry.slice(slash + 1);
  if (namespace === '' || host === '') report.error(path, `"${entry}": namespace and host must not be empty`);
  const words = isGateway ? ['*', '.'] : ['*', '.', '~'];
  if (!words.includes(namespace) && !isDnsLabel(namespace))
    report.error(path, `"${namespace}" is no namespace`);
  checkHostPart(host, isGateway, path, report);
}

function checkHostPart(host: string, isGateway: boolean, path: Path, report: Report): void {
  if (host !== '*' && !host.includes('.'))
    report.error(path, `"${host}" is a short name; here it must be a full one`);
  const problem = wildcardDomainError(host);
  if (problem !== undefined && !(isGateway && isIpAddress(host))) report.error(path, problem);
  report.check(path, partialWildcardError(host));
}

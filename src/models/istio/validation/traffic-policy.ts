// A traffic policy of a DestinationRule: top level, port entries, subsets.
// Source: istio/istio pkg/config/validation/validation.go validateTrafficPolicy and what it calls (1.31).
import { blockOf, isRecord, isSet, listOf, numberOf, type Spec, textOf } from './common.ts';
import { checkLocalitySetting, checkZoneAwareSetting } from './locality.ts';
import { durationError, durationNs, fqdnError, isIpAddress, percentError, portError } from './names.ts';
import type { Path, Report } from './report.ts';

const BLOCKS = [
  'outlierDetection',
  'connectionPool',
  'loadBalancer',
  'tls',
  'portLevelSettings',
  'tunnel',
  'proxyProtocol',
];

export function checkTrafficPolicy(policy: Spec | undefined, path: Path, report: Report): void {
  if (!policy) return;
  if (!BLOCKS.some((block) => isSet(policy, block)))
    return report.error(
      path,
      isSet(policy, 'retryBudget')
        ? 'retryBudget alone is refused: a traffic policy must have another block beside it'
        : 'a traffic policy must have at least one field',
    );
  if (isSet(policy, 'tunnel') && isSet(policy, 'proxyProtocol'))
    return report.error([...path, 'proxyProtocol'], 'tunnel and proxyProtocol exclude each other');
  checkBlocks(policy, path, report);
  // What port entries warn about is lost on Istio's way up.
  const errors = report.errorsOnly();
  for (const [index, entry] of listOf(policy, 'portLevelSettings').entries()) {
    const here = [...path, 'portLevelSettings', index];
    if (!isRecord(entry)) {
      report.error(here, 'must not be empty');
      continue;
    }
    if (!isSet(entry, 'port')) report.error(here, 'a port entry needs port.number');
    if (!['outlierDetection', 'connectionPool', 'loadBalancer', 'tls'].some((block) => isSet(entry, block)))
      report.error(here, 'a port entry must have at least one block beside its port');
    else checkBlocks(entry, here, errors);
  }
  checkTunnel(blockOf(policy, 'tunnel'), [...path, 'tunnel'], report);
}

function checkBlocks(policy: Spec, path: Path, report: Report): void {
  checkOutlierDetection(blockOf(policy, 'outlierDetection'), [...path, 'outlierDetection'], report);
  checkConnectionPool(blockOf(policy, 'connectionPool'), [...path, 'connectionPool'], report);
  checkLoadBalancer(
    blockOf(policy, 'loadBalancer'),
    isSet(policy, 'outlierDetection'),
    [...path, 'loadBalancer'],
    report,
  );
  checkClientTls(blockOf(policy, 'tls'), [...path, 'tls'], report);
}

export function checkOutlierDetection(detection: Spec | undefined, path: Path, report: Report): void {
  if (!detection) return;
  for (const field of ['baseEjectionTime', 'interval'] as const)
    report.check([...path, field], durationError(detection[field]));
  if (numberOf(detection, 'consecutiveErrors') !== 0)
    report.warning(
      [...path, 'consecutiveErrors'],
      'consecutiveErrors is old and does nothing',
      'use consecutive5xxErrors or consecutiveGatewayErrors',
    );
  if (
    detection['splitExternalLocalOriginErrors'] !== true &&
    numberOf(detection, 'consecutiveLocalOriginFailures') > 0
  )
    report.error(
      [...path, 'consecutiveLocalOriginFailures'],
      'consecutiveLocalOriginFailures needs splitExternalLocalOriginErrors: true',
    );
  for (const field of ['maxEjectionPercent', 'minHealthPercent'] as const)
    report.check([...path, field], percentError(detection[field]));
}

const HTTP_LIMITS = [
  'http1MaxPendingRequests',
  'http2MaxRequests',
  'maxRequestsPerConnection',
  'maxRetries',
  'maxConcurrentStreams',
];

export function checkConnectionPool(pool: Spec | undefined, path: Path, report: Report): void {
  if (!pool) return;
  if (!isSet(pool, 'http') && !isSet(pool, 'tcp'))
    return report.error(path, 'a connection pool must have tcp or http');
  const http = blockOf(pool, 'http') ?? {};
  for (const field of HTTP_LIMITS)
    if (numberOf(http, field) < 0) report.error([...path, 'http', field], 'must not be negative');
  report.check([...path, 'http', 'idleTimeout'], durationError(http['idleTimeout']));
  if (textOf(http, 'h2UpgradePolicy') === 'UPGRADE' && http['useClientProtocol'] === true)
    report.error(
      [...path, 'http', 'useClientProtocol'],
      'useClientProtocol and h2UpgradePolicy UPGRADE exclude each other',
    );
  const tcp = blockOf(pool, 'tcp') ?? {};
  if (numberOf(tcp, 'maxConnections') < 0)
    report.error([...path, 'tcp', 'maxConnections'], 'must not be negative');
  for (const field of ['connectTimeout', 'maxConnectionDuration'] as const)
    report.check([...path, 'tcp', field], durationError(tcp[field]));
  // 0s switches the idle timeout off.
  const idle = durationNs(textOf(tcp, 'idleTimeout'));
  if (idle !== undefined && Math.abs(idle) >= 1e6)
    report.check([...path, 'tcp', 'idleTimeout'], durationError(tcp['idleTimeout']));
  const keepalive = blockOf(tcp, 'tcpKeepalive') ?? {};
  for (const field of ['time', 'interval'] as const)
    report.check([...path, 'tcp', 'tcpKeepalive', field], durationError(keepalive[field]));
}

function checkLoadBalancer(
  balancer: Spec | undefined,
  hasOutlierDetection: boolean,
  path: Path,
  report: Report,
): void {
  if (!balancer) return;
  const hash = blockOf(balancer, 'consistentHash');
  if (hash) checkConsistentHash(hash, [...path, 'consistentHash'], report);
  if (isSet(balancer, 'localityLbSetting') && isSet(balancer, 'zoneAwareLbSetting'))
    report.error(
      [...path, 'zoneAwareLbSetting'],
      'localityLbSetting and zoneAwareLbSetting exclude each other',
    );
  checkLocalitySetting(
    blockOf(balancer, 'localityLbSetting'),
    hasOutlierDetection,
    [...path, 'localityLbSetting'],
    report,
  );
  checkZoneAwareSetting(
    blockOf(balancer, 'zoneAwareLbSetting'),
    hasOutlierDetection,
    [...path, 'zoneAwareLbSetting'],
    report,
  );
  const warmup = blockOf(balancer, 'warmup');
  if (!warmup) return;
  const here = [...path, 'warmup'];
  if (!isSet(warmup, 'duration')) report.error(here, 'warmup needs a duration');
  report.check([...here, 'duration'], durationError(warmup['duration']));
  if (numberOf(warmup, 'minimumPercent') > 100)
    report.error([...here, 'minimumPercent'], 'must be at most 100');
  if (isSet(warmup, 'aggression') && numberOf(warmup, 'aggression') <= 0)
    report.error([...here, 'aggression'], 'must be more than 0');
}

/** One more than the largest table. Source: Envoy maglev_lb.h. */
const MAGLEV_LIMIT = 5_000_011;

function checkConsistentHash(hash: Spec, path: Path, report: Report): void {
  const cookie = blockOf(hash, 'httpCookie');
  if (cookie && textOf(cookie, 'name') === '')
    report.error([...path, 'httpCookie'], 'httpCookie needs a name');
  const ring = numberOf(hash, 'minimumRingSize');
  if (ring !== 0) {
    report.warning([...path, 'minimumRingSize'], 'minimumRingSize is old', 'use ringHash.minimumRingSize');
    if (isSet(hash, 'maglev') || isSet(hash, 'ringHash'))
      report.error([...path, 'minimumRingSize'], 'minimumRingSize goes with neither maglev nor ringHash');
  }
  const maglev = blockOf(hash, 'maglev');
  if (!maglev) return;
  const size = numberOf(maglev, 'tableSize');
  const here = [...path, 'maglev', 'tableSize'];
  if (size === 0) report.error([...path, 'maglev'], 'maglev needs a tableSize');
  else if (size >= MAGLEV_LIMIT) report.error(here, `must be less than ${MAGLEV_LIMIT}`);
  else if (!isPrime(size))
    report.error(here, `${size} is no prime number`, `the next one is ${nextPrime(size)}`);
}

function isPrime(n: number): boolean {
  if (n > 0 && n < 4) return true;
  if (n % 2 === 0) return false;
  for (let factor = 3; factor * factor <= n; factor += 2) if (n % factor === 0) return false;
  return true;
}

function nextPrime(n: number): number {
  let candidate = n + 1;
  while (!isPrime(candidate)) candidate++;
  return candidate;
}

function checkClientTls(tls: Spec | undefined, path: Path, report: Report): void {
  if (!tls) return;
  const mode = textOf(tls, 'mode');
  const credential = textOf(tls, 'credentialName');
  if (tls['insecureSkipVerify'] === true) {
    const trusts = isSet(tls, 'subjectAltNames') || textOf(tls, 'caCertificates') !== '';
    if ((mode === 'SIMPLE' && (trusts || credential !== '')) || (mode === 'MUTUAL' && trusts))
      report.error(
        [...path, 'insecureSkipVerify'],
        'insecureSkipVerify goes with nothing that the server is checked against',
      );
  }
  const files = ['clientCertificate', 'caCertificates', 'privateKey', 'caCrl'];
  if ((mode === 'SIMPLE' || mode === 'MUTUAL') && credential !== '') {
    if (files.some((field) => textOf(tls, field) !== ''))
      report.error([...path, 'credentialName'], 'credentialName goes with no certificate files');
    return;
  }
  if (mode !== 'MUTUAL') return;
  for (const field of ['clientCertificate', 'privateKey'] as const)
    if (textOf(tls, field) === '') report.error(path, `MUTUAL needs ${field}`);
}

function checkTunnel(tunnel: Spec | undefined, path: Path, report: Report): void {
  if (!tunnel) return;
  if (!['', 'CONNECT', 'POST'].includes(textOf(tunnel, 'protocol')))
    report.error([...path, 'protocol'], 'must be CONNECT or POST');
  const host = textOf(tunnel, 'targetHost');
  if (!isIpAddress(host)) report.check([...path, 'targetHost'], fqdnError(host));
  report.check([...path, 'targetPort'], portError(tunnel['targetPort']));
}

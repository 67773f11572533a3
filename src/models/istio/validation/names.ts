// Checks of single values: host names, addresses, ports, labels, durations. Each returns what is wrong, or undefined.
// Source: istio/istio pkg/config/validation/agent/validation.go, pkg/config/labels (1.31).

const LABEL = /^[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?$/;
const WILDCARD_LABEL = /^(\*|(\*|\*-)?[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?)$/;

export const isDnsLabel = (text: string): boolean => text.length <= 63 && LABEL.test(text);
const isWildcardLabel = (text: string): boolean => text.length <= 63 && WILDCARD_LABEL.test(text);

function lengthError(name: string): string | undefined {
  if (name === '') return 'a host name must not be empty';
  return name.length > 255 ? `host name "${name.slice(0, 40)}…" is longer than 255 characters` : undefined;
}

function labelsError(domain: string): string | undefined {
  const parts = domain.split('.');
  const top = parts.at(-1)!;
  if (/^[+-]?\d+$/.test(top)) return `"${domain}" is no host name: its last part must not be a number`;
  for (const [index, label] of parts.entries()) {
    if (index === parts.length - 1 && label === '') return undefined;
    if (!isDnsLabel(label)) return `"${domain}" is no host name: "${label}" cannot be a part of it`;
  }
  return undefined;
}

export const fqdnError = (name: string): string | undefined => lengthError(name) ?? labelsError(name);

/** A host name whose first part may be, or begin with, a star. @param isSni names such as outbound_.80_._.web.ns are taken too */
export function wildcardDomainError(domain: string, isSni = false): string | undefined {
  const problem = lengthError(domain);
  if (problem) return problem;
  const dot = domain.indexOf('.');
  const first = dot < 0 ? domain : domain.slice(0, dot);
  if (isSni && first === 'outbound_')
    return /outbound_.([0-8].*).*/.test(domain) ? undefined : `"${domain}" is no host name: bad first part`;
  if (!isWildcardLabel(first)) return `"${domain}" is no host name: "${first}" cannot be its first part`;
  return dot < 0 ? undefined : labelsError(domain.slice(dot + 1));
}

export const partialWildcardError = (host: string): string | undefined =>
  host.includes('*') && host.length !== 1 && !host.startsWith('*.')
    ? `"${host}": a star must be a whole part of the name`
    : undefined;

export function isIpAddress(text: string): boolean {
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(text))
    return text.split('.').every((part) => Number(part) <= 255 && (part === '0' || !part.startsWith('0')));
  const plain = text.split('%')[0]!;
  if (!plain.includes(':') || !/^[0-9a-fA-F:.]+$/.test(plain)) return false;
  const halves = plain.split('::');
  if (halves.length > 2) return false;
  let groups = 0;
  for (const half of halves) {
    for (const [index, part] of (half === '' ? [] : half.split(':')).entries()) {
      if (part.includes('.')) {
        if (index !== half.split(':').length - 1 || !isIpAddress(part)) return false;
        groups += 2;
      } else {
        if (!/^[0-9a-fA-F]{1,4}$/.test(part)) return false;
        groups++;
      }
    }
  }
  return halves.length === 2 ? groups < 8 : groups === 8;
}

export const ipError = (address: string): string | undefined =>
  isIpAddress(address) ? undefined : `"${address}" is no IP address`;

export function subnetError(subnet: string): string | undefined {
  const parts = subnet.split('/');
  if (parts.length !== 2) return ipError(subnet);
  const bits = parts[0]!.includes(':') ? 128 : 32;
  const isValid = isIpAddress(parts[0]!) && /^(0|[1-9]\d*)$/.test(parts[1]!) && Number(parts[1]) <= bits;
  return isValid ? undefined : `"${subnet}" is no CIDR block`;
}

export const portError = (port: unknown): string | undefined =>
  typeof port === 'number' && port >= 1 && port <= 65535
    ? undefined
    : `port ${String(port ?? 0)} must be from 1 to 65535`;

export const percentError = (value: unknown): string | undefined =>
  typeof value === 'number' && (value < 0 || value > 100) ? `${value} must be from 0 to 100` : undefined;

/** unix:///path or unix://@name, without the prefix. */
export function unixAddressError(address: string): string | undefined {
  if (address === '') return 'the path of a unix socket must not be empty';
  if (address.startsWith('@')) return undefined;
  return address.startsWith('/') && !address.endsWith('/')
    ? undefined
    : `"${address}" is no absolute path to a file`;
}
export const UNIX_PREFIX = 'unix://';

const TAG_NAME = /^[A-Za-z0-9](?:[-_.A-Za-z0-9]*[A-Za-z0-9])?$/;
const SUBDOMAIN = /^[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?(\.[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?)*$/;

/** A label of Kubernetes: optional domain and name; the value may be empty. */
export function labelError(key: string, value: unknown): string | undefined {
  const slash = key.indexOf('/');
  const name = slash < 0 ? key : key.slice(slash + 1);
  const prefix = slash < 0 ? undefined : key.slice(0, slash);
  const isKey =
    name.length <= 63 &&
    TAG_NAME.test(name) &&
    (prefix === undefined || (prefix.length <= 253 && SUBDOMAIN.test(prefix)));
  if (!isKey) return `"${key}" is no label name`;
  const text = typeof value === 'string' ? value : '';
  if (text !== '' && (text.length > 63 || !TAG_NAME.test(text))) return `"${text}" is no label value`;
  return undefined;
}

const PROTOCOLS: Record<string, 'http' | 'tls' | 'tcp' | 'udp'> = {
  tcp: 'tcp',
  udp: 'udp',
  grpc: 'http',
  'grpc-web': 'http',
  http: 'http',
  http_proxy: 'http',
  http2: 'http',
  https: 'tls',
  tls: 'tls',
  mongo: 'tcp',
  redis: 'tcp',
  mysql: 'tcp',
  hbone: 'tcp',
};

/** undefined = not known. */
export const protocolClass = (protocol: string): 'http' | 'tls' | 'tcp' | 'udp' | undefined => {
  const key = protocol.toLowerCase();
  return Object.hasOwn(PROTOCOLS, key) ? PROTOCOLS[key] : undefined;
};

/** Empty = sniffed. */
export const protocolError = (protocol: string): string | undefined =>
  protocol !== '' && protocolClass(protocol) === undefined
    ? `protocol "${protocol}" is not known`
    : undefined;

const UNITS_NS: Record<string, number> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

/** Go's duration text in nanoseconds; undefined = none. */
export function durationNs(text: string): number | undefined {
  const match = /^([+-]?)((?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/.exec(text);
  if (!match) return /^[+-]?0$/.test(text) ? 0 : undefined;
  let sum = 0;
  for (const part of match[2]!.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g))
    sum += Number(part[1]) * UNITS_NS[part[2]!]!;
  return match[1] === '-' ? -Math.round(sum) : Math.round(sum);
}

/** At least 1ms, no finer than 1ms. What is no duration at all was refused by the schema. */
export function durationError(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const ns = durationNs(value);
  if (ns === undefined) return undefined;
  if (ns < 1e6) return `${value} is too short: a duration must be at least 1ms`;
  return ns % 1e6 === 0 ? undefined : `${value} is too fine: durations go down to whole milliseconds`;
}

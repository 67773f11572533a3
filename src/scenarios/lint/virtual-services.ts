// VirtualServices as rules read them: HTTP rules and destinations with their places, whatever strangers wrote into them.
import type { Origin } from '../../models/envoy/config.ts';
import { resolveShortName } from '../../models/istio/host-name.ts';
import type { ConfigObject, Service } from '../../models/istio/model.ts';
import { arrayOf, recordOf, stringOf, stringsOf } from '../../models/istio/plain.ts';
import type { LintSubject } from './subject.ts';

type Fields = Record<string, unknown>;

export interface Destination {
  host: string;
  fullHost: string;
  subset: string;
  port: number | undefined;
  weight: number | undefined;
  at: Origin | undefined;
}

export interface HttpRule {
  config: ConfigObject<Fields>;
  index: number;
  spec: Fields;
  matches: Fields[];
  destinations: Destination[];
  at: Origin | undefined;
  originOf(path: (string | number)[]): Origin | undefined;
}

export const virtualServices = (subject: LintSubject): ConfigObject<Fields>[] =>
  subject.configs<Fields>('VirtualService');

export const gatewaysOf = (config: ConfigObject<Fields>): string[] => {
  const written = stringsOf(config.spec['gateways']);
  return written.length > 0 ? written : ['mesh'];
};

export const isForMesh = (config: ConfigObject<Fields>): boolean => gatewaysOf(config).includes('mesh');

export const hostsOf = (config: ConfigObject<Fields>): string[] => stringsOf(config.spec['hosts']);

export function httpRules(config: ConfigObject<Fields>, subject: LintSubject): HttpRule[] {
  return arrayOf(config.spec['http']).map((value, index): HttpRule => {
    const spec = recordOf(value);
    const originOf = (path: (string | number)[]) =>
      subject.originOf(config, ['spec', 'http', index, ...path]);
    return {
      config,
      index,
      spec,
      matches: arrayOf(spec['match']).map(recordOf),
      destinations: destinationsIn(spec['route'], config, subject, (path) => originOf(['route', ...path])),
      at: originOf([]),
      originOf,
    };
  });
}

/** Destinations of all protocols. */
export function allDestinations(config: ConfigObject<Fields>, subject: LintSubject): Destination[] {
  return ['http', 'tcp', 'tls'].flatMap((protocol) =>
    arrayOf(config.spec[protocol]).flatMap((rule, i) =>
      destinationsIn(recordOf(rule)['route'], config, subject, (path) =>
        subject.originOf(config, ['spec', protocol, i, 'route', ...path]),
      ),
    ),
  );
}

function destinationsIn(
  routes: unknown,
  config: ConfigObject<Fields>,
  subject: LintSubject,
  originOf: (path: (string | number)[]) => Origin | undefined,
): Destination[] {
  return arrayOf(routes).map((value, i): Destination => {
    const route = recordOf(value);
    const destination = recordOf(route['destination']);
    const host = stringOf(destination['host']);
    const port = recordOf(destination['port'])['number'];
    return {
      host,
      fullHost: resolveShortName(host, config.namespace, subject.mesh.domain),
      subset: stringOf(destination['subset']),
      port: typeof port === 'number' ? port : undefined,
      weight: typeof route['weight'] === 'number' ? route['weight'] : undefined,
      at: originOf([i, 'destination']),
    };
  });
}

/** Services that the VirtualService is about, by its hosts. */
export const servicesOf = (config: ConfigObject<Fields>, subject: LintSubject): Service[] => [
  ...new Set(
    hostsOf(config)
      .filter((host) => host !== '*')
      .flatMap((host) => subject.servicesOfHost(host, config.namespace)),
  ),
];

/** No condition at all: takes every request that reaches it. */
export const takesAll = (rule: HttpRule): boolean =>
  rule.matches.length === 0 || rule.matches.some((match) => isAll(match));

function isAll(match: Fields): boolean {
  const keys = Object.keys(match).filter(
    (key) => key !== 'name' && key !== 'gateways' && key !== 'ignoreUriCase',
  );
  if (match['gateways'] !== undefined) return false;
  if (keys.length === 0) return true;
  return keys.length === 1 && keys[0] === 'uri' && recordOf(match['uri'])['prefix'] === '/';
}

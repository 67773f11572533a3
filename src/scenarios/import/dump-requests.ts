// What can be asked of a dumped proxy: for each host that its listeners have a route for, one request that leads to endpoints. The most
// telling come first: many endpoints, localities, ejection, weights.
import type { Cluster, EnvoyConfig, Listener, Route, RouteMatch } from '../../models/envoy/config.ts';
import { assignmentOf, clusterNamed, resolveRoute } from '../../models/envoy/resolve-route.ts';
import type { DumpProxy } from '../envoy-dump/proxies.ts';
import { serviceName } from '../outcome/selection.ts';

export interface DumpRequest {
  proxy: string;
  /** Of the listener, where it is not the request's. */
  port?: number;
  /** "GET http://reviews:9080/" */
  request: string;
  /** Short name of who answers. */
  service: string;
  /** Comment: what makes it worth asking. */
  why: string;
  score: number;
}

/** Namespaces and hosts of the machinery. */
const SYSTEM =
  /(^|\.)(kube-system|istio-system|istio-operator|gatekeeper-system|cert-manager|monitoring)(\.|$)|^kubernetes\.default/;

export function requestsOf({ name, isGateway, dump: { config } }: DumpProxy): DumpRequest[] {
  const found = new Map<string, DumpRequest>();
  for (const listener of config.listeners) {
    if (listener.trafficDirection === 'INBOUND') continue;
    for (const view of viewsOf(config, listener)) {
      const resolved = resolveRoute(config, listener.address.port, view);
      if (resolved.listener !== listener || resolved.targets.length === 0) continue;
      const clusters = resolved.targets.flatMap(({ cluster }) => clusterNamed(config, cluster) ?? []);
      const told = worth(config, clusters);
      if (told === null) continue;
      const { host, path } = view;
      const service = serviceOf(clusters[0]!);
      const [bare, written] = host.split(':') as [string, string?];
      const asked = Number(written ?? 80);
      const request: DumpRequest = {
        proxy: name,
        ...(asked !== listener.address.port && { port: listener.address.port }),
        request: `GET http://${host}${path}`,
        service: serviceName(service).split('.')[0]!,
        why: told.why,
        score:
          told.score +
          (resolved.targets.length > 1 ? 20 : 0) -
          (SYSTEM.test(service) || SYSTEM.test(bare) ? 1000 : 0),
      };
      const key = `${listener.address.port} ${service}`;
      const known = found.get(key);
      if (!known || (!isGateway && request.request.length < known.request.length)) found.set(key, request);
    }
  }
  return [...found.values()].sort((a, b) => b.score - a.score || (a.request < b.request ? -1 : 1));
}

/** "outbound|9080|v1|reviews.default.svc.cluster.local" -> its host. */
const serviceOf = ({ name }: Cluster): string => name.split('|')[3] ?? name;

interface View {
  method: string;
  host: string;
  path: string;
  headers: Record<string, string>;
}

function viewsOf(config: EnvoyConfig, listener: Listener): View[] {
  const { port } = listener.address;
  const views: View[] = [];
  for (const chain of listener.filterChains) {
    const { httpConnectionManager: manager, tcpProxy } = chain;
    if (tcpProxy) {
      const cluster = tcpProxy.cluster ?? tcpProxy.weightedClusters?.clusters[0]?.name ?? '';
      views.push({
        method: 'GET',
        host: `${serviceName(cluster.split('|')[3] ?? cluster)}:${port}`,
        path: '/',
        headers: {},
      });
    }
    const table =
      manager?.routeConfig ??
      config.routeConfigurations.find(({ name }) => name === manager?.routeConfigName);
    for (const { domains, routes } of table?.virtualHosts ?? [])
      for (const host of hostsOf(domains, port))
        for (const path of routes.flatMap(pathOf).slice(0, MOST_PATHS))
          views.push({ method: 'GET', host, path, headers: {} });
  }
  return views;
}

const MOST_PATHS = 3;

/** Names that people write; with the port where it is not 80. */
function hostsOf(domains: readonly string[], port: number): string[] {
  const names = domains
    .map((domain) => domain.replace(/:\d+$/, ''))
    .map((domain) => (domain === '*' ? 'localhost' : domain.replace(/^\*/, 'any').replace(/\*$/, 'any')))
    .filter((domain) => /^[A-Za-z][\w.-]*$/.test(domain));
  // Gateways listen on 8080 for what is asked on 80.
  const wanted = [80, 8080].includes(port) ? '' : `:${port}`;
  return [...new Set(names)].map((name) => name + wanted);
}

/** A path that a route takes, where it asks for nothing but a path. */
function pathOf({ match, route }: Route): string[] {
  if (!route || match.headers?.length || match.queryParameters?.length) return [];
  const path = pathFor(match);
  return path !== null && /^\/[^\s#]*$/.test(path) ? [path] : [];
}

function pathFor({ path, prefix, pathSeparatedPrefix, safeRegex }: RouteMatch): string | null {
  if (safeRegex)
    return /^[\w/.*-]+$/.test(safeRegex.regex) ? safeRegex.regex.replace(/\.\*/g, '') || '/' : '/';
  return path ?? prefix ?? pathSeparatedPrefix ?? '/';
}

/** null = nobody could answer. */
function worth(config: EnvoyConfig, clusters: readonly Cluster[]): { score: number; why: string } | null {
  const groups = clusters.flatMap((cluster) => assignmentOf(config, cluster).endpoints);
  const endpoints = groups.reduce((sum, { lbEndpoints }) => sum + lbEndpoints.length, 0);
  if (endpoints === 0) return null;
  const places = new Set(groups.map(({ locality }) => `${locality?.region}/${locality?.zone}`)).size;
  const ejects = clusters.some(({ outlierDetection }) => outlierDetection);
  return {
    score: Math.min(endpoints, 50) + 10 * (places - 1) + (ejects ? 10 : 0),
    why: [
      `${endpoints} ${endpoints === 1 ? 'endpoint' : 'endpoints'}`,
      ...(places > 1 ? [`in ${places} localities`] : []),
      ...(ejects ? ['outlier detection'] : []),
    ].join(', '),
  };
}

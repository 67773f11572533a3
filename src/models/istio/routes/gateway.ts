// Listeners and route tables of a gateway proxy.
// Source: istio/istio pilot/pkg/networking/core/gateway.go buildGatewayListeners, buildGatewayHTTPRouteConfig (1.31). Rules GW-1..5, VS-3.
import type { FilterChain, Listener, Route, RouteConfiguration, VirtualHost } from '../../envoy/config.ts';
import type { TranslationContext } from '../context.ts';
import { bySpecificity } from '../host-name.ts';
import type { ProxyNode } from '../model.ts';
import { autoPassthroughChains } from './auto-passthrough.ts';
import { clusterOf, hashOf } from './destinations.ts';
import { domainName } from './domains.ts';
import { hostsForNamespace, intersectHosts } from './gateway-hosts.ts';
import {
  type MergedPort,
  type MergedServer,
  mergeGateways,
  sniHosts,
  terminatesHttps,
  tlsMode,
} from './gateway-merge.ts';
import { type Destination, httpRoutesOf, type RouteOptions } from './http-routes.ts';
import type { VirtualServiceView } from './http-rule.ts';
import { isCatchAll } from './match.ts';
import { type L4Scope, tcpProxyOf, tcpRulesOf, tlsRulesOf } from './tcp-routes.ts';
import { gatewayViews, viewOf } from './views.ts';

export function gatewayConfiguration(
  context: TranslationContext,
  node: ProxyNode,
): { listeners: Listener[]; routeConfigurations: RouteConfiguration[] } {
  const listeners: Listener[] = [];
  const tables = new Map<string, RouteConfiguration>();
  for (const port of mergeGateways(context, node)) {
    const byRoute = new Map<string, MergedServer[]>();
    for (const merged of port.servers)
      if (merged.routeName) byRoute.set(merged.routeName, [...(byRoute.get(merged.routeName) ?? []), merged]);
    for (const [name, servers] of byRoute) tables.set(name, routeTable(context, node, name, servers));
    const filterChains = chainsOf(context, node, port);
    const address = port.bind || '0.0.0.0';
    if (filterChains.length > 0)
      listeners.push({
        name: `${address}_${port.port}`,
        trafficDirection: 'OUTBOUND',
        address: { address, port: port.port },
        filterChains,
      });
  }
  return { listeners, routeConfigurations: [...tables.values()] };
}

function chainsOf(context: TranslationContext, node: ProxyNode, port: MergedPort): FilterChain[] {
  const [first] = port.servers;
  if (port.kind === 'http' && first)
    return [
      {
        httpConnectionManager: {
          statPrefix: `outbound_0.0.0.0_${port.port}`,
          routeConfigName: first.routeName,
        },
      },
    ];
  return port.servers.flatMap((merged): FilterChain[] => {
    const { server, gateway } = merged;
    const scope: L4Scope = {
      port: server.port,
      gateways: new Set([gateway.key]),
      labels: node.labels,
      namespace: node.namespace,
    };
    const names = sniHosts(server).filter((name) => name !== '*');
    const bySni = names.length > 0 && port.kind === 'tls' ? { filterChainMatch: { serverNames: names } } : {};
    if (terminatesHttps(server))
      return [
        { ...bySni, httpConnectionManager: { statPrefix: server.name, routeConfigName: merged.routeName } },
      ];
    if (server.tls && tlsMode(server) === 'AUTO_PASSTHROUGH')
      return autoPassthroughChains(context, node, sniHosts(server));
    const objects = context.virtualServices(node, gateway.key).filter((object) => {
      const allowed = hostsForNamespace(server.hosts, object.namespace, gateway.namespace);
      return intersectHosts(allowed, viewOf(context, object).hosts).length > 0;
    });
    if (server.tls && tlsMode(server).includes('PASSTHROUGH'))
      return objects
        .flatMap((object) => tlsRulesOf(object, scope))
        .filter((rule) => rule.route.length > 0)
        .map((rule) => ({
          filterChainMatch: { serverNames: rule.sniHosts ?? [] },
          tcpProxy: tcpProxyOf(context, node, rule, server.port),
        }));
    const rule = objects
      .flatMap((object) => tcpRulesOf(object, scope))
      .find((entry) => entry.route.length > 0);
    return rule ? [{ ...bySni, tcpProxy: tcpProxyOf(context, node, rule, server.port) }] : [];
  });
}

/** All VirtualServices that the servers' gateways have, host by host, one after the other (VS-3). */
function routeTable(
  context: TranslationContext,
  node: ProxyNode,
  name: string,
  servers: readonly MergedServer[],
): RouteConfiguration {
  const virtualHosts = new Map<string, VirtualHost>();
  /** Routes of a VirtualService are made once per gateway. */
  const made = new Map<string, Map<VirtualServiceView, Route[]>>();
  for (const { gateway, server } of servers) {
    const routesOf = made.get(gateway.key) ?? new Map<VirtualServiceView, Route[]>();
    made.set(gateway.key, routesOf);
    const isRedirected = server.tls?.['httpsRedirect'] === true;
    for (const view of gatewayViews(context, node, gateway.key)) {
      const allowed = hostsForNamespace(server.hosts, view.namespace, gateway.namespace);
      const hosts = intersectHosts(
        allowed.map((host) => host.toLowerCase()),
        view.hosts,
      );
      if (hosts.length === 0) continue;
      let routes = routesOf.get(view);
      if (!routes) {
        routes = httpRoutesOf(
          view,
          gatewayOptions(context, node, gateway.key, server.port, !!server.tls, view),
        );
        routesOf.set(view, routes);
      }
      if (routes.length === 0) continue;
      for (const host of hosts) {
        const known = virtualHosts.get(host);
        if (known) known.routes.push(...routes);
        else
          virtualHosts.set(host, {
            name: domainName(host, server.port),
            domains: [host],
            routes: [...routes],
            includeRequestAttemptCount: true,
          });
        if (isRedirected) virtualHosts.get(host)!.requireTls = 'ALL';
      }
    }
    if (isRedirected) for (const host of sniHosts(server)) redirectHost(virtualHosts, host, server.port);
  }
  if (virtualHosts.size === 0) {
    const port = servers[0]?.server.port ?? 0;
    virtualHosts.set('*', { name: domainName('blackhole', port), domains: ['*'], routes: [] });
  }
  return {
    name,
    virtualHosts: collapse(virtualHosts)
      .map((host) => ({ ...host, routes: catchAllsLast(host.routes) }))
      .sort((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name))),
    validateClusters: false,
    ignorePortInHostMatching: true,
  };
}

/** Hosts of an httpsRedirect server answer 301 even where no VirtualService is. */
function redirectHost(virtualHosts: Map<string, VirtualHost>, host: string, port: number): void {
  const known = virtualHosts.get(host);
  if (known) known.requireTls = 'ALL';
  else
    virtualHosts.set(host, {
      name: domainName(host, port),
      domains: [host],
      routes: [],
      includeRequestAttemptCount: true,
      requireTls: 'ALL',
    });
}

const catchAllsLast = (routes: readonly Route[]): Route[] => [
  ...routes.filter((route) => !isCatchAll(route.match)),
  ...routes.filter((route) => isCatchAll(route.match)),
];

/** Hosts with the very same routes share one virtual host, named after the most specific of them. */
function collapse(virtualHosts: ReadonlyMap<string, VirtualHost>): VirtualHost[] {
  const kept: VirtualHost[] = [];
  for (const host of [...virtualHosts.keys()].sort(bySpecificity)) {
    const candidate = virtualHosts.get(host)!;
    const same = kept.find(
      (known) =>
        known.requireTls === candidate.requireTls &&
        known.routes.length === candidate.routes.length &&
        known.routes.every((route, index) => route === candidate.routes[index]),
    );
    if (same) same.domains.push(...candidate.domains);
    else kept.push(candidate);
  }
  return kept;
}

function gatewayOptions(
  context: TranslationContext,
  node: ProxyNode,
  gateway: string,
  port: number,
  isTls: boolean,
  view: VirtualServiceView,
): RouteOptions {
  return {
    listenerPort: port,
    gateways: new Set([gateway]),
    labels: node.labels,
    namespace: node.namespace,
    objectNamespace: view.namespace,
    profile: context.profile,
    isTls,
    resolveHost: (host) => context.resolveHost(host, view.namespace).toLowerCase(),
    clusterOf: (destination: Destination) => {
      const service = context.serviceByHost(node, destination.host);
      const inferred = service?.ports.length === 1 ? service.ports[0]!.port : port;
      return clusterOf(context, destination, service, inferred);
    },
    hashOf: (destination) => hashOf(context, node, destination),
    defaultRetries: context.meshConfig.defaultHttpRetryPolicy,
  };
}

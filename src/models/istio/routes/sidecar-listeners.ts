// Outbound listeners of a sidecar: a wildcard one per HTTP port, one on the service's address for TCP, TLS and sniffed ports.
// Source: istio/istio pilot/pkg/networking/core/{listener,networkfilter,tls}.go (1.31). Rules LI-2..6, SC-1, SC-2.
import type { FilterChain, Listener, RouteConfiguration } from '../../envoy/config.ts';
import type { EgressListener, TranslationContext } from '../context.ts';
import { hostsMatch, isWildcard } from '../host-name.ts';
import type { ConfigObject, ProxyNode, Service, ServicePort } from '../model.ts';
import { isHttp, isHttpOrSniffed } from './destinations.ts';
import { serviceDomains, vipsOf } from './domains.ts';
import {
  byDomain,
  outboundRouteConfiguration,
  outboundVirtualHosts,
  sniffedRouteConfiguration,
} from './sidecar-http.ts';
import { type L4Rule, type L4Scope, tcpProxyOf, tcpRulesOf, tlsRulesOf } from './tcp-routes.ts';
import { viewOf } from './views.ts';

const HTTP_PROTOCOLS = ['http/1.0', 'http/1.1', 'h2c'];
const WILDCARD = '0.0.0.0';

export function sidecarOutbound(
  context: TranslationContext,
  node: ProxyNode,
): { listeners: Listener[]; routeConfigurations: RouteConfiguration[] } {
  const builder = new OutboundBuilder(context, node);
  for (const listener of context.egressListeners(node)) builder.add(listener);
  return builder.finish();
}

class OutboundBuilder {
  readonly #listeners = new Map<string, Listener>();
  readonly #tables = new Map<string, RouteConfiguration>();
  /** Ports that a Sidecar's egress listener names: the catch-all one leaves them alone. */
  readonly #explicitPorts = new Set<number>();
  /** VirtualServices of a listener by exact host; those with wildcards under "*". */
  readonly #byHost = new Map<EgressListener, Map<string, ConfigObject[]>>();

  constructor(
    readonly context: TranslationContext,
    readonly node: ProxyNode,
  ) {}

  add(egress: EgressListener): void {
    if (egress.port > 0) this.#explicitPorts.add(egress.port);
    const services = [...egress.services].sort(
      (a, b) => a.creation - b.creation || (a.hostname < b.hostname ? -1 : 1),
    );
    const byPort = new Map<number, [Service, ServicePort][]>();
    for (const service of services) {
      if (service.resolution === 'Alias') continue;
      for (const port of service.ports) {
        const isWanted = egress.port > 0 ? port.port === egress.port : !this.#explicitPorts.has(port.port);
        if (port.protocol === 'UDP' || !isWanted) continue;
        const list = byPort.get(port.port);
        if (list) list.push([service, port]);
        else byPort.set(port.port, [[service, port]]);
      }
    }
    for (const [port, entries] of byPort) this.#addPort(egress, port, entries);
  }

  #addPort(egress: EgressListener, port: number, entries: [Service, ServicePort][]): void {
    const { context, node } = this;
    const hasHttp = entries.some(([, entry]) => isHttpOrSniffed(entry.protocol));
    const virtualHosts = hasHttp ? outboundVirtualHosts(context, node, port, egress) : [];
    const isSniffed = entries.some(([, entry]) => entry.protocol === 'UNSUPPORTED');
    const hostOf = byDomain(isSniffed ? virtualHosts : []);
    let hasListener = false;
    for (const [service, entry] of entries) {
      if (isHttp(entry.protocol)) {
        // One listener serves them all.
        if (!hasListener) this.#addHttp(egress, port);
        hasListener = true;
      } else if (entry.protocol === 'UNSUPPORTED') {
        const vips = vipsOf(service, node);
        if (vips.length === 0) this.#addHttp(egress, port);
        const table = sniffedRouteConfiguration(hostOf, service, port);
        for (const vip of vips) {
          this.#tables.set(table.name, table);
          this.#put({
            ...listenerOn(vip, port, [httpChain(table.name, HTTP_PROTOCOLS)]),
            dialledAs: this.#namesOf(service),
          });
          this.#fallBack(vip, port, this.#tcpChains(egress, service, entry));
        }
      } else this.#addTcp(egress, service, entry);
    }
    if (
      this.#listeners
        .get(`${egress.bind || WILDCARD}_${port}`)
        ?.filterChains.some((chain) => chain.httpConnectionManager)
    )
      this.#tables.set(String(port), outboundRouteConfiguration(context, node, port, virtualHosts));
  }

  /** One listener for all HTTP services of the port; what does not look like HTTP goes where unknown traffic goes. */
  #addHttp(egress: EgressListener, port: number): void {
    const address = egress.bind || WILDCARD;
    const known = this.#listeners.get(`${address}_${port}`);
    if (known) {
      // A TCP service was here first (LI-3): both stay, told apart by the first bytes.
      if (!known.filterChains.some((chain) => chain.httpConnectionManager))
        known.filterChains.unshift(httpChain(String(port), HTTP_PROTOCOLS));
      return;
    }
    this.#put({
      ...listenerOn(address, port, [httpChain(String(port), HTTP_PROTOCOLS)]),
      defaultFilterChain: this.#passthrough(),
    });
  }

  #addTcp(egress: EgressListener, service: Service, port: ServicePort): void {
    const chains = this.#tcpChains(egress, service, port);
    const addresses = egress.bind ? [egress.bind] : this.#addressesOf(service, port);
    for (const address of addresses.length > 0 ? addresses : [WILDCARD]) {
      if (this.#listeners.has(`${address}_${port.port}`)) this.#fallBack(address, port.port, chains);
      else this.#put({ ...listenerOn(address, port.port, chains), dialledAs: this.#namesOf(service) });
    }
  }

  /** What applications of this namespace write to get to the service's address. */
  #namesOf(service: Service): string[] {
    return serviceDomains(this.context, this.node, service, []).domains.map((name) => name.toLowerCase());
  }

  /** VIPs; for a headless service the pods of the proxy's own cluster. */
  #addressesOf(service: Service, port: ServicePort): string[] {
    const vips = vipsOf(service, this.node);
    if (vips.length > 0 || service.resolution !== 'Passthrough' || service.registry !== 'Kubernetes')
      return vips;
    const endpoints = this.context.mesh.endpoints.get(`${service.hostname}/${service.namespace}`) ?? [];
    const own = endpoints.filter(
      (endpoint) => endpoint.clusterId === this.node.clusterId && endpoint.servicePortName === port.name,
    );
    return [...new Set(own.map((endpoint) => endpoint.address))];
  }

  /** Chains by server name or subnet from VirtualServices, then the service's own. */
  #tcpChains(egress: EgressListener, service: Service, port: ServicePort): FilterChain[] {
    const { context, node } = this;
    const scope: L4Scope = {
      port: port.port,
      gateways: MESH,
      labels: node.labels,
      namespace: node.namespace,
    };
    const objects = this.#virtualServicesFor(egress, service.hostname);
    const isTls = port.protocol === 'HTTPS' || port.protocol === 'TLS' || port.protocol === 'UNSUPPORTED';
    const rules = [
      ...(isTls ? objects.flatMap((object) => tlsRulesOf(object, scope)) : []),
      ...firstOf(objects.map((object) => tcpRulesOf(object, scope))),
    ].filter((rule) => rule.route.length > 0);
    const chains = rules.map((rule) => chainOf(rule, tcpProxyOf(context, node, rule, port.port)));
    if (rules.some((rule) => !rule.sniHosts && !rule.destinationSubnets)) return chains;
    const cluster = context.clusterName('outbound', port.port, '', service.hostname);
    return [...chains, { tcpProxy: { statPrefix: cluster, cluster } }];
  }

  /** In the listener's order. Found by exact host first, so that a thousand services do not each walk a thousand VirtualServices. */
  #virtualServicesFor(egress: EgressListener, hostname: string): ConfigObject[] {
    if (isWildcard(hostname))
      return egress.virtualServices.filter((object) => this.#touches(object, hostname));
    let byHost = this.#byHost.get(egress);
    if (!byHost) {
      byHost = new Map();
      for (const object of egress.virtualServices) {
        for (const host of new Set(viewOf(this.context, object).hosts)) {
          const key = isWildcard(host) ? '*' : host;
          const list = byHost.get(key) ?? [];
          if (list.at(-1) !== object) list.push(object);
          byHost.set(key, list);
        }
      }
      this.#byHost.set(egress, byHost);
    }
    const exact = byHost.get(hostname) ?? [];
    const wildcard = (byHost.get('*') ?? []).filter((object) => this.#touches(object, hostname));
    if (wildcard.length === 0) return exact;
    const found = new Set([...exact, ...wildcard]);
    return egress.virtualServices.filter((object) => found.has(object));
  }

  #touches(object: ConfigObject, hostname: string): boolean {
    return viewOf(this.context, object).hosts.some((host) => hostsMatch(host, hostname));
  }

  #put(listener: Listener): void {
    if (!this.#listeners.has(listener.name)) this.#listeners.set(listener.name, listener);
  }

  /** TCP chains behind the HTTP one of a listener that is there already. */
  #fallBack(address: string, port: number, chains: readonly FilterChain[]): void {
    const known = this.#listeners.get(`${address}_${port}`);
    const last = chains.at(-1);
    if (!known || !last || known.filterChains.some((chain) => chain.tcpProxy)) return;
    known.filterChains.push(...chains.slice(0, -1));
    known.defaultFilterChain = last;
  }

  #passthrough(): FilterChain {
    const cluster =
      this.context.outboundTrafficPolicy(this.node) === 'REGISTRY_ONLY'
        ? 'BlackHoleCluster'
        : 'PassthroughCluster';
    return { name: cluster, tcpProxy: { statPrefix: cluster, cluster } };
  }

  /** virtualOutbound takes every connection that no other listener has the address of. */
  finish(): { listeners: Listener[]; routeConfigurations: RouteConfiguration[] } {
    return {
      listeners: [
        ...this.#listeners.values(),
        {
          ...listenerOn(WILDCARD, 15001, []),
          name: 'virtualOutbound',
          defaultFilterChain: this.#passthrough(),
        },
      ],
      routeConfigurations: [...this.#tables.values()],
    };
  }
}

const MESH: ReadonlySet<string> = new Set(['mesh']);

const firstOf = (lists: L4Rule[][]): L4Rule[] => lists.find((list) => list.length > 0) ?? [];

const listenerOn = (address: string, port: number, filterChains: FilterChain[]): Listener => ({
  name: `${address}_${port}`,
  trafficDirection: 'OUTBOUND',
  address: { address, port },
  filterChains,
});

const httpChain = (routeConfigName: string, applicationProtocols: string[]): FilterChain => ({
  filterChainMatch: { transportProtocol: 'raw_buffer', applicationProtocols },
  httpConnectionManager: { statPrefix: `outbound_${routeConfigName}`, routeConfigName },
});

const chainOf = (rule: L4Rule, tcpProxy: NonNullable<FilterChain['tcpProxy']>): FilterChain => ({
  ...((rule.sniHosts || rule.destinationSubnets) && {
    filterChainMatch: {
      ...(rule.sniHosts && { serverNames: rule.sniHosts }),
      ...(rule.destinationSubnets && { prefixRanges: rule.destinationSubnets }),
    },
  }),
  tcpProxy,
});

// All gateways that run in one proxy, merged by the port that it listens on (GW-1, GW-4).
// Source: istio/istio pilot/pkg/model/gateway.go mergeGateways, gatewayRDSRouteName (1.31).
import type { TranslationContext } from '../context.ts';
import type { ProxyNode } from '../model.ts';
import { gatewayApiOf } from './gateway-api/index.ts';
import { type GatewayView, istioGateways, type ServerView } from './gateway-view.ts';
import { textOf } from './spec-reading.ts';

export interface MergedServer {
  gateway: GatewayView;
  server: ServerView;
  /** Name of the route table; "" for TCP. */
  routeName: string;
}

export interface MergedPort {
  bind: string;
  /** The pod's port. */
  port: number;
  kind: 'http' | 'tls' | 'tcp';
  servers: MergedServer[];
}

export const isHttpProtocol = (protocol: string): boolean =>
  ['HTTP', 'HTTP2', 'GRPC', 'GRPC-WEB', 'HTTP_PROXY'].includes(protocol);
const isTlsProtocol = (protocol: string): boolean => protocol === 'HTTPS' || protocol === 'TLS';

export const tlsMode = (server: ServerView): string =>
  textOf(server.tls ?? {}, 'mode').toUpperCase() || 'PASSTHROUGH';
/** HTTPS that ends here, so that HTTP rules apply behind it. */
export const terminatesHttps = (server: ServerView): boolean =>
  server.protocol === 'HTTPS' && server.tls !== undefined && !tlsMode(server).includes('PASSTHROUGH');

/** In creation order; a server that does not go with what its port has already is dropped. */
export function mergeGateways(context: TranslationContext, node: ProxyNode): MergedPort[] {
  const ports = new Map<string, MergedPort>();
  const serverNames = new Map<string, Set<string>>();
  const gateways = [...istioGateways(context), ...gatewayApiOf(context).gateways].sort(
    (a, b) => a.creation - b.creation,
  );
  for (const gateway of gateways) {
    if (!gateway.runsIn(node)) continue;
    for (const server of gateway.servers) {
      const port = targetPortOf(context, node, server.port);
      const kind = isHttpProtocol(server.protocol) ? 'http' : isTlsProtocol(server.protocol) ? 'tls' : 'tcp';
      const key = `${server.bind}|${port}`;
      const known = ports.get(key);
      if (known && (known.kind !== kind || kind === 'tcp')) continue;
      if (kind === 'tls') {
        // Two chains with one server name would make Envoy refuse the listener.
        const taken = serverNames.get(key) ?? new Set<string>();
        serverNames.set(key, taken);
        const names = sniHosts(server);
        if (names.some((name) => taken.has(name))) continue;
        for (const name of names) taken.add(name);
      }
      const merged: MergedServer = { gateway, server, routeName: routeNameOf(gateway, server, port) };
      if (known) known.servers.push(merged);
      else ports.set(key, { bind: server.bind, port, kind, servers: [merged] });
    }
  }
  return [...ports.values()];
}

export const sniHosts = (server: ServerView): string[] => [
  ...new Set(server.hosts.map((host) => host.slice(host.indexOf('/') + 1).toLowerCase())),
];

/** The gateway's own Service maps the server's port to the pod's; without such a Service port the number itself is listened on. */
function targetPortOf(context: TranslationContext, node: ProxyNode, port: number): number {
  return context.servedPorts(node).find((served) => served.port.port === port)?.targetPort ?? port;
}

function routeNameOf(gateway: GatewayView, server: ServerView, port: number): string {
  const bind = server.bind && server.bind !== '0.0.0.0' ? `.${server.bind}` : '';
  if (isHttpProtocol(server.protocol)) return `http.${port}${bind}`;
  if (!terminatesHttps(server)) return '';
  return `https.${port}.${server.portName}.${gateway.name}.${gateway.namespace}${bind}`;
}

// East-west gateways: a connection to one goes on, as TCP, to an endpoint that the gateway's own proxy picks by server name from its own
// view, once per connection. All requests on the connection are that endpoint's. Rule SH-9.
// Source: istio/istio pilot/pkg/networking/core/gateway.go buildGatewayTCPFilterChainOpts (AUTO_PASSTHROUGH), Envoy sni_cluster filter.
import { NO_HOST } from '../envoy/host-set.ts';
import type { ClusterState } from './cluster-state.ts';
import type { RunContext } from './run-context.ts';

/** What a new connection to a gateway comes to. */
export interface Forwarded {
  /** Index into servers; -1 = the gateway has nobody and closes, which fails the caller's TLS handshake. */
  server: number;
  /** One way from the gateway to the endpoint [ns]. */
  delayNs: number;
  /** The endpoint's packets vanish: the gateway's own connect timeout ends it. */
  isLost: boolean;
}

export class Forwarding {
  readonly #turn: number[] = [];
  readonly #found: Forwarded = { server: -1, delayNs: 0, isLost: false };

  constructor(readonly run: RunContext) {}

  isGateway(server: number): boolean {
    return server >= 0 && this.run.servers.all[server]!.spec.forwards !== undefined;
  }

  /** The result is overwritten by the next call. */
  connect(server: number, cluster: ClusterState): Forwarded {
    const { run } = this;
    const found = this.#found;
    found.server = -1;
    found.delayNs = 0;
    found.isLost = false;
    const { proxies } = run.servers.all[server]!.spec.forwards!;
    const turn = (this.#turn[server] ?? -1) + 1;
    this.#turn[server] = turn;
    const proxy = run.proxies[proxies[turn % proxies.length]!]!;
    const index = proxy.clusterIndex(serverName(cluster.config.name));
    if (index < 0) return found;
    const behind = run.clusters[index]!;
    const host = behind.balancers[proxy.newConnection()]!.chooseHost(null, null);
    if (host === NO_HOST) return found;
    const chosen = behind.hostServer[host]!;
    const mode =
      chosen < 0 ? 'refuse' : run.servers.connectMode(chosen, proxy.place, behind.hosts.address[host]);
    if (mode !== 'ok') {
      behind.detector?.onLocalOriginFailure(host, run.simulation.nowNs);
      found.isLost = mode === 'blackhole';
      return found;
    }
    behind.detector?.onLocalOriginConnectSuccess(host);
    found.server = chosen;
    found.delayNs = run.network.delay(proxy.place, run.servers.placeOf(chosen));
    return found;
  }
}

/** "outbound|7000||api.shop.svc.cluster.local" -> "outbound_.7000_._.api.shop.svc.cluster.local", the SNI and the gateway's cluster. */
const serverName = (cluster: string): string => cluster.split('|').join('_.');

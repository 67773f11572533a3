// Which filter chain of a proxy takes a connection to a port, as the simulated proxy finds it; real Envoys in a lab listen once for each
// such chain, because nothing redirects connections to them here.
import type { EnvoyConfig, FilterChain, Listener } from '../../models/envoy/config.ts';
import { withoutPort } from '../../models/envoy/route-match.ts';

/** What a client dials: the port, and the name it asks for. */
export interface Dialled {
  port: number;
  host: string;
}

export interface DialledChain {
  /** Same text = same chain. */
  key: string;
  chain: FilterChain;
}

export function dialledChain(config: EnvoyConfig, { port, host: asked }: Dialled): DialledChain | null {
  const host = withoutPort(asked).toLowerCase();
  const fitting = config.listeners.filter(
    (entry) => entry.address.port === port && entry.trafficDirection !== 'INBOUND',
  );
  const listener =
    fitting.find((entry) => entry.dialledAs?.includes(host)) ??
    fitting.find((entry) => entry.address.address === '0.0.0.0') ??
    fitting[0];
  if (!listener) return null;
  const index = listener.filterChains.findIndex(
    (entry) => (entry.httpConnectionManager || entry.tcpProxy) && takesServerName(entry, host),
  );
  const chain = index < 0 ? listener.defaultFilterChain : listener.filterChains[index];
  return chain ? { key: `${listener.name}/${index}`, chain } : null;
}

function takesServerName(chain: FilterChain, host: string): boolean {
  const names = chain.filterChainMatch?.serverNames;
  if (!names?.length) return true;
  return names.some((name) => name === host || (name.startsWith('*') && host.endsWith(name.slice(1))));
}

/** Nobody listens there: a listener that knows no route answers 404, as the simulated proxy does. */
const NOWHERE: FilterChain = {
  httpConnectionManager: { statPrefix: 'nowhere', routeConfig: { name: 'nowhere', virtualHosts: [] } },
};

/** A configuration for the lab: its listeners are the chains that are dialled, each at an address of its own. */
export function labConfig(
  config: EnvoyConfig,
  dials: readonly Dialled[],
  addressOf: (key: string) => { address: string; port: number },
): EnvoyConfig {
  const listeners = new Map<string, Listener>();
  for (const dialled of dials) {
    const found = dialledChain(config, dialled);
    const key = keyOf(dialled, found);
    if (listeners.has(key)) continue;
    const { filterChainMatch: _, ...chain } = found?.chain ?? NOWHERE;
    listeners.set(key, { name: key, address: addressOf(key), filterChains: [chain] });
  }
  return {
    ...config,
    listeners: [...listeners.values()],
    // The address that was dialled is the listener's own here: passing it on would be a circle.
    clusters: config.clusters.map((cluster) =>
      cluster.type === 'ORIGINAL_DST'
        ? { name: cluster.name, type: 'STATIC', loadAssignment: { clusterName: cluster.name, endpoints: [] } }
        : cluster,
    ),
  };
}

const keyOf = (dialled: Dialled, found: DialledChain | null) => found?.key ?? `nowhere/${dialled.port}`;

/** Name of the lab's listener for what is dialled. */
export function listenerNameOf(config: EnvoyConfig, dialled: Dialled): string {
  return keyOf(dialled, dialledChain(config, dialled));
}

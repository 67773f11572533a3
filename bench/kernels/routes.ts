// Whole runs of which only the routing counts: W1's choice - two localities at 90/10, eight endpoints each of weights 1 to 8, round robin - by
// a gateway of the full model. Its requests are counted at once, or walked one by one.
import type { Cluster, EnvoyConfig } from '../../src/models/envoy/config.ts';
import { type RunWays, runWorld } from '../../src/models/run/run-world.ts';
import type { Place, WorldSpec } from '../../src/models/world.ts';

const CLUSTER = 'outbound|80||backend.default.svc.cluster.local';
const place = (region: string): Place => ({ cluster: region, region, zone: `${region}-a`, node: region });

function world(requests: number): WorldSpec {
  const cluster: Cluster = {
    name: CLUSTER,
    lbPolicy: 'ROUND_ROBIN',
    commonLbConfig: { localityWeightedLbConfig: {}, healthyPanicThreshold: 0 },
    outlierDetection: { consecutive5xx: 5, enforcingSuccessRate: 0 },
  };
  const config: EnvoyConfig = {
    node: { id: 'gateway' },
    listeners: [
      {
        name: 'http',
        address: { address: '0.0.0.0', port: 80 },
        filterChains: [{ httpConnectionManager: { routeConfigName: 'http' } }],
      },
    ],
    routeConfigurations: [
      {
        name: 'http',
        virtualHosts: [
          { name: 'all', domains: ['*'], routes: [{ match: { prefix: '/' }, route: { cluster: CLUSTER } }] },
        ],
      },
    ],
    clusters: [cluster],
    endpoints: [
      {
        clusterName: CLUSTER,
        endpoints: [90, 10].map((loadBalancingWeight, r) => ({
          locality: { region: `r${r}` },
          loadBalancingWeight,
          lbEndpoints: Array.from({ length: 8 }, (_, i) => ({
            endpoint: { address: `10.0.${r}.${i + 1}`, port: 80 },
            loadBalancingWeight: i + 1,
          })),
        })),
      },
    ],
  };
  return {
    seed: 1,
    replication: 0,
    breakpointsNs: [],
    actions: [],
    proxies: [{ name: 'gateway', place: place('r0'), concurrency: 1, config }],
    servers: Array.from({ length: 16 }, (_, i) => ({
      name: `backend-${i}`,
      place: place(`r${i >> 3}`),
      addresses: [{ address: `10.0.${i >> 3}.${(i & 7) + 1}`, port: 80 }],
      labels: {},
      behaviour: { latency: { dist: 'fixed' as const, ns: 2e6 } },
    })),
    loads: [
      {
        name: 'calls',
        from: { proxy: 0, port: 80 },
        request: { method: 'GET', host: 'backend', path: '/', headers: {}, port: 80 },
        startNs: 0,
        arrivals: { kind: 'iterations', count: requests, paceNs: 1e6 },
        connections: 'new',
      },
    ],
    oneWayDelayNs: (from, to) => ({ delayNs: from.region === to.region ? 1e5 : 14e6 }),
  };
}

export function routes(requests: number, routing: NonNullable<RunWays['routing']> = 'counts') {
  const { loads, tallies, path } = runWorld(world(requests), { routing });
  const by = tallies[0]!.by;
  const counts = Array.from({ length: 16 }, (_, server) => by[server]?.requests ?? 0);
  return {
    requests: loads[0]!.requests,
    ok: loads[0]!.ok,
    counts,
    meanMs: loads[0]!.latency.mean * 1e3,
    isRouted: path.includes('routing only'),
  };
}

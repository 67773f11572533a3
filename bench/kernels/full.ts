// The full model on W2's topology: route, priorities, localities by schedule, two choices, outlier sweeps, a route and a per-try timeout
// armed for every request, retries, connection pools, statistics per endpoint. Two localities of equal weight, and a second priority in reserve.
import type { Cluster, ClusterLoadAssignment, EnvoyConfig } from '../../src/models/envoy/config.ts';
import { runWorld } from '../../src/models/run/run-world.ts';
import type { Place, WorldSpec } from '../../src/models/world.ts';

const CLUSTER = 'outbound|80||backend.default.svc.cluster.local';
const REGIONS = ['near', 'far'];
const place = (region: string): Place => ({ cluster: region, region, zone: `${region}-a`, node: region });
const address = (i: number) => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`;

export interface FullCheck {
  requests: number;
  ok: number;
  attempts: number;
  meanMs: number;
  p50Ms: number;
  p99Ms: number;
  ejections: number;
  events: number;
  digest: string;
}

function world(requests: number, endpoints: number): WorldSpec {
  const cluster: Cluster = {
    name: CLUSTER,
    lbPolicy: 'LEAST_REQUEST',
    commonLbConfig: { localityWeightedLbConfig: {}, healthyPanicThreshold: 0 },
    outlierDetection: { interval: '1s', baseEjectionTime: '30s', consecutive5xx: 5 },
    circuitBreakers: {
      thresholds: [{ maxConnections: 1e9, maxPendingRequests: 1e9, maxRequests: 1e9, maxRetries: 1e9 }],
    },
  };
  const groups = (priority: number, count: number): ClusterLoadAssignment['endpoints'] =>
    REGIONS.map((region, r) => ({
      locality: { region },
      loadBalancingWeight: 50,
      priority,
      lbEndpoints: Array.from({ length: count / 2 }, (_, i) => ({
        endpoint: { address: address((priority << 20) + r * (count / 2) + i + 1), port: 80 },
      })),
    }));
  const assignment: ClusterLoadAssignment = {
    clusterName: CLUSTER,
    endpoints: [...groups(0, endpoints), ...groups(1, 2)],
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
          {
            name: 'backend',
            domains: ['*'],
            routes: [
              {
                match: { prefix: '/' },
                route: {
                  cluster: CLUSTER,
                  timeout: '15s',
                  retryPolicy: { retryOn: '5xx', numRetries: 2, perTryTimeout: '5s' },
                },
              },
            ],
          },
        ],
      },
    ],
    clusters: [cluster],
    endpoints: [assignment],
  };
  return {
    seed: 1,
    replication: 0,
    breakpointsNs: [],
    actions: [],
    proxies: [{ name: 'gateway', place: place('edge'), concurrency: 1, config }],
    servers: assignment.endpoints.flatMap((group) =>
      group.lbEndpoints.map(({ endpoint }) => ({
        name: `backend-${endpoint.address}`,
        place: place(group.locality?.region ?? ''),
        addresses: [{ address: endpoint.address, port: endpoint.port }],
        labels: { workload: 'backend' },
        behaviour: {
          latency: { dist: 'exponential' as const, meanNs: 2e6 },
          concurrency: 8,
          errorRate: 0.001,
          errorStatus: 503,
        },
      })),
    ),
    loads: [
      {
        name: 'load',
        from: { proxy: 0, port: 80 },
        request: { method: 'GET', host: 'backend', path: '/', headers: {}, port: 80 },
        startNs: 0,
        arrivals: {
          kind: 'open',
          stages: [{ durationNs: 1e15, fromPerSecond: 3125 * endpoints, toPerSecond: 3125 * endpoints }],
          poisson: true,
          count: requests,
        },
        connections: 64,
      },
    ],
    oneWayDelayNs: () => ({ delayNs: 1e6 }),
  };
}

export function full(requests: number, endpoints = 16): FullCheck {
  const result = runWorld(world(requests, endpoints));
  const load = result.loads[0]!;
  return {
    requests: load.requests,
    ok: load.ok,
    attempts: load.attempts,
    meanMs: Math.round(load.latency.mean * 1e9) / 1e6,
    p50Ms: load.latency.p50 * 1e3,
    p99Ms: load.latency.p99 * 1e3,
    ejections: result.ejections.length,
    events: result.events,
    digest: result.digest,
  };
}

// A small two-region Bookinfo as a world: a gateway, productpage behind it with a sidecar, reviews-v1 in Hangzhou, reviews-v2 in Shanghai.
import type { Cluster, ClusterLoadAssignment, EnvoyConfig } from '../../../src/models/envoy/config.ts';
import type { ServerSpec, WorldSpec } from '../../../src/models/world.ts';

const place = (cluster: string, region: string, node: string) => ({
  cluster,
  region,
  zone: `${region}-a`,
  node,
});
export const HANGZHOU = place('ack-hangzhou', 'cn-hangzhou', 'h1');
export const SHANGHAI = place('ack-shanghai', 'cn-shanghai', 's1');

export function reviewsEndpoints(
  localities: { region: string; address: string; weight?: number; priority?: number }[],
): ClusterLoadAssignment {
  return {
    clusterName: 'outbound|9080||reviews.default.svc.cluster.local',
    endpoints: localities.map((entry) => ({
      locality: { region: entry.region },
      loadBalancingWeight: entry.weight ?? 1,
      priority: entry.priority ?? 0,
      lbEndpoints: [{ endpoint: { address: entry.address, port: 9080 } }],
    })),
  };
}

function config(
  id: string,
  port: number,
  host: string,
  cluster: Cluster,
  endpoints: ClusterLoadAssignment,
  retry = true,
): EnvoyConfig {
  return {
    node: { id },
    listeners: [
      {
        name: `l${port}`,
        address: { address: '0.0.0.0', port },
        filterChains: [{ httpConnectionManager: { routeConfigName: 'r' } }],
      },
    ],
    routeConfigurations: [
      {
        name: 'r',
        virtualHosts: [
          {
            name: host,
            domains: ['*'],
            routes: [
              {
                match: { prefix: '/' },
                route: {
                  cluster: cluster.name,
                  timeout: '0s',
                  ...(retry && {
                    retryPolicy: {
                      retryOn: 'connect-failure,refused-stream,unavailable,cancelled,retriable-status-codes',
                      numRetries: 2,
                      retryHostPredicate: [{ name: 'envoy.retry_host_predicates.previous_hosts' }],
                      hostSelectionRetryMaxAttempts: 5,
                    },
                  }),
                },
              },
            ],
          },
        ],
      },
    ],
    clusters: [cluster],
    endpoints: [endpoints],
  };
}

export interface TwoRegions {
  seed?: string | number;
  iterations?: number;
  workers?: number;
  cluster?: Partial<Cluster>;
  endpoints?: ClusterLoadAssignment;
  reviewsV1?: Partial<ServerSpec>;
}

export function twoRegions(options: TwoRegions = {}): WorldSpec {
  const reviews: Cluster = {
    name: 'outbound|9080||reviews.default.svc.cluster.local',
    lbPolicy: 'LEAST_REQUEST',
    commonLbConfig: { localityWeightedLbConfig: {}, healthyPanicThreshold: 0 },
    ...options.cluster,
  };
  const productpage: Cluster = {
    name: 'outbound|9080||productpage.default.svc.cluster.local',
    lbPolicy: 'LEAST_REQUEST',
  };
  const fixed = { dist: 'fixed' as const, ns: 2e6 };
  const stars = ['<!-- full stars: -->', '<!-- full stars: -->'];
  return {
    seed: options.seed ?? 1,
    replication: 0,
    breakpointsNs: [],
    actions: [],
    proxies: [
      {
        name: 'istio-ingressgateway',
        place: HANGZHOU,
        concurrency: options.workers ?? 1,
        config: config('gw', 80, 'productpage', productpage, {
          clusterName: productpage.name,
          endpoints: [{ lbEndpoints: [{ endpoint: { address: '10.45.0.1', port: 9080 } }] }],
        }),
      },
      {
        name: 'productpage-v1',
        place: HANGZHOU,
        concurrency: options.workers ?? 1,
        config: config(
          'pp',
          9080,
          'reviews',
          reviews,
          options.endpoints ??
            reviewsEndpoints([
              { region: 'cn-hangzhou', address: '10.45.0.2', weight: 90 },
              { region: 'cn-shanghai', address: '10.47.0.2', weight: 10 },
            ]),
        ),
      },
    ],
    servers: [
      {
        name: 'productpage-v1-0',
        place: HANGZHOU,
        addresses: [{ address: '10.45.0.1', port: 9080 }],
        labels: { workload: 'productpage-v1' },
        sidecar: 1,
        behaviour: {
          latency: fixed,
          onCallFailure: 'ignore',
          script: [
            { call: { method: 'GET', host: 'reviews:9080', path: '/reviews/0', headers: {}, port: 9080 } },
          ],
        },
      },
      {
        name: 'reviews-v1-0',
        place: HANGZHOU,
        addresses: [{ address: '10.45.0.2', port: 9080 }],
        labels: { workload: 'reviews-v1' },
        behaviour: { latency: fixed },
        ...options.reviewsV1,
      },
      {
        name: 'reviews-v2-0',
        place: SHANGHAI,
        addresses: [{ address: '10.47.0.2', port: 9080 }],
        labels: { workload: 'reviews-v2' },
        behaviour: { latency: fixed, prints: stars },
      },
    ],
    loads: [
      {
        name: 'ten-curls',
        from: { proxy: 0, port: 80 },
        request: { method: 'GET', host: 'bookinfo.local', path: '/productpage', headers: {}, port: 80 },
        startNs: 0,
        arrivals: { kind: 'iterations', count: options.iterations ?? 10, paceNs: 1e9 },
        connections: 'new',
        grep: 'full.stars',
      },
    ],
    oneWayDelayNs: (from, to) => ({ delayNs: from.region === to.region ? 1e5 : 14e6 }),
  };
}

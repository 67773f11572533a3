// Random small worlds: a gateway in front of two services in two regions, with whatever may happen to them.
import fc from 'fast-check';
import type { Cluster, ClusterLoadAssignment, EnvoyConfig } from '../../../src/models/envoy/config.ts';
import type { ActionSpec, LatencySpec, LoadSpec, StepSpec, WorldSpec } from '../../../src/models/world.ts';

const place = (region: string) => ({ cluster: 'c', region, zone: `${region}-a`, node: `${region}-1` });
const REGIONS = ['near', 'far'];
const FRONT = 'outbound|80||front.default.svc.cluster.local';
const BACK = 'outbound|80||back.default.svc.cluster.local';

type Action =
  | 'none'
  | 'remove'
  | 'restore'
  | 'refuse'
  | 'mark'
  | 'push'
  | 'slow'
  | 'lost'
  | 'hang'
  | 'reset'
  | 'respond'
  | 'cut'
  | 'heal'
  | 'restart';

export interface Shape {
  seed: number;
  workers: number;
  policy: NonNullable<Cluster['lbPolicy']>;
  isWeighted: boolean;
  isHttp2: boolean;
  perConnection: number;
  detects: 'no' | 'consecutive' | 'rates';
  latency: LatencySpec['dist'];
  hosts: number;
  weights: number[];
  jitterNs: number;
  loss: number;
  isNarrow: boolean;
  timeoutMs: number;
  idleTimeoutMs: number;
  errorRate: number;
  paceMs: number;
  load: 'iterations' | 'constant' | 'poisson' | 'closed' | 'two';
  fromServers: boolean;
  connections: number | 'new';
  backCalls: number;
  split: boolean;
  /** Only in busy worlds. */
  users?: number;
  tryTimeoutMs?: number;
  /** Requests that a server works on at once, 0 = any number. */
  places?: number;
  isParallel?: boolean;
  onCallFailure?: 'ignore' | 'propagate' | undefined;
  /** Of the circuit breaker, 0 = its default. */
  maxRequests?: number;
  faults?: Action[];
  actions: Action[];
}

const calm = {
  seed: fc.integer({ min: 0, max: 1e6 }),
  workers: fc.integer({ min: 1, max: 3 }),
  policy: fc.constantFrom('ROUND_ROBIN' as const, 'LEAST_REQUEST' as const, 'RANDOM' as const),
  isWeighted: fc.boolean(),
  isHttp2: fc.boolean(),
  perConnection: fc.constantFrom(0, 0, 1, 3),
  detects: fc.constantFrom('no' as const, 'consecutive' as const, 'rates' as const),
  latency: fc.constantFrom(
    'fixed' as const,
    'uniform' as const,
    'exponential' as const,
    'lognormal' as const,
  ),
  hosts: fc.integer({ min: 1, max: 3 }),
  weights: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 6, maxLength: 6 }),
  jitterNs: fc.constantFrom(0, 1e6),
  loss: fc.constantFrom(0, 0, 0.05),
  isNarrow: fc.boolean(),
  timeoutMs: fc.constantFrom(0, 0, 0, 60, 2000),
  idleTimeoutMs: fc.constantFrom(0, 150, 5000),
  errorRate: fc.constantFrom(0, 0, 0, 0, 0, 0.02),
  paceMs: fc.constantFrom(0, 100, 1000, 1000),
  load: fc.constantFrom(
    'iterations' as const,
    'constant' as const,
    'poisson' as const,
    'closed' as const,
    'two' as const,
  ),
  fromServers: fc.boolean(),
  connections: fc.constantFrom<number | 'new'>('new', 1, 2),
  backCalls: fc.integer({ min: 0, max: 2 }),
  split: fc.boolean(),
  actions: fc.array(
    fc.constantFrom(
      'none' as const,
      'remove' as const,
      'restore' as const,
      'refuse' as const,
      'mark' as const,
      'push' as const,
      'slow' as const,
      'lost' as const,
    ),
    { maxLength: 4 },
  ),
};

/** Worlds where requests rarely meet. */
export const calmShapes: fc.Arbitrary<Shape> = fc.record(calm);

/** Worlds where they meet all the time, wait for each other, time out, fail and are tried again. */
export const busyShapes: fc.Arbitrary<Shape> = fc.record({
  ...calm,
  load: fc.constantFrom('constant' as const, 'poisson' as const, 'closed' as const),
  users: fc.integer({ min: 2, max: 20 }),
  paceMs: fc.constantFrom(0, 2, 5, 20),
  errorRate: fc.constantFrom(0, 0.02, 0.3),
  timeoutMs: fc.constantFrom(0, 20, 60, 2000),
  tryTimeoutMs: fc.constantFrom(0, 4, 40, 1000),
  places: fc.constantFrom(0, 1, 2),
  isParallel: fc.boolean(),
  onCallFailure: fc.constantFrom('ignore' as const, 'propagate' as const, undefined),
  maxRequests: fc.constantFrom(0, 0, 2),
  faults: fc.array(
    fc.constantFrom(
      'remove' as const,
      'restore' as const,
      'refuse' as const,
      'push' as const,
      'slow' as const,
      'lost' as const,
      'hang' as const,
      'reset' as const,
      'respond' as const,
      'cut' as const,
      'heal' as const,
      'restart' as const,
    ),
    { maxLength: 5 },
  ),
});

const countOf = ({ users }: Shape) => (users === undefined ? 60 : 200);

function latencyOf(dist: LatencySpec['dist']): LatencySpec {
  switch (dist) {
    case 'uniform':
      return { dist, minNs: 1e6, maxNs: 3e6 };
    case 'exponential':
      return { dist, meanNs: 2e6 };
    case 'lognormal':
      return { dist, p50Ns: 2e6, p99Ns: 20e6 };
    default:
      return { dist: 'fixed', ns: 2e6 };
  }
}

export function worldOf(shape: Shape): WorldSpec {
  const endpoints = (name: string, block: number, hosts: number): ClusterLoadAssignment => ({
    clusterName: name,
    endpoints: REGIONS.map((region, r) => ({
      locality: { region },
      loadBalancingWeight: shape.weights[r]!,
      lbEndpoints: Array.from({ length: hosts }, (_, i) => ({
        endpoint: { address: `10.${block}.${r}.${i + 1}`, port: 80 },
        loadBalancingWeight: shape.isWeighted ? shape.weights[2 + i]! : 1,
      })),
    })),
  });
  const cluster = (name: string): Cluster => ({
    name,
    lbPolicy: shape.policy,
    commonLbConfig: { localityWeightedLbConfig: {}, healthyPanicThreshold: 0 },
    ...(shape.isHttp2 && { http2ProtocolOptions: {} }),
    ...(shape.maxRequests && { circuitBreakers: { thresholds: [{ maxRequests: shape.maxRequests }] } }),
    commonHttpProtocolOptions: {
      ...(shape.perConnection > 0 && { maxRequestsPerConnection: shape.perConnection }),
      ...(shape.idleTimeoutMs > 0 && { idleTimeout: `${shape.idleTimeoutMs / 1000}s` }),
    },
    ...(shape.detects !== 'no' && {
      outlierDetection: {
        consecutive5xx: 2,
        interval: '1s',
        baseEjectionTime: '1s',
        maxEjectionPercent: 100,
        ...(shape.detects === 'consecutive' && { enforcingSuccessRate: 0 }),
      },
    }),
  });
  const config = (id: string, front: number, back: number): EnvoyConfig => ({
    node: { id, locality: { region: 'near' } },
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
        virtualHosts: [FRONT, BACK].map((name) => ({
          name,
          domains: [name === FRONT ? 'front' : 'back'],
          routes: [
            {
              match: { prefix: '/' },
              route: {
                ...(shape.split && name === FRONT
                  ? {
                      weightedClusters: {
                        clusters: [
                          { name: FRONT, weight: 70 },
                          { name: BACK, weight: 30 },
                        ],
                      },
                    }
                  : { cluster: name }),
                timeout: `${shape.timeoutMs / 1000}s`,
                retryPolicy: {
                  retryOn: '5xx',
                  numRetries: 2,
                  perTryTimeout: `${(shape.tryTimeoutMs ?? 1000) / 1000}s`,
                },
              },
            },
          ],
        })),
      },
    ],
    clusters: [cluster(FRONT), cluster(BACK)],
    endpoints: [endpoints(FRONT, 1, front), endpoints(BACK, 2, back)],
  });
  const ask = (host: string) => ({ method: 'GET', host, path: '/', headers: {}, port: 80 });
  const script: StepSpec[] = [{ sleepNs: 5e5 }];
  const calls = Array.from({ length: shape.backCalls }, () => ask('back'));
  if (shape.isParallel && calls.length > 1) script.push({ parallel: calls });
  else for (const call of calls) script.push({ call });
  const proxies: WorldSpec['proxies'] = [
    {
      name: 'gateway',
      place: place('near'),
      concurrency: shape.workers,
      config: config('gateway', shape.hosts, 1),
    },
  ];
  const servers: WorldSpec['servers'] = [];
  for (const block of [1, 2])
    for (const [r, region] of REGIONS.entries())
      for (let i = 0; i < shape.hosts; i++) {
        const name = `${block === 1 ? 'front' : 'back'}-${region}-${i}`;
        if (block === 1)
          proxies.push({
            name: `sidecar of ${name}`,
            place: place(region),
            concurrency: 2,
            config: config(name, 1, shape.hosts),
          });
        servers.push({
          name,
          place: place(region),
          addresses: [{ address: `10.${block}.${r}.${i + 1}`, port: 80 }],
          labels: {},
          behaviour: {
            latency: latencyOf(shape.latency),
            ...(shape.places && { concurrency: shape.places }),
            ...(shape.onCallFailure && { onCallFailure: shape.onCallFailure }),
            ...(block === 1 && { script, connections: 2 }),
            ...(block === 2 && shape.errorRate > 0 && { errorRate: shape.errorRate, errorStatus: 503 }),
            prints: ['a line', 'another'],
          },
          ...(block === 1 && { sidecar: proxies.length - 1 }),
        });
      }
  const arrivals = (): LoadSpec['arrivals'] => {
    switch (shape.load) {
      case 'constant':
      case 'poisson': {
        const rate = 1000 / Math.max(shape.users === undefined ? 10 : 1, shape.paceMs);
        const stages = [{ durationNs: 60e9, fromPerSecond: rate, toPerSecond: rate }];
        return { kind: 'open', stages, poisson: shape.load === 'poisson', count: countOf(shape) };
      }
      case 'closed':
        return {
          kind: 'closed',
          users: shape.users ?? 1,
          think: { dist: 'exponential', meanNs: shape.paceMs * 1e6 },
          count: countOf(shape),
        };
      default:
        return { kind: 'iterations', count: 60, paceNs: shape.paceMs * 1e6, gapNs: 1e6, jitterNs: 1e5 };
    }
  };
  const load = (name: string, startNs: number, after?: string): LoadSpec => ({
    name,
    from: shape.fromServers ? { servers: [0, shape.hosts] } : { proxy: 0, port: 80 },
    request: shape.fromServers ? ask('back') : ask('front'),
    startNs,
    arrivals: arrivals(),
    connections: shape.connections,
    grep: 'line$',
    ...(after !== undefined && { after }),
  });
  const everywhere = proxies.map((_, i) => i);
  const action = (kind: Action, atNs: number): ActionSpec[] => {
    switch (kind) {
      case 'none':
        return [];
      case 'remove':
        return [{ kind: 'endpoints', atNs, proxies: everywhere, assignments: [endpoints(BACK, 2, 0)] }].map(
          (entry) => ({
            ...entry,
            kind: 'endpoints',
            assignments: [
              {
                ...endpoints(BACK, 2, shape.hosts),
                endpoints: [endpoints(BACK, 2, shape.hosts).endpoints[1]!],
              },
            ],
          }),
        );
      case 'restore':
        return [
          { kind: 'endpoints', atNs, proxies: everywhere, assignments: [endpoints(BACK, 2, shape.hosts)] },
        ];
      case 'push':
        return [{ kind: 'config', atNs, proxies: [0], config: config('gateway', shape.hosts, shape.hosts) }];
      case 'refuse':
        return [{ kind: 'serverMode', atNs, servers: [servers.length - 1], mode: 'refuse' }];
      case 'slow':
        return [{ kind: 'serverSlow', atNs, servers: [0], byNs: 1e6 }];
      case 'lost':
        return [{ kind: 'serverLost', atNs, servers: [1 % servers.length] }];
      case 'hang':
      case 'reset': {
        const mode = kind === 'hang' ? 'hang' : 'resetOnAccept';
        return [{ kind: 'serverMode', atNs, servers: [servers.length - 1], mode, percentage: 50 }];
      }
      case 'respond':
        return [
          { kind: 'serverRespond', atNs, servers: [0, servers.length - 1], status: 503, percentage: 50 },
        ];
      case 'cut':
      case 'heal':
        return [{ kind: 'partition', atNs, between: ['near', 'far'], isOn: kind === 'cut' }];
      case 'restart':
        return [{ kind: 'restartProxy', atNs, proxies: [0] }];
      case 'mark':
        return [{ kind: 'mark', atNs, name: 'here', label: 'a mark' }];
    }
  };
  return {
    seed: shape.seed,
    replication: 0,
    proxies,
    servers,
    loads: shape.load === 'two' ? [load('a', 0), load('b', 5e8, 'a')] : [load('a', 1e6)],
    actions: [
      ...shape.actions.flatMap((kind, i) => action(kind, (i + 1) * 1.3e9 + 12345)),
      ...(shape.faults ?? []).flatMap((kind, i) => action(kind, (i + 1) * 7e7 + 12345)),
    ],
    breakpointsNs: [1e9, 2e9],
    oneWayDelayNs: (from, to) => ({
      delayNs: from.region === to.region ? 2e5 : 14e6,
      jitterNs: shape.jitterNs,
      loss: from.region === to.region ? 0 : shape.loss,
      ...(shape.isNarrow &&
        from.region !== to.region && { queue: { name: `${from.region}>${to.region}`, bitsPerSecond: 1e6 } }),
    }),
  };
}

// Straight running is the same simulation: every number, every draw and every event of the digest, whatever the world.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Cluster, ClusterLoadAssignment, EnvoyConfig } from '../../../src/models/envoy/config.ts';
import { runWorld } from '../../../src/models/run/run-world.ts';
import type {
  ActionSpec,
  LatencySpec,
  LoadSpec,
  RunResult,
  StepSpec,
  WorldSpec,
} from '../../../src/models/world.ts';
import { twoRegions } from './two-regions.ts';

const place = (region: string) => ({ cluster: 'c', region, zone: `${region}-a`, node: `${region}-1` });
const REGIONS = ['near', 'far'];
const FRONT = 'outbound|80||front.default.svc.cluster.local';
const BACK = 'outbound|80||back.default.svc.cluster.local';

interface Shape {
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
  actions: ('none' | 'remove' | 'restore' | 'refuse' | 'mark' | 'push' | 'slow' | 'lost')[];
}

const shapes: fc.Arbitrary<Shape> = fc.record({
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
});

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

function worldOf(shape: Shape): WorldSpec {
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
                retryPolicy: { retryOn: '5xx', numRetries: 2, perTryTimeout: '1s' },
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
  for (let i = 0; i < shape.backCalls; i++) script.push({ call: ask('back') });
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
        const rate = 1000 / Math.max(10, shape.paceMs);
        const stages = [{ durationNs: 60e9, fromPerSecond: rate, toPerSecond: rate }];
        return { kind: 'open', stages, poisson: shape.load === 'poisson', count: 60 };
      }
      case 'closed':
        return {
          kind: 'closed',
          users: 1,
          think: { dist: 'exponential', meanNs: shape.paceMs * 1e6 },
          count: 60,
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
  const action = (kind: Shape['actions'][number], atNs: number): ActionSpec[] => {
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
    actions: shape.actions.flatMap((kind, i) => action(kind, (i + 1) * 1.3e9 + 12345)),
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

const withoutPath = (result: RunResult) => ({ ...result, path: '' });

describe('a straight run', () => {
  it('gives the bytes of the run with events', () => {
    const paths = new Map<string, number>();
    fc.assert(
      fc.property(shapes, (shape) => {
        const straight = runWorld(worldOf(shape));
        const events = runWorld(worldOf(shape), { eventsOnly: true });
        const path = straight.path.replace(/until .* s/, 'until a time');
        paths.set(path, (paths.get(path) ?? 0) + 1);
        expect(withoutPath(straight)).toEqual(withoutPath(events));
      }),
      { numRuns: 250, seed: 1 },
    );
    // All three ways are taken, straight ones often enough to mean something.
    expect([...paths.keys()].sort()).toEqual(['events', 'straight', 'straight until a time, then events']);
    expect(paths.get('straight')!).toBeGreaterThan(40);
  });

  it('is chosen for the two regions, and says so', () => {
    const straight = runWorld(twoRegions());
    expect(straight.path).toBe('straight');
    expect(straight.digest).toBe('a4f8f1314cf4f75b');
    expect(withoutPath(straight)).toEqual(withoutPath(runWorld(twoRegions(), { eventsOnly: true })));
  });

  it('is not chosen where a few requests are kept for explanations', () => {
    expect(runWorld({ ...twoRegions(), sampleRequests: 3 }).path).toBe('events');
  });
});

// Random small worlds of a mesh three calls deep for routing alone: a gateway, fronts that call backs and sides, backs that call a store.
import fc from 'fast-check';
import type { Cluster, ClusterLoadAssignment, EnvoyConfig } from '../../../../src/models/envoy/config.ts';
import type { ActionSpec, LatencySpec, LoadSpec, StepSpec, WorldSpec } from '../../../../src/models/world.ts';

const REGIONS = ['near', 'far'];
const SERVICES = ['front', 'back', 'side', 'store'] as const;
type Service = (typeof SERVICES)[number];
const clusterOf = (service: Service) => `outbound|80||${service}.default.svc.cluster.local`;
const place = (region: string) => ({ cluster: 'c', region, zone: `${region}-a`, node: `${region}-1` });

export interface Shape {
  seed: number;
  workers: number;
  policy: NonNullable<Cluster['lbPolicy']>;
  /** Hosts of each service in each region. */
  hosts: number[];
  isWeighted: boolean;
  /** Locality weights; null = the balancers know no localities. */
  localities: [number, number] | null;
  hasFailover: boolean;
  weights: number[];
  latency: 'same' | 'byRegion' | 'byHost' | LatencySpec['dist'];
  /** Of the way between regions. */
  way: 'short' | 'long' | 'narrow' | 'jitter' | 'loss';
  detects: 'no' | 'consecutive' | 'rates';
  splitsOrigin: boolean;
  idleTimeoutMs: number;
  timeoutMs: number;
  isHttp2: boolean;
  /** Calls of a front, in order. */
  calls: ('back' | 'side' | 'sleep')[];
  /** Backs ask the store, one in the near region alone or all. */
  storeCalls: 'none' | 'near' | 'all';
  split: number;
  frontConnections: number | 'new';
  load: 'iterations' | 'jitter' | 'constant' | 'ramp' | 'poisson' | 'closed' | 'thinking' | 'two';
  paceMs: number;
  gapMs: number;
  from: 'gateway' | 'gateways' | 'fronts';
  connections: number | 'new';
  texts: number;
  durationS: number;
  slowStart: boolean;
  actions: ('mark' | 'remove' | 'restore' | 'push' | 'slow' | 'quick' | 'fail')[];
  breakpoints: number[];
}

/** Anything. */
export const wild: fc.Arbitrary<Shape> = fc.record({
  seed: fc.integer({ min: 0, max: 1e6 }),
  workers: fc.constantFrom(1, 1, 2),
  policy: fc.constantFrom<Shape['policy'][]>(
    'ROUND_ROBIN',
    'ROUND_ROBIN',
    'LEAST_REQUEST',
    'LEAST_REQUEST',
    'RANDOM',
    'RING_HASH',
  ),
  hosts: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 4, maxLength: 4 }),
  isWeighted: fc.boolean(),
  localities: fc.option(
    fc.tuple(fc.integer({ min: 1, max: 9 }), fc.constantFrom(0, 1, 2, 3, 4, 5)) as fc.Arbitrary<
      [number, number]
    >,
  ),
  hasFailover: fc.boolean(),
  weights: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 6, maxLength: 6 }),
  latency: fc.constantFrom<Shape['latency'][]>(
    'same',
    'same',
    'byRegion',
    'byRegion',
    'byHost',
    'uniform',
    'lognormal',
  ),
  way: fc.constantFrom<Shape['way'][]>('short', 'short', 'long', 'narrow', 'jitter', 'loss'),
  detects: fc.constantFrom<Shape['detects'][]>('no', 'consecutive', 'rates'),
  splitsOrigin: fc.boolean(),
  idleTimeoutMs: fc.constantFrom(0, 0, 3_600_000, 3_600_000, 20_000, 2_000, 200),
  timeoutMs: fc.constantFrom(0, 0, 0, 0, 15_000, 40),
  isHttp2: fc.boolean(),
  calls: fc.array(fc.constantFrom<Shape['calls'][number][]>('back', 'side', 'sleep'), { maxLength: 3 }),
  storeCalls: fc.constantFrom<Shape['storeCalls'][]>('none', 'near', 'all'),
  split: fc.constantFrom(0, 0, 0, 30),
  frontConnections: fc.constantFrom<Shape['frontConnections'][]>(1, 1, 2, 3, 'new'),
  load: fc.constantFrom<Shape['load'][]>(
    'iterations',
    'iterations',
    'iterations',
    'jitter',
    'constant',
    'ramp',
    'poisson',
    'closed',
    'thinking',
    'two',
  ),
  paceMs: fc.constantFrom(0, 20, 100, 400),
  gapMs: fc.constantFrom(0, 0, 3),
  from: fc.constantFrom<Shape['from'][]>('gateway', 'gateway', 'gateway', 'gateways', 'fronts'),
  connections: fc.constantFrom<Shape['connections'][]>('new', 'new', 1, 3),
  texts: fc.constantFrom(1, 1, 1, 3),
  durationS: fc.constantFrom(0, 0, 0, 7),
  slowStart: fc.constantFrom(false, false, false, true),
  actions: fc.array(
    fc.constantFrom<Shape['actions'][number][]>('mark', 'remove', 'restore', 'push', 'slow', 'quick', 'fail'),
    { maxLength: 3 },
  ),
  breakpoints: fc.constantFrom([], [], [5e9], [5e9, 9e9]),
});

/** Mostly what can be counted at once. */
export const tame: fc.Arbitrary<Shape> = fc
  .tuple(
    wild,
    fc.record({
      policy: fc.constantFrom<Shape['policy'][]>('ROUND_ROBIN', 'LEAST_REQUEST'),
      hosts: fc.array(fc.constantFrom(1, 1, 2), { minLength: 4, maxLength: 4 }),
      latency: fc.constantFrom<Shape['latency'][]>('same', 'byRegion', 'byRegion', 'byHost'),
      way: fc.constantFrom<Shape['way'][]>('short', 'long', 'narrow'),
      idleTimeoutMs: fc.constantFrom(0, 3_600_000, 20_000),
      timeoutMs: fc.constant(0),
      calls: fc.constantFrom<Shape['calls'][]>(
        ['back'],
        ['sleep', 'back'],
        ['side', 'back'],
        ['back', 'side', 'sleep'],
        ['back', 'back'],
        [],
      ),
      load: fc.constantFrom<Shape['load'][]>('iterations', 'iterations', 'constant', 'ramp', 'closed', 'two'),
      actions: fc.array(fc.constantFrom<Shape['actions'][number][]>('mark', 'remove', 'push', 'quick'), {
        maxLength: 1,
      }),
    }),
  )
  .map(([shape, over]) => ({ ...shape, ...over }));

const LATENCIES: Record<LatencySpec['dist'], LatencySpec> = {
  fixed: { dist: 'fixed', ns: 2e6 },
  uniform: { dist: 'uniform', minNs: 1e6, maxNs: 3e6 },
  exponential: { dist: 'exponential', meanNs: 2e6 },
  normal: { dist: 'normal', meanNs: 3e6, sdNs: 1e6 },
  lognormal: { dist: 'lognormal', p50Ns: 2e6, p99Ns: 9e6 },
};

function latencyOf({ latency }: Shape, region: number, host: number): LatencySpec {
  switch (latency) {
    case 'same':
      return { dist: 'fixed', ns: 2e6 };
    case 'byRegion':
      return { dist: 'fixed', ns: 2e6 + region * 1e6 };
    case 'byHost':
      return { dist: 'fixed', ns: 2e6 + region * 1e6 + host * 1e5 };
    default:
      return LATENCIES[latency];
  }
}

const ask = (host: string, path = '/') => ({ method: 'GET', host, path, headers: {}, port: 80 });

export function worldOf(shape: Shape, requests: number): WorldSpec {
  const hostsOf = (service: Service) => shape.hosts[SERVICES.indexOf(service)]!;
  const address = (service: Service, region: number, host: number) =>
    `10.${SERVICES.indexOf(service) + 1}.${region}.${host + 1}`;

  const assignment = (service: Service, regions = [0, 1]): ClusterLoadAssignment => ({
    clusterName: clusterOf(service),
    endpoints: regions.map((region) => ({
      locality: { region: REGIONS[region]! },
      loadBalancingWeight: shape.localities?.[region] ?? 1,
      priority: shape.hasFailover ? region : 0,
      lbEndpoints: Array.from({ length: hostsOf(service) }, (_, host) => ({
        endpoint: { address: address(service, region, host), port: 80 },
        loadBalancingWeight: shape.isWeighted ? shape.weights[host]! : 1,
      })),
    })),
  });
  const cluster = (service: Service): Cluster => ({
    name: clusterOf(service),
    lbPolicy: shape.policy,
    commonLbConfig: {
      healthyPanicThreshold: 0,
      ...(shape.localities !== null && { localityWeightedLbConfig: {} }),
    },
    ...(shape.slowStart && {
      roundRobinLbConfig: { slowStartConfig: { slowStartWindow: '4s' } },
      leastRequestLbConfig: { slowStartConfig: { slowStartWindow: '4s' } },
    }),
    ...(shape.isHttp2 && { http2ProtocolOptions: {} }),
    commonHttpProtocolOptions: {
      ...(shape.idleTimeoutMs > 0 && { idleTimeout: `${shape.idleTimeoutMs / 1000}s` }),
    },
    ...(shape.detects !== 'no' && {
      outlierDetection: {
        consecutive5xx: 3,
        interval: '3s',
        baseEjectionTime: '2s',
        maxEjectionPercent: 50,
        splitExternalLocalOriginErrors: shape.splitsOrigin,
        ...(shape.detects === 'consecutive' && {
          enforcingSuccessRate: 0,
          enforcingLocalOriginSuccessRate: 0,
        }),
      },
    }),
  });
  const config = (id: string, region: number): EnvoyConfig => ({
    node: { id, locality: { region: REGIONS[region]! } },
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
        virtualHosts: SERVICES.map((service) => ({
          name: service,
          domains: [service],
          routes: [
            {
              match: { prefix: '/' },
              route: {
                ...(shape.split > 0 && service === 'front'
                  ? {
                      weightedClusters: {
                        clusters: [
                          { name: clusterOf('front'), weight: 100 - shape.split },
                          { name: clusterOf('side'), weight: shape.split },
                        ],
                      },
                    }
                  : { cluster: clusterOf(service) }),
                timeout: `${shape.timeoutMs / 1000}s`,
                retryPolicy: { retryOn: '5xx', numRetries: 1 },
              },
            },
          ],
        })),
      },
    ],
    clusters: SERVICES.map(cluster),
    endpoints: SERVICES.map((service) => assignment(service)),
  });

  const proxies: WorldSpec['proxies'] = [0, 1].map((i) => ({
    name: `gateway ${i}`,
    place: place('near'),
    concurrency: shape.workers,
    config: config(`gateway ${i}`, 0),
  }));
  const servers: WorldSpec['servers'] = [];
  for (const service of SERVICES)
    for (const [r, region] of REGIONS.entries())
      for (let host = 0; host < hostsOf(service); host++) {
        const script: StepSpec[] = [];
        if (service === 'front')
          for (const [i, call] of shape.calls.entries())
            script.push(call === 'sleep' ? { sleepNs: 5e5 } : { call: ask(call, `/${i}`) });
        if (service === 'back' && (shape.storeCalls === 'all' || (shape.storeCalls === 'near' && r === 0)))
          script.push({ call: ask('store') });
        const name = `${service}-${region}-${host}`;
        if (service === 'front' || service === 'back')
          proxies.push({
            name: `sidecar of ${name}`,
            place: place(region),
            concurrency: service === 'front' ? shape.workers : 1,
            config: config(name, r),
          });
        servers.push({
          name,
          place: place(region),
          addresses: [{ address: address(service, r, host), port: 80 }],
          labels: {},
          behaviour: {
            latency: latencyOf(shape, r, host),
            script,
            prints: ['a line', 'another', service],
            ...(service === 'front' && { connections: shape.frontConnections }),
            ...(service === 'side' && { status: 204 }),
          },
          ...((service === 'front' || service === 'back') && { sidecar: proxies.length - 1 }),
        });
      }

  const rate = 1000 / Math.max(20, shape.paceMs);
  const arrivals = (): LoadSpec['arrivals'] => {
    const stage = (seconds: number, from: number, to: number) => ({
      durationNs: seconds * 1e9,
      fromPerSecond: from,
      toPerSecond: to,
    });
    const duration = shape.durationS > 0 ? { durationNs: shape.durationS * 1e9 } : {};
    switch (shape.load) {
      case 'constant':
      case 'poisson':
        return {
          kind: 'open',
          stages: [stage(requests / rate, rate, rate)],
          poisson: shape.load === 'poisson',
          ...(shape.durationS > 0 && { count: requests - 3 }),
        };
      case 'ramp':
        return {
          kind: 'open',
          stages: [stage(5, 0, rate), stage(requests / rate, rate, rate / 2)],
          poisson: false,
        };
      case 'closed':
        return {
          kind: 'closed',
          users: 1,
          think: { dist: 'fixed', ns: shape.paceMs * 1e6 },
          count: requests,
          ...duration,
        };
      case 'thinking':
        return {
          kind: 'closed',
          users: 1,
          think: { dist: 'exponential', meanNs: shape.paceMs * 1e6 },
          count: requests,
        };
      default:
        return {
          kind: 'iterations',
          count: requests,
          paceNs: shape.paceMs * 1e6,
          gapNs: shape.gapMs * 1e6,
          ...(shape.load === 'jitter' && { jitterNs: 1e6 }),
          ...duration,
        };
    }
  };
  const fromFronts = shape.from === 'fronts';
  const load = (name: string, startNs: number, after?: string): LoadSpec => ({
    name,
    from: fromFronts
      ? { servers: [0, hostsOf('front')] }
      : { proxy: 0, port: 80, ...(shape.from === 'gateways' && { proxies: [0, 1] }) },
    request: ask(fromFronts ? 'back' : 'front'),
    ...(shape.texts > 1 && {
      rotate: Array.from({ length: shape.texts }, (_, i) => ({ headers: { turn: String(i) } })),
    }),
    startNs,
    arrivals: arrivals(),
    connections: shape.connections,
    grep: '^a|back',
    ...(after !== undefined && { after }),
  });
  const everywhere = proxies.map((_, i) => i);
  const action = (kind: Shape['actions'][number], atNs: number): ActionSpec => {
    const last = servers.length - 1;
    switch (kind) {
      case 'mark':
        return { kind, atNs, name: 'here', label: 'a mark' };
      case 'remove':
        return { kind: 'endpoints', atNs, proxies: everywhere, assignments: [assignment('back', [1])] };
      case 'restore':
        return { kind: 'endpoints', atNs, proxies: everywhere, assignments: [assignment('back')] };
      case 'push':
        return { kind: 'config', atNs, proxies: [0], config: config('gateway 0', 0) };
      case 'slow':
        return { kind: 'serverBehaviour', atNs, servers: [last], behaviour: { latency: LATENCIES.uniform } };
      case 'quick':
        return {
          kind: 'serverBehaviour',
          atNs,
          servers: [last, 0],
          behaviour: { latency: { dist: 'fixed', ns: 5e5 }, prints: ['a'] },
        };
      case 'fail':
        return { kind: 'serverRespond', atNs, servers: [last], status: 503 };
    }
  };
  const long = 14e6;
  return {
    seed: shape.seed,
    replication: 0,
    proxies,
    servers,
    loads: shape.load === 'two' ? [load('a', 0), load('b', 3e9, 'a')] : [load('a', 1e6)],
    actions: shape.actions.map((kind, i) => action(kind, (i + 1) * 4.1e9 + 12345)),
    breakpointsNs: shape.breakpoints,
    oneWayDelayNs: (from, to) => {
      const isSame = from.region === to.region;
      if (isSame || shape.way === 'short') return { delayNs: 2e5 };
      return {
        delayNs: long,
        ...(shape.way === 'jitter' && { jitterNs: 1e6 }),
        ...(shape.way === 'loss' && { loss: 0.02 }),
        ...(shape.way === 'narrow' && {
          queue: { name: `${from.region}>${to.region}`, bitsPerSecond: 1e7 },
        }),
      };
    },
  };
}

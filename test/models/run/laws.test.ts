// What must hold in every run, whatever the faults: nothing is lost, nothing is counted twice, limits are kept, same seed same bytes.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Cluster, ClusterLoadAssignment, RetryPolicy } from '../../../src/models/envoy/config.ts';
import { runWorld } from '../../../src/models/run/run-world.ts';
import type { ActionSpec, LoadSpec, RunResult, ServerMode, WorldSpec } from '../../../src/models/world.ts';

const PLACE = { cluster: 'c', region: 'r', zone: 'z', node: 'n' };
const HOSTS = 4;
const MODES: ServerMode[] = ['ok', 'refuse', 'reset', 'resetOnAccept', 'hang', 'blackhole'];

interface Swarm {
  seed: number;
  workers: number;
  policy: NonNullable<Cluster['lbPolicy']>;
  isHttp2: boolean;
  maxConnections: number;
  maxPending: number;
  maxRequests: number;
  maxRetries: number;
  perConnection: number;
  maxEjectionPercent: number;
  splitsLocalOrigin: boolean;
  retryOn: string;
  perTryMs: number;
  isHedged: boolean;
  timeoutMs: number;
  isChecked: boolean;
  isMirrored: boolean;
  users: number;
  faults: { server: number; atMs: number; mode: ServerMode; isLost: boolean }[];
  removedAtMs: number;
}

const swarm: fc.Arbitrary<Swarm> = fc.record({
  seed: fc.integer({ min: 0, max: 1e6 }),
  workers: fc.integer({ min: 1, max: 3 }),
  policy: fc.constantFrom('ROUND_ROBIN' as const, 'LEAST_REQUEST' as const, 'RANDOM' as const),
  isHttp2: fc.boolean(),
  maxConnections: fc.constantFrom(1, 2, 1024),
  maxPending: fc.constantFrom(1, 3, 1024),
  maxRequests: fc.constantFrom(2, 1024),
  maxRetries: fc.constantFrom(0, 1, 3, 1024),
  perConnection: fc.constantFrom(0, 1, 3),
  maxEjectionPercent: fc.constantFrom(10, 25, 50, 100),
  splitsLocalOrigin: fc.boolean(),
  retryOn: fc.constantFrom('', '5xx', 'connect-failure', 'reset,retriable-4xx'),
  perTryMs: fc.constantFrom(0, 15, 60),
  isHedged: fc.boolean(),
  timeoutMs: fc.constantFrom(0, 40, 400),
  isChecked: fc.boolean(),
  isMirrored: fc.boolean(),
  users: fc.integer({ min: 1, max: 12 }),
  faults: fc.array(
    fc.record({
      server: fc.integer({ min: 0, max: HOSTS - 1 }),
      atMs: fc.integer({ min: 0, max: 1500 }),
      mode: fc.constantFrom(...MODES),
      isLost: fc.boolean(),
    }),
    { maxLength: 6 },
  ),
  removedAtMs: fc.integer({ min: 0, max: 2000 }),
});

const assignment = (count: number): ClusterLoadAssignment => ({
  clusterName: 'up',
  endpoints: [0, 1].map((priority) => ({
    locality: { region: `r${priority}` },
    priority,
    lbEndpoints: Array.from({ length: count }, (_, i) => i)
      .filter((i) => i % 2 === priority)
      .map((i) => ({ endpoint: { address: `10.0.0.${i}`, port: 80 } })),
  })),
});

function worldOf(given: Swarm): WorldSpec {
  const up: Cluster = {
    name: 'up',
    type: 'EDS',
    lbPolicy: given.policy,
    connectTimeout: '0.1s',
    ...(given.isHttp2 && { http2ProtocolOptions: { maxConcurrentStreams: 3 } }),
    circuitBreakers: {
      thresholds: [
        {
          maxConnections: given.maxConnections,
          maxPendingRequests: given.maxPending,
          maxRequests: given.maxRequests,
          maxRetries: given.maxRetries,
        },
      ],
    },
    commonHttpProtocolOptions: { maxRequestsPerConnection: given.perConnection, idleTimeout: '0.3s' },
    outlierDetection: {
      consecutive5xx: 2,
      interval: '0.2s',
      baseEjectionTime: '0.3s',
      maxEjectionPercent: given.maxEjectionPercent,
      enforcingSuccessRate: 0,
      splitExternalLocalOriginErrors: given.splitsLocalOrigin,
    },
    ...(given.isChecked && {
      healthChecks: [
        {
          timeout: '0.1s',
          interval: '0.2s',
          noTrafficInterval: '0.2s',
          unhealthyThreshold: 2,
          healthyThreshold: 1,
          httpHealthCheck: { path: '/hc' },
        },
      ],
    }),
  };
  const retryPolicy: RetryPolicy = {
    retryOn: given.retryOn,
    numRetries: 2,
    perTryTimeout: `${given.perTryMs / 1000}s`,
    retryHostPredicate: [{ name: 'envoy.retry_host_predicates.previous_hosts' }],
  };
  const actions: ActionSpec[] = given.faults.flatMap(({ server, atMs, mode, isLost }): ActionSpec[] => [
    { atNs: atMs * 1e6, kind: 'serverMode', servers: [server], mode },
    ...(isLost ? [{ atNs: atMs * 1e6, kind: 'serverLost' as const, servers: [server] }] : []),
    { atNs: (atMs + 400) * 1e6, kind: 'serverMode', servers: [server], mode: 'ok' },
  ]);
  const load: LoadSpec = {
    name: 'users',
    from: { proxy: 0, port: 80 },
    request: { method: 'GET', host: 'up', path: '/', headers: {}, port: 80 },
    startNs: 0,
    arrivals: { kind: 'closed', users: given.users, think: { dist: 'exponential', meanNs: 4e6 }, count: 400 },
    connections: given.users,
  };
  return {
    seed: given.seed,
    replication: 0,
    breakpointsNs: [],
    untilNs: 5e9,
    proxies: [
      {
        name: 'gateway',
        place: PLACE,
        concurrency: given.workers,
        config: {
          node: { id: 'gateway' },
          listeners: [
            {
              name: 'l',
              address: { address: '0.0.0.0', port: 80 },
              filterChains: [{ httpConnectionManager: { routeConfigName: 'r' } }],
            },
          ],
          routeConfigurations: [
            {
              name: 'r',
              virtualHosts: [
                {
                  name: 'v',
                  domains: ['*'],
                  routes: [
                    {
                      match: { prefix: '/' },
                      route: {
                        cluster: 'up',
                        timeout: `${given.timeoutMs / 1000}s`,
                        retryPolicy,
                        hedgePolicy: { hedgeOnPerTryTimeout: given.isHedged },
                        ...(given.isMirrored && { requestMirrorPolicies: [{ cluster: 'up' }] }),
                      },
                    },
                  ],
                },
              ],
            },
          ],
          clusters: [up],
          endpoints: [assignment(HOSTS)],
        },
      },
    ],
    servers: Array.from({ length: HOSTS }, (_, i) => ({
      name: `s${i}`,
      place: PLACE,
      addresses: [{ address: `10.0.0.${i}`, port: 80 }],
      labels: {},
      behaviour: {
        latency: { dist: 'exponential' as const, meanNs: 10e6 },
        errorRate: i === 0 ? 0.3 : 0,
        concurrency: 3,
      },
    })),
    loads: [load],
    actions: [
      ...actions,
      { atNs: given.removedAtMs * 1e6, kind: 'endpoints', proxies: [0], assignments: [assignment(3)] },
      {
        atNs: (given.removedAtMs + 300) * 1e6,
        kind: 'endpoints',
        proxies: [0],
        assignments: [assignment(HOSTS)],
      },
    ],
    oneWayDelayNs: () => ({ delayNs: 1e5 }),
  };
}

const sum = (values: Iterable<number>) => [...values].reduce((total, value) => total + value, 0);

function checkAccounts(result: RunResult): void {
  const load = result.loads[0]!;
  expect(sum(Object.values(load.codes))).toBe(load.requests);
  const row = result.tallies.find((entry) => entry.requests > 0)!;
  expect(row.requests).toBe(load.requests);
  const answered = sum(Object.values(row.by).map((entry) => entry.requests));
  expect(answered + row.none).toBe(row.requests);
  // Whoever answered had been asked, and nobody was reached by more tries than were made.
  for (const entry of Object.values(row.by)) expect(entry.attempts).toBeGreaterThanOrEqual(entry.requests);
  expect(row.attempts).toBeLessThanOrEqual(3 * row.requests);
}

/** Ejected hosts at once, at most, by replaying the record. */
function mostEjected(result: RunResult): number {
  const edges = result.ejections
    .flatMap((record) => [
      { atNs: record.atNs, by: 1 },
      ...(record.untilNs === null ? [] : [{ atNs: record.untilNs, by: -1 }]),
    ])
    .sort((a, b) => a.atNs - b.atNs || a.by - b.by);
  let [now, most] = [0, 0];
  for (const edge of edges) {
    now += edge.by;
    most = Math.max(most, now);
  }
  return most;
}

describe('every run', () => {
  it('answers each request once, or says at the end that nobody did', () => {
    fc.assert(
      fc.property(swarm, (given) => {
        const result = runWorld(worldOf(given));
        checkAccounts(result);
        if (result.endNs < 5e9) expect(result.loads[0]!.requests).toBe(400);
      }),
      { numRuns: 150, seed: 1 },
    );
  });

  it('keeps the ejected hosts within maxEjectionPercent', () => {
    fc.assert(
      fc.property(swarm, (given) => {
        const result = runWorld(worldOf(given));
        expect(mostEjected(result)).toBeLessThanOrEqual(Math.floor((HOSTS * given.maxEjectionPercent) / 100));
      }),
      { numRuns: 100, seed: 2 },
    );
  });

  it('gives the same bytes for the same seed', () => {
    fc.assert(
      fc.property(swarm, (given) => {
        expect(JSON.stringify(runWorld(worldOf(given)))).toBe(JSON.stringify(runWorld(worldOf(given))));
      }),
      { numRuns: 40, seed: 3 },
    );
  });
});

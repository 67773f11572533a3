// East-west gateways: a connection goes on to one endpoint of the gateway's own view and stays there (SH-9).
import { describe, expect, it } from 'vitest';
import type { EnvoyConfig } from '../../../src/models/envoy/config.ts';
import { runWorld } from '../../../src/models/run/run-world.ts';
import type { ServerSpec, WorldSpec } from '../../../src/models/world.ts';

const near = { cluster: 'c1', region: 'r1', zone: 'a', node: 'n1' };
const far = { cluster: 'c2', region: 'r2', zone: 'b', node: 'n2' };
const CLUSTER = 'outbound|8080||web.shop.svc.cluster.local';
const endpoints = (clusterName: string, addresses: string[], port: number) => ({
  clusterName,
  endpoints: [
    { lbEndpoints: addresses.map((address) => ({ endpoint: { address, port } })), loadBalancingWeight: 1 },
  ],
});

const clientConfig: EnvoyConfig = {
  node: { id: 'client' },
  listeners: [
    {
      name: 'l',
      address: { address: '0.0.0.0', port: 8080 },
      filterChains: [{ httpConnectionManager: { routeConfigName: 'r' } }],
    },
  ],
  routeConfigurations: [
    {
      name: 'r',
      virtualHosts: [
        {
          name: 'web',
          domains: ['*'],
          routes: [{ match: { prefix: '/' }, route: { cluster: CLUSTER, timeout: '0s' } }],
        },
      ],
    },
  ],
  clusters: [{ name: CLUSTER, type: 'EDS', lbPolicy: 'ROUND_ROBIN' }],
  endpoints: [endpoints(CLUSTER, ['203.0.113.1'], 15443)],
};
const sni = 'outbound_.8080_._.web.shop.svc.cluster.local';
const gatewayConfig = (pods: string[]): EnvoyConfig => ({
  node: { id: 'gateway' },
  listeners: [],
  routeConfigurations: [],
  clusters: [{ name: sni, type: 'EDS', lbPolicy: 'ROUND_ROBIN' }],
  endpoints: [endpoints(sni, pods, 8080)],
});

const pod = (name: string, address: string, rest: Partial<ServerSpec> = {}): ServerSpec => ({
  name,
  place: far,
  addresses: [{ address, port: 8080 }],
  labels: { pod: name },
  behaviour: { latency: { dist: 'fixed', ns: 1e6 } },
  ...rest,
});

function world(
  options: { maxRequestsPerConnection?: number; pods?: ServerSpec[]; seed?: number } = {},
): WorldSpec {
  const pods = options.pods ?? [pod('a', '10.2.0.1'), pod('b', '10.2.0.2'), pod('c', '10.2.0.3')];
  const [cluster] = clientConfig.clusters;
  return {
    seed: options.seed ?? 1,
    replication: 0,
    breakpointsNs: [],
    actions: [],
    proxies: [
      {
        name: 'client',
        place: near,
        concurrency: 1,
        config: {
          ...clientConfig,
          clusters: [
            {
              ...cluster!,
              ...(options.maxRequestsPerConnection && {
                commonHttpProtocolOptions: { maxRequestsPerConnection: options.maxRequestsPerConnection },
              }),
            },
          ],
        },
      },
      {
        name: 'gateway',
        place: far,
        concurrency: 1,
        config: gatewayConfig(pods.map((entry) => entry.addresses[0]!.address)),
      },
    ],
    servers: [
      ...pods,
      {
        name: '203.0.113.1:15443',
        place: far,
        addresses: [{ address: '203.0.113.1', port: 15443 }],
        labels: {},
        behaviour: { latency: { dist: 'fixed', ns: 0 } },
        forwards: { proxies: [1] },
      },
    ],
    loads: [
      {
        name: 'calls',
        from: { proxy: 0, port: 8080 },
        request: { method: 'GET', host: 'web:8080', path: '/', headers: {}, port: 8080 },
        startNs: 0,
        arrivals: { kind: 'iterations', count: 30, paceNs: 1e9 },
        connections: 1,
      },
    ],
    oneWayDelayNs: (from, to) => ({ delayNs: from.region === to.region ? 1e5 : 10e6 }),
  };
}
const answeredBy = (spec: WorldSpec) => {
  const { by } = runWorld(spec).tallies[0]!;
  return spec.servers.map((_, server) => by[server]?.requests ?? 0);
};

describe('a gateway between networks', () => {
  it('pins all requests of a kept connection to one remote pod, never to itself', () => {
    const pinned = new Set<number>();
    for (let seed = 0; seed < 20; seed++) {
      const counts = answeredBy(world({ seed }));
      expect([...counts].sort((a, b) => b - a)).toEqual([30, 0, 0, 0]);
      pinned.add(counts.indexOf(30));
    }
    expect([...pinned].sort()).toEqual([0, 1, 2]);
  });

  it('balances anew for each connection', () => {
    expect(answeredBy(world({ maxRequestsPerConnection: 1 }))).toEqual([10, 10, 10, 0]);
  });

  it('makes the handshake fail when it has nobody, or when the pod refuses', () => {
    const refusing = [pod('a', '10.2.0.1', { listening: false })];
    for (const spec of [world({ pods: [] }), world({ pods: refusing })]) {
      const result = runWorld(spec);
      expect(result.loads[0]!.codes).toEqual({ 503: 30 });
      expect(result.loads[0]!.flags['UF']).toBe(30);
    }
  });

  it('adds its own way to every new connection and message', () => {
    const direct = runWorld(world()).loads[0]!.latency;
    // Connection: there and back, and on to the pod and back; request and answer once more.
    expect(direct.max).toBeCloseTo((20e6 + 2e5 + 20e6 + 1e6) / 1e9, 3);
  });
});

import { describe, expect, it } from 'vitest';
import type { EnvoyConfig } from '../../../../src/models/envoy/config.ts';
import { loopbackWorld } from '../../../../src/models/envoy/export/loopback.ts';
import { scaledWorld } from '../../../../src/models/envoy/export/scale.ts';
import type { WorldSpec } from '../../../../src/models/world.ts';

const config: EnvoyConfig = {
  node: { id: 'p' },
  listeners: [],
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
                cluster: 'c',
                retryPolicy: {
                  retryOn: '5xx',
                  perTryTimeout: '2s',
                  retryBackOff: { baseInterval: '0.025s' },
                },
              },
            },
            { match: { prefix: '/' }, route: { cluster: 'c', timeout: '0s' } },
          ],
        },
      ],
    },
  ],
  clusters: [{ name: 'c', type: 'EDS', outlierDetection: { interval: '1s' } }],
  endpoints: [
    { clusterName: 'c', endpoints: [{ lbEndpoints: [{ endpoint: { address: '10.0.0.9', port: 80 } }] }] },
  ],
};

const place = { cluster: '', region: '', zone: '', node: '' };
const world: WorldSpec = {
  seed: 1,
  replication: 0,
  proxies: [{ name: 'p', place, concurrency: 1, config }],
  servers: [
    {
      name: 's',
      place,
      addresses: [{ address: '10.0.0.9', port: 80 }],
      labels: {},
      behaviour: { latency: { dist: 'fixed', ns: 10e6 }, script: [{ sleepNs: 20e6 }] },
    },
  ],
  loads: [
    {
      name: 'l',
      from: { proxy: 0, port: 80 },
      request: { method: 'GET', host: 'h', path: '/', headers: {}, port: 80 },
      startNs: 10e9,
      arrivals: {
        kind: 'open',
        poisson: false,
        stages: [{ durationNs: 10e9, fromPerSecond: 5, toPerSecond: 5 }],
      },
      connections: 1,
    },
  ],
  actions: [{ atNs: 15e9, kind: 'serverMode', servers: [0], mode: 'refuse' }],
  breakpointsNs: [15e9],
};

describe('a world in a tenth of its time', () => {
  const scaled = scaledWorld(world, 10);

  it('sends the same number of requests, ten times as fast', () => {
    expect(scaled.loads[0]).toMatchObject({
      startNs: 1e9,
      arrivals: { stages: [{ durationNs: 1e9, fromPerSecond: 50, toPerSecond: 50 }] },
    });
    expect(scaled.actions[0]!.atNs).toBe(1.5e9);
    expect(scaled.breakpointsNs).toEqual([1.5e9]);
    expect(scaled.servers[0]!.behaviour).toMatchObject({ latency: { ns: 1e6 }, script: [{ sleepNs: 2e6 }] });
  });

  it('shortens what is written and what Envoy has by default, but not the back-off of retries', () => {
    const [cluster] = scaled.proxies[0]!.config.clusters;
    expect(cluster).toMatchObject({
      connectTimeout: '0.5s',
      commonLbConfig: { updateMergeWindow: '0.1s' },
      outlierDetection: { interval: '0.1s', baseEjectionTime: '3s', maxEjectionTime: '30s' },
    });
    const [tried, endless] = scaled.proxies[0]!.config.routeConfigurations[0]!.virtualHosts[0]!.routes;
    expect(tried!.route).toMatchObject({
      timeout: '1.5s',
      retryPolicy: { perTryTimeout: '0.2s', retryBackOff: { baseInterval: '0.025s' } },
    });
    expect(endless!.route!.timeout).toBe('0s');
  });

  it('is the same world with factor 1', () => {
    expect(scaledWorld(world, 1)).toBe(world);
  });
});

it('gives servers and endpoints the same loopback addresses, and ports that need no root', () => {
  const mapped = loopbackWorld(world, '127.200');
  const [address] = mapped.servers[0]!.addresses;
  expect(address!.address).toMatch(/^127\.200\.\d+\.\d+$/);
  expect(address!.port).toBeGreaterThan(1023);
  const { endpoint } = mapped.proxies[0]!.config.endpoints[0]!.endpoints[0]!.lbEndpoints[0]!;
  expect(endpoint).toEqual(address);
});

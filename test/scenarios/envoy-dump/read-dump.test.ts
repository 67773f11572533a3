import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { EnvoyConfig } from '../../../src/models/envoy/config.ts';
import { type EnvoyDump, readEnvoyDump } from '../../../src/scenarios/envoy-dump/read-dump.ts';
import { nodeFiles } from '../../../src/scenarios/files.ts';
import { loadScenario } from '../../../src/scenarios/load.ts';
import { planScenario } from '../../../src/scenarios/plan/plan-scenario.ts';
import { worldOfCase } from '../../conformance/oracle/world-of-case.ts';
import { dumpOf } from './dumps.ts';

function read(dump: unknown, clusters?: unknown): EnvoyDump {
  const found = readEnvoyDump(dump, clusters);
  if ('problem' in found) throw new Error(found.problem);
  return found;
}

/** What matters to a run, written in one order. */
const plain = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (key, entry) => {
      if (
        [
          'origin',
          'outlierOrigin',
          'transportSocket',
          'dialledAs',
          'type',
          'edsClusterConfig',
          'typedConfig',
        ].includes(key)
      )
        return undefined;
      if (key === 'commonLbConfig' && Object.keys(entry).length === 0) return undefined;
      if (entry === null || typeof entry !== 'object' || Array.isArray(entry)) return entry;
      return Object.fromEntries(Object.entries(entry).sort(([a], [b]) => (a < b ? -1 : 1)));
    }),
  );

const FOLDER = new URL('../../recordings/oracle/', import.meta.url);

describe('a config dump', () => {
  it('is the configuration again that was exported, for every proxy of an example', () => {
    const loaded = loadScenario('examples/two-regions/failover.yaml', nodeFiles(), {});
    const { proxies } = planScenario(loaded.base).world;
    expect(proxies.length).toBeGreaterThan(4);
    for (const { config } of proxies) {
      const again = read(dumpOf(config)).config;
      expect(again.clusters.map((cluster) => cluster.name)).toEqual(config.clusters.map(({ name }) => name));
      for (const cluster of config.clusters.filter(({ type }) => type !== 'ORIGINAL_DST')) {
        const found = again.clusters.find(({ name }) => name === cluster.name)!;
        const { loadAssignment: _, ...wanted } = cluster;
        expect(plain({ ...found, loadAssignment: undefined })).toEqual(plain(wanted));
        const endpoints = config.endpoints.find(({ clusterName }) => clusterName === cluster.name);
        if (endpoints) {
          const seen = again.endpoints.find(({ clusterName }) => clusterName === cluster.name)!;
          expect(plain(seen.endpoints)).toEqual(plain(endpoints.endpoints));
        }
      }
      expect(again.listeners.map(({ address }) => address)).toEqual(
        config.listeners.map(({ address }) => address),
      );
    }
  });

  it.each([
    'retry_on_status_503_504',
    'lr_bias2_weights_1_2_5_c16',
    'fault_before_mirror',
    'failover_p0_503_remote_localities',
    'h2_max_requests_per_connection_10',
    'hc_degraded_header',
    'zone_residual_4',
    'slow_start_10s_rr',
    'subset_90_10_x1000',
    'ring_weights_1_2_5',
    'success_rate_factor_1900',
    'hash_cookie_ttl_one_connection',
  ])('keeps the clusters and routes of the measured case %s', (name) => {
    const recorded = JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8'));
    const { config } = worldOfCase(recorded.case, 0).world.proxies[0]!;
    const { config: again, notSimulated } = read(dumpOf(config));
    expect(notSimulated).toEqual([]);
    expect(again.clusters.length).toBe(config.clusters.length);
    for (const [i, cluster] of config.clusters.entries()) {
      const { loadAssignment: _, ...found } = again.clusters[i]!;
      const { lbPolicy, commonLbConfig, outlierDetection, circuitBreakers, healthChecks } = cluster;
      expect(plain(found)).toMatchObject(
        plain({ lbPolicy, commonLbConfig, outlierDetection, circuitBreakers, healthChecks }) as object,
      );
      for (const field of [
        'leastRequestLbConfig',
        'roundRobinLbConfig',
        'ringHashLbConfig',
        'http2ProtocolOptions',
      ] as const)
        expect(plain({ v: found[field] })).toEqual(plain({ v: cluster[field] }));
    }
    const routes = (from: EnvoyConfig) =>
      from.listeners[0]!.filterChains[0]!.httpConnectionManager!.routeConfig!.virtualHosts[0]!.routes;
    expect(plain(routes(again))).toEqual(plain(routes(config)));
  });

  it('takes health and weight from /clusters, and says who was ejected', () => {
    const dump = dumpOf({
      node: { id: 'sidecar~10.0.0.1~web-1.default~default.svc.cluster.local' },
      listeners: [],
      routeConfigurations: [],
      clusters: [{ name: 'shop', type: 'EDS' }],
      endpoints: [
        {
          clusterName: 'shop',
          endpoints: [{ lbEndpoints: [{ endpoint: { address: '10.0.0.2', port: 80 } }] }],
        },
      ],
    });
    const host = {
      address: { socket_address: { address: '10.0.0.2', port_value: 80 } },
      health_status: { eds_health_status: 'DRAINING', failed_outlier_check: true },
      weight: 7,
    };
    const { config, assumptions } = read(dump, {
      cluster_statuses: [{ name: 'shop', host_statuses: [host] }],
    });
    expect(config.endpoints[0]!.endpoints[0]!.lbEndpoints[0]).toMatchObject({
      healthStatus: 'DRAINING',
      loadBalancingWeight: 7,
    });
    expect(assumptions[0]).toContain('10.0.0.2:80 of shop');
  });

  it('names the filters and policies that are not simulated', () => {
    const dump = {
      configs: [
        {
          '@type': 'x.ClustersConfigDump',
          static_clusters: [
            { cluster: { name: 'a', lb_policy: 'LOAD_BALANCING_POLICY_CONFIG' } },
            { cluster: { name: 'b', cluster_type: { name: 'aggregate' } } },
          ],
        },
        {
          '@type': 'x.ListenersConfigDump',
          static_listeners: [
            {
              listener: {
                name: 'l',
                filter_chains: [
                  {
                    filters: [
                      {
                        name: 'hcm',
                        typed_config: {
                          '@type': 'y.HttpConnectionManager',
                          http_filters: [{ name: 'envoy.filters.http.lua' }],
                        },
                      },
                    ],
                  },
                ],
              },
            },
          ],
        },
      ],
    };
    expect(read(dump).notSimulated.map(({ what }) => what)).toEqual([
      'listener l: envoy.filters.http.lua',
      'cluster a: lb_policy LOAD_BALANCING_POLICY_CONFIG',
      'cluster b: cluster_type',
    ]);
  });

  it.each([
    ['nothing', undefined],
    ['a text', 'hello'],
    ['a list', []],
    ['no configs', { configs: {} }],
    ['configs of nothing', { configs: [null, 3, 'x', {}] }],
    ['no clusters and listeners', { configs: [{ '@type': 'x.ClustersConfigDump', static_clusters: 5 }] }],
  ])('is refused with a sentence when it is %s', (_, dump) => {
    expect(readEnvoyDump(dump)).toHaveProperty('problem');
  });

  it('survives fields of any kind, and is not polluted by names of prototypes', () => {
    const odd = [null, 5, 'x', [], {}, [[null]], { value: {} }];
    for (const value of odd) {
      const cluster = Object.fromEntries(
        [
          'name',
          'type',
          'eds_cluster_config',
          'load_assignment',
          'lb_policy',
          'load_balancing_policy',
          'common_lb_config',
          'outlier_detection',
          'circuit_breakers',
          'health_checks',
          'typed_extension_protocol_options',
          'lb_subset_config',
          'least_request_lb_config',
        ].map((key) => [key, value]),
      );
      const listener = { name: value, address: value, filter_chains: value, default_filter_chain: value };
      const dump = {
        configs: [
          { '@type': 'x.ClustersConfigDump', static_clusters: [{ cluster }, value] },
          { '@type': 'x.ListenersConfigDump', static_listeners: [{ listener }], dynamic_listeners: value },
          {
            '@type': 'x.RoutesConfigDump',
            static_route_configs: [{ route_config: { virtual_hosts: [{ routes: [value] }] } }],
          },
          { '@type': 'x.EndpointsConfigDump', static_endpoint_configs: [{ endpoint_config: value }] },
        ],
      };
      expect(() => readEnvoyDump(dump)).not.toThrow();
    }
    readEnvoyDump(JSON.parse('{"configs":[{"__proto__":{"polluted":1},"@type":"x.ClustersConfigDump"}]}'));
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

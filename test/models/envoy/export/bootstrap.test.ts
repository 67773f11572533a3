import { describe, expect, it } from 'vitest';
import type { EnvoyConfig } from '../../../../src/models/envoy/config.ts';
import {
  assignmentsOf,
  discoveryFiles,
  exportBootstrap,
} from '../../../../src/models/envoy/export/bootstrap.ts';

const origin = { file: 'mesh.yaml', line: 1, col: 1 };

const config: EnvoyConfig = {
  node: { id: 'gateway', locality: { region: 'r', zone: 'z' } },
  listeners: [
    {
      name: '172.16.0.1_80',
      trafficDirection: 'OUTBOUND',
      address: { address: '172.16.0.1', port: 80 },
      dialledAs: ['shop'],
      filterChains: [
        {
          filterChainMatch: { prefixRanges: ['10.0.0.0/8'], applicationProtocols: ['http/1.1'] },
          httpConnectionManager: { routeConfigName: '80' },
        },
      ],
    },
  ],
  routeConfigurations: [
    {
      name: '80',
      virtualHosts: [
        {
          name: 'v',
          domains: ['*'],
          routes: [
            {
              match: { prefix: '/', runtimeFraction: { numerator: 5 } },
              origin,
              fault: { abort: { httpStatus: 503, percentage: { numerator: 10 } } },
              route: {
                cluster: 'shop',
                metadataMatch: { appVersion: 'v1' },
                retryPolicy: {
                  retryOn: '5xx',
                  retryHostPredicate: [{ name: 'envoy.retry_host_predicates.previous_hosts' }],
                },
              },
            },
          ],
        },
      ],
    },
  ],
  clusters: [
    {
      name: 'shop',
      type: 'EDS',
      origin,
      outlierOrigin: origin,
      maxRequestsPerConnection: 1,
      transportSocket: 'auto_mtls',
      commonLbConfig: { healthyPanicThreshold: 0, localityWeightedLbConfig: {} },
      outlierDetection: { consecutive5xx: 3, checkMaxEjectionPercentOnFirstEject: false },
    },
  ],
  endpoints: [
    {
      clusterName: 'shop',
      endpoints: [
        {
          priority: 1,
          lbEndpoints: [{ endpoint: { address: '10.0.0.1', port: 80 }, loadBalancingWeight: 2 }],
        },
      ],
    },
  ],
};

// biome-ignore lint/suspicious/noExplicitAny: a document of another program
const exported = (options = {}): any => exportBootstrap(config, options);

describe('an exported bootstrap', () => {
  it('carries nothing that is not Envoy’s', () => {
    const text = JSON.stringify(exported());
    for (const own of ['origin', 'dialled', 'transport_socket', 'check_max_ejection'])
      expect(text).not.toContain(own);
  });

  it('brings an EDS cluster’s endpoints along, or names the file that has them', () => {
    const [inline] = exported().static_resources.clusters;
    expect(inline.type).toBe('STATIC');
    expect(inline.load_assignment.endpoints[0]).toEqual({
      priority: 1,
      lb_endpoints: [
        {
          endpoint: { address: { socket_address: { address: '10.0.0.1', port_value: 80 } } },
          load_balancing_weight: 2,
        },
      ],
    });
    const [watching] = exported({ edsPath: (name: string) => `/tmp/${name}` }).static_resources.clusters;
    expect(watching).toMatchObject({
      type: 'EDS',
      eds_cluster_config: { service_name: 'shop', eds_config: { path_config_source: { path: '/tmp/shop' } } },
    });
    expect(watching.load_assignment).toBeUndefined();
  });

  it('wraps percentages and HTTP options, and spells consecutive_5xx as Envoy does', () => {
    const [cluster] = exported().static_resources.clusters;
    expect(cluster.common_lb_config).toEqual({
      healthy_panic_threshold: { value: 0 },
      locality_weighted_lb_config: {},
    });
    expect(cluster.outlier_detection).toEqual({ consecutive_5xx: 3 });
    const options = Object.values(cluster.typed_extension_protocol_options)[0];
    expect(options).toMatchObject({
      common_http_protocol_options: { max_requests_per_connection: 1 },
      explicit_http_config: { http_protocol_options: {} },
    });
  });

  it('keeps the names of metadata as the user wrote them', () => {
    const text = JSON.stringify(exported());
    expect(text).toContain('"filter_metadata":{"envoy.lb":{"appVersion":"v1"}}');
  });

  it('does not bind a Service’s address, and inspects what the chains match', () => {
    const [listener] = exported().static_resources.listeners;
    expect(listener.bind_to_port).toBe(false);
    expect(listener.listener_filters.map((filter: { name: string }) => filter.name)).toEqual([
      'envoy.filters.listener.http_inspector',
    ]);
    expect(listener.filter_chains[0].filter_chain_match.prefix_ranges).toEqual([
      { address_prefix: '10.0.0.0', prefix_len: 8 },
    ]);
  });

  it('puts the fault filter before the router, and a route’s own fault at the route', () => {
    const manager = exported().static_resources.listeners[0].filter_chains[0].filters[0].typed_config;
    expect(manager.http_filters.map((filter: { name: string }) => filter.name)).toEqual([
      'envoy.filters.http.fault',
      'envoy.filters.http.router',
    ]);
    const [route] = manager.route_config.virtual_hosts[0].routes;
    expect(route.typed_per_filter_config['envoy.filters.http.fault'].abort).toEqual({
      http_status: 503,
      percentage: { numerator: 10, denominator: 'HUNDRED' },
    });
    expect(route.match.runtime_fraction).toEqual({
      default_value: { numerator: 5, denominator: 'HUNDRED' },
    });
  });

  it('writes the watched file of a cluster without endpoints too, because Envoy waits for it', () => {
    const [assignment] = assignmentsOf({ ...config, endpoints: [] });
    expect(discoveryFiles.endpoints(assignment!, 7)).toEqual({
      version_info: '7',
      resources: [
        {
          '@type': 'type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment',
          cluster_name: 'shop',
          endpoints: [],
        },
      ],
    });
  });
});

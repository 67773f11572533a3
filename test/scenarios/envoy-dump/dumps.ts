// Config dumps as Istio's proxies print them, made of what istiod would send in an example: node ids and metadata, EDS with the workload of
// each endpoint, and the private parts that a real dump has too.
import type { EnvoyConfig } from '../../../src/models/envoy/config.ts';
import { exportBootstrap } from '../../../src/models/envoy/export/bootstrap.ts';
import { nodeFiles } from '../../../src/scenarios/files.ts';
import { loadScenario } from '../../../src/scenarios/load.ts';
import type { Plan } from '../../../src/scenarios/plan/plan.ts';
import { planScenario } from '../../../src/scenarios/plan/plan-scenario.ts';

// biome-ignore lint/suspicious/noExplicitAny: documents of another program
type Json = any;

const type = (name: string) => `type.googleapis.com/envoy.admin.v3.${name}`;

/** What an Envoy would show that was started with this configuration. */
export function dumpOf(config: EnvoyConfig): Json {
  const { static_resources: resources, ...bootstrap } = exportBootstrap(config) as Json;
  return {
    configs: [
      { '@type': type('BootstrapConfigDump'), bootstrap },
      {
        '@type': type('ClustersConfigDump'),
        static_clusters: resources.clusters.map((cluster: object) => ({ cluster })),
      },
      {
        '@type': type('ListenersConfigDump'),
        static_listeners: resources.listeners.map((listener: object) => ({ listener })),
      },
    ],
  };
}

export const PRIVATE_KEY = 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQ';
export const TOKEN = 'eyJhbGciOiJSUzI1NiJ9.c2VjcmV0.dG9rZW4';

export const examplePlan = (file = 'examples/two-regions/distribute.yaml'): Plan =>
  planScenario(loadScenario(file, nodeFiles(), {}).base);

/** The dump of a workload's first proxy, in Istio's shape. */
export function istioDump(plan: Plan, workload: string): Json {
  const proxy = plan.world.proxies.findIndex(({ name }) => plan.names.callerWorkloads.get(name) === workload);
  const { config, name } = plan.world.proxies[proxy]!;
  const { configs } = dumpOf(config);
  const [{ bootstrap }, { static_clusters: clusters }, { static_listeners: listeners }] = configs;
  const address =
    plan.world.servers.find(({ sidecar }) => sidecar === proxy)?.addresses[0]?.address ?? '10.45.0.99';
  const kind = plan.nodes[proxy]!.type === 'router' ? 'router' : 'sidecar';
  const namespace = plan.nodes[proxy]!.namespace;
  bootstrap.node.id = `${kind}~${address}~${name}.${namespace}~${namespace}.svc.cluster.local`;
  bootstrap.node.metadata = {
    WORKLOAD_NAME: workload,
    ISTIO_VERSION: '1.24.3',
    PROXY_CONFIG: { concurrency: 2 },
    ISTIO_METAJSON_ENV: { DB_PASSWORD: TOKEN },
  };
  const endpoints = clusters.flatMap(({ cluster }: Json) => {
    const { load_assignment: assignment } = cluster;
    if (!assignment || !cluster.name.startsWith('outbound|')) return [];
    delete cluster.load_assignment;
    cluster.type = 'EDS';
    cluster.eds_cluster_config = { eds_config: { ads: {} }, service_name: cluster.name };
    cluster.transport_socket = {
      typed_config: {
        common_tls_context: { tls_certificates: [{ private_key: { inline_string: PRIVATE_KEY } }] },
      },
    };
    for (const group of assignment.endpoints ?? [])
      for (const entry of group.lb_endpoints ?? []) {
        const socket = entry.endpoint.address.socket_address;
        const server = plan.world.servers.find(({ addresses }) =>
          addresses.some((one) => one.address === socket.address && one.port === socket.port_value),
        );
        const { workload: of = '', namespace: inside = '', version = '' } = server?.labels ?? {};
        const cluster = server?.place.cluster ?? '';
        entry.metadata = {
          filter_metadata: {
            istio: { workload: `${of};${inside};${of.split('-')[0]};${version};${cluster}` },
          },
        };
      }
    return [{ endpoint_config: { ...assignment, cluster_name: cluster.name } }];
  });
  return {
    configs: [
      configs[0],
      { '@type': type('ClustersConfigDump'), dynamic_active_clusters: clusters },
      { '@type': type('EndpointsConfigDump'), dynamic_endpoint_configs: endpoints },
      {
        '@type': type('ListenersConfigDump'),
        dynamic_listeners: listeners.map((entry: object) => ({ name: 'x', active_state: entry })),
      },
      {
        '@type': type('SecretsConfigDump'),
        dynamic_active_secrets: [
          { name: 'default', secret: { tls_certificate: { private_key: { inline_string: PRIVATE_KEY } } } },
        ],
      },
    ],
  };
}

/** What /clusters?format=json says of the same proxy. @param weights by address, others as the dump has them */
export function clustersOf(dump: Json, weights: Record<string, number> = {}): Json {
  const { dynamic_endpoint_configs: all } = dump.configs.find((part: Json) => part.dynamic_endpoint_configs);
  return {
    cluster_statuses: all.map(({ endpoint_config: { cluster_name: name, endpoints } }: Json) => ({
      name,
      host_statuses: (endpoints ?? []).flatMap(({ locality, priority, lb_endpoints: hosts }: Json) =>
        hosts.map(({ endpoint, load_balancing_weight: weight }: Json) => ({
          address: endpoint.address,
          health_status: { eds_health_status: 'HEALTHY' },
          weight: weights[endpoint.address.socket_address.address] ?? weight ?? 1,
          locality,
          priority,
        })),
      ),
    })),
  };
}

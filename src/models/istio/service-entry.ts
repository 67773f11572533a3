// ServiceEntry and WorkloadEntry become services and endpoints beside those of Kubernetes.
// Source: istio/istio pilot/pkg/serviceregistry/serviceentry/conversion.go, kube/controller WorkloadEntry selection (1.31).
// Rules EP-15, EP-16, EP-26, EP-30 .. EP-36. A DYNAMIC_DNS host is taken for resolution NONE: it goes where the application's name leads.
import { ipFamily } from './endpoints/ip-address.ts';
import type { ConfigObject, IstioEndpoint, Protocol, Service, ServicePort } from './model.ts';
import { arrayOf, recordOf, stringOf, stringsOf, textMapOf } from './plain.ts';
import { type Workload, workloadOf } from './workload-entry.ts';

/** A pod as a workloadSelector sees it: an endpoint without a port. */
export type SelectablePod = Omit<IstioEndpoint, 'servicePortName' | 'endpointPort' | 'weight'> & {
  namespace: string;
};

export interface ExternalInput {
  /** ServiceEntry and WorkloadEntry objects among others, in creation order. */
  configs: readonly ConfigObject[];
  /** What the Kubernetes registries gave; not changed. */
  services: readonly Service[];
  /** hostname + "/" + namespace -> endpoints; not changed. */
  endpoints: ReadonlyMap<string, readonly IstioEndpoint[]>;
  /** All cluster ids: a ServiceEntry exists for the proxies of every cluster. */
  clusters: readonly string[];
  /** The cluster whose API server holds istiod's objects: their endpoints belong to it. */
  configCluster: string;
  /** Pods of all clusters. */
  pods?: Iterable<SelectablePod>;
  /** Selector of a Kubernetes Service; WorkloadEntries of its namespace that it fits become its endpoints. */
  selectorOf?(service: Service): Record<string, string> | undefined;
}

export interface ExternalResult {
  services: Service[];
  endpoints: Map<string, IstioEndpoint[]>;
}

const RESOLUTIONS = new Map<string, Service['resolution']>([
  ['STATIC', 'ClientSideLB'],
  ['DNS', 'DNSLB'],
  ['DNS_ROUND_ROBIN', 'DNSRoundRobinLB'],
]);

const PROTOCOLS = new Set<string>([
  'HTTP',
  'HTTP2',
  'GRPC',
  'HTTPS',
  'TLS',
  'TCP',
  'MONGO',
  'REDIS',
  'MYSQL',
  'UDP',
]);

function protocolOf(text: string): Protocol {
  const name = text.toUpperCase();
  if (name.startsWith('GRPC-WEB')) return 'GRPC';
  return PROTOCOLS.has(name) ? (name as Protocol) : 'UNSUPPORTED';
}

export function addExternalServices(input: ExternalInput): ExternalResult {
  const services = new Map(input.services.map((service) => [keyOf(service), service]));
  const endpoints = new Map([...input.endpoints].map(([key, list]) => [key, [...list]]));
  const add = (service: Pick<Service, 'hostname' | 'namespace'>, more: IstioEndpoint[]) => {
    const known = endpoints.get(keyOf(service));
    if (known) known.push(...more);
    else endpoints.set(keyOf(service), more);
  };
  const entries = input.configs.filter(({ kind }) => kind === 'WorkloadEntry');
  const workloads = entries.map((config) => workloadOf(config, config.spec, input.configCluster));
  const byNamespace = groupByNamespace([...workloads, ...[...(input.pods ?? [])].flatMap(workloadOfPod)]);

  for (const config of input.configs) {
    if (config.kind !== 'ServiceEntry') continue;
    for (const service of servicesOf(config, input.clusters)) {
      mergeInto(services, service);
      add(service, endpointsOf(config, service, byNamespace, input.configCluster));
    }
  }
  for (const service of input.services) {
    const selector = Object.entries(input.selectorOf?.(service) ?? {});
    if (selector.length === 0) continue;
    // A Service can only use addresses, not names.
    const selected = workloads.filter(
      (workload) =>
        workload.namespace === service.namespace &&
        ipFamily(workload.endpoint.address) !== 0 &&
        selector.every(([key, value]) => workload.endpoint.labels[key] === value),
    );
    add(
      service,
      selected.flatMap((workload) => service.ports.map((port) => onPort(workload, port))),
    );
  }
  return { services: [...services.values()], endpoints };
}

const keyOf = (service: Pick<Service, 'hostname' | 'namespace'>) =>
  `${service.hostname}/${service.namespace}`;

/** Only ready pods are there to be selected. */
function workloadOfPod(pod: SelectablePod): Workload[] {
  if (pod.health !== 'healthy') return [];
  return [{ namespace: pod.namespace, ports: new Map(), endpoint: { ...pod, weight: 1 } }];
}

function groupByNamespace(workloads: Workload[]): Map<string, Workload[]> {
  const map = new Map<string, Workload[]>();
  for (const workload of workloads) {
    const list = map.get(workload.namespace);
    if (list) list.push(workload);
    else map.set(workload.namespace, [workload]);
  }
  return map;
}

/** One service per host. */
function servicesOf(config: ConfigObject, clusters: readonly string[]): Service[] {
  const spec = recordOf(config.spec);
  const addresses = stringsOf(spec['addresses']).map((address) => address.replace(/\/(?:32|128)$/, ''));
  const trafficDistribution = config.annotations['networking.istio.io/traffic-distribution'];
  return stringsOf(spec['hosts']).map((host) => ({
    hostname: host.toLowerCase(),
    name: host.toLowerCase(),
    namespace: config.namespace,
    ports: arrayOf(spec['ports']).flatMap(portOf),
    registry: 'External',
    resolution: RESOLUTIONS.get(stringOf(spec['resolution'])) ?? 'Passthrough',
    clusterVIPs: Object.fromEntries(clusters.map((cluster) => [cluster, addresses])),
    labels: config.labels,
    annotations: config.annotations,
    exportTo: stringsOf(spec['exportTo']),
    ...(trafficDistribution !== undefined && { trafficDistribution }),
    // MESH_EXTERNAL is the zero value of the enumeration.
    meshExternal: spec['location'] !== 'MESH_INTERNAL',
    creation: config.creation,
    ...(config.origin && { origin: config.origin }),
  }));
}

function portOf(value: unknown): ServicePort[] {
  const port = recordOf(value);
  if (typeof port['number'] !== 'number') return [];
  return [
    {
      name: stringOf(port['name']),
      port: port['number'],
      ...(typeof port['targetPort'] === 'number' && { targetPort: port['targetPort'] }),
      protocol: protocolOf(stringOf(port['protocol'])),
    },
  ];
}

/** EP-34: entries for one host in one namespace join their ports; a Kubernetes Service of that name keeps its own. */
function mergeInto(services: Map<string, Service>, service: Service): void {
  const known = services.get(keyOf(service));
  if (!known) {
    services.set(keyOf(service), service);
    return;
  }
  if (known.registry === 'Kubernetes' || known.resolution !== service.resolution) return;
  const more = service.ports.filter(({ port }) => !known.ports.some((other) => other.port === port));
  const clusterVIPs = Object.fromEntries(
    Object.entries(known.clusterVIPs).map(([cluster, addresses]) => [
      cluster,
      [...new Set([...addresses, ...(service.clusterVIPs[cluster] ?? [])])],
    ]),
  );
  services.set(keyOf(service), { ...known, ports: [...known.ports, ...more], clusterVIPs });
}

function endpointsOf(
  config: ConfigObject,
  service: Service,
  byNamespace: Map<string, Workload[]>,
  configCluster: string,
): IstioEndpoint[] {
  const spec = recordOf(config.spec);
  const selector = Object.entries(textMapOf(recordOf(spec['workloadSelector'])['labels']));
  const isDns = service.resolution === 'DNSLB' || service.resolution === 'DNSRoundRobinLB';
  let workloads: Workload[];
  if (spec['workloadSelector'] !== undefined && spec['workloadSelector'] !== null) {
    workloads = (byNamespace.get(config.namespace) ?? []).filter(
      ({ endpoint }) =>
        selector.length > 0 &&
        (isDns || ipFamily(endpoint.address) !== 0) &&
        selector.every(([key, value]) => endpoint.labels[key] === value),
    );
  } else {
    const written = arrayOf(spec['endpoints']);
    // A name without endpoints is its own endpoint.
    const list = written.length === 0 && isDns ? [{ address: service.hostname }] : written;
    workloads = list.map((entry, index) =>
      workloadOf(
        { ...config, labels: {}, annotations: {}, name: `${config.name}-${index}` },
        entry,
        configCluster,
      ),
    );
  }
  return workloads.flatMap((workload) => service.ports.map((port) => onPort(workload, port)));
}

/** EP-31: the workload's own port of that name, then the target port, then the port. */
function onPort({ endpoint, ports }: Workload, port: ServicePort): IstioEndpoint {
  const named = ports.get(port.name) || (typeof port.targetPort === 'string' && ports.get(port.targetPort));
  const target = named || (typeof port.targetPort === 'number' && port.targetPort) || port.port;
  return { ...endpoint, servicePortName: port.name, endpointPort: target };
}

// Service objects: ports, selectors, addresses. Source: Kubernetes API core/v1 Service (1.31).
import { givesAddress } from '../asm/load-balancer.ts';
import { nextAddress, usedIn } from './addresses.ts';
import type { BuiltState, Problem } from './built-state.ts';
import type { KubeService, KubeServicePort, ManifestObject } from './model.ts';
import { protocolOf } from './protocol.ts';
import { isPort, label, list, metaOf, record, strings, text } from './shape.ts';

const TYPES: KubeService['type'][] = ['ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName'];
const TRAFFIC_DISTRIBUTION = 'networking.istio.io/traffic-distribution';
/** Addresses that stand for what a cloud would give (RFC 5737, for documentation). */
const LOAD_BALANCER_BLOCK = '203.0.113.0/24';

/** The address is not given yet: see `addServiceAddresses`. */
export function serviceOf(cluster: string, object: ManifestObject, problems: Problem[]): KubeService {
  const spec = record(object.spec);
  const meta = metaOf(object);
  const type = TYPES.find((known) => known === spec['type']) ?? 'ClusterIP';
  const externalName = text(spec['externalName']);
  const distribution = text(spec['trafficDistribution']) || label(meta.annotations, TRAFFIC_DISTRIBUTION);
  const ingress = list(record(record(object.status)['loadBalancer'])['ingress']).map(record);
  const addresses = [
    ...ingress.map((entry) => text(entry['ip']) || text(entry['hostname'])),
    text(spec['loadBalancerIP']),
  ].filter(Boolean);
  const service: KubeService = {
    cluster,
    namespace: meta.namespace,
    name: meta.name,
    type,
    clusterIP: spec['clusterIP'] === 'None' ? '' : text(spec['clusterIP']),
    ...(type === 'ExternalName' && externalName && { externalName }),
    ports: [],
    selector: type === 'ExternalName' ? {} : strings(spec['selector']),
    labels: meta.labels,
    annotations: meta.annotations,
    ...(distribution && { trafficDistribution: distribution }),
    internalTrafficPolicyLocal: spec['internalTrafficPolicy'] === 'Local',
    publishNotReadyAddresses: spec['publishNotReadyAddresses'] === true,
    externalIPs: list(spec['externalIPs']).map(text).filter(Boolean),
    ...(type === 'LoadBalancer' && { loadBalancerAddresses: addresses }),
    origin: object.origin,
  };
  readPorts(service, object, problems);
  return service;
}

export const isHeadless = (service: KubeService): boolean =>
  service.clusterIP === '' && service.type !== 'ExternalName';

function readPorts(service: KubeService, object: ManifestObject, problems: Problem[]): void {
  const title = `Service ${service.namespace}/${service.name}`;
  const complain = (path: (string | number)[], message: string, hint?: string) =>
    problems.push({
      severity: 'error',
      message: `${title}: ${message}`,
      ...(hint && { hint }),
      origin: object.originOf?.(['spec', ...path]) ?? object.origin,
    });
  const raw = record(object.spec)['ports'];
  if (raw !== undefined && raw !== null && !Array.isArray(raw))
    complain(['ports'], 'spec.ports must be a list');
  for (const [i, value] of list(raw).entries()) {
    const port = record(value);
    if (!isPort(port['port'])) {
      complain(['ports', i, 'port'], 'port must be a number from 1 to 65535');
      continue;
    }
    const targetPort = targetPortOf(port['targetPort']);
    const read: KubeServicePort = {
      name: text(port['name']),
      port: port['port'],
      ...(targetPort !== undefined && { targetPort }),
      protocol: protocolOf(port),
      ...(isPort(port['nodePort']) && { nodePort: port['nodePort'] }),
    };
    if (service.ports.some((other) => other.name === read.name && read.name !== ''))
      complain(['ports', i, 'name'], `two ports are named ${read.name}`);
    service.ports.push(read);
  }
  if (service.ports.length > 1 && service.ports.some((port) => port.name === ''))
    complain(
      ['ports'],
      'with several ports each needs a name',
      'the API server refuses this; the name also tells the protocol, e.g. http-web',
    );
  if (service.ports.length === 0 && service.type !== 'ExternalName' && !isHeadless(service))
    complain(['ports'], 'spec.ports is missing', 'a Service without ports gets no traffic');
}

/** A numeric string is a name to Kubernetes, but no container port can be named so: people mean the number. */
function targetPortOf(value: unknown): number | string | undefined {
  const written = text(value);
  if (written === '' || written === '0') return undefined;
  return /^\d+$/.test(written) ? Number(written) : written;
}

/** Addresses for a service that states none; a changed service keeps what it had. */
export function addServiceAddresses(
  built: BuiltState,
  service: KubeService,
  object: ManifestObject,
  previous?: KubeService,
): void {
  const { state, ledger } = built;
  const used = usedIn(ledger, service.cluster);
  const asked = record(object.spec)['clusterIP'];
  if (service.type === 'ExternalName') service.clusterIP = '';
  else if (service.clusterIP !== '') used.add(service.clusterIP);
  else if (asked !== 'None') {
    const index = state.clusters.findIndex((cluster) => cluster.id === service.cluster);
    const block = state.clusters[index]?.serviceCIDR ?? `172.${16 + Math.max(0, index)}.0.0/16`;
    service.clusterIP = previous?.clusterIP || nextAddress(ledger, 'service', service.cluster, block, 10);
  }
  const spec = state.clusters.find((cluster) => cluster.id === service.cluster);
  if (service.loadBalancerAddresses?.length === 0 && givesAddress(spec, service))
    service.loadBalancerAddresses = previous?.loadBalancerAddresses ?? [
      nextAddress(ledger, 'service', '', LOAD_BALANCER_BLOCK, 1),
    ];
}

// The names that a scenario gives out: clusters, places, workloads, services. Whatever is referred to must be among them.
import type { ManifestObject } from '../models/kube/model.ts';
import { at, textOf } from './manifests-fields.ts';
import type { Scenario } from './scenario.ts';

export interface NamedWorkload {
  name: string;
  namespace: string;
  cluster: string;
  labels: Record<string, string>;
}

export interface NamedService {
  name: string;
  namespace: string;
  selector: Record<string, string>;
}

export interface Names {
  clusters: Set<string>;
  regions: Set<string>;
  zones: Set<string>;
  networks: Set<string>;
  nodes: Set<string>;
  workloads: NamedWorkload[];
  services: NamedService[];
  byName: { workloads: Map<string, NamedWorkload[]>; services: Map<string, NamedService[]> };
  /** Hosts of ServiceEntries; may start with "*.". */
  entryHosts: Set<string>;
  /** Addresses outside Kubernetes that ServiceEntries and WorkloadEntries name; `behavior` may speak of them. */
  addresses: Set<string>;
  /** Gateways of the topology, and workloads that Gateway objects select. */
  gateways: Set<string>;
  /** All objects, those of `apply` faults too. */
  objects: { cluster: string | null; object: ManifestObject }[];
}

const WORKLOADS = ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Pod'];

export function namesOf(scenario: Scenario): Names {
  const { clusters, gateways } = scenario.topology;
  const objects = scenario.manifests.flatMap(({ cluster, objects: list }) =>
    list.map((object) => ({ cluster, object })),
  );
  for (const fault of scenario.faults)
    if (fault.kind === 'apply')
      for (const object of fault.objects) objects.push({ cluster: fault.cluster, object });
  const names: Names = {
    clusters: new Set(clusters.map((cluster) => cluster.id)),
    regions: new Set(clusters.flatMap((cluster) => (cluster.region ? [cluster.region] : []))),
    zones: new Set(),
    networks: new Set(clusters.flatMap((cluster) => (cluster.network ? [cluster.network] : []))),
    nodes: new Set(),
    workloads: gateways.map(({ name, namespace, cluster, labels }) => ({
      name,
      namespace,
      cluster,
      labels: labels ?? {},
    })),
    services: [],
    byName: { workloads: new Map(), services: new Map() },
    entryHosts: new Set(),
    addresses: new Set(),
    gateways: new Set(gateways.map((gateway) => gateway.name)),
    objects,
  };
  for (const gateway of gateways) if (gateway.zone) names.zones.add(gateway.zone);
  for (const pool of clusters.flatMap((cluster) => cluster.nodes ?? [])) {
    names.zones.add(pool.zone);
    if (pool.region) names.regions.add(pool.region);
  }
  const selectors: Record<string, string>[] = [];
  for (const { cluster, object } of objects) {
    addObject(names, cluster, object);
    if (object.kind === 'Gateway') selectors.push(textsAt(object, ['spec', 'selector']));
  }
  for (const service of names.services) addTo(names.byName.services, service);
  for (const workload of names.workloads) {
    addTo(names.byName.workloads, workload);
    const isGateway = selectors.some(
      (selector) => Object.keys(selector).length > 0 && selects(selector, workload.labels),
    );
    if (isGateway || /gateway/.test(workload.name)) names.gateways.add(workload.name);
  }
  return names;
}

function addTo<T extends { name: string }>(byName: Map<string, T[]>, each: T): void {
  const known = byName.get(each.name);
  if (known) known.push(each);
  else byName.set(each.name, [each]);
}

function addObject(names: Names, cluster: string | null, object: ManifestObject): void {
  const namespace = object.metadata.namespace ?? 'default';
  const { name } = object.metadata;
  if (WORKLOADS.includes(object.kind)) {
    const path = object.kind === 'Pod' ? ['metadata', 'labels'] : ['spec', 'template', 'metadata', 'labels'];
    names.workloads.push({ name, namespace, cluster: cluster ?? '', labels: textsAt(object, path) });
  } else if (object.kind === 'Service') {
    names.services.push({ name, namespace, selector: textsAt(object, ['spec', 'selector']) });
  } else if (object.kind === 'Node') {
    names.nodes.add(name);
    const labels = object.metadata.labels ?? {};
    addLocality(
      names,
      labels['topology.kubernetes.io/region'] ?? labels['failure-domain.beta.kubernetes.io/region'],
      labels['topology.kubernetes.io/zone'] ?? labels['failure-domain.beta.kubernetes.io/zone'],
    );
  } else if (object.kind === 'ServiceEntry') {
    const hosts = listAt(object, ['spec', 'hosts']).map(textOf);
    for (const host of hosts) {
      names.entryHosts.add(host);
      addExternal(names, namespace, host, {});
    }
    for (const endpoint of listAt(object, ['spec', 'endpoints']))
      addEndpoint(names, namespace, endpoint, hosts[0] ?? '');
  } else if (object.kind === 'WorkloadEntry') addEndpoint(names, namespace, object.spec, name);
}

/** Answers outside Kubernetes count under their label app, or under the host. */
function addEndpoint(names: Names, namespace: string, endpoint: unknown, host: string): void {
  const labels = textsAt(endpoint, ['labels']);
  addLocality(names, ...localityOf(endpoint));
  addExternal(names, namespace, labels['app'] ?? host, labels);
  const address = textOf(at(endpoint, ['address']));
  if (address) names.addresses.add(address);
}

function addExternal(names: Names, namespace: string, name: string, labels: Record<string, string>): void {
  if (name && !names.workloads.some((each) => each.name === name && each.namespace === namespace))
    names.workloads.push({ name, namespace, cluster: '', labels });
}

function localityOf(value: unknown): [string | undefined, string | undefined] {
  const locality = at(value, ['locality']);
  if (typeof locality !== 'string') return [undefined, undefined];
  const [region, zone] = locality.split('/');
  return [region, zone];
}

function addLocality(names: Names, region: string | undefined, zone: string | undefined): void {
  if (region) names.regions.add(region);
  if (zone) names.zones.add(zone);
}

export function listAt(value: unknown, path: readonly (string | number)[]): unknown[] {
  const list = at(value, path);
  return Array.isArray(list) ? list : [];
}

function textsAt(value: unknown, path: readonly (string | number)[]): Record<string, string> {
  const texts = at(value, path);
  if (texts === null || typeof texts !== 'object' || Array.isArray(texts)) return {};
  return Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, textOf(text)]));
}

export const selects = (selector: Record<string, string>, labels: Record<string, string>): boolean =>
  Object.entries(selector).every(([key, value]) => labels[key] === value);

/** "reviews", "reviews:9080", "reviews.default.svc.cluster.local" as dialled in a namespace. */
export function servicesFor(names: Names, dialled: string, namespace: string | undefined): NamedService[] {
  const host = withoutPort(dialled);
  const [name, ns, svc, ...domain] = host.split('.');
  if (svc !== undefined && svc !== 'svc') return [];
  if (domain.length > 0 && domain.join('.') !== 'cluster.local') return [];
  return (names.byName.services.get(name!) ?? []).filter(
    (service) => (ns ?? namespace ?? service.namespace) === service.namespace,
  );
}

export const withoutPort = (host: string): string => host.replace(/:\d+$/, '');

/** Does a ServiceEntry or VirtualService give this host? */
export function isEntryHost(hosts: Iterable<string>, dialled: string): boolean {
  const host = withoutPort(dialled);
  for (const known of hosts)
    if (
      known === host ||
      (known.startsWith('*.') && host.endsWith(known.slice(1)) && host.length >= known.length)
    )
      return true;
  return false;
}

/** "reviews-v1[0]" -> "reviews-v1"; pod names "reviews-v1-0" -> the workload they are of. */
export function workloadsOfPod(names: Names, pod: string): NamedWorkload[] {
  const base = pod.replace(/\[\d+\]$/, '');
  const exact = names.workloads.filter((workload) => workload.name === base);
  if (exact.length > 0) return exact;
  const owner = /^(.+)-\d+$/.exec(base)?.[1];
  return names.workloads.filter((workload) => workload.name === owner);
}

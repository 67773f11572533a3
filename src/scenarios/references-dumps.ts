// Names of a scenario whose world comes from config dumps: what its loads, behaviours and expectations may speak of is what the dumps hold.

import { hintFor } from './diagnostics.ts';
import { isMistake, parseCidr } from './durations.ts';
import { placeOf } from './envoy-dump/dump-servers.ts';
import { DumpProxies, portOf } from './envoy-dump/proxies.ts';
import type { EnvoyDump } from './envoy-dump/read-dump.ts';
import { serviceName } from './outcome/selection.ts';
import { splitHost } from './plan/behaviours.ts';
import { callsOf } from './references-behavior.ts';
import type { Check } from './references-check.ts';
import type { NamedService, NamedWorkload, Names } from './references-names.ts';
import { checkLoadNames } from './references-run.ts';

export function namesOfDumps(dumps: readonly EnvoyDump[]): Names {
  const proxies = new DumpProxies(dumps);
  const names: Names = {
    clusters: new Set(),
    regions: new Set(),
    zones: new Set(),
    networks: new Set(),
    nodes: new Set(),
    workloads: [],
    services: [],
    byName: { workloads: new Map(), services: new Map() },
    entryHosts: new Set(),
    addresses: new Set(),
    gateways: new Set(proxies.names()),
    objects: [],
  };
  for (const { name } of proxies.all) names.addresses.add(name);
  const places = proxies.all.map(({ dump }) => placeOf(dump.config.node.locality));
  for (const { config, workloads } of dumps) {
    for (const { name } of config.clusters) addCluster(names, name);
    const groups = [
      ...config.endpoints,
      ...config.clusters.flatMap((cluster) => cluster.loadAssignment ?? []),
    ].flatMap(({ endpoints }) => endpoints);
    for (const { locality, lbEndpoints } of groups) {
      places.push(placeOf(locality));
      for (const { endpoint } of lbEndpoints) {
        const address = `${endpoint.address}:${endpoint.port}`;
        names.addresses.add(endpoint.address).add(address);
        const [workload, namespace = '', , version = '', cluster = ''] = workloads[address] ?? [];
        addWorkload(names, {
          name: workload || endpoint.hostname || address,
          namespace,
          cluster,
          labels: { version, namespace, subzone: locality?.subZone ?? '' },
        });
      }
    }
  }
  for (const { region, zone } of places) {
    if (region) names.regions.add(region);
    if (zone) names.zones.add(zone);
  }
  return names;
}

/** "outbound|9080|v1|reviews.default.svc.cluster.local", or whatever a plain Envoy calls it. */
function addCluster(names: Names, cluster: string): void {
  const host = cluster.split('|')[3] ?? cluster;
  const [name, namespace] = serviceName(host).split('.');
  if (serviceName(host) === host || name === undefined || namespace === undefined) {
    names.entryHosts.add(host);
    return;
  }
  const known = names.byName.services.get(name) ?? [];
  if (known.some((service) => service.namespace === namespace)) return;
  const service: NamedService = { name, namespace, selector: {} };
  names.services.push(service);
  names.byName.services.set(name, [...known, service]);
}

function addWorkload(names: Names, workload: NamedWorkload): void {
  if (workload.cluster) names.clusters.add(workload.cluster);
  const known = names.byName.workloads.get(workload.name) ?? [];
  const isKnown = known.some(
    ({ namespace, cluster, labels }) =>
      namespace === workload.namespace &&
      cluster === workload.cluster &&
      JSON.stringify(labels) === JSON.stringify(workload.labels),
  );
  if (isKnown) return;
  names.workloads.push(workload);
  names.byName.workloads.set(workload.name, [...known, workload]);
}

/** Loads start at proxies that were dumped; behaviours are of workloads, services and addresses in the dumps. */
export function checkDumpNames(check: Check, dumps: readonly EnvoyDump[]): void {
  const { scenario, names } = check;
  const proxies = new DumpProxies(dumps);
  checkLoadNames(check);
  for (const [i, { from }] of scenario.load.entries()) {
    const key = 'gateway' in from ? 'proxy' : 'pod' in from ? 'pod' : 'workload';
    const name = 'gateway' in from ? from.gateway : 'pod' in from ? from.pod : from.workload;
    if (proxies.named(name) >= 0) continue;
    const path = ['load', i, 'from', key];
    const origin = check.originAt(check.isWritten(path) ? path : ['load', i, 'from', 'gateway']);
    const message = `there is no config dump of a proxy "${name}"`;
    check.report('FS3004', origin, message, hintFor(name, proxies.names()));
  }
  const canonical = dumps.flatMap(({ workloads }) =>
    Object.values(workloads).map(([, , service]) => service!),
  );
  const known = new Set([
    ...names.workloads.flatMap(({ name, namespace }) => [name, `${namespace}/${name}`]),
    ...canonical,
    ...names.addresses,
  ]);
  for (const [key, behaviour] of Object.entries(scenario.behavior)) {
    if (behaviour.origin === undefined) continue;
    if (!known.has(key)) {
      const hint = hintFor(key, [
        ...names.workloads.map(({ name }) => name),
        ...canonical.filter((name) => name),
      ]);
      check.report(
        'FS3003',
        check.keyOriginAt(['behavior', key]),
        `the config dumps know no workload "${key}"`,
        hint,
      );
      continue;
    }
    const proxy = proxies.all[proxies.named(key.slice(key.indexOf('/') + 1))];
    for (const call of proxy && !proxy.isGateway ? callsOf(behaviour) : []) {
      const { host, port } = splitHost(call.call);
      if (port !== undefined || portOf(proxy!.dump.config, host) !== undefined || isAddress(host)) continue;
      const hint = 'write the port too, e.g. reviews:9080';
      const message = `no route of ${proxy!.name} takes requests for "${host}"`;
      check.report('FS3005', call.origin ?? check.originAt(['behavior', key]), message, hint);
    }
  }
}

const isAddress = (host: string) => /^[\d.]+$/.test(host) && !isMistake(parseCidr(`${host}/32`));

// What a proxy may reach: the Sidecar object in force for it, and the services and VirtualServices that it imports.
// Source: istio/istio pilot/pkg/model/sidecar.go (1.31). Rules SC-1, SC-2, SC-3, EP-34.
import { isSubsetOf, isWildcard } from '../host-name.ts';
import type { MeshSettings } from '../mesh-config.ts';
import type { ConfigObject, Service } from '../model.ts';
import { arrayOf, recordOf, stringOf, stringsOf, textMapOf } from '../plain.ts';
import { isServiceVisible, type ServiceIndex, servicesExportedTo } from './services.ts';
import { type VirtualServiceIndex, virtualServicesFor } from './virtual-services.ts';

export interface EgressListener {
  /** 0 = catches all ports. */
  port: number;
  protocol: string;
  bind: string;
  services: readonly Service[];
  virtualServices: readonly ConfigObject[];
}

export interface Scope {
  services: readonly Service[];
  byHost: ReadonlyMap<string, Service>;
  egressListeners: readonly EgressListener[];
}

export interface ScopeInput {
  services: ServiceIndex;
  virtualServices: VirtualServiceIndex;
  settings: Pick<MeshSettings, 'defaultServiceExportTo'>;
  domain: string;
}

/** SC-1: the selector of a Sidecar in the proxy's namespace, then one without selector there, then the root namespace's. */
export function sidecarFor(
  sidecars: readonly ConfigObject[],
  namespace: string,
  labels: Record<string, string>,
  rootNamespace: string,
): ConfigObject | null {
  let plain: ConfigObject | null = null;
  for (const sidecar of sidecars) {
    if (sidecar.namespace !== namespace) continue;
    const selector = recordOf(recordOf(sidecar.spec)['workloadSelector'])['labels'];
    const wanted = Object.entries(textMapOf(selector));
    if (wanted.length === 0) plain ??= sidecar;
    else if (wanted.every(([key, value]) => labels[key] === value)) return sidecar;
  }
  if (plain) return plain;
  return (
    sidecars.find(
      (sidecar) =>
        sidecar.namespace === rootNamespace &&
        Object.keys(textMapOf(recordOf(recordOf(sidecar.spec)['workloadSelector'])['labels'])).length === 0,
    ) ?? null
  );
}

/** Gateways see everything that is exported to their namespace. */
export function gatewayScope(input: ScopeInput, namespace: string): Scope {
  const imported = new Imports();
  for (const service of servicesExportedTo(input.services, namespace)) imported.add(service);
  return { ...imported.scope(), egressListeners: [] };
}

/** @param sidecar null = as if it imported everything */
export function sidecarScope(input: ScopeInput, namespace: string, sidecar: ConfigObject | null): Scope {
  const egress = arrayOf(recordOf(sidecar?.spec)['egress']);
  const listeners = (egress.length > 0 ? egress : [{ hosts: ['*/*'] }]).map((entry) =>
    egressListener(input, namespace, recordOf(entry)),
  );
  const imported = new Imports();
  for (const listener of listeners) {
    for (const service of listener.services) imported.add(service);
    for (const virtualService of listener.virtualServices) {
      for (const [host, ports] of input.virtualServices.destinations.get(virtualService) ?? []) {
        const candidates = input.services.byHost.get(host);
        if (!candidates) continue;
        const service =
          candidates.find((candidate) => candidate.namespace === namespace) ??
          firstVisible(candidates, namespace, input.settings);
        if (service) imported.add(withPorts(service, needsPort(listener) ? new Set([listener.port]) : ports));
      }
    }
  }
  return { ...imported.scope(), egressListeners: listeners };
}

const needsPort = (listener: Pick<EgressListener, 'port' | 'protocol'>) =>
  listener.port !== 0 && listener.protocol.toUpperCase() !== 'HTTP_PROXY';

/** Of services with one hostname in several namespaces: the first visible namespace by name (EP-34). */
function firstVisible(
  candidates: readonly Service[],
  namespace: string,
  settings: ScopeInput['settings'],
): Service | undefined {
  return candidates
    .filter((candidate) => isServiceVisible(candidate, namespace, settings))
    .sort((a, b) => (a.namespace < b.namespace ? -1 : 1))[0];
}

/** @param ports empty or with 0 = all. @returns undefined when the service has none of them */
function withPorts(service: Service, ports: ReadonlySet<number>): Service | undefined {
  if (ports.size === 0 || ports.has(0)) return service;
  const found = service.ports.filter(({ port }) => ports.has(port));
  if (found.length === service.ports.length) return service;
  return found.length > 0 ? { ...service, ports: found } : undefined;
}

class HostSet {
  private readonly exact = new Set<string>();
  private readonly wildcards: string[] = [];
  private readonly all: string[] = [];

  add(host: string): void {
    if (isWildcard(host)) this.wildcards.push(host);
    else this.exact.add(host);
    this.all.push(host);
  }

  hasService(host: string): boolean {
    return this.exact.has(host) || this.wildcards.some((wildcard) => isSubsetOf(host, wildcard));
  }

  /** VirtualService hosts match in both directions: a rule for *.com is imported by a.com. */
  touches(host: string): boolean {
    if (this.hasService(host)) return true;
    return isWildcard(host) && this.all.some((imported) => isSubsetOf(imported, host));
  }
}

function egressListener(
  input: ScopeInput,
  namespace: string,
  entry: Record<string, unknown>,
): EgressListener {
  const byNamespace = new Map<string, HostSet>();
  for (const text of stringsOf(entry['hosts'])) {
    const [where, name, ...rest] = text.split('/');
    if (name === undefined || rest.length > 0) continue;
    const key = where === '.' ? namespace : where!;
    const hosts = byNamespace.get(key) ?? new HostSet();
    hosts.add(name);
    byNamespace.set(key, hosts);
  }
  const everywhere = byNamespace.get('*');
  const port = recordOf(entry['port']);
  const listener = {
    port: typeof port['number'] === 'number' ? port['number'] : 0,
    protocol: stringOf(port['protocol']),
    bind: stringOf(entry['bind']),
  };
  const services = servicesExportedTo(input.services, namespace).flatMap((service) => {
    const isImported =
      byNamespace.get(service.namespace)?.hasService(service.hostname) ||
      everywhere?.hasService(service.hostname);
    if (!isImported) return [];
    const trimmed = needsPort(listener) ? withPorts(service, new Set([listener.port])) : service;
    return trimmed ? [trimmed] : [];
  });
  const virtualServices = virtualServicesFor(input.virtualServices, namespace, 'mesh').filter((config) =>
    stringsOf(recordOf(config.spec)['hosts']).some((host) => {
      const full =
        host.includes('.') || isWildcard(host) ? host : `${host}.${config.namespace}.svc.${input.domain}`;
      return byNamespace.get(config.namespace)?.touches(full) || everywhere?.touches(full);
    }),
  );
  return { ...listener, services: oneNamespacePerHost(services, namespace), virtualServices };
}

/** EP-34: of one hostname in several namespaces the own namespace's wins, then a Kubernetes Service, then the oldest. */
function oneNamespacePerHost(services: readonly Service[], namespace: string): Service[] {
  const chosen = new Map<string, Service>();
  for (const service of services) {
    const known = chosen.get(service.hostname);
    const isBetter =
      known === undefined ||
      service.namespace === namespace ||
      (known.registry !== 'Kubernetes' && service.registry === 'Kubernetes' && known.namespace !== namespace);
    if (isBetter) chosen.set(service.hostname, service);
  }
  return services.filter((service) => chosen.get(service.hostname)!.namespace === service.namespace);
}

/** Collects services by hostname; parts of one service that several listeners import are joined. */
class Imports {
  private readonly list: Service[] = [];
  private readonly position = new Map<string, number>();

  add(service: Service | undefined): void {
    if (service === undefined) return;
    const at = this.position.get(service.hostname);
    if (at === undefined) {
      this.position.set(service.hostname, this.list.length);
      this.list.push(service);
      return;
    }
    const known = this.list[at]!;
    if (known === service) return;
    if (known.registry !== service.registry) {
      if (service.registry === 'Kubernetes') this.list[at] = service;
      return;
    }
    if (known.namespace !== service.namespace || known.resolution !== service.resolution) return;
    const more = service.ports.filter(({ port }) => !known.ports.some((other) => other.port === port));
    if (more.length > 0) this.list[at] = { ...known, ports: [...known.ports, ...more] };
  }

  scope(): Pick<Scope, 'services' | 'byHost'> {
    return { services: this.list, byHost: new Map(this.list.map((service) => [service.hostname, service])) };
  }
}

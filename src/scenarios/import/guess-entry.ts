// Where requests enter the mesh: gateways with a host and a path that a route is for; without gateways the first workload that calls another.
import { at, type FoundObject, isWorkload, listAt, podLabelsOf, selects, textsAt } from './found.ts';
import type { Calls } from './guess-calls.ts';
import { workloadKey } from './guess-calls.ts';

export interface GuessedGateway {
  name: string;
  namespace: string;
  labels: Record<string, string>;
  /** No workload of the manifests carries the labels: the topology has to name it. */
  isMissing: boolean;
}

export interface GuessedLoad {
  name: string;
  from: { gateway: string } | { workload: string; namespace?: string };
  /** "GET http://bookinfo.local/productpage" */
  request: string;
  /** Comment: where it was taken from. */
  why: string;
}

export interface EntryGuess {
  gateways: GuessedGateway[];
  loads: GuessedLoad[];
}

const MOST_LOADS = 3;
const HTTP = new Set(['HTTP', 'HTTP2', 'GRPC', 'GRPC-WEB']);

export function guessEntry(objects: readonly FoundObject[], calls: Calls): EntryGuess {
  const guess: EntryGuess = { gateways: [], loads: [] };
  for (const object of objects) {
    if (object.kind !== 'Gateway') continue;
    const isIstio = object.apiVersion.startsWith('networking.istio.io/');
    const gateway = isIstio ? istioGateway(object, objects) : apiGateway(object, objects);
    if (!gateway) continue;
    const entries = isIstio ? virtualServices(object, objects) : httpRoutes(object, objects);
    const known = guess.gateways.find(
      ({ name, namespace }) => name === gateway.name && namespace === gateway.namespace,
    );
    if (!known) guess.gateways.push(gateway);
    for (const entry of entries) {
      if (guess.loads.length >= MOST_LOADS) break;
      guess.loads.push({
        ...entry,
        name: freeName(guess.loads, entry.name),
        from: { gateway: gateway.name },
      });
    }
  }
  if (guess.loads.length === 0) guess.loads.push(...inside(objects, calls));
  return guess;
}

function freeName(loads: readonly GuessedLoad[], wanted: string): string {
  let name = wanted;
  for (let n = 2; loads.some((load) => load.name === name); n++) name = `${wanted}-${n}`;
  return name;
}

function istioGateway(object: FoundObject, objects: readonly FoundObject[]): GuessedGateway | null {
  const labels = textsAt(object.fields, 'spec', 'selector');
  if (Object.keys(labels).length === 0) return null;
  const workload = objects.find((other) => isWorkload(other) && selects(labels, podLabelsOf(other)));
  if (workload) return { name: workload.name, namespace: workload.namespace, labels, isMissing: false };
  const short = labels['istio'] ?? labels['app'] ?? object.name;
  const name = /^istio-/.test(short) || labels['istio'] === undefined ? short : `istio-${short}`;
  return { name, namespace: 'istio-system', labels, isMissing: true };
}

/** Istio deploys a Gateway of the Gateway API as NAME-istio. Source: istio pilot/pkg/config/kube/gateway/deploymentcontroller.go. */
function apiGateway(object: FoundObject, objects: readonly FoundObject[]): GuessedGateway | null {
  const labels = { 'gateway.networking.k8s.io/gateway-name': object.name };
  const workload = objects.find((other) => isWorkload(other) && selects(labels, podLabelsOf(other)));
  return {
    name: workload?.name ?? `${object.name}-istio`,
    namespace: object.namespace,
    labels,
    isMissing: workload === undefined,
  };
}

type Entry = Omit<GuessedLoad, 'from'>;

function virtualServices(gateway: FoundObject, objects: readonly FoundObject[]): Entry[] {
  const servers = listAt(gateway.fields, 'spec', 'servers');
  const isPlain = (server: unknown) => HTTP.has(String(at(server, 'port', 'protocol')).toUpperCase());
  const server = servers.find(isPlain) ?? servers[0];
  const port = Number(at(server, 'port', 'number')) || 80;
  const isTls = server !== undefined && !isPlain(server) && at(server, 'tls') !== undefined;
  const serverHosts = listAt(server, 'hosts').map((host) => String(host).replace(/^.*\//, ''));
  return objects.flatMap((object): Entry[] => {
    if (object.kind !== 'VirtualService') return [];
    const names = listAt(object.fields, 'spec', 'gateways').map(String);
    const isBound = names.some((name) =>
      name.includes('/')
        ? name === `${gateway.namespace}/${gateway.name}`
        : name === gateway.name && object.namespace === gateway.namespace,
    );
    if (!isBound) return [];
    const rules = listAt(object.fields, 'spec', 'http');
    const rule = rules.find((each) => listAt(each, 'route').length > 0) ?? rules[0];
    if (rule === undefined) return [];
    const uri = at(rule, 'match', 0, 'uri');
    const path = at(uri, 'exact') ?? at(uri, 'prefix') ?? '/';
    const host = hostFor([...listAt(object.fields, 'spec', 'hosts').map(String), ...serverHosts]);
    return [
      {
        name: object.name,
        request: requestText(isTls, host, port, String(path)),
        why: `Gateway ${gateway.name}, VirtualService ${object.name}`,
      },
    ];
  });
}

function httpRoutes(gateway: FoundObject, objects: readonly FoundObject[]): Entry[] {
  const listeners = listAt(gateway.fields, 'spec', 'listeners');
  const listener = listeners.find((each) => at(each, 'protocol') === 'HTTP') ?? listeners[0];
  const port = Number(at(listener, 'port')) || 80;
  return objects.flatMap((object): Entry[] => {
    if (object.kind !== 'HTTPRoute') return [];
    const isBound = listAt(object.fields, 'spec', 'parentRefs').some(
      (parent) =>
        at(parent, 'name') === gateway.name &&
        (at(parent, 'kind') ?? 'Gateway') === 'Gateway' &&
        (at(parent, 'namespace') ?? object.namespace) === gateway.namespace,
    );
    if (!isBound) return [];
    const path = at(object.fields, 'spec', 'rules', 0, 'matches', 0, 'path', 'value') ?? '/';
    const hosts = [
      ...listAt(object.fields, 'spec', 'hostnames').map(String),
      String(at(listener, 'hostname') ?? '*'),
    ];
    const isTls = at(listener, 'protocol') === 'HTTPS';
    return [
      {
        name: object.name,
        request: requestText(isTls, hostFor(hosts), port, String(path)),
        why: `Gateway ${gateway.name}, HTTPRoute ${object.name}`,
      },
    ];
  });
}

/** A whole name first; "*.shop.example" stands for any name below it, "*" for any at all. */
function hostFor(hosts: readonly string[]): string {
  const isName = (host: string) => /^[a-z0-9.-]+$/i.test(host);
  const whole = hosts.find(isName);
  if (whole) return whole;
  const below = hosts.find((host) => /^\*\.[a-z0-9.-]+$/i.test(host));
  return below ? `www${below.slice(1)}` : 'example.com';
}

function requestText(isTls: boolean, host: string, port: number, path: string): string {
  const isUsual = port === (isTls ? 443 : 80);
  const clean = /^\/[^\s"'#]*$/.test(path) ? path : '/';
  return `GET ${isTls ? 'https' : 'http'}://${host}${isUsual ? '' : `:${port}`}${clean}`;
}

/** No gateway: a workload asks a Service, best one that it was seen to call. */
function inside(objects: readonly FoundObject[], calls: Calls): GuessedLoad[] {
  const services = objects.filter(({ kind, apiVersion }) => kind === 'Service' && apiVersion === 'v1');
  const workloads = objects.filter(isWorkload);
  const behind = (service: FoundObject) =>
    workloads.filter(
      (workload) =>
        workload.namespace === service.namespace &&
        selects(textsAt(service.fields, 'spec', 'selector'), podLabelsOf(workload)),
    );
  const called = new Set([...calls.values()].flat().map(({ service }) => service));
  const usable = services.filter(
    (service) => behind(service).length > 0 && listAt(service.fields, 'spec', 'ports').length > 0,
  );
  // The service that calls others and is called by none is the front; else the first.
  const front =
    usable.find(
      (service) =>
        !called.has(workloadKey(service)) &&
        behind(service).some((workload) => calls.has(workloadKey(workload))),
    ) ??
    usable.find((service) => !called.has(workloadKey(service))) ??
    usable[0];
  if (!front) return [];
  const own = behind(front);
  const caller = workloads.find((workload) => !own.includes(workload)) ?? own[0]!;
  const port = Number(at(front.fields, 'spec', 'ports', 0, 'port')) || 80;
  const host = caller.namespace === front.namespace ? front.name : `${front.name}.${front.namespace}`;
  const isUnique =
    workloads.filter(({ name, namespace }) => name === caller.name && namespace !== caller.namespace)
      .length === 0;
  return [
    {
      name: front.name,
      from: { workload: caller.name, ...(!isUnique && { namespace: caller.namespace }) },
      request: requestText(false, host, port, '/'),
      why: 'no Gateway was found, so a workload asks',
    },
  ];
}

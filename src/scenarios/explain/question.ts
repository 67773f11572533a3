// Which hop a question means: one of a sampled request, or one that the scenario never makes and that only the configuration can answer.
import { listenerOf, resolveRoute } from '../../models/envoy/resolve-route.ts';
import type { RequestView } from '../../models/envoy/route-match.ts';
import type { HopSample, RequestSample } from '../../models/world.ts';
import { isService } from '../outcome/selection.ts';
import { splitHost } from '../plan/behaviours.ts';
import { clusterParts, type Scene } from './scene.ts';

export interface HopQuestion {
  depth: number;
  /** Server, proxy or load name. */
  caller: string;
  /** Index into the world's proxies; -1 = no sidecar. */
  proxy: number;
  port: number;
  request: RequestView;
  atNs: number;
  /** What the run did; absent = nobody asked, the configuration alone answers. */
  hop?: HopSample;
  endNs?: number;
}

/** All hops of a sampled request, callers first. */
export function hopsOf(scene: Scene, sample: RequestSample): HopQuestion[] {
  let lastNs = sample.startNs;
  return sample.hops.map((hop) => {
    const proxy = scene.proxyNamed(hop.proxy);
    const first = hop.attempts[0]?.atNs;
    lastNs = first ?? lastNs;
    const { port, request } = requestOf(scene, sample, hop);
    return {
      depth: hop.depth,
      caller: hop.proxy ?? hop.caller,
      proxy,
      port,
      request,
      atNs: lastNs,
      hop,
      endNs: hop.depth === 0 ? sample.endNs : (hop.attempts.at(-1)?.endNs ?? lastNs),
    };
  });
}

/** The whole request of a hop, headers and port included, which a sample does not keep. */
function requestOf(
  scene: Scene,
  sample: RequestSample,
  hop: HopSample,
): { port: number; request: RequestView } {
  const { world, callSites } = scene.plan;
  if (hop.depth === 0) {
    const load = world.loads.find((entry) => entry.name === sample.load);
    if (load) {
      const { method, host, path, headers, port } = load.request;
      const turn = load.rotate?.[sample.turn ?? 0]?.headers;
      return { port, request: { method, host, path, headers: { ...headers, ...turn } } };
    }
  }
  const caller = scene.workloadOf(hop.caller);
  const site =
    callSites.find(({ caller: own, request }) => own === hop.caller && isSame(request, hop)) ??
    callSites.find(({ caller: own, request }) => scene.workloadOf(own) === caller && isSame(request, hop));
  if (site) return { port: site.port, request: site.request };
  return {
    port: splitHost(hop.host).port ?? 80,
    request: { method: 'GET', host: hop.host, path: hop.path, headers: {} },
  };
}

const isSame = (request: RequestView, hop: HopSample) =>
  request.host === hop.host && request.path === hop.path;

/** "reviews.default" of what a hop went to, or was to go to. */
export function serviceOf(question: Pick<HopQuestion, 'hop' | 'request'>, cluster?: string | null): string {
  const name = cluster ?? question.hop?.cluster;
  return name ? clusterParts(name).service : splitHost(question.request.host).host;
}

/** Does the hop go from `from` (pod, workload or gateway) to `to` (service, host, workload or pod)? */
export function isFromTo(scene: Scene, question: HopQuestion, from?: string, to?: string): boolean {
  const { hop, caller } = question;
  const server = hop?.caller ?? caller;
  if (
    from !== undefined &&
    ![caller, server, scene.workloadOf(caller), scene.workloadOf(server)].includes(from)
  )
    return false;
  if (to === undefined) return true;
  const host = splitHost(question.request.host).host;
  const cluster = hop?.cluster ?? resolvedCluster(scene, question);
  if (isService(host, to) || (cluster !== null && isService(clusterParts(cluster).host, to))) return true;
  return (hop?.attempts ?? []).some(
    ({ endpoint }) => scene.podAt(endpoint) === to || scene.workloadAt(endpoint) === to,
  );
}

export function resolvedCluster(scene: Scene, question: HopQuestion): string | null {
  if (question.proxy < 0) return null;
  const config = scene.configOf(question.proxy, question.atNs);
  return resolveRoute(config, question.port, question.request).targets[0]?.cluster ?? null;
}

/** A call that no request of the scenario makes: from a pod's proxy to a service by its first port. */
export function unaskedHop(
  scene: Scene,
  from: string,
  to: string,
  atNs: number,
  path: string,
): HopQuestion | { problem: string } {
  const { plan } = scene;
  const proxy = plan.world.proxies.findIndex(({ name }) => name === from || scene.workloadOf(name) === from);
  const planned = plan.callSites.find(
    (site) =>
      (site.caller === from || scene.workloadOf(site.caller) === from) &&
      isFromTo(scene, { ...site, depth: 0, atNs }, undefined, to),
  );
  if (planned) return { ...planned, depth: 0, atNs };
  if (proxy < 0) {
    const known = [...new Set(plan.names.callerWorkloads.values())].sort();
    return known.includes(from)
      ? { problem: `${from} has no sidecar and calls no ${to} in this scenario` }
      : { problem: `there is no workload, pod or gateway "${from}" (known: ${known.join(', ')})` };
  }
  const { host, port } = splitHost(to);
  if (scene.dumpOf(proxy) !== undefined) return hopOfDump(scene, proxy, to, atNs, path);
  const service = plan.mesh.services.find((entry) => isService(entry.hostname, host));
  if (!service) {
    const known = plan.mesh.services.map(({ name, namespace, registry, hostname }) =>
      registry === 'Kubernetes' ? `${name}.${namespace}` : hostname,
    );
    return { problem: `there is no service "${to}" (known: ${known.sort().join(', ')})` };
  }
  const known = port ?? service.ports[0]?.port ?? 80;
  const config = scene.configOf(proxy, atNs);
  const isGateway = plan.nodes[proxy]?.type === 'router';
  const listening = isGateway
    ? (listenerOf(config, known)?.address.port ?? config.listeners[0]?.address.port)
    : known;
  return {
    depth: 0,
    caller: plan.world.proxies[proxy]!.name,
    proxy,
    port: listening ?? known,
    request: {
      method: 'GET',
      host: known === 80 ? service.hostname : `${service.hostname}:${known}`,
      path,
      headers: {},
    },
    atNs,
  };
}

/** The same for a proxy that was dumped: its clusters are the services that it knows. */
function hopOfDump(
  scene: Scene,
  proxy: number,
  to: string,
  atNs: number,
  path: string,
): HopQuestion | { problem: string } {
  const config = scene.configOf(proxy, atNs);
  const { host, port } = splitHost(to);
  const outward = config.clusters.map(({ name }) => name).filter((name) => !name.startsWith('inbound|'));
  const cluster = outward.find((name) => {
    const parts = clusterParts(name);
    return isService(parts.host, host) && (port === undefined || parts.port === String(port));
  });
  if (cluster === undefined) {
    const known = [...new Set(outward.map((name) => clusterParts(name).service))].sort();
    return { problem: `there is no service "${to}" (known: ${known.join(', ')})` };
  }
  const parts = clusterParts(cluster);
  const asked = port ?? (Number(parts.port) || 80);
  const name = scene.plan.world.proxies[proxy]!.name;
  return {
    depth: 0,
    caller: name,
    proxy,
    port: listenerOf(config, asked)?.address.port ?? config.listeners[0]?.address.port ?? asked,
    request: { method: 'GET', host: asked === 80 ? parts.host : `${parts.host}:${asked}`, path, headers: {} },
    atNs,
  };
}

// What stands between a caller's proxy and a pod of the service that it asks for: visibility, routes and subsets, networks and localities,
// then health, priority and weight of the endpoint.
import type { EnvoyConfig, Route } from '../../models/envoy/config.ts';
import { clusterNamed, resolveRoute } from '../../models/envoy/resolve-route.ts';
import type { IstioEndpoint } from '../../models/istio/model.ts';
import type { KubeService, Pod } from '../../models/kube/model.ts';
import { serviceName } from '../outcome/selection.ts';
import { clusterAt, type HostAt } from './cluster-at.ts';
import { localitySetting } from './locality-setting.ts';
import type { HopQuestion } from './question.ts';
import { matchWords } from './routing-steps.ts';
import { clock, clusterParts, localityOf, percentOf, type Scene } from './scene.ts';
import { countsOf, type Verdict, verdict } from './verdict.ts';

/** From one caller to one pod of the service: the first thing that stands in the way. */
export function between(
  scene: Scene,
  site: HopQuestion,
  pod: Pod,
  service: KubeService,
  hostname: string,
): Verdict {
  const { plan } = scene;
  if (site.proxy < 0)
    return pod.cluster === scene.podNamed(site.caller)?.cluster
      ? verdict(
          'chance',
          'the caller has no sidecar: kube-proxy picks at random among the ready pods of its cluster',
          [],
          'IN-2',
        )
      : verdict(
          'filtered',
          `the caller has no sidecar: kube-proxy knows only the pods of its own cluster, ${scene.podNamed(site.caller)?.cluster}`,
          scene.place(pod.origin),
          'IN-2',
        );
  const node = plan.nodes[site.proxy];
  const config = scene.configOf(site.proxy, site.atNs);
  const found = resolveRoute(config, site.port, site.request);
  if (node && !plan.context().serviceByHost(node, hostname)) {
    const sidecar = plan.context().sidecarOf(node);
    return verdict(
      'notVisible',
      `${serviceName(hostname)} is not visible to ${site.caller}: ${sidecar ? `its Sidecar ${sidecar.namespace}/${sidecar.name} does not import it` : 'exportTo keeps it away'}`,
      [...scene.place(sidecar?.origin), ...scene.place(service.origin)],
      'SC-2',
    );
  }
  const holding = clustersWith(scene, config, pod, hostname);
  const chosen = new Map(found.targets.map(({ cluster, share }) => [cluster, share]));
  const inTarget = holding.filter((name) => chosen.has(name));
  if (inTarget.length === 0) return elsewhere(scene, site, found.route, pod, hostname, holding, chosen);
  const name = inTarget[0]!;
  const at = clusterAt(scene, site.proxy, clusterNamed(config, name)!, site.atNs);
  const host = at.hosts.find(({ pod: own }) => scene.podNamed(own) === pod)!;
  return inCluster(scene, site, host, name, at.load.panic[host.priority] === true, chosen.get(name)!, at);
}

/** Names of the caller's clusters of this service that have the pod among their endpoints. */
function clustersWith(scene: Scene, config: EnvoyConfig, pod: Pod, hostname: string): string[] {
  const assignments = new Map(config.endpoints.map((entry) => [entry.clusterName, entry]));
  return config.clusters
    .filter(({ name }) => name.startsWith('outbound|') && clusterParts(name).host === hostname)
    .filter((cluster) =>
      (
        assignments.get(cluster.edsClusterConfig?.serviceName ?? cluster.name) ?? cluster.loadAssignment
      )?.endpoints.some(({ lbEndpoints }) =>
        lbEndpoints.some(
          ({ endpoint }) => scene.podNamed(scene.podAt(`${endpoint.address}:${endpoint.port}`)) === pod,
        ),
      ),
    )
    .map(({ name }) => name);
}

/** It is in no cluster that the route names. */
function elsewhere(
  scene: Scene,
  site: HopQuestion,
  route: Route | null,
  pod: Pod,
  hostname: string,
  holding: readonly string[],
  chosen: ReadonlyMap<string, number>,
): Verdict {
  const place = scene.place(route?.origin);
  const aimed = [...chosen.keys()].filter((name) => clusterParts(name).host === hostname);
  const words = (names: readonly string[]) =>
    names.map((name) => clusterParts(name).subset || '(all)').join(', ');
  if (chosen.size === 0)
    return verdict(
      'noRoute',
      `no route leads ${site.request.method} ${site.request.path} anywhere`,
      place,
      'VM-1',
    );
  if (aimed.length === 0)
    return verdict(
      'otherRoute',
      `the route for ${site.request.method} ${site.request.path} leads to ${[...chosen.keys()].map((name) => clusterParts(name).service).join(', ')}`,
      place,
      'VM-1',
    );
  if (holding.length > 0) {
    const zero = weightZero(scene, route, holding);
    const subsets = words(holding.filter((name) => clusterParts(name).subset !== ''));
    return zero
      ? verdict('weight0', `its subset ${zero} has weight 0 in the route`, place, 'VW-2')
      : verdict(
          'otherSubset',
          `the route (${route ? matchWords(route.match) : 'TCP'}) sends to subset ${words(aimed)}; the pod is ${subsets ? `in subset ${subsets}` : 'in no subset'}`,
          place,
          'DR-13',
        );
  }
  const subset = clusterParts(aimed[0]!).subset;
  const endpoint = (scene.plan.mesh.endpoints.get(`${hostname}/${pod.namespace}`) ?? []).find(
    ({ address, clusterId }) => address === pod.ip && clusterId === pod.cluster,
  );
  const wasThere = wasHeld(scene, site.proxy, pod, site.atNs);
  if (wasThere !== null) {
    const event = scene.run.timeline.findLast(
      (entry) => entry.atNs <= wasThere && entry.text.includes(pod.name),
    );
    return verdict(
      'notPushed',
      `it left the endpoints with the push of ${clock(wasThere)}${event ? `: ${clock(event.atNs)} ${event.text}` : ''}`,
      scene.place(pod.origin),
      'XP-1',
    );
  }
  if (endpoint?.health !== 'healthy')
    return verdict(
      'notReady',
      endpoint
        ? `it is not ready (${endpoint.health}) at ${clock(site.atNs)}, and unready endpoints are not sent`
        : `it is not there yet at ${clock(site.atNs)}`,
      scene.place(pod.origin),
      'EP-20',
    );
  if (subset !== '' && !isInSubset(scene, site, hostname, subset, pod))
    return verdict(
      'otherSubset',
      `the route sends to subset ${words(aimed)}, whose labels the pod does not have`,
      place,
      'DR-13',
    );
  return leftOutBy(scene, site, pod, endpoint, hostname);
}

/** A ready endpoint of the right subset that istiod does not send to this caller. */
function leftOutBy(
  scene: Scene,
  site: HopQuestion,
  pod: Pod,
  endpoint: IstioEndpoint,
  hostname: string,
): Verdict {
  const { plan } = scene;
  const node = plan.nodes[site.proxy];
  const gateways = plan.mesh.networkGateways.filter(({ network }) => network === endpoint.network);
  if (
    node &&
    endpoint.network !== node.network &&
    endpoint.network !== '' &&
    node.network !== '' &&
    gateways.length > 0
  )
    return verdict(
      'behindGateway',
      `it is in network ${endpoint.network}: ${site.caller} sends to that network's gateway (${gateways.map(({ address, port }) => `${address}:${port}`).join(', ')}), which chooses among the pods there`,
      scene.place(pod.origin),
      'SH-4',
    );
  const service = node && plan.context().serviceByHost(node, hostname);
  if (service?.internalTrafficPolicyLocal)
    return verdict(
      'filtered',
      `internalTrafficPolicy Local: only pods on the caller's node (${node?.nodeName ?? 'unknown'}), and it is on ${pod.node}`,
      scene.place(service.origin),
      'EP-6',
    );
  const setting = localitySetting(scene, site.proxy, hostname);
  if (/distributes/.test(setting.says))
    return {
      ...verdict(
        'filtered',
        `its locality ${localityOf(pod)} is none of the targets: ${setting.says}`,
        setting.places,
        'DI-4',
      ),
    };
  return verdict(
    'filtered',
    `istiod does not send the endpoints of cluster ${pod.cluster} to ${site.caller}: the host is cluster-local, or the gateway does not serve that cluster`,
    scene.place(pod.origin),
    'EP-5',
  );
}

/** Name of the subset that the route's rule names with weight 0 (istiod leaves it out of the route). */
function weightZero(scene: Scene, route: Route | null, holding: readonly string[]): string | undefined {
  const object = scene.plan.mesh.configs.find(
    ({ kind, origin }) =>
      kind === 'VirtualService' && origin?.file === route?.origin?.file && origin !== undefined,
  );
  const rules = (object?.spec as { http?: unknown } | undefined)?.http;
  if (!Array.isArray(rules)) return undefined;
  const subsets = holding.map((name) => clusterParts(name).subset).filter((subset) => subset !== '');
  for (const [index, each] of rules.entries()) {
    const origin = object?.originOf?.(['spec', 'http', index]);
    const next = object?.originOf?.(['spec', 'http', index + 1]);
    const line = route?.origin?.line ?? 0;
    if (!origin || line < origin.line || (next && next.line > origin.line && line >= next.line)) continue;
    const destinations = (each as { route?: unknown } | null)?.route;
    if (!Array.isArray(destinations)) continue;
    for (const entry of destinations as { weight?: unknown; destination?: { subset?: unknown } }[]) {
      const subset = entry?.destination?.subset;
      if (typeof subset === 'string' && subsets.includes(subset) && !entry.weight) return subset;
    }
  }
  return undefined;
}

function isInSubset(scene: Scene, site: HopQuestion, hostname: string, subset: string, pod: Pod): boolean {
  const node = scene.plan.nodes[site.proxy];
  const service = node && scene.plan.context().serviceByHost(node, hostname);
  const spec = node && service ? scene.plan.context().destinationRuleFor(node, service)?.spec : undefined;
  const labels = spec?.subsets?.find(({ name }) => name === subset)?.labels ?? {};
  return Object.entries(labels).every(([key, value]) => pod.labels[key] === value);
}

/** When a push took the pod from the proxy; null = it never had it. */
function wasHeld(scene: Scene, proxy: number, pod: Pod, atNs: number): number | null {
  const holds = (text: unknown) => JSON.stringify(text).includes(`"address":"${pod.ip}"`);
  let had = holds(scene.configOf(proxy, 0).endpoints);
  let leftNs: number | null = null;
  for (const action of scene.plan.world.actions) {
    if (action.atNs > atNs) break;
    if ((action.kind !== 'endpoints' && action.kind !== 'config') || !action.proxies.includes(proxy))
      continue;
    const has = holds(scene.configOf(proxy, action.atNs).endpoints);
    if (had && !has) leftNs = action.atNs;
    had = has;
  }
  return leftNs;
}

/** It is an endpoint of the cluster that the route names. */
function inCluster(
  scene: Scene,
  site: HopQuestion,
  host: HostAt,
  name: string,
  isPanic: boolean,
  routeShare: number,
  at: ReturnType<typeof clusterAt>,
): Verdict {
  const { host: hostname, subset } = clusterParts(name);
  if (host.ejection && !isPanic)
    return verdict(
      'ejected',
      `${site.caller} has ejected it from ${clock(host.ejection.atNs)} ${host.ejection.untilNs === null ? 'to the end' : `to ${clock(host.ejection.untilNs)}`} (${host.ejection.reason})`,
      scene.place(at.cluster.outlierOrigin),
      'outlier detection',
    );
  if (!host.isHealthy && !isPanic)
    return verdict('unhealthy', `EDS calls it ${(host.health ?? 'unhealthy').toLowerCase()}`, [], 'EP-20');
  const setting = localitySetting(scene, site.proxy, hostname);
  const carries = (at.load.healthyLoad[host.priority] ?? 0) + (at.load.degradedLoad[host.priority] ?? 0);
  if (carries === 0)
    return {
      ...verdict(
        'lowerPriority',
        `it is in priority ${host.priority} (${host.locality}), and the levels before it carry 100%: ${setting.says}`,
        [...setting.places, ...scene.place(at.cluster.outlierOrigin)],
        'priority load',
      ),
    };
  const share = at.shares?.byAddress.get(host.address);
  if (share === 0 || (at.shares && share === undefined))
    return verdict(
      'weight0',
      `its locality ${host.locality} has weight 0: ${setting.says}`,
      setting.places,
      'locality weights',
    );
  const whole = share === undefined ? undefined : share * routeShare;
  const which = subset ? ` of subset ${subset}` : '';
  return verdict(
    countsOf(
      scene,
      [scene.podNamed(host.pod)].filter((pod) => pod !== undefined),
    ).requests > 0
      ? 'served'
      : 'chance',
    `nothing stands in the way at ${clock(site.atNs)}: it is an endpoint${which} in priority ${host.priority}${whole === undefined ? ', chosen by a hash or by turns' : `, its share is ${percentOf(whole)} of the calls of ${site.caller}`}`,
    setting.places,
    'priority load',
  );
}

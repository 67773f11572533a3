// Why a workload or pod got nothing: what stands between each of its pods and a caller, from the first obstacle on. Labels and Services are
// read as they are at the start; endpoints, health and priorities at the time that is asked about.
import type { EnvoyConfig, Route } from '../../models/envoy/config.ts';
import { clusterNamed, resolveRoute } from '../../models/envoy/resolve-route.ts';
import type { KubeService, Pod } from '../../models/kube/model.ts';
import { targetPortOf } from '../../models/kube/service-endpoints.ts';
import { nearestName } from '../diagnostics.ts';
import { isService, serviceName } from '../outcome/selection.ts';
import { isPodNamed } from '../plan/load-specs.ts';
import { clusterAt, type HostAt } from './cluster-at.ts';
import type { Place, PodVerdict, WhyNot } from './explanation.ts';
import { localitySetting } from './locality-setting.ts';
import { type HopQuestion, isFromTo } from './question.ts';
import { matchWords } from './routing-steps.ts';
import { type RuleId, rule } from './rules.ts';
import { clock, clusterParts, percentOf, type Scene } from './scene.ts';

export interface WhyNotQuestion {
  target: string;
  from?: string;
  to?: string;
  atNs: number;
}

type Verdict = Pick<PodVerdict, 'reason' | 'says' | 'places' | 'rules'>;

export function whyNot(scene: Scene, question: WhyNotQuestion): WhyNot | { problem: string } {
  const { state } = scene.plan.built;
  const pods = state.pods.filter(
    (pod) => !pod.isGateway && (pod.workload.name === question.target || isPodNamed(pod, question.target)),
  );
  if (pods.length === 0) {
    const idle = state.workloads.find(({ name }) => name === question.target);
    const names = [...new Set(state.workloads.map(({ name }) => name))].sort();
    if (idle)
      return {
        target: question.target,
        requests: 0,
        attempts: 0,
        verdicts: [
          {
            pod: question.target,
            cluster: idle.cluster,
            caller: '',
            ...verdict('noPods', `it has ${idle.replicas} replicas, so no pod`, scene.place(idle.origin)),
          },
        ],
      };
    const near = nearestName(question.target, names);
    return {
      problem: `there is no workload or pod "${question.target}"${near ? `; did you mean "${near}"?` : ` (known: ${names.join(', ')})`}`,
    };
  }
  const verdicts: PodVerdict[] = [];
  for (const pod of pods) {
    for (const { caller, ...found } of verdictsOf(scene, pod, question))
      if (!verdicts.some((known) => known.pod === pod.name && known.says === found.says))
        verdicts.push({ pod: pod.name, cluster: pod.cluster, caller, ...found });
  }
  return { target: question.target, ...countsOf(scene, pods), verdicts };
}

const verdict = (reason: string, says: string, places: Place[] = [], ...rules: RuleId[]): Verdict => ({
  reason,
  says,
  places,
  rules: rules.map(rule),
});

/** In the whole first run. */
function countsOf(scene: Scene, pods: readonly Pod[]): { requests: number; attempts: number } {
  const servers = serversOf(scene, pods);
  const sums = { requests: 0, attempts: 0 };
  for (const row of scene.run.tallies)
    for (const [server, count] of Object.entries(row.by)) {
      if (!servers.has(Number(server))) continue;
      sums.requests += count.requests;
      sums.attempts += count.attempts;
    }
  return sums;
}

function serversOf(scene: Scene, pods: readonly Pod[]): Set<number> {
  const servers = new Set<number>();
  for (const [index, { name }] of scene.plan.world.servers.entries()) {
    const pod = scene.podNamed(name);
    if (pod && pods.includes(pod)) servers.add(index);
  }
  return servers;
}

function* verdictsOf(
  scene: Scene,
  pod: Pod,
  question: WhyNotQuestion,
): Generator<Verdict & { caller: string }> {
  if (pod.blocked !== undefined) {
    yield {
      caller: '',
      ...verdict('blocked', `it never gets ready: ${pod.blocked}`, scene.place(pod.origin)),
    };
    return;
  }
  const services = servicesOf(scene, pod, question.to);
  if (services.length === 0) {
    yield { caller: '', ...notSelected(scene, pod, question.to) };
    return;
  }
  for (const service of services) {
    const missing = service.ports.filter((port) => targetPortOf(port, pod) === null);
    if (missing.length === service.ports.length) {
      const names = missing.map(({ name, targetPort }) => `${name} (targetPort ${targetPort})`).join(', ');
      yield {
        caller: '',
        ...verdict(
          'noPort',
          `Service ${service.namespace}/${service.name} sends to ${names}, and the pod has no container port of that name`,
          [...scene.place(service.origin), ...scene.place(pod.origin)],
          'EP-11',
        ),
      };
      continue;
    }
    const hostname = `${service.name}.${service.namespace}.svc.${scene.plan.mesh.domain}`;
    const asked = callersOf(scene, hostname, question);
    if (asked.length === 0)
      yield {
        caller: question.from ?? '',
        ...verdict(
          'notCalled',
          `nobody ${question.from ? `at ${question.from} ` : ''}calls ${serviceName(hostname)} in this scenario`,
          scene.place(service.origin),
        ),
      };
    for (const site of asked) yield { caller: site.caller, ...between(scene, site, pod, service, hostname) };
  }
}

/** Services of the pod's own cluster and namespace that select it; of `to` only, when that is asked. */
function servicesOf(scene: Scene, pod: Pod, to: string | undefined): KubeService[] {
  return scene.plan.built.state.services.filter(
    (service) =>
      service.cluster === pod.cluster &&
      service.namespace === pod.namespace &&
      (to === undefined || isService(`${service.name}.${service.namespace}.svc.x`, to)) &&
      Object.keys(service.selector).length > 0 &&
      Object.entries(service.selector).every(([key, value]) => pod.labels[key] === value),
  );
}

/** The Service that comes nearest, and the label that keeps the pod out. */
function notSelected(scene: Scene, pod: Pod, to: string | undefined): Verdict {
  const candidates = scene.plan.built.state.services
    .filter(({ selector }) => Object.keys(selector).length > 0)
    .filter(({ name, namespace }) => to === undefined || isService(`${name}.${namespace}.svc.x`, to));
  const here = candidates.filter(
    ({ cluster, namespace }) => cluster === pod.cluster && namespace === pod.namespace,
  );
  const near = here
    .map((service) => ({ service, wrong: wrongLabels(service, pod) }))
    .sort((a, b) => a.wrong.length - b.wrong.length || kinship(b.service, pod) - kinship(a.service, pod))[0];
  if (
    near &&
    (to !== undefined ||
      near.wrong.length < Object.keys(near.service.selector).length ||
      kinship(near.service, pod) > 0)
  )
    return verdict(
      'notSelected',
      `Service ${near.service.namespace}/${near.service.name} does not select it: ${near.wrong.join(', ')}`,
      [...scene.place(near.service.origin), ...scene.place(pod.origin)],
      'EP-10',
    );
  const elsewhere = candidates.filter((service) => to !== undefined && service.cluster !== pod.cluster);
  if (elsewhere.length > 0)
    return verdict(
      'noService',
      `cluster ${pod.cluster} has no Service ${to} in namespace ${pod.namespace}: a pod counts only through the Service of its own cluster`,
      scene.place(pod.origin),
      'EP-1',
    );
  return verdict(
    'notSelected',
    to === undefined
      ? `no Service in namespace ${pod.namespace} of cluster ${pod.cluster} selects it`
      : `Service ${to} is not in namespace ${pod.namespace} of cluster ${pod.cluster}`,
    scene.place(pod.origin),
    'EP-10',
  );
}

const wrongLabels = ({ selector }: KubeService, pod: Pod): string[] =>
  Object.entries(selector)
    .filter(([key, value]) => pod.labels[key] !== value)
    .map(([key, value]) =>
      pod.labels[key] === undefined
        ? `the pod has no label ${key} (${value} is selected)`
        : `the pod's ${key} is ${pod.labels[key]}, ${value} is selected`,
    );

/** A Service whose name begins the workload's is more likely meant than another. */
const kinship = (service: KubeService, pod: Pod): number =>
  pod.workload.name.startsWith(service.name) ? service.name.length : 0;

/** Call sites to the service, one per caller workload, proxy configuration and request. */
function callersOf(scene: Scene, hostname: string, question: WhyNotQuestion): HopQuestion[] {
  const seen = new Set<string>();
  return scene.plan.callSites
    .map((site): HopQuestion => ({ ...site, depth: 0, atNs: question.atNs }))
    .filter((site) => isFromTo(scene, site, question.from, undefined) && asksFor(scene, site, hostname))
    .filter((site) => {
      const pod = scene.podNamed(site.caller);
      const key = `${scene.workloadOf(site.caller)} ${pod?.cluster} ${pod?.zone} ${site.request.path}`;
      return !seen.has(key) && seen.add(key);
    })
    .slice(0, 8);
}

/** Also through another name: a VirtualService may send one host's requests to another service. */
function asksFor(scene: Scene, site: HopQuestion, hostname: string): boolean {
  if (isFromTo(scene, site, undefined, hostname)) return true;
  if (site.proxy < 0)
    return serviceName(hostname).split('.')[0] === site.request.host.replace(/:\d+$/, '').split('.')[0];
  const config = scene.configOf(site.proxy, site.atNs);
  return resolveRoute(config, site.port, site.request).targets.some(
    ({ cluster }) => clusterParts(cluster).host === hostname,
  );
}

/** From one caller to one pod of the service: the first thing that stands in the way. */
function between(scene: Scene, site: HopQuestion, pod: Pod, service: KubeService, hostname: string): Verdict {
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
  const setting = localitySetting(scene, site.proxy, hostname);
  return {
    ...verdict(
      'filtered',
      `istiod leaves it out for ${site.caller}: ${setting.says}`,
      setting.places,
      'EP-40',
    ),
  };
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

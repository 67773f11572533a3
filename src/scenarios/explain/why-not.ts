// Why a workload or pod got nothing: what stands between each of its pods and a caller, from the first obstacle on. Labels and Services are
// read as they are at the start; endpoints, health and priorities at the time that is asked about.

import { resolveRoute } from '../../models/envoy/resolve-route.ts';
import type { KubeService, Pod } from '../../models/kube/model.ts';
import { selects } from '../../models/kube/selects.ts';
import { targetPortOf } from '../../models/kube/service-endpoints.ts';
import { nearestName } from '../diagnostics.ts';
import { isService, serviceName } from '../outcome/selection.ts';
import { isPodNamed } from '../plan/load-specs.ts';
import type { PodVerdict, WhyNot } from './explanation.ts';
import { between } from './obstacles.ts';
import { type HopQuestion, isFromTo } from './question.ts';
import { clusterParts, type Scene } from './scene.ts';
import { countsOf, type Verdict, verdict } from './verdict.ts';

export interface WhyNotQuestion {
  target: string;
  from?: string;
  to?: string;
  atNs: number;
}

export function whyNot(scene: Scene, question: WhyNotQuestion): WhyNot | { problem: string } {
  if (scene.scenario.envoy)
    return {
      problem:
        '--why-not looks for the obstacle in manifests, and this scenario has config dumps; --to SERVICE tells whom the proxy knows and picks',
    };
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
      selects(service, pod) &&
      (to === undefined || isService(`${service.name}.${service.namespace}.svc.x`, to)),
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

// The second half of a hop's explanation: which endpoints the cluster had, in which priorities, how healthy, which one was picked, how its
// tries went and what was answered.
import { assignmentOf } from '../../models/envoy/resolve-route.ts';
import type { ActionSpec, HopSample } from '../../models/world.ts';
import { type ClusterAt, clusterAt, type HostAt } from './cluster-at.ts';
import type { Place, Step } from './explanation.ts';
import { localitySetting } from './locality-setting.ts';
import type { HopQuestion } from './question.ts';
import { step } from './routing-steps.ts';
import { FLAG_WORDS, type RuleId, rule } from './rules.ts';
import { clock, clusterParts, percentOf, type Scene, span } from './scene.ts';

const MOST_NAMES = 6;

export const listed = (names: readonly string[], most = MOST_NAMES): string =>
  names.length <= most
    ? names.join(', ')
    : `${names.slice(0, most).join(', ')} and ${names.length - most} more`;

export function balancingSteps(scene: Scene, question: HopQuestion, at: ClusterAt): Step[] {
  return [
    endpointsStep(scene, question, at),
    prioritiesStep(scene, question, at),
    healthStep(scene, at),
    ...(question.hop && question.hop.attempts.length === 0 ? [] : [pickStep(question, at)]),
  ];
}

function endpointsStep(scene: Scene, question: HopQuestion, at: ClusterAt): Step {
  const { hosts, cluster } = at;
  const { host, subset } = clusterParts(cluster.name);
  const known = scene.plan.mesh.endpoints.get(`${host}/${host.split('.')[1] ?? ''}`);
  const all = new Set((known ?? []).map(({ address }) => address)).size;
  const services = scene.plan.built.state.services.filter(
    ({ name, namespace }) => host === `${name}.${namespace}.svc.${scene.plan.mesh.domain}`,
  );
  const places: Place[] = services.flatMap((service) =>
    scene.place(service.origin, `Service ${service.namespace}/${service.name} (${service.cluster})`),
  );
  const where = cluster.type === 'EDS' || cluster.type === undefined ? 'in EDS' : `from ${cluster.type}`;
  const details = hosts.length > 0 ? [listed(hosts.map((entry) => `${entry.pod} (${entry.locality})`))] : [];
  if (all > hosts.length && question.atNs === 0)
    details.push(
      `istiod knows ${all} at the start; the others are ${subset ? `not in subset ${subset} or ` : ''}${hosts.some(({ pod }) => pod.includes('(gateway of network ')) ? 'behind the gateways of their networks' : 'filtered out for this caller'}`,
    );
  details.push(...leftSince(scene, question, at));
  return step(
    'endpoints',
    hosts.length === 0
      ? `no endpoint ${where}: 503 UH`
      : `${hosts.length} ${hosts.length === 1 ? 'endpoint' : 'endpoints'} ${where}`,
    details,
    places,
    [rule('EP-1'), rule('EP-40')],
  );
}

/** Endpoints that an earlier configuration had and this one has not: when they left, and after which event. */
function leftSince(scene: Scene, question: HopQuestion, at: ClusterAt): string[] {
  const now = new Set(at.hosts.map(({ address }) => address));
  const left = new Map<string, number>();
  const { world } = scene.plan;
  const name = at.cluster.edsClusterConfig?.serviceName ?? at.cluster.name;
  let before = addressesAt(scene, question.proxy, name, 0);
  for (const action of world.actions) {
    if (action.atNs > question.atNs) break;
    const current = told(action, question.proxy, name);
    if (!current) continue;
    for (const address of before) if (!current.has(address)) left.set(address, action.atNs);
    for (const address of current) left.delete(address);
    before = current;
  }
  return [...left]
    .filter(([address]) => !now.has(address))
    .slice(0, MOST_NAMES)
    .map(([address, ns]) => {
      const pod = scene.podAt(address);
      const event = scene.run.timeline.findLast((entry) => entry.atNs <= ns && entry.text.includes(pod));
      return `${pod} left with the push of ${clock(ns)}${event ? ` (${clock(event.atNs)} ${event.text})` : ''}`;
    });
}

function addressesAt(scene: Scene, proxy: number, name: string, atNs: number): Set<string> {
  const { endpoints, clusters } = scene.configOf(proxy, atNs);
  const cluster = clusters.find((entry) => (entry.edsClusterConfig?.serviceName ?? entry.name) === name);
  const assignment = cluster
    ? assignmentOf(scene.configOf(proxy, atNs), cluster)
    : endpoints.find((entry) => entry.clusterName === name);
  return addressesOf(assignment?.endpoints ?? []);
}

const addressesOf = (groups: { lbEndpoints: { endpoint: { address: string; port: number } }[] }[]) =>
  new Set(
    groups.flatMap(({ lbEndpoints }) =>
      lbEndpoints.map(({ endpoint }) => `${endpoint.address}:${endpoint.port}`),
    ),
  );

/** What an action tells a proxy of an assignment; undefined = nothing. */
function told(action: ActionSpec, proxy: number, name: string): Set<string> | undefined {
  if (action.kind !== 'endpoints' && action.kind !== 'config') return undefined;
  if (!action.proxies.includes(proxy)) return undefined;
  const list = action.kind === 'endpoints' ? action.assignments : action.config.endpoints;
  const found = list.find((entry) => entry.clusterName === name);
  return found && addressesOf(found.endpoints);
}

function prioritiesStep(scene: Scene, question: HopQuestion, at: ClusterAt): Step {
  const setting = localitySetting(scene, question.proxy, clusterParts(at.cluster.name).host);
  const levels = levelsOf(at.hosts);
  const words = levels.map(({ priority, hosts }) => {
    const carries = at.load.healthyLoad[priority] ?? 0;
    const degraded = at.load.degradedLoad[priority] ?? 0;
    return `P${priority} {${listed(
      hosts.map(({ pod }) => pod),
      3,
    )}} ${carries + degraded}%`;
  });
  const details = levels.length > 1 ? [setting.says] : [];
  const says =
    levels.length > 1 ? words.join('   ') : levels.length === 1 ? `one level; ${setting.says}` : setting.says;
  return step('priorities', says, details, setting.places, [...setting.rules, rule('priority load')]);
}

function levelsOf(hosts: readonly HostAt[]): { priority: number; hosts: HostAt[] }[] {
  const priorities = [...new Set(hosts.map(({ priority }) => priority))].sort((a, b) => a - b);
  return priorities.map((priority) => ({
    priority,
    hosts: hosts.filter((host) => host.priority === priority),
  }));
}

function healthStep(scene: Scene, at: ClusterAt): Step {
  const { hosts, cluster, panicThreshold } = at;
  const healthy = hosts.filter(({ isHealthy }) => isHealthy).length;
  const inPanic = levelsOf(hosts).filter(({ priority }) => at.load.panic[priority]);
  const panic =
    panicThreshold === 0
      ? 'panic is off'
      : inPanic.length > 0
        ? `panic in ${inPanic.map(({ priority }) => `P${priority}`).join(', ')}: all its hosts are used`
        : `no panic (below ${panicThreshold}% healthy)`;
  const details = hosts.flatMap(({ pod, ejection, health, isHealthy }) => {
    if (ejection)
      return [
        `${pod} is ejected from ${clock(ejection.atNs)} ${ejection.untilNs === null ? 'to the end' : `to ${clock(ejection.untilNs)}`} (${ejection.reason}, ejection ${ejection.count})`,
      ];
    return isHealthy ? [] : [`${pod} is ${(health ?? 'unhealthy').toLowerCase()} in EDS`];
  });
  const detection = cluster.outlierDetection;
  if (detection) {
    const most = detection.maxEjectionPercent ?? 10;
    const isFirstFree =
      detection.alwaysEjectOneHost === true || detection.checkMaxEjectionPercentOnFirstEject === false;
    const may = Math.max(isFirstFree ? 1 : 0, Math.floor((most * hosts.length) / 100));
    const counted = [
      ...(detection.consecutive5xx ? [`${detection.consecutive5xx} x 5xx`] : []),
      ...(detection.consecutiveGatewayFailure
        ? [`${detection.consecutiveGatewayFailure} x gateway error`]
        : []),
    ];
    details.push(
      `outlier detection: after ${counted.join(' or ') || '5 x 5xx'} in a row, at most ${most}% of ${hosts.length} ${hosts.length === 1 ? 'host' : 'hosts'}, so ${may === 0 ? 'none can be ejected' : `${may} at a time`}`,
    );
  }
  return step(
    'health',
    `${healthy} of ${hosts.length} available, ${panic}`,
    details.slice(0, MOST_NAMES + 1),
    detection ? scene.place(cluster.outlierOrigin) : [],
    [rule('panic'), ...(detection ? [rule('OD-5')] : [])],
  );
}

/** A caller without a sidecar: whom kube-proxy may choose. */
export function kubeProxyStep(scene: Scene, question: HopQuestion): Step {
  const { world } = scene.plan;
  const server = world.servers.find(({ name }) => name === (question.hop?.caller ?? question.caller));
  const calls = (server?.behaviour.script ?? []).flatMap((entry) =>
    'call' in entry ? [entry.call] : 'parallel' in entry ? entry.parallel : [],
  );
  const asked = [...calls, ...world.loads.map(({ request }) => request)].find(
    ({ host, path }) => host === question.request.host && path === question.request.path,
  );
  const told = world.actions.findLast(
    (action) =>
      action.kind === 'kubeProxy' && action.name === asked?.kubeProxy && action.atNs <= question.atNs,
  );
  const names =
    told?.kind === 'kubeProxy' ? told.servers.map((index) => world.servers[index]?.name ?? '') : [];
  return step(
    'endpoints',
    names.length === 0
      ? 'no ready pod in the own cluster: the connection fails'
      : `kube-proxy: one of ${names.length} ready pods of the own cluster, at random per connection`,
    names.length > 0 ? [listed(names)] : [],
    [],
    [rule('IN-2')],
  );
}

const POLICY_WORDS: Record<string, string> = {
  ROUND_ROBIN: 'in turn, by weight',
  LEAST_REQUEST: 'of two random hosts the one with fewer requests under way',
  RANDOM: 'at random',
  RING_HASH: 'by the hash of the request on a ring',
  MAGLEV: 'by the hash of the request in a table',
  CLUSTER_PROVIDED: 'the dialled address',
};

function pickStep({ hop }: HopQuestion, at: ClusterAt): Step {
  const policy = at.cluster.lbPolicy ?? 'ROUND_ROBIN';
  const usable = at.hosts.filter(({ isHealthy }) => isHealthy).length;
  const first = hop?.attempts[0];
  const chosen = first && at.hosts.find(({ address }) => address === first.endpoint);
  const picked = first
    ? ` -> ${chosen?.pod ?? first.endpoint} (P${first.priority}, worker ${hop.worker})`
    : '';
  const details: string[] = [];
  if (at.shares && at.shares.byAddress.size > 0) {
    const shares = [...at.shares.byAddress].map(
      ([address, share]) =>
        `${at.hosts.find((host) => host.address === address)?.pod ?? address} ${percentOf(share)}`,
    );
    details.push(`while nothing changes: ${listed(shares)} (${at.shares.words})`);
  }
  const rules: RuleId[] = [policy];
  if (at.cluster.commonLbConfig?.localityWeightedLbConfig) rules.push('locality weights');
  return step(
    'pick',
    `${policy} over ${usable} ${usable === 1 ? 'host' : 'hosts'}${usable > 1 ? `, ${POLICY_WORDS[policy]}` : ''}${picked}`,
    details,
    [],
    rules.map(rule),
  );
}

export function attemptsStep(scene: Scene, { hop }: HopQuestion): Step | null {
  if (!hop || hop.attempts.length === 0) return null;
  const { causes, places } = causesOf(scene, hop);
  const words = hop.attempts.map(({ atNs, endNs, endpoint, outcome, priority }, i) => {
    const ended = /^\d+$/.test(outcome) ? `answered ${outcome}` : outcome || 'no answer';
    return `${clock(atNs)} ${i === 0 ? 'first try' : `retry ${i}`} ${scene.podAt(endpoint)} (P${priority}): ${ended}${endNs > atNs ? ` after ${span(endNs - atNs)}` : ''}`;
  });
  const count = hop.attempts.length;
  const last = hop.attempts.at(-1)!;
  return step(
    'attempts',
    count === 1 && words[0] ? words[0] : `${count} tries, the last at ${scene.podAt(last.endpoint)}`,
    [...(count === 1 ? [] : words.slice(0, 12)), ...causes],
    places,
    [rule('retry state')],
  );
}

/** What had happened to the pods whose tries failed. */
function causesOf(scene: Scene, hop: HopSample): { causes: string[]; places: Place[] } {
  const causes = new Set<string>();
  const places: Place[] = [];
  for (const { endpoint, outcome, atNs } of hop.attempts) {
    if (/^[1-4]\d\d$/.test(outcome)) continue;
    const names = [scene.podAt(endpoint), scene.workloadAt(endpoint)].filter((name) => name !== undefined);
    const event = scene.run.timeline.findLast(
      (entry) =>
        entry.atNs <= atNs &&
        entry.kind !== 'ejection' &&
        names.some((name) => new RegExp(`(^|[^\\w-])${escaped(name)}($|[^\\w-])`).test(entry.text)),
    );
    if (!event || causes.has(`since ${clock(event.atNs)}: ${event.text}`)) continue;
    causes.add(`since ${clock(event.atNs)}: ${event.text}`);
    const fault = scene.scenario.faults.find((entry) => entry.atNs === event.atNs);
    places.push(...scene.place(fault?.origin, 'fault'));
  }
  return { causes: [...causes], places };
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

export function responseStep({ hop, atNs, endNs }: HopQuestion): Step | null {
  if (!hop) return null;
  const flags = hop.flags.map((flag) => `${flag} (${FLAG_WORDS[flag] ?? 'see Envoy’s access log'})`);
  const took = endNs !== undefined && endNs > atNs ? ` after ${span(endNs - atNs)}` : '';
  return step(
    'response',
    `${hop.status > 0 ? hop.status : 'no answer'}${flags.length > 0 ? ` ${flags.join(', ')}` : ''}${took}`,
    hop.location ? [`to ${hop.location}`] : [],
    [],
    [rule('router')],
  );
}

export { clusterAt };

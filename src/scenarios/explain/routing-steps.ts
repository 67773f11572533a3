// The first half of a hop's explanation: who calls, and how its Envoy finds listener, virtual host, route and cluster.
import type { Cluster, HeaderMatcher, Route, RouteMatch, StringMatcher } from '../../models/envoy/config.ts';
import { clusterNamed, type Resolution } from '../../models/envoy/resolve-route.ts';
import { injectionOf } from '../../models/kube/injection.ts';
import type { Pod } from '../../models/kube/model.ts';
import type { Place, Rule, Step } from './explanation.ts';
import type { HopQuestion } from './question.ts';
import { rule } from './rules.ts';
import { clusterParts, localityOf, percentOf, type Scene } from './scene.ts';

export const step = (
  name: Step['step'],
  says: string,
  details: string[],
  places: Place[],
  rules: Rule[],
): Step => ({ step: name, says, details, places, rules });

export function callerStep(scene: Scene, question: HopQuestion): Step {
  const dump = scene.dumpOf(question.proxy);
  if (dump !== undefined) {
    const { locality } = scene.configOf(question.proxy, question.atNs).node;
    const where = [locality?.region, locality?.zone].filter(Boolean).join('/') || 'no locality';
    return step('caller', `${question.caller} (${where}), as dumped in ${dump}`, [], [], []);
  }
  const pod = scene.podNamed(question.caller);
  if (!pod) return step('caller', `${question.caller} (outside the clusters)`, [], [], []);
  const where = `${pod.cluster}, ${localityOf(pod)}`;
  const own = scene.place(pod.origin, `${pod.workload.kind} ${pod.namespace}/${pod.workload.name}`);
  if (pod.isGateway) return step('caller', `gateway ${question.caller} (${where})`, [], own, [rule('GW-1')]);
  const { why, place } = injection(scene, pod);
  if (question.proxy >= 0)
    return step(
      'caller',
      `${question.caller} (${where}), sidecar: ${why}`,
      [],
      [...own, ...place],
      [rule('IN-1'), rule('LO-1')],
    );
  return step(
    'caller',
    `${question.caller} (${where}), no sidecar: ${why}`,
    [
      'no Envoy balances its calls: kube-proxy gives each connection to a random ready pod of its own cluster',
    ],
    [...own, ...place],
    [rule('IN-1'), rule('IN-2')],
  );
}

function injection(scene: Scene, pod: Pod): { why: string; place: Place[] } {
  const namespace = scene.plan.built.state.namespaces.find(
    ({ cluster, name }) => cluster === pod.cluster && name === pod.namespace,
  );
  const isKnown =
    namespace !== undefined &&
    !scene.plan.built.ledger.namespacesAssumed.has(`${pod.cluster}/${pod.namespace}`);
  const { why, isInjected } = injectionOf({
    namespace: pod.namespace,
    namespaceLabels: isKnown ? namespace.labels : null,
    labels: pod.labels,
    annotations: pod.annotations,
    hostNetwork: false,
  });
  const object = scene.scenario.manifests
    .filter(({ cluster }) => cluster === pod.cluster)
    .flatMap(({ objects }) => objects)
    .find(({ kind, metadata }) => kind === 'Namespace' && metadata.name === pod.namespace);
  const labels = object?.originOf?.(['metadata', 'labels']) ?? object?.origin;
  return {
    // Only hostNetwork is not known any more once pods are built.
    why: isInjected === pod.hasSidecar ? why : 'the pod uses the host network',
    place: isKnown ? scene.place(labels, `Namespace ${pod.namespace}`) : [],
  };
}

export function listenerStep(scene: Scene, question: HopQuestion, found: Resolution): Step {
  const node = scene.plan.nodes[question.proxy];
  const isGateway = node?.type === 'router';
  if (!found.listener) {
    if (isGateway)
      return step(
        'listener',
        `nothing listens on port ${question.port}: the connection is refused`,
        [`no Gateway that selects this pod has a server on port ${question.port}`],
        gatewayPlaces(scene, question),
        [rule('GW-1')],
      );
    const policy = node ? scene.plan.context().outboundTrafficPolicy(node) : 'ALLOW_ANY';
    return step(
      'listener',
      `no listener of its own for port ${question.port}: virtualOutbound takes the connection`,
      [
        policy === 'ALLOW_ANY'
          ? 'outboundTrafficPolicy ALLOW_ANY: it goes to the dialled address as it is (PassthroughCluster)'
          : 'outboundTrafficPolicy REGISTRY_ONLY: it is closed (BlackHoleCluster)',
      ],
      [],
      [rule('SC-4')],
    );
  }
  const { name, filterChains } = found.listener;
  const isTcp = found.table === null && filterChains.every((chain) => !chain.httpConnectionManager);
  return step(
    'listener',
    `${name} (port ${found.listener.address.port}, ${isTcp ? 'TCP: connections are balanced, not requests' : 'HTTP'})`,
    [],
    isGateway ? gatewayPlaces(scene, question) : [],
    [rule(isGateway ? 'GW-1' : 'listener')],
  );
}

/** Gateway objects that select the pod and have a server on the port. */
function gatewayPlaces(scene: Scene, question: HopQuestion): Place[] {
  const pod = scene.podNamed(question.caller);
  return scene.plan.mesh.configs.flatMap((object) => {
    const spec = object.spec as { selector?: unknown; servers?: unknown } | null;
    if (object.kind !== 'Gateway' || !Array.isArray(spec?.servers)) return [];
    const selector = Object.entries((spec.selector as Record<string, unknown> | undefined) ?? {});
    if (!pod || !selector.every(([key, value]) => pod.labels[key] === value)) return [];
    const index = spec.servers.findIndex(
      (server) => (server as { port?: { number?: unknown } } | null)?.port?.number === question.port,
    );
    const origin = index < 0 ? object.origin : object.originOf?.(['spec', 'servers', index]);
    return scene.place(origin ?? object.origin, `Gateway ${object.namespace}/${object.name}`);
  });
}

export function virtualHostStep(question: HopQuestion, found: Resolution): Step | null {
  if (!found.listener || (found.table === null && found.targets.length > 0)) return null;
  if (!found.virtualHost)
    return step(
      'virtual host',
      `none for the host ${question.request.host}: 404 NR`,
      [knownHosts(found)],
      [],
      [rule('virtual host match'), rule('GW-3')],
    );
  const { name, domains } = found.virtualHost;
  return step(
    'virtual host',
    `${name} (host ${question.request.host} matches ${matchedDomain(domains, question.request.host)})`,
    [],
    [],
    [rule('virtual host match')],
  );
}

function matchedDomain(domains: readonly string[], host: string): string {
  const bare = host.replace(/:\d+$/, '');
  return (
    domains.find((domain) => domain === host || domain === bare) ??
    domains.find((d) => d.includes('*')) ??
    domains[0] ??
    '*'
  );
}

function knownHosts(found: Resolution): string {
  const domains = [...new Set((found.table?.virtualHosts ?? []).map(({ domains: [first] }) => first ?? ''))];
  if (domains.length === 0) return `route table ${found.table?.name ?? ''} has no virtual host at all`;
  return `the route table has ${domains.slice(0, 8).join(', ')}${domains.length > 8 ? ` and ${domains.length - 8} more` : ''}`;
}

export function routeStep(scene: Scene, question: HopQuestion, found: Resolution): Step | null {
  const { route, virtualHost } = found;
  if (!virtualHost) return null;
  if (!route)
    return step(
      'route',
      `no route of ${virtualHost.name} matches ${question.request.method} ${question.request.path}: 404 NR`,
      virtualHost.routes.slice(0, 8).map(({ match }) => `not ${matchWords(match)}`),
      virtualHost.routes.flatMap(({ origin }) => scene.place(origin)).slice(0, 3),
      [rule('VM-1')],
    );
  const isOwn = /^(VirtualService|HTTPRoute|GRPCRoute) /.test(scene.objectAt(route.origin) ?? '');
  const places = scene.place(route.origin);
  const details: string[] = [];
  const rules: Rule[] = [rule('VM-1')];
  if (route.redirect || route.directResponse) {
    const answer = route.directResponse
      ? `answered here with ${route.directResponse.status}`
      : 'answered here with a redirect';
    return step('route', `${matchWords(route.match)}: ${answer}`, details, places, rules);
  }
  const chosen = question.hop?.cluster ?? null;
  if (found.targets.length > 1) {
    const drawn = chosen === null ? '' : `; this request drew ${targetWords(chosen)}`;
    details.push(
      `${found.targets.map(({ cluster, share }) => `${percentOf(share)} to ${targetWords(cluster)}`).join(', ')}${drawn}`,
    );
    rules.push(rule('VW-2'), rule('weighted cluster'));
  }
  details.push(retryWords(route), ...extras(route));
  rules.push(rule(isDefaultRetry(route) ? 'RT-1' : 'RT-2'));
  const what = isOwn
    ? (scene.objectAt(route.origin) ?? '')
    : scene.dumpOf(question.proxy) !== undefined
      ? `route ${route.name ?? 'without a name'}`
      : 'the default route of the service (no VirtualService)';
  return step('route', `${matchWords(route.match)}, ${what}`, details, places, rules);
}

const targetWords = (cluster: string): string => {
  const { subset, service } = clusterParts(cluster);
  return subset ? `${service} subset ${subset}` : service;
};

/** Source: istio pilot/pkg/networking/core/route/retry DefaultPolicy. */
const isDefaultRetry = (route: Route): boolean =>
  route.route?.retryPolicy?.numRetries === 2 &&
  route.route.retryPolicy.retryOn.startsWith('connect-failure,refused-stream,unavailable,cancelled');

function retryWords(route: Route): string {
  const policy = route.route?.retryPolicy;
  const timeout = route.route?.timeout;
  const within = timeout === undefined || timeout === '0s' ? '' : `, all within ${timeout}`;
  if (!policy || policy.numRetries === 0) return `never retried${within || ', no timeout'}`;
  const perTry = policy.perTryTimeout ? `, ${policy.perTryTimeout} each` : '';
  const whose = isDefaultRetry(route) ? " (Istio's default)" : '';
  return `up to ${policy.numRetries ?? 1} ${policy.numRetries === 1 || policy.numRetries === undefined ? 'retry' : 'retries'}${whose} on ${policy.retryOn.replaceAll(',', ', ')}${perTry}${within}`;
}

function extras({ route, fault }: Route): string[] {
  const words: string[] = [];
  if (fault?.abort)
    words.push(`fault: answers ${fault.abort.httpStatus ?? 'an error'} to some of the requests`);
  if (fault?.delay) words.push(`fault: delays some of the requests by ${fault.delay.fixedDelay}`);
  for (const mirror of route?.requestMirrorPolicies ?? [])
    words.push(`copies go to ${targetWords(mirror.cluster)}`);
  if (route?.prefixRewrite !== undefined) words.push(`the path is rewritten to ${route.prefixRewrite}`);
  if (route?.hostRewriteLiteral !== undefined)
    words.push(`the host is rewritten to ${route.hostRewriteLiteral}`);
  if (route?.hashPolicy?.length) words.push('the host is chosen by a hash of the request');
  return words;
}

export function matchWords(match: RouteMatch): string {
  const path =
    match.path !== undefined
      ? `path ${match.path}`
      : match.prefix !== undefined
        ? match.prefix === '/'
          ? 'any path'
          : `paths that begin with ${match.prefix}`
        : match.pathSeparatedPrefix !== undefined
          ? `paths below ${match.pathSeparatedPrefix}`
          : match.safeRegex
            ? `paths like ${match.safeRegex.regex}`
            : 'any path';
  const headers = (match.headers ?? []).map(headerWords);
  const queries = (match.queryParameters ?? []).map(
    ({ name, stringMatch }) => `query ${name}${stringMatch ? ` ${stringWords(stringMatch)}` : ''}`,
  );
  return [path, ...headers, ...queries].join(' and ');
}

function headerWords({ name, stringMatch, invertMatch }: HeaderMatcher): string {
  const what = name === ':method' ? 'method' : `header ${name}`;
  return `${invertMatch ? 'not ' : ''}${what}${stringMatch ? ` ${stringWords(stringMatch)}` : ' present'}`;
}

const stringWords = (matcher: StringMatcher): string =>
  matcher.exact !== undefined
    ? `= ${matcher.exact}`
    : matcher.prefix !== undefined
      ? `begins with ${matcher.prefix}`
      : matcher.suffix !== undefined
        ? `ends with ${matcher.suffix}`
        : matcher.contains !== undefined
          ? `contains ${matcher.contains}`
          : `like ${matcher.safeRegex?.regex ?? ''}`;

/** The cluster that took the request (or would); its step tells whose policy it carries. */
export function clusterStep(
  scene: Scene,
  question: HopQuestion,
  name: string,
): { step: Step; cluster: Cluster | undefined } {
  const config = scene.configOf(question.proxy, question.atNs);
  const cluster = clusterNamed(config, name);
  const { host, subset } = clusterParts(name);
  const node = scene.plan.nodes[question.proxy];
  const service = node && scene.plan.context().serviceByHost(node, host);
  const effective = node && service ? scene.plan.context().destinationRuleFor(node, service) : null;
  const sources = (effective?.sources ?? []).flatMap((source) =>
    scene.place(source.origin, `DestinationRule ${source.namespace}/${source.name}`),
  );
  if (!cluster) {
    const why = subset
      ? `no DestinationRule that this caller sees defines the subset ${subset} of ${host}`
      : `no service ${host} with this port is visible to this caller`;
    return {
      cluster: undefined,
      step: step('cluster', `${name} does not exist: 503 NC`, [why], sources, [rule('VW-4'), rule('DR-13')]),
    };
  }
  const own = scene.place(cluster.origin);
  const rules = [rule('DR-1'), ...(subset ? [rule('DR-13')] : [])];
  const details: string[] = [];
  if (cluster.type === 'ORIGINAL_DST') {
    details.push(
      'headless: goes to the address that the application picked from DNS; no balancing, no failover',
    );
    rules.push(rule('EP-37'));
  }
  if (cluster.type === 'STRICT_DNS' || cluster.type === 'LOGICAL_DNS')
    details.push(`${cluster.type}: its hosts come from DNS`);
  const limits = cluster.circuitBreakers?.thresholds?.[0];
  const finite = Object.entries(limits ?? {}).filter(
    ([key, value]) => key !== 'maxRetries' && typeof value === 'number' && value < 4294967295,
  );
  if (finite.length > 0)
    details.push(`limits: ${finite.map(([key, value]) => `${key} ${value}`).join(', ')}`);
  const policy =
    own.length > 0
      ? `policy of ${own[0]!.what}`
      : sources.length > 0
        ? 'its DestinationRule sets no policy'
        : 'no DestinationRule';
  return {
    cluster,
    step: step(
      'cluster',
      scene.dumpOf(question.proxy) ? name : `${name}, ${policy}`,
      details,
      own.length > 0 ? own : sources,
      rules,
    ),
  };
}

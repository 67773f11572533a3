// What changed in the Envoys' configuration at the start, proxy by proxy: listeners, routes, clusters, endpoints. Equal changes of many
// proxies are one entry. Places in files are left out of the comparison.
import type { ClusterLoadAssignment, EnvoyConfig, VirtualHost } from '../../models/envoy/config.ts';
import { localityName } from '../../models/envoy/host-set.ts';
import { matchWords } from '../explain/routing-steps.ts';
import { clusterParts, percentOf } from '../explain/scene.ts';
import type { Plan } from '../plan/plan.ts';
import type { ConfigChange } from './difference.ts';

const MOST_DETAILS = 8;
const PLACES = new Set(['origin', 'outlierOrigin', 'node', 'dialledAs']);

type Kind = ConfigChange['kind'];
type Entry = { kind: Kind; name: string; value: object };

export function configChanges(before: Plan, after: Plan): ConfigChange[] {
  const found = new Map<string, OneChange & { seenBy: string[] }>();
  const add = (one: OneChange, proxy: string) => {
    const key = JSON.stringify([one.change, one.kind, one.name, one.details]);
    const entry = found.get(key) ?? { ...one, seenBy: [] };
    found.set(key, entry);
    entry.seenBy.push(proxy);
  };
  const compare = comparison(before, after);
  const old = new Map(before.world.proxies.map((proxy) => [proxy.name, proxy.config]));
  const now = new Map(after.world.proxies.map((proxy) => [proxy.name, proxy.config]));
  for (const name of new Set([...old.keys(), ...now.keys()])) {
    const [left, right] = [old.get(name), now.get(name)];
    if (!left || !right) add({ change: left ? 'removed' : 'added', kind: 'proxy', name, details: [] }, name);
    else for (const one of compare(left, right)) add(one, name);
  }
  const order: Kind[] = ['proxy', 'listener', 'route', 'cluster', 'endpoints'];
  return alike(
    [...found.values()],
    (proxy) => after.names.callerWorkloads.get(proxy) ?? before.names.callerWorkloads.get(proxy) ?? proxy,
  ).sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind) || (a.names[0]! < b.names[0]! ? -1 : 1));
}

/** What changed in the same way for the same proxies is one entry with several names. */
function alike(
  changes: readonly (OneChange & { seenBy: string[] })[],
  workloadOf: (proxy: string) => string,
): ConfigChange[] {
  const merged = new Map<string, ConfigChange>();
  for (const { change, kind, name, details, seenBy } of changes) {
    const key = JSON.stringify([change, kind, details, kind === 'proxy' ? '' : seenBy]);
    const entry = merged.get(key) ?? {
      change,
      kind,
      names: [],
      details,
      callers: [...new Set(seenBy.map(workloadOf))].sort(),
      proxies: seenBy.length,
    };
    merged.set(key, entry);
    entry.names.push(name);
  }
  for (const { names } of merged.values()) names.sort();
  return [...merged.values()];
}

type OneChange = Pick<ConfigChange, 'change' | 'kind' | 'details'> & { name: string };

/** Proxies share their lists, so each pair of lists is compared once. */
function comparison(before: Plan, after: Plan): (left: EnvoyConfig, right: EnvoyConfig) => OneChange[] {
  const texts = new WeakMap<object, string>();
  const textOf = (value: object): string => {
    let text = texts.get(value);
    if (text === undefined) {
      text = JSON.stringify(value, (key, inner) => (PLACES.has(key) ? undefined : inner));
      texts.set(value, text);
    }
    return text;
  };
  const known = new WeakMap<object, WeakMap<object, OneChange[]>>();
  const lists = (left: object, right: object, make: () => OneChange[]): OneChange[] => {
    const byRight = known.get(left) ?? new WeakMap<object, OneChange[]>();
    known.set(left, byRight);
    const made = byRight.get(right) ?? make();
    byRight.set(right, made);
    return made;
  };
  const namesOf = podNames(before, after);
  const compareEntries = (old: Entry[], now: Entry[]): OneChange[] => {
    const left = new Map(old.map((entry) => [entry.name, entry]));
    const right = new Map(now.map((entry) => [entry.name, entry]));
    return [...new Set([...left.keys(), ...right.keys()])].flatMap((name): OneChange[] => {
      const [a, b] = [left.get(name), right.get(name)];
      const { kind } = (a ?? b)!;
      if (!a || !b) return [{ change: a ? 'removed' : 'added', kind, name, details: [] }];
      if (textOf(a.value) === textOf(b.value)) return [];
      return [{ change: 'changed', kind, name, details: detailsOf(kind, a.value, b.value, namesOf) }];
    });
  };
  return (left, right) => [
    ...lists(left.listeners, right.listeners, () =>
      compareEntries(entries('listener', left.listeners), entries('listener', right.listeners)),
    ),
    ...lists(left.routeConfigurations, right.routeConfigurations, () =>
      compareEntries(virtualHosts(left), virtualHosts(right)),
    ),
    ...lists(left.clusters, right.clusters, () =>
      compareEntries(entries('cluster', left.clusters), entries('cluster', right.clusters)),
    ),
    ...lists(left.endpoints, right.endpoints, () =>
      compareEntries(
        left.endpoints.map((value) => ({ kind: 'endpoints', name: value.clusterName, value })),
        right.endpoints.map((value) => ({ kind: 'endpoints', name: value.clusterName, value })),
      ),
    ),
  ];
}

const entries = (kind: Kind, list: readonly { name: string }[]): Entry[] =>
  list.map((value) => ({ kind, name: value.name, value }));

const virtualHosts = (config: EnvoyConfig): Entry[] =>
  config.routeConfigurations.flatMap((table) =>
    table.virtualHosts.map((value) => ({ kind: 'route' as const, name: value.name, value })),
  );

/** Address -> pod, of either side. */
function podNames(...plans: Plan[]): (address: string) => string {
  const names = new Map<string, string>();
  for (const { world } of plans)
    for (const { name, addresses } of world.servers)
      for (const { address, port } of addresses) names.set(`${address}:${port}`, name);
  return (address) => names.get(address) ?? address;
}

function detailsOf(kind: Kind, left: object, right: object, namesOf: (address: string) => string): string[] {
  const lines =
    kind === 'endpoints'
      ? lineChanges(
          groupLines(left as ClusterLoadAssignment, namesOf),
          groupLines(right as ClusterLoadAssignment, namesOf),
        )
      : kind === 'route'
        ? lineChanges(routeLines(left as VirtualHost), routeLines(right as VirtualHost))
        : [];
  // A change that the words do not show is told field by field.
  const details = lines.length > 0 ? lines : fieldChanges(left, right);
  const shown = details.slice(0, MOST_DETAILS);
  return details.length > shown.length ? [...shown, `and ${details.length - shown.length} more`] : shown;
}

const groupLines = ({ endpoints }: ClusterLoadAssignment, namesOf: (address: string) => string): string[] =>
  endpoints.map(({ locality, lbEndpoints, priority, loadBalancingWeight }) => {
    const hosts = lbEndpoints.map(({ endpoint, loadBalancingWeight: weight, healthStatus }) => {
      const marks = [
        ...(weight !== undefined && weight !== 1 ? [`weight ${weight}`] : []),
        ...(healthStatus && healthStatus !== 'HEALTHY' ? [healthStatus.toLowerCase()] : []),
      ];
      return `${namesOf(`${endpoint.address}:${endpoint.port}`)}${marks.length > 0 ? ` (${marks.join(', ')})` : ''}`;
    });
    const some = hosts.length > 4 ? [...hosts.slice(0, 3), `${hosts.length - 3} more`] : hosts;
    const weight = loadBalancingWeight === undefined ? '' : ` weight ${loadBalancingWeight}`;
    return `P${priority ?? 0} ${localityName(locality) || 'no locality'}${weight}: ${some.join(', ')}`;
  });

const routeLines = ({ routes }: VirtualHost): string[] =>
  routes.map(({ match, route, redirect, directResponse, fault }) => {
    const targets =
      route?.weightedClusters?.clusters ?? (route?.cluster ? [{ name: route.cluster, weight: 1 }] : []);
    const whole = targets.reduce((sum, { weight }) => sum + weight, 0);
    const to = targets.map(({ name, weight }) => {
      const { service, subset, port } = clusterParts(name);
      const host = `${service}${port ? `:${port}` : ''}${subset ? ` subset ${subset}` : ''}`;
      return targets.length > 1 ? `${percentOf(weight / whole)} ${host}` : host;
    });
    const policy = route?.retryPolicy;
    const words = [
      ...(redirect ? ['redirect'] : []),
      ...(directResponse ? [`answer ${directResponse.status}`] : []),
      ...(to.length > 0 ? [to.join(', ')] : []),
      ...(policy ? [`${policy.numRetries ?? 1} retries on ${policy.retryOn}`] : route ? ['no retries'] : []),
      ...(policy?.perTryTimeout ? [`${policy.perTryTimeout} per try`] : []),
      ...(route?.timeout && route.timeout !== '0s' ? [`timeout ${route.timeout}`] : []),
      ...(fault ? [`fault ${JSON.stringify(fault)}`] : []),
      ...(route?.hashPolicy?.length ? [`hash ${JSON.stringify(route.hashPolicy)}`] : []),
      ...(route?.requestMirrorPolicies ?? []).map(({ cluster }) => `mirror ${clusterParts(cluster).service}`),
    ];
    return `${matchWords(match)} -> ${words.join('; ')}`;
  });

/** Lines that only one side has. */
function lineChanges(old: readonly string[], now: readonly string[]): string[] {
  return [
    ...old.filter((line) => !now.includes(line)).map((line) => `- ${line}`),
    ...now.filter((line) => !old.includes(line)).map((line) => `+ ${line}`),
  ];
}

/** "outlierDetection.maxEjectionPercent: none -> 100" */
export function fieldChanges(left: unknown, right: unknown, path = ''): string[] {
  if (Object.is(left, right)) return [];
  const isFields = (value: unknown): value is Record<string, unknown> =>
    typeof value === 'object' && value !== null;
  if (!isFields(left) || !isFields(right)) {
    const words = (value: unknown) => (value === undefined ? 'none' : JSON.stringify(value));
    const [a, b] = [words(left), words(right)];
    return a === b ? [] : [`${path}: ${short(a)} -> ${short(b)}`];
  }
  if (isWords(left) && isWords(right) && left.length + right.length > 0) {
    const sign = (list: string[], other: string[], mark: string) =>
      list.filter((word) => !other.includes(word)).map((word) => `${mark} ${word}`);
    const changes = [...sign(left, right, '-'), ...sign(right, left, '+')];
    const isOrder = changes.length === 0 && left.join('\n') !== right.join('\n');
    return isOrder ? [`${path}: another order`] : changes.map((change) => `${path}: ${short(change)}`);
  }
  const keys = [...new Set([...Object.keys(left), ...Object.keys(right)])].filter((key) => !PLACES.has(key));
  return keys.sort().flatMap((key) => {
    const below = Array.isArray(left) ? `${path}[${key}]` : path ? `${path}.${key}` : key;
    return fieldChanges(left[key], right[key], below);
  });
}

const isWords = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');

const short = (text: string): string => (text.length > 80 ? `${text.slice(0, 77)}...` : text);

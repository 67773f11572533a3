// Who calls whom: workloads that exist, services that exist, and no application that waits for itself.
import type { Origin } from '../models/envoy/config.ts';
import { hintFor } from './diagnostics.ts';
import { textOf } from './manifests-fields.ts';
import type { Check } from './references-check.ts';
import {
  isEntryHost,
  listAt,
  type NamedService,
  type NamedWorkload,
  type Names,
  selects,
  servicesFor,
  withoutPort,
} from './references-names.ts';
import type { Behaviour, BehaviourCall } from './scenario.ts';

export const callsOf = (behaviour: Behaviour): BehaviourCall[] =>
  (behaviour.script ?? []).flatMap((step) =>
    'parallel' in step ? step.parallel : 'call' in step ? [step] : [],
  );

/** "reviews-v1" or "namespace/reviews-v1". */
function workloadsOf(names: Names, key: string): NamedWorkload[] {
  const [first, second] = key.split('/');
  if (second === undefined) return names.byName.workloads.get(key) ?? [];
  return (names.byName.workloads.get(second) ?? []).filter((each) => each.namespace === first);
}

export function checkBehavior(check: Check): void {
  const { scenario, names } = check;
  const known = names.workloads.map((workload) => workload.name);
  for (const [key, behaviour] of Object.entries(scenario.behavior)) {
    const callers = workloadsOf(names, key);
    const isOwn = behaviour.origin !== undefined;
    if (callers.length === 0) {
      if (names.addresses.has(key)) continue;
      const hint =
        hintFor(key.slice(key.indexOf('/') + 1), known) ??
        'behavior is by workload, e.g. reviews-v1, not by service';
      if (isOwn)
        check.report('FS3003', check.keyOriginAt(['behavior', key]), `there is no workload "${key}"`, hint);
      continue;
    }
    for (const call of callsOf(behaviour)) {
      const origin = call.origin ?? check.originAt(['behavior']);
      // A preset may know more services than are deployed: the application then just fails to resolve the name.
      checkHost(check, call.call, callers[0]!.namespace, origin, call.origin ? 'error' : 'warning');
    }
  }
  checkCircles(check);
}

/** A host that an application asks for. */
export function checkHost(
  check: Check,
  host: string,
  namespace: string | undefined,
  origin: Origin,
  severity: 'error' | 'warning' = 'error',
): void {
  const { names } = check;
  if (servicesFor(names, host, namespace).length > 0) return;
  if (isEntryHost(names.entryHosts, host) || isEntryHost(virtualHosts(names), host)) return;
  const elsewhere = servicesFor(names, host, undefined)[0];
  const bare = withoutPort(host);
  const hint = elsewhere
    ? `it is in namespace ${elsewhere.namespace}: write ${bare}.${elsewhere.namespace}`
    : (hintFor(
        bare,
        names.services.map((service) => service.name),
      ) ?? 'a host outside the mesh needs a ServiceEntry');
  check.report('FS3005', origin, `no Service is named "${bare}"`, hint, severity);
}

function virtualHosts(names: Names): string[] {
  return names.objects.flatMap(({ object }) =>
    object.kind === 'VirtualService'
      ? listAt(object, ['spec', 'hosts'])
          .map(textOf)
          .filter((host) => host !== '*' && host.includes('.'))
      : [],
  );
}

/** Calls are synchronous: a circle would never answer. */
function checkCircles(check: Check): void {
  const { scenario, names } = check;
  const next = new Map<string, { to: string; origin: Origin | undefined }[]>();
  const members = new Map<NamedService, string[]>();
  const membersOf = (service: NamedService): string[] => {
    const known = members.get(service);
    if (known) return known;
    const { namespace, selector } = service;
    const found =
      Object.keys(selector).length === 0
        ? []
        : names.workloads.filter((each) => each.namespace === namespace && selects(selector, each.labels));
    const ids = found.map((each) => `${namespace}/${each.name}`);
    members.set(service, ids);
    return ids;
  };
  for (const [key, behaviour] of Object.entries(scenario.behavior)) {
    for (const caller of workloadsOf(names, key)) {
      const id = `${caller.namespace}/${caller.name}`;
      const edges = callsOf(behaviour).flatMap((call) =>
        servicesFor(names, call.call, caller.namespace)
          .flatMap((service) => membersOf(service))
          .map((to) => ({ to, origin: call.origin })),
      );
      if (!next.has(id)) next.set(id, edges);
    }
  }
  const done = new Set<string>();
  const walk = (id: string, way: string[]): boolean => {
    if (done.has(id)) return false;
    for (const { to, origin } of next.get(id) ?? []) {
      const start = [...way, id].indexOf(to);
      if (start >= 0) {
        const circle = [...[...way, id].slice(start), to].map((each) => each.slice(each.indexOf('/') + 1));
        check.report(
          'FS3006',
          origin ?? check.originAt(['behavior']),
          `applications call each other in a circle: ${circle.join(' -> ')}`,
          'each waits for the next, so none would ever answer: take one call out',
        );
        return true;
      }
      if (way.length < 1000 && walk(to, [...way, id])) return true;
    }
    done.add(id);
    return false;
  };
  for (const id of next.keys()) if (walk(id, [])) return;
}

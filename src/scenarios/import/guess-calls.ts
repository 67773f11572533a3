// Who calls whom, guessed from what containers are told: environment, arguments and commands that hold the name of a Service.
import {
  at,
  type FoundObject,
  isWorkload,
  listAt,
  podLabelsOf,
  podSpecOf,
  selects,
  textsAt,
} from './found.ts';

export interface GuessedCall {
  /** As a script writes it: "reviews", "reviews:9080", "reviews.shop:9080". */
  call: string;
  /** "namespace/service" */
  service: string;
}

/** Ports of stores and brokers: not requests in the sense of a mesh. */
const STORES = new Set([2181, 3306, 5432, 5672, 6379, 9042, 9092, 9200, 11211, 27017]);
const TELLING = /HOST|ADDR|URL|URI|SERVICE|ENDPOINT|UPSTREAM|BACKEND|TARGET|SERVER|API/i;

export type Calls = Map<string, GuessedCall[]>;

export const workloadKey = ({ namespace, name }: { namespace: string; name: string }) =>
  `${namespace}/${name}`;

/** By "namespace/workload"; what would close a circle is left out. */
export function guessCalls(objects: readonly FoundObject[]): Calls {
  const services = objects.filter(({ kind, apiVersion }) => kind === 'Service' && apiVersion === 'v1');
  const workloads = objects.filter(isWorkload);
  const calls: Calls = new Map();
  for (const workload of workloads) {
    const key = workloadKey(workload);
    if (calls.has(key)) continue;
    const found = callsOf(workload, services);
    if (found.length > 0) calls.set(key, found);
  }
  return withoutCircles(calls, services, workloads);
}

function callsOf(workload: FoundObject, services: readonly FoundObject[]): GuessedCall[] {
  const labels = podLabelsOf(workload);
  const found = new Map<string, GuessedCall>();
  for (const { text, isTelling } of wordsOf(workload))
    for (const service of services) {
      const isOwn =
        service.namespace === workload.namespace &&
        selects(textsAt(service.fields, 'spec', 'selector'), labels);
      if (isOwn || found.has(workloadKey(service))) continue;
      const named = nameIn(text, service, workload.namespace, isTelling);
      if (named === null) continue;
      const ports = listAt(service.fields, 'spec', 'ports').map((port) => Number(at(port, 'port')));
      const port = named !== 0 && ports.includes(named) ? named : ports[0];
      if (port === undefined || STORES.has(port)) continue;
      const host =
        service.namespace === workload.namespace ? service.name : `${service.name}.${service.namespace}`;
      found.set(workloadKey(service), {
        call: ports.length === 1 && named === 0 ? host : `${host}:${port}`,
        service: workloadKey(service),
      });
    }
  return [...found.values()];
}

function wordsOf(workload: FoundObject): { text: string; isTelling: boolean }[] {
  return listAt(podSpecOf(workload), 'containers').flatMap((container) => [
    ...listAt(container, 'env').flatMap((entry) => {
      const value = at(entry, 'value');
      return typeof value === 'string'
        ? [{ text: value.slice(0, 2000), isTelling: TELLING.test(String(at(entry, 'name'))) }]
        : [];
    }),
    ...[...listAt(container, 'args'), ...listAt(container, 'command')].flatMap((word) =>
      typeof word === 'string' ? [{ text: word.slice(0, 2000), isTelling: false }] : [],
    ),
  ]);
}

/** Port that is written behind the service's name, 0 = none, null = the name is not there. */
function nameIn(text: string, service: FoundObject, namespace: string, isTelling: boolean): number | null {
  const { name } = service;
  const escaped = (word: string) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const space = `\\.${escaped(service.namespace)}(?:\\.svc[\\w.]*)?`;
  const host = service.namespace === namespace ? `${escaped(name)}(?:${space})?` : `${escaped(name)}${space}`;
  const match = new RegExp(`(^|://|@|=|,|\\s)${host}(?::(\\d{1,5}))?(?=$|[/,;\\s?])`, 'i').exec(text);
  if (!match) return null;
  const isAddress = match[1] === '://' || match[2] !== undefined;
  if (!isAddress && !isTelling) return null;
  return match[2] === undefined ? 0 : Number(match[2]);
}

/** The simulation refuses applications that call each other in a circle: the call that closes one is dropped. */
function withoutCircles(
  calls: Calls,
  services: readonly FoundObject[],
  workloads: readonly FoundObject[],
): Calls {
  const behind = new Map<string, string[]>();
  for (const service of services)
    behind.set(
      workloadKey(service),
      workloads
        .filter(
          (workload) =>
            workload.namespace === service.namespace &&
            selects(textsAt(service.fields, 'spec', 'selector'), podLabelsOf(workload)),
        )
        .map(workloadKey),
    );
  const kept: Calls = new Map();
  const reaches = (from: string, to: string, seen = new Set<string>()): boolean => {
    if (from === to) return true;
    if (seen.has(from)) return false;
    seen.add(from);
    return (kept.get(from) ?? []).some(({ service }) =>
      (behind.get(service) ?? []).some((next) => reaches(next, to, seen)),
    );
  };
  for (const [caller, list] of calls)
    for (const call of list) {
      if ((behind.get(call.service) ?? []).some((callee) => reaches(callee, caller))) continue;
      kept.set(caller, [...(kept.get(caller) ?? []), call]);
    }
  return kept;
}

// Which proxies of a world have traffic, and what is dialled through each: from its loads and from the scripts of the applications.
import type { CallSpec, ServerBehaviour, WorldSpec } from '../../models/world.ts';
import type { Dialled } from './dialled-chain.ts';

type World = Omit<WorldSpec, 'seed' | 'replication'>;

/** By index of the proxy. */
export function dialsOf(world: World): Map<number, Dialled[]> {
  const dials = new Map<number, Dialled[]>();
  const add = (proxy: number, dialled: Dialled) => {
    const known = dials.get(proxy) ?? [];
    if (!known.some(({ port, host }) => port === dialled.port && host === dialled.host)) known.push(dialled);
    dials.set(proxy, known);
  };
  for (const load of world.loads) {
    if (load.isUnanswered || isEmpty(load)) continue;
    const { host, port } = load.request;
    if ('servers' in load.from)
      for (const server of load.from.servers) {
        const { sidecar } = world.servers[server]!;
        if (sidecar !== undefined) add(sidecar, { host, port });
      }
    else
      for (const proxy of load.from.proxies ?? [load.from.proxy]) add(proxy, { host, port: load.from.port });
  }
  const behaviours = world.servers.map((server): ServerBehaviour[] => [server.behaviour]);
  for (const action of world.actions)
    if (action.kind === 'serverBehaviour')
      for (const server of action.servers) behaviours[server]!.push(action.behaviour);
  for (const [index, server] of world.servers.entries())
    if (server.sidecar !== undefined)
      for (const call of behaviours[index]!.flatMap(callsOf))
        if (!call.isUnresolved) add(server.sidecar, { host: call.host, port: call.port });
  return dials;
}

/** A place in a script that others come after. */
const isEmpty = (load: World['loads'][number]) =>
  load.arrivals.kind === 'iterations' && load.arrivals.count === 0;

function callsOf(behaviour: ServerBehaviour): CallSpec[] {
  return (behaviour.script ?? []).flatMap((step) => {
    if ('sleepNs' in step) return [];
    return 'call' in step ? [step.call] : step.parallel;
  });
}

/** What a lab on one machine cannot act out, in words; empty = everything. */
export function notActedOut(world: World): string[] {
  const reasons = new Set<string>();
  for (const action of world.actions) {
    if (action.kind === 'partition') reasons.add('partition: loopback has no links to cut');
    if (action.kind !== 'serverMode') continue;
    if (action.mode === 'blackhole') reasons.add('blackhole: loopback loses no packets');
    if (action.mode === 'refuse' && (action.percentage ?? 100) < 100)
      reasons.add('refuse with a percentage: a port is open or closed');
  }
  return [...reasons].sort();
}

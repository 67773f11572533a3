// Where a load's requests enter: they take proxies, kept connections, applications and texts in turn, so entrances repeat after a period.
import { type LoadState, proxyOf } from '../load-state.ts';
import type { ProxyState } from '../proxy-state.ts';
import type { RunContext } from '../run-context.ts';
import type { ServerState } from '../server-state.ts';

/** Longer periods are not worth a look. */
const LONGEST_PERIOD = 1024;

export interface Entrance {
  proxy: ProxyState;
  caller: number;
  text: number;
  /** The worker that has the load's kept connection; -1 = the proxy draws one, or the application's connections say. */
  worker: number;
  /** The application that asks, null = nobody's. */
  server: ServerState | null;
}

/** The entrance of request n is that at n mod their number. @returns null where they are not ordinary, or not all in use yet */
export function entrancesOf(run: RunContext, load: LoadState): Entrance[] | null {
  const { from, connections } = load.spec;
  const turns = load.requests.length;
  const slots = connections === 'new' ? 1 : connections;
  const period =
    'proxy' in from
      ? common(turns, common(slots, from.proxies?.length ?? 1))
      : common(turns, from.servers.length);
  if (period > LONGEST_PERIOD) return null;
  const entrances: Entrance[] = [];
  for (let sequence = 0; sequence < period; sequence++) {
    const text = load.requests[sequence % turns]!;
    if ('proxy' in from) {
      const slot = load.slotOf(sequence, 0);
      const proxy = run.proxies[proxyOf(from, slot)]!;
      const worker = connections === 'new' ? -1 : load.workers[slot];
      if (worker === undefined) return null;
      entrances.push({ proxy, caller: proxy.caller, text, worker, server: null });
    } else {
      const server = run.servers.all[from.servers[sequence % from.servers.length]!]!;
      const proxy = server.spec.sidecar === undefined ? undefined : run.proxies[server.spec.sidecar];
      if (proxy === undefined) return null;
      entrances.push({ proxy, caller: server.caller, text, worker: -1, server });
    }
  }
  return entrances;
}

/** Workers that an entrance's requests may come to; null = not all of them are known yet. */
export function workersOf({ proxy, worker, server }: Entrance): readonly number[] | null {
  if (worker >= 0) return [worker];
  return server === null ? everyWorker(proxy) : workersOfServer(server, proxy);
}

/** Workers that hold an application's connections to its sidecar. */
export function workersOfServer(server: ServerState, proxy: ProxyState): readonly number[] | null {
  const kept = server.behaviour.connections ?? 1;
  if (kept === 'new') return everyWorker(proxy);
  const workers = server.connections.slice(0, kept);
  if (workers.length < kept || workers.includes(undefined as never)) return null;
  return [...new Set(workers)];
}

const everyWorker = (proxy: ProxyState) => Array.from({ length: proxy.spec.concurrency }, (_, i) => i);

/** Least common multiple. */
function common(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y > 0) [x, y] = [y, x % y];
  return (a / x) * b;
}

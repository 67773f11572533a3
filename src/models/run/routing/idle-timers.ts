// Idle timers of connections that a stretch keeps in use: they would only look and go on, so they are put aside, and set again as the last
// use of each connection says. A pool with further connections keeps its timer, because these do idle.
import * as c from '../connection-row.ts';
import * as p from '../pool-row.ts';
import type { RunContext } from '../run-context.ts';
import type { CallGraph } from './call-graph.ts';
import { Detour } from './detour.ts';

export class IdleTimers {
  readonly #pools: number[] = [];

  constructor(
    readonly run: RunContext,
    readonly graph: CallGraph,
  ) {
    const { pools, connections } = run.pools.core;
    for (const choice of graph.choices)
      for (const host of choice.hosts) {
        const pool = connections.cells[choice.connections[host]! * c.ROW + c.POOL]!;
        if (
          pools.cells[pool * p.ROW + p.WATCHES_IDLE] === 0 ||
          pools.cells[pool * p.ROW + p.CONNECTION_COUNT]! > 1
        )
          continue;
        run.pools.disarmIdleTimer(pool);
        this.#pools.push(pool);
      }
  }

  /** Nothing has happened. */
  putBack(): void {
    const { idleTimersNs } = this.run.pools.core;
    for (const pool of this.#pools) this.run.pools.armIdleTimer(pool, idleTimersNs[pool]!);
  }

  /** The stretch is over: when connections were used last is known exactly, or does not matter any more. @throws Detour */
  setAgain(isLast: boolean): void {
    const { connections } = this.run.pools.core;
    const { nowNs } = this.run.simulation;
    const aside = new Set(this.#pools);
    for (const { hosts, connections: used, usedNs, idleNs, shares } of this.graph.choices)
      for (const host of hosts) {
        const isExact =
          shares.every(({ counted }) => counted[host] === 0) ||
          shares.some(({ walked }) => walked[host]! > 0);
        if (!isExact && !isLast) throw new Detour('a host that is rarely chosen');
        const connection = used[host]!;
        const pool = connections.cells[connection * c.ROW + c.POOL]!;
        connections.doubles[connection * c.DOUBLES + c.IDLE_SINCE] = usedNs[host]!;
        if (usedNs[host]! + idleNs <= nowNs) throw new Detour('a connection that has idled');
        if (aside.has(pool)) this.run.pools.armIdleTimer(pool, usedNs[host]! + idleNs);
      }
  }
}

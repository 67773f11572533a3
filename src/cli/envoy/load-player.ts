// Plays one load of a world in real time: when its requests start, on which connection, until when.
import { setTimeout as sleep } from 'node:timers/promises';
import type { LoadSpec } from '../../models/world.ts';
import { chance, latencyMs } from './chance.ts';

export interface Turn {
  /** Counts from 0 over the load. */
  index: number;
  /** Which of the load's kept connections, by number. */
  slot: number;
}

export interface LoadClock {
  /** Milliseconds since the world's start. */
  nowMs(): number;
  /** How many hosts were ejected, or returned, so far. */
  seen(event: 'ejection' | 'return'): number;
  isStopped(): boolean;
}

const MS = 1e6;

/** Resolves when all answers are in. @param ask sends one request and waits for its answer */
export async function playLoad(
  load: LoadSpec,
  clock: LoadClock,
  ask: (turn: Turn) => Promise<void>,
): Promise<void> {
  switch (load.arrivals.kind) {
    case 'iterations':
      return await playIterations(load, load.arrivals, clock, ask);
    case 'closed':
      return await playUsers(load.arrivals, clock, ask);
    case 'open':
      return await playOpen(load.arrivals, clock, ask);
  }
}

type Arrivals<K> = Extract<LoadSpec['arrivals'], { kind: K }>;

async function until(clock: LoadClock, ms: number): Promise<void> {
  const left = ms - clock.nowMs();
  if (left > 0) await sleep(left);
}

async function playIterations(
  load: LoadSpec,
  arrivals: Arrivals<'iterations'>,
  clock: LoadClock,
  ask: (turn: Turn) => Promise<void>,
): Promise<void> {
  const paceMs = arrivals.paceNs / MS;
  const gapMs = (arrivals.gapNs ?? 0) / MS;
  const endMs =
    arrivals.durationNs === undefined ? Number.POSITIVE_INFINITY : clock.nowMs() + arrivals.durationNs / MS;
  let nextMs = clock.nowMs();
  const isOver = () => load.until !== undefined && clock.seen(load.until.event) >= load.until.count;
  for (let index = 0; index < arrivals.count && !isOver(); index++) {
    if (clock.isStopped() || clock.nowMs() >= endMs) return;
    await ask({ index, slot: index });
    nextMs = Math.max(nextMs + paceMs, clock.nowMs() + gapMs);
    if (index + 1 < arrivals.count || load.lingers) await until(clock, Math.min(nextMs, endMs));
  }
}

async function playUsers(
  arrivals: Arrivals<'closed'>,
  clock: LoadClock,
  ask: (turn: Turn) => Promise<void>,
): Promise<void> {
  const endMs =
    arrivals.durationNs === undefined ? Number.POSITIVE_INFINITY : clock.nowMs() + arrivals.durationNs / MS;
  let taken = 0;
  const user = async (slot: number) => {
    while (taken < (arrivals.count ?? Number.POSITIVE_INFINITY) && clock.nowMs() < endMs) {
      if (clock.isStopped()) return;
      await ask({ index: taken++, slot });
      const thinkMs = latencyMs(arrivals.think);
      if (thinkMs >= 0.5) await sleep(thinkMs);
    }
  };
  await Promise.all(Array.from({ length: arrivals.users }, (_, slot) => user(slot)));
}

async function playOpen(
  arrivals: Arrivals<'open'>,
  clock: LoadClock,
  ask: (turn: Turn) => Promise<void>,
): Promise<void> {
  const startMs = clock.nowMs();
  const open = new Set<Promise<void>>();
  let whole = 0;
  for (let index = 0; index < (arrivals.count ?? Number.POSITIVE_INFINITY); index++) {
    if (index > 0 || arrivals.poisson) whole += arrivals.poisson ? -Math.log(1 - chance()) : 1;
    const atMs = timeOf(arrivals.stages, whole);
    if (atMs === null || clock.isStopped()) break;
    await until(clock, startMs + atMs);
    const asked = ask({ index, slot: index }).finally(() => open.delete(asked));
    open.add(asked);
  }
  await Promise.all(open);
}

/** When the expected number of arrivals reaches this [ms]; null = after the last stage. */
export function timeOf(stages: Arrivals<'open'>['stages'], arrivals: number): number | null {
  let before = 0;
  let startMs = 0;
  for (const { durationNs, fromPerSecond: from, toPerSecond: to } of stages) {
    const seconds = durationNs / 1e9;
    const inside = ((from + to) / 2) * seconds;
    // Rounded times must not let one more in.
    if (arrivals < before + inside - 1e-4) {
      const wanted = arrivals - before;
      const slope = seconds > 0 ? (to - from) / seconds : 0;
      const root = Math.sqrt(from * from + 2 * slope * wanted);
      const t = Math.abs(slope) < 1e-9 ? wanted / from : (root - from) / slope;
      return startMs + t * 1000;
    }
    before += inside;
    startMs += seconds * 1000;
  }
  return null;
}

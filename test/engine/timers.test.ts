// Timers in lanes come up when scheduled events would, and leave no trace when they are disarmed.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Simulation } from '../../src/engine/simulation.ts';

const STEP = 0;
const TIMEOUT = 1;
const DELAYS = [5, 51, 3001];

type Act = { after: number; lane: number; disarms: number; isAgain: boolean };

/** @param isInLanes timers by arm(), or by schedule() */
function play(acts: readonly Act[], isInLanes: boolean) {
  const simulation = new Simulation();
  const up: [number, number][] = [];
  const pending = new Map<number, number>();
  const lanes = DELAYS.map((delayNs) => simulation.lane(delayNs, TIMEOUT));
  const start = (lane: number, arg: number) =>
    pending.set(
      arg,
      isInLanes ? simulation.arm(lanes[lane]!, arg) : simulation.schedule(DELAYS[lane]!, TIMEOUT, arg),
    );
  simulation.on(TIMEOUT, (arg) => {
    up.push([simulation.nowNs, arg]);
    pending.delete(arg);
  });
  simulation.on(STEP, (i) => {
    const act = acts[i]!;
    start(act.lane, i);
    const [...args] = pending.keys();
    const victim = args[act.disarms % args.length]!;
    if (act.isAgain) simulation.retarget(pending.get(victim)!, victim);
    else if (act.disarms > 0) {
      simulation.cancel(pending.get(victim)!);
      pending.delete(victim);
    }
    // Odd times for steps and even ones for timers: they never meet.
    if (i + 1 < acts.length) simulation.post(2 * acts[i + 1]!.after, STEP, i + 1);
  });
  simulation.post(1, STEP, 0);
  simulation.run();
  return { up, events: simulation.events, digest: simulation.digest() };
}

describe('timers', () => {
  const acts = fc.array(
    fc.record({
      after: fc.integer({ min: 1, max: 400 }),
      lane: fc.integer({ min: 0, max: DELAYS.length - 1 }),
      disarms: fc.integer({ min: 0, max: 9 }),
      isAgain: fc.boolean(),
    }),
    { minLength: 1, maxLength: 60 },
  );

  it('are up in the order and at the times of scheduled events, with the same number of events and the same digest', () => {
    fc.assert(
      fc.property(acts, (list) => {
        // Timers of different lanes that are up at once have no order of their own.
        const scheduled = play(list, false);
        const times = scheduled.up.map(([atNs]) => atNs);
        fc.pre(new Set(times).size === times.length);
        expect(play(list, true)).toEqual(scheduled);
      }),
      { numRuns: 500 },
    );
  });

  it('that are all disarmed are no events', () => {
    const simulation = new Simulation();
    const lane = simulation.lane(10, TIMEOUT);
    simulation.on(TIMEOUT, () => expect.unreachable());
    simulation.on(STEP, (left) => {
      const handle = simulation.arm(lane, left);
      expect(handle).toBeLessThan(0);
      simulation.disarm(handle);
      if (left > 0) simulation.post(3, STEP, left - 1);
    });
    simulation.post(0, STEP, 99);
    simulation.run();
    expect(simulation.events).toBe(100);
  });

  it('of one lane that are up at once come in the order in which they were armed', () => {
    const simulation = new Simulation();
    const lane = simulation.lane(10, TIMEOUT);
    const up: number[] = [];
    simulation.on(TIMEOUT, (arg) => up.push(arg));
    for (const arg of [3, 1, 2]) simulation.arm(lane, arg);
    simulation.run();
    expect(up).toEqual([3, 1, 2]);
    expect(simulation.events).toBe(3);
  });

  it('share a lane by delay and kind', () => {
    const simulation = new Simulation();
    expect(simulation.lane(10, TIMEOUT)).toBe(simulation.lane(10, TIMEOUT));
    expect(simulation.lane(10, TIMEOUT)).not.toBe(simulation.lane(11, TIMEOUT));
    expect(simulation.lane(10, TIMEOUT)).not.toBe(simulation.lane(10, 2));
  });
});

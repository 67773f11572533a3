import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventQueue } from '../../src/engine/event-queue.ts';
import { HeapEventQueue } from '../../src/engine/event-queue-heap.ts';
import { Simulation } from '../../src/engine/simulation.ts';

const noise = (turn: number, salt: number) => (Math.imul(turn ^ salt, 0x9e3779b1) >>> 0) / 2 ** 32;

describe('lanes of timers', () => {
  const LANES: [number, number][] = [
    [0, 1],
    [1, 2],
    [4096, 3],
    [4096, 4],
    [3 * 2 ** 20, 1],
    [2 ** 24, 2],
    [5e9, 3],
    [5e9, 4],
    [15e9, 4],
    [2 ** 33, 1],
  ];
  /** Delays that meet those of the lanes often. */
  const delay = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...LANES.map(([delayNs]) => delayNs)) },
    { weight: 2, arbitrary: fc.nat(12).map((n) => n * 4096) },
    { weight: 2, arbitrary: fc.nat(12).map((n) => n * 2 ** 20) },
    { weight: 1, arbitrary: fc.nat(16).map((n) => n * 1e9) },
    { weight: 1, arbitrary: fc.nat(200_000_000) },
  );
  const step = fc.record({
    op: fc.constantFrom(
      'post',
      'arm',
      'arm',
      'arm two',
      'arm two',
      'disarm two',
      'disarm two',
      'pop',
      'pop',
      'disarm',
      'disarm',
      'schedule',
      'cancel',
      'peek',
      'pass',
      'until',
    ),
    delay,
    lane: fc.nat(LANES.length - 1),
    times: fc.oneof(
      { weight: 5, arbitrary: fc.integer({ min: 1, max: 4 }) },
      { weight: 1, arbitrary: fc.nat(60) },
    ),
    pick: fc.nat(),
  });

  it('fire in the order of events that were scheduled, whatever else is scheduled, cancelled and disarmed', () => {
    let fired = 0;
    let disarmed = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 150 }), (steps) => {
        /** The first ones' arguments; the others' follow. */
        const twos: number[] = [];
        const queue = new EventQueue(2);
        const heap = new HeapEventQueue(2);
        const lanes = LANES.map(([delayNs, kind]) => queue.lane(delayNs, kind));
        const timers = new Map<number, [number, number]>();
        const handles: [number, number][] = [];
        let nowNs = 0;
        let arg = 0;
        const agree = (): void => {
          const got = [queue.poppedTimeNs, queue.poppedKind, queue.poppedArg];
          expect(got).toEqual([Math.max(nowNs, heap.poppedTimeNs), heap.poppedKind, heap.poppedArg]);
          nowNs = queue.poppedTimeNs;
          if (timers.delete(queue.poppedArg)) fired++;
        };
        for (const { op, delay, lane, times, pick } of steps)
          for (let time = 0; time < times; time++) {
            if (op === 'post') {
              queue.postIn(delay, 0, ++arg);
              heap.schedule(nowNs + delay, 0, arg);
            } else if (op === 'schedule') {
              handles.push([queue.scheduleIn(delay, 0, ++arg), heap.schedule(nowNs + delay, 0, arg)]);
            } else if (op === 'arm') {
              const [delayNs, kind] = LANES[lane]!;
              timers.set(++arg, [queue.arm(lanes[lane]!, arg), heap.schedule(nowNs + delayNs, kind, arg)]);
            } else if (op === 'arm two') {
              const [first, second] = [lane, (lane + pick) % LANES.length];
              const timer = queue.armTwo(lanes[first]!, lanes[second]!, ++arg);
              const other = queue.second(timer);
              queue.retargetTimer(other, ++arg);
              const ofHeap = ([delayNs, kind]: [number, number], arg: number) =>
                heap.schedule(nowNs + delayNs, kind, arg);
              timers.set(arg - 1, [timer, ofHeap(LANES[first]!, arg - 1)]);
              timers.set(arg, [other, ofHeap(LANES[second]!, arg)]);
              twos.push(arg - 1);
            } else if (op === 'disarm two' && twos.length > 0) {
              const first = twos.splice((pick + time) % twos.length, 1)[0]!;
              const [one, other] = [timers.get(first), timers.get(first + 1)];
              if (one === undefined || other === undefined) continue;
              timers.delete(first);
              timers.delete(first + 1);
              queue.disarmTwo(one[0]);
              expect([heap.cancel(one[1]), heap.cancel(other[1])]).toEqual([true, true]);
              disarmed++;
            } else if (op === 'disarm' && timers.size > 0) {
              const [key, [timer, handle]] = [...timers][(pick + time) % timers.size]!;
              timers.delete(key);
              queue.disarm(timer);
              expect(heap.cancel(handle)).toBe(true);
            } else if (op === 'cancel' && handles.length > 0) {
              const [a, b] = handles[(pick + time) % handles.length]!;
              expect(queue.cancel(a)).toBe(heap.cancel(b));
            } else if (op === 'peek') expect(queue.peekTimeNs()).toBe(heap.peekTimeNs());
            else if (op === 'pass') {
              nowNs = Math.min(heap.peekTimeNs(), nowNs + delay);
              queue.poppedTimeNs = nowNs;
            } else if (op === 'until') {
              const untilNs = nowNs + delay;
              while (heap.peekTimeNs() <= untilNs) {
                heap.pop();
                expect(queue.popUntil(untilNs)).toBe(true);
                agree();
              }
              expect(queue.popUntil(untilNs)).toBe(false);
              nowNs = untilNs;
            } else if (op === 'pop') {
              const isThere = heap.pop();
              expect(queue.pop()).toBe(isThere);
              if (isThere) agree();
            }
            expect(queue.poppedTimeNs).toBe(nowNs);
          }
        while (heap.pop()) {
          expect(queue.pop()).toBe(true);
          agree();
        }
        expect(queue.pop()).toBe(false);
        expect(queue.size).toBe(0);
        expect(timers.size).toBe(0);
      }),
      { numRuns: 700 },
    );
    expect(fired).toBeGreaterThan(1_500);
    expect(disarmed).toBeGreaterThan(60);
  });

  it.each([
    ['dense and sparse by turns', (t: number) => Math.floor(noise(t, 7) * ((t >> 12) & 1 ? 1e3 : 2e6)), 300],
    ['a few hundred events a second', (t: number) => Math.floor(noise(t, 8) * 3e9), 400],
    ['crowds at whole milliseconds', (t: number) => Math.floor(noise(t >> 5, 9) * 40) * 1_000_000, 2000],
  ])('fire in that order while the layout changes: %s', (_, delays, begin) => {
    const queue = new EventQueue();
    const heap = new HeapEventQueue();
    const delaysNs = [1e6, 15e6, 250e6, 15e9];
    const lanes = delaysNs.map((delayNs, i) => queue.lane(delayNs, i));
    const timers = new Map<number, [number, number]>();
    let arg = 0;
    for (; arg < begin; arg++) {
      heap.schedule(delays(arg), 4, arg);
      queue.postIn(delays(arg), 4, arg);
    }
    let fired = 0;
    for (let popped = 0; popped < 40_000; popped++) {
      heap.pop();
      queue.pop();
      if (queue.poppedArg !== heap.poppedArg || queue.poppedKind !== heap.poppedKind)
        expect([popped, queue.poppedKind, queue.poppedArg]).toEqual([
          popped,
          heap.poppedKind,
          heap.poppedArg,
        ]);
      const nowNs = heap.poppedTimeNs;
      if (timers.delete(queue.poppedArg)) fired++;
      if (heap.poppedKind === 4) {
        queue.postIn(delays(++arg), 4, arg);
        heap.schedule(nowNs + delays(arg), 4, arg);
      }
      const lane = popped & 3;
      timers.set(++arg, [queue.arm(lanes[lane]!, arg), heap.schedule(nowNs + delaysNs[lane]!, lane, arg)]);
      if (popped % 3 > 0 && timers.size > 50) {
        const [key, [timer, handle]] = timers.entries().next().value!;
        timers.delete(key);
        queue.disarm(timer);
        heap.cancel(handle);
      }
    }
    expect(queue.size).toBe(heap.size);
    expect(fired).toBeGreaterThan(1000);
  });

  /** Pops everything; what comes at one time must come in the order of its arguments. */
  const rest = (queue: EventQueue): number[] => {
    const args: number[] = [];
    while (queue.pop()) args.push(queue.poppedArg);
    return args;
  };

  it('find their places among far events when hardly anything is left', () => {
    const queue = new EventQueue();
    const lane = queue.lane(5e9, 1);
    queue.post(5e9, 0, 100);
    for (let arg = 0; arg < 20; arg++) queue.post(1000 * arg, 0, arg);
    queue.arm(lane, 101);
    queue.post(5e9, 0, 102);
    expect(rest(queue).slice(20)).toEqual([100, 101, 102]);
  });

  it('of several lanes that are due at one time fire in the order in which they were armed', () => {
    const queue = new EventQueue();
    const [short, long] = [queue.lane(5e9, 1), queue.lane(10e9, 2)];
    for (let arg = 0; arg < 20; arg++) queue.post(arg < 10 ? arg : 5e9, 0, arg);
    for (let arg = 20; arg < 30; arg++) queue.arm(long, arg);
    for (let arg = 0; arg < 20; arg++) queue.pop();
    queue.post(10e9, 0, 30);
    for (let arg = 31; arg < 40; arg++) queue.arm(short, arg);
    expect(rest(queue)).toEqual(Array.from({ length: 20 }, (_, i) => 20 + i));
  });

  it('keep their places among far events through another layout', () => {
    const queue = new EventQueue();
    const lane = queue.lane(5e9, 1);
    for (let arg = 0; arg < 6000; arg++) queue.post(5000 - ((arg * 7) % 4000), 0, -1);
    queue.post(5e9, 0, 100);
    queue.arm(lane, 101);
    queue.post(5e9, 0, 102);
    queue.arm(lane, 103);
    expect(rest(queue).slice(6000)).toEqual([100, 101, 102, 103]);
  });

  it('end once: a timer that is over is not disarmed again', () => {
    const queue = new EventQueue();
    const lane = queue.lane(10, 1);
    const timer = queue.arm(lane, 7);
    queue.disarm(timer);
    expect(() => queue.disarm(timer)).toThrow('a timer that is over');
    expect(queue.pop()).toBe(false);
    const other = queue.arm(lane, 8);
    queue.retargetTimer(other, 9);
    queue.pop();
    expect([queue.poppedKind, queue.poppedArg]).toEqual([1, 9]);
    expect(() => queue.disarm(other)).toThrow('a timer that is over');
  });

  it('take room while they are armed only, even behind one that stays armed', () => {
    const queue = new EventQueue();
    const lane = queue.lane(15e9, 1);
    queue.arm(lane, 0);
    const timers = new Set<number>();
    for (let request = 0; request < 100_000; request++) {
      queue.postIn(1000, 0, request);
      const timer = queue.arm(lane, request);
      timers.add(timer);
      queue.pop();
      queue.disarm(timer);
    }
    expect(timers.size).toBeLessThan(5);
  });
});

it('a lane gives the events and the digest of events that are scheduled and cancelled', () => {
  const run = (hasLane: boolean): Simulation => {
    const simulation = new Simulation();
    const lane = simulation.lane(15e9, 1);
    const timers: number[] = [];
    simulation.on(0, (left) => {
      timers.push(hasLane ? simulation.arm(lane, left) : simulation.schedule(15e9, 1, left));
      if (left % 10 > 0) simulation.cancel(timers.pop()!);
      if (left > 0) simulation.post(10_000_000, 0, left - 1);
    });
    simulation.on(1, () => {});
    simulation.post(0, 0, 3000);
    simulation.run();
    return simulation;
  };
  const [lane, scheduled] = [run(true), run(false)];
  expect(lane.events).toBe(3001 + 301);
  expect([lane.events, lane.nowNs, lane.digest()]).toEqual([
    scheduled.events,
    scheduled.nowNs,
    scheduled.digest(),
  ]);
});

it('a lane is shared by delay and kind, its handles are below 0, and timers that are all disarmed are no events', () => {
  const simulation = new Simulation();
  const lane = simulation.lane(10, 1);
  expect(simulation.lane(10, 1)).toBe(lane);
  expect(simulation.lane(11, 1)).not.toBe(lane);
  expect(simulation.lane(10, 2)).not.toBe(lane);
  simulation.on(1, () => expect.unreachable());
  simulation.on(0, (left) => {
    const handle = simulation.arm(lane, left);
    expect(handle).toBeLessThan(0);
    simulation.disarm(handle);
    if (left > 0) simulation.post(3, 0, left - 1);
  });
  simulation.post(0, 0, 99);
  simulation.run();
  expect(simulation.events).toBe(100);
});

it('a timer and an event can be given another argument by the same call', () => {
  const simulation = new Simulation();
  const seen: number[] = [];
  simulation.on(1, (arg) => seen.push(arg));
  simulation.retarget(simulation.arm(simulation.lane(10, 1), 1), 5);
  simulation.retarget(simulation.schedule(10, 1, 2), 6);
  simulation.run();
  expect(seen).toEqual([5, 6]);
});

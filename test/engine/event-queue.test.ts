import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventQueue } from '../../src/engine/event-queue.ts';
import { HeapEventQueue } from '../../src/engine/event-queue-heap.ts';

describe.each([
  ['EventQueue', EventQueue],
  ['HeapEventQueue', HeapEventQueue],
])('%s', (_, Queue) => {
  it('pops simultaneous events in the order they were scheduled', () => {
    const queue = new Queue(2);
    for (let arg = 0; arg < 8; arg++) queue.schedule(5, 0, arg);
    const popped: number[] = [];
    while (queue.pop()) popped.push(queue.poppedArg);
    expect(popped).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('behaves like a sorted list under any mix of scheduling, popping and cancelling', () => {
    const step = fc.oneof(
      fc.record({
        op: fc.constant('schedule' as const),
        time: fc.oneof(fc.nat(5), fc.nat(40_000_000), fc.maxSafeNat()),
      }),
      fc.record({ op: fc.constant('pop' as const) }),
      fc.record({ op: fc.constant('cancel' as const), which: fc.nat(40) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const queue = new Queue(4);
        const model: { time: number; arg: number }[] = [];
        const handles: number[] = [];
        for (const [arg, action] of steps.entries()) {
          if (action.op === 'schedule') {
            handles[arg] = queue.schedule(action.time, arg % 7, arg);
            model.push({ time: action.time, arg });
            model.sort((a, b) => a.time - b.time || a.arg - b.arg);
          } else if (action.op === 'pop') {
            const expected = model.shift();
            expect(queue.peekTimeNs()).toBe(expected?.time ?? Number.POSITIVE_INFINITY);
            expect(queue.pop()).toBe(expected !== undefined);
            if (expected)
              expect([queue.poppedTimeNs, queue.poppedKind, queue.poppedArg]).toEqual([
                expected.time,
                expected.arg % 7,
                expected.arg,
              ]);
          } else if (handles[action.which] !== undefined) {
            const at = model.findIndex((entry) => entry.arg === action.which);
            expect(queue.cancel(handles[action.which]!)).toBe(at >= 0);
            if (at >= 0) model.splice(at, 1);
          }
          expect(queue.size).toBe(model.length);
        }
      }),
      { numRuns: 300 },
    );
  });
});

/** Runs both queues side by side; each popped event schedules up to two more, and cancels one that may be gone. */
function agree(delays: (turn: number) => number, begin: number, events: number): void {
  const wheel = new EventQueue(16);
  const heap = new HeapEventQueue(16);
  const handles: [number, number][] = [];
  let turn = 0;
  const schedule = () => {
    const timeNs = wheel.poppedTimeNs + delays(turn);
    handles.push([wheel.schedule(timeNs, turn % 5, turn), heap.schedule(timeNs, turn % 5, turn)]);
    turn++;
  };
  for (let i = 0; i < begin; i++) schedule();
  for (let popped = 0; popped < events; popped++) {
    const [isThere, isThereToo] = [wheel.pop(), heap.pop()];
    if (
      isThere !== isThereToo ||
      wheel.poppedArg !== heap.poppedArg ||
      wheel.poppedTimeNs !== heap.poppedTimeNs
    )
      expect([isThere, wheel.poppedArg, wheel.poppedTimeNs]).toEqual([
        isThereToo,
        heap.poppedArg,
        heap.poppedTimeNs,
      ]);
    if (!isThere) break;
    schedule();
    if (popped % 3 === 0) {
      schedule();
      const [a, b] = handles[(popped * 7919) % handles.length]!;
      expect(wheel.cancel(a)).toBe(heap.cancel(b));
    }
    if (popped % 1000 === 0) expect(wheel.peekTimeNs()).toBe(heap.peekTimeNs());
  }
  expect(wheel.size).toBe(heap.size);
}

const noise = (turn: number, salt: number) => (Math.imul(turn ^ salt, 0x9e3779b1) >>> 0) / 2 ** 32;

describe('both queues give the same order', () => {
  it.each([
    ['a service with delays around a millisecond', (t: number) => Math.floor(noise(t, 1) * 2e6), 300],
    ['10,000 events within a microsecond', (t: number) => Math.floor(noise(t, 2) * 1000), 10_000],
    ['no delay at all', () => 0, 500],
    ['a few events minutes apart', (t: number) => Math.floor(noise(t, 3) * 6e11), 3],
    ['months', (t: number) => Math.floor(noise(t, 4) * 8e12), 50],
    ['bursts of equal times', (t: number) => Math.floor(noise(t >> 6, 5) * 50) * 1_000_000, 1000],
    ['all scales at once', (t: number) => Math.floor(10 ** (noise(t, 6) * 12)), 2000],
    ['now dense, now sparse', (t: number) => Math.floor(noise(t, 7) * ((t >> 13) & 1 ? 100 : 1e8)), 1000],
  ])('with %s', (_, delays, begin) => agree(delays, begin, 60_000));
});

describe('EventQueue, against the heap', () => {
  const delay = fc.oneof(
    { weight: 3, arbitrary: fc.nat(3) },
    { weight: 4, arbitrary: fc.nat(5_000) },
    { weight: 4, arbitrary: fc.nat(20_000_000) },
    { weight: 2, arbitrary: fc.nat(15_000).map((ms) => ms * 1_000_000) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 2 ** 43 }) },
    { weight: 1, arbitrary: fc.nat(8).map((n) => n * 2 ** 32) },
  );
  const step = fc.record({
    op: fc.constantFrom('post', 'schedule', 'pop', 'pop', 'pop', 'cancel', 'peek', 'pass'),
    delay,
    times: fc.oneof(
      { weight: 4, arbitrary: fc.integer({ min: 1, max: 4 }) },
      { weight: 1, arbitrary: fc.nat(90) },
    ),
    pick: fc.nat(),
  });

  it('gives the same order when time goes by without it, when it is only looked at, and when crowds are cancelled', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 120 }), (steps) => {
        const queue = new EventQueue(2);
        const heap = new HeapEventQueue(2);
        const handles: [number, number][] = [];
        let nowNs = 0;
        let arg = 0;
        for (const { op, delay, times, pick } of steps)
          for (let time = 0; time < times; time++) {
            if (op === 'post' || op === 'schedule') {
              const handle = heap.schedule(nowNs + delay, arg % 5, ++arg);
              if (op === 'post') queue.postIn(delay, (arg - 1) % 5, arg);
              else handles.push([queue.scheduleIn(delay, (arg - 1) % 5, arg), handle]);
            } else if (op === 'cancel' && handles.length > 0) {
              const [a, b] = handles[(pick + time) % handles.length]!;
              if (queue.cancel(a) !== heap.cancel(b)) throw new Error('cancelled in one of them');
            } else if (op === 'peek') {
              if (queue.peekTimeNs() !== heap.peekTimeNs()) throw new Error('another first time');
            } else if (op === 'pass') {
              // The clock goes on by hand, not beyond the first event.
              const nextNs = Math.min(heap.peekTimeNs(), nowNs + delay);
              if (pick % 2 === 0 && queue.peekTimeNs() !== heap.peekTimeNs())
                throw new Error('another first time');
              nowNs = nextNs;
              queue.poppedTimeNs = nowNs;
            } else if (op === 'pop') {
              if (queue.pop() !== heap.pop()) throw new Error('one is empty');
              nowNs = Math.max(nowNs, heap.poppedTimeNs);
              expect([queue.poppedArg, queue.poppedKind, queue.poppedTimeNs]).toEqual([
                heap.poppedArg,
                heap.poppedKind,
                nowNs,
              ]);
            }
          }
        while (heap.pop()) {
          expect(queue.pop()).toBe(true);
          expect([queue.poppedArg, queue.poppedTimeNs]).toEqual([heap.poppedArg, heap.poppedTimeNs]);
        }
        expect(queue.pop()).toBe(false);
        expect(queue.size).toBe(0);
      }),
      { numRuns: 700 },
    );
  });

  it('takes 200,000 cancelled events away without a deep stack', () => {
    const queue = new EventQueue();
    const handles = Array.from({ length: 200_000 }, (_, arg) => queue.schedule(1000 + 3 * arg, 0, arg));
    queue.schedule(2_000_000, 1, 7);
    for (const handle of handles) if (!queue.cancel(handle)) throw new Error('not there');
    expect(queue.pop()).toBe(true);
    expect(queue.poppedArg).toBe(7);
    expect(queue.pop()).toBe(false);
  });

  it('does not take a handle for another event that has got its place', () => {
    const queue = new EventQueue();
    const old = queue.schedule(5, 0, 1);
    queue.pop();
    for (let arg = 0; arg < 100; arg++) queue.post(10, 0, arg);
    expect(queue.cancel(old)).toBe(false);
    for (let arg = 0; arg < 100; arg++) queue.schedule(10, 0, arg);
    expect(queue.cancel(old)).toBe(false);
    expect(queue.size).toBe(200);
  });
});

describe('low words of times', () => {
  const filled = (atNs: number): EventQueue => {
    const queue = new EventQueue();
    for (let arg = 0; arg < 20; arg++) queue.post(arg < 8 ? arg : atNs + arg, 0, arg);
    for (let arg = 0; arg < 8; arg++) queue.pop();
    return queue;
  };

  it('are not mistaken for others when the clock went on by hand', () => {
    const queue = filled(2 ** 40);
    queue.poppedTimeNs = 2 ** 32;
    for (const delayNs of [5000, 200_000, 5]) queue.postIn(delayNs, 0, delayNs);
    for (const delayNs of [5, 5000, 200_000]) {
      queue.pop();
      expect(queue.poppedTimeNs).toBe(2 ** 32 + delayNs);
    }
  });

  it('are not mistaken for others when the first event is far and was looked at', () => {
    const queue = filled(2 ** 32);
    expect(queue.peekTimeNs()).toBe(2 ** 32 + 8);
    for (const delayNs of [5000, 200_000, 5]) queue.postIn(delayNs, 0, delayNs);
    for (const delayNs of [5, 5000, 200_000]) {
      queue.pop();
      expect(queue.poppedTimeNs).toBe(7 + delayNs);
    }
  });

  it('are not mistaken for others when the first event is beyond the time that was waited for', () => {
    const queue = filled(2 ** 32);
    expect(queue.popUntil(1000)).toBe(false);
    for (const delayNs of [5000, 200_000, 5]) queue.postIn(delayNs, 0, delayNs);
    for (const delayNs of [5, 5000, 200_000]) {
      queue.pop();
      expect(queue.poppedTimeNs).toBe(1000 + delayNs);
    }
  });
});

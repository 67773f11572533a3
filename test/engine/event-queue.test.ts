import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventQueue } from '../../src/engine/event-queue.ts';

describe('EventQueue', () => {
  it('pops simultaneous events in the order they were scheduled', () => {
    const queue = new EventQueue(2);
    for (let arg = 0; arg < 8; arg++) queue.schedule(5, 0, arg);
    const popped: number[] = [];
    while (queue.pop()) popped.push(queue.poppedArg);
    expect(popped).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('behaves like a sorted list under any mix of scheduling, popping and cancelling', () => {
    const step = fc.oneof(
      fc.record({ op: fc.constant('schedule' as const), time: fc.oneof(fc.nat(5), fc.maxSafeNat()) }),
      fc.record({ op: fc.constant('pop' as const) }),
      fc.record({ op: fc.constant('cancel' as const), which: fc.nat(40) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const queue = new EventQueue(4);
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

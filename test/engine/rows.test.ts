// Rows: what is taken is nobody else's, what is given back comes again, and growing moves nothing.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Rows } from '../../src/engine/rows.ts';

describe('rows', () => {
  it('keep whole numbers and doubles of every taken row, however many there are', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 200 }), (takes) => {
        const rows = new Rows(8, 2);
        const taken: { row: number; value: number }[] = [];
        for (const [value, isTake] of takes.entries()) {
          if (isTake || taken.length === 0) {
            const row = rows.take();
            expect(taken.every((other) => other.row !== row)).toBe(true);
            rows.cells[row * 8 + 1] = value;
            rows.doubles[row * 4 + 3] = value + 0.5;
            taken.push({ row, value });
          } else rows.give(taken.splice(value % taken.length, 1)[0]!.row);
          for (const { row, value: expected } of taken) {
            expect(rows.cells[row * 8 + 1]).toBe(expected);
            expect(rows.doubles[row * 4 + 3]).toBe(expected + 0.5);
          }
        }
        expect(rows.size).toBe(taken.length);
        expect(rows.takenRows()).toEqual(taken.map(({ row }) => row).sort((a, b) => a - b));
      }),
    );
  });

  it('are handed out from the first one on, and the last one given back first', () => {
    const rows = new Rows(2, 2);
    expect([rows.take(), rows.take(), rows.take()]).toEqual([0, 1, 2]);
    rows.give(0);
    rows.give(1);
    expect([rows.take(), rows.take(), rows.take()]).toEqual([1, 0, 3]);
  });

  it('refuse a row that was given back before', () => {
    const rows = new Rows(2, 2);
    rows.give(rows.take());
    expect(() => rows.give(0)).toThrow('twice');
  });
});

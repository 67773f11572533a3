import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Streams } from '../../../src/engine/random.ts';
import { fillDraws, remainder, skipDraws, withIntegers } from '../../../src/models/envoy/draw.ts';

describe('the remainder of a draw', () => {
  it('is exact for all draws and lengths, given as int32 or not', () => {
    const lengths = fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 2 ** 32 - 1 }));
    // Multiples and their neighbours are where a rounded quotient would show.
    const draws = fc.tuple(fc.nat(2 ** 32 - 1), lengths, fc.integer({ min: -1, max: 1 }));
    fc.assert(
      fc.property(draws, ([draw, n, near]) => {
        const multiple = Math.max(0, Math.floor(draw / n) * n + near);
        for (const value of [draw, multiple]) {
          const expected = Number(BigInt(value) % BigInt(n));
          expect(remainder(value, n)).toBe(expected);
          if (value < 2 ** 32) expect(remainder(value | 0, n)).toBe(expected);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('is that of whole numbers up to 2^53 from a tape', () => {
    expect(remainder(2 ** 53 - 1, 1000)).toBe(991);
  });
});

describe('many draws', () => {
  it('are the same of a stream that can skip and of one that cannot', () => {
    const [stream, source] = [new Streams(1).stream('a'), new Streams(1).stream('a')];
    const plain = withIntegers({ uint32: () => source.int32(), unit: () => source.unit() });
    const [cells, plainCells] = [new Int32Array(30), new Int32Array(30)];
    fillDraws(stream, cells, 3, 1);
    fillDraws(plain, plainCells, 3, 1);
    expect(plainCells).toEqual(cells);
    skipDraws(stream, 1234);
    skipDraws(plain, 1234);
    expect(plain.unit()).toBe(stream.unit());
  });
});

// Remainders of draws. Envoy's draws are uniform over 64 bits, ours over 32: every rule only takes `draw mod n` with small n, where the
// difference is below one in a million. A recorded tape may give whole numbers up to 2^53. A 64-bit draw (a hash) is two, low half first.
import type { IntegerStream, RandomStream, SkippingStream } from '../../engine/random.ts';

/** The stream with int32(); that of a tape gives its numbers as they are. For draws that only go into remainder(). */
export function withIntegers(draw: RandomStream): IntegerStream {
  return 'int32' in draw ? (draw as IntegerStream) : new Tape(draw);
}

class Tape implements IntegerStream {
  constructor(readonly tape: RandomStream) {}

  uint32(): number {
    return this.tape.uint32();
  }

  int32(): number {
    return this.tape.uint32();
  }

  below(count: number): number {
    return Math.floor(this.tape.unit() * count);
  }

  unit(): number {
    return this.tape.unit();
  }
}

/**
 * draw mod n, for draws below 2^32 (which may be given as int32) by a division of doubles: a third of the time of an integer one. It is
 * exact: a quotient below 2^32 that is not whole lies further from the next whole number than doubles are rounded by. @param n below 2^32
 */
export function remainder(draw: number, n: number): number {
  if (draw >= 4_294_967_296) return draw % n;
  const value = draw >>> 0;
  return (value - Math.floor(value / n) * n) >>> 0;
}

/** As SkippingStream.fill(), of any stream. */
export function fillDraws(draw: IntegerStream, cells: Int32Array, period: number, offset: number): void {
  if ('fill' in draw) return (draw as SkippingStream).fill(cells, period, offset);
  for (let i = 0; i < cells.length * period; i++) {
    const value = draw.int32();
    if (i % period === offset) cells[Math.floor(i / period)] = value;
  }
}

/** Draws so many numbers that nobody looks at. */
export function skipDraws(draw: IntegerStream, draws: number): void {
  if ('skip' in draw) (draw as SkippingStream).skip(draws);
  else for (let i = 0; i < draws; i++) draw.int32();
}

// Every so-manieth draw of alea into an array. Each draw waits for the carry of the one before; so four stretches of the array are filled
// at a time, each from its own state, and the processor works on all four at once.
import { jumpAlea } from './alea-jump.ts';

const FACTOR = 2091639;
const TO_FRACTION = 2.3283064365386963e-10;
const TWO_32 = 4294967296;
/** Shorter arrays are filled in one go. */
const LEAST_LANE = 256;

/**
 * Draws period numbers for each cell and keeps one of them, as int32.
 * @param state of the stream, moved on
 * @param offset which one, from 0
 */
export function fillFromAlea(state: Float64Array, out: Int32Array, period: number, offset: number): void {
  const lane = Math.floor(out.length / 4);
  if (lane < LEAST_LANE) return stepAlea(state, out, 0, out.length, period, offset);
  const states = [0, 1, 2].map(() => {
    const before = state.slice();
    jumpAlea(state, lane * period);
    return before;
  });
  fillLanes(states as [Float64Array, Float64Array, Float64Array], state, out, lane, period, offset);
  stepAlea(state, out, 4 * lane, out.length, period, offset);
}

/** The same for the cells from one on and before another, one draw after the other. Nothing is allocated. */
export function stepAlea(
  state: Float64Array,
  out: Int32Array,
  from: number,
  to: number,
  period: number,
  offset: number,
): void {
  let s0 = state[0]!;
  let s1 = state[1]!;
  let s2 = state[2]!;
  let c = state[3]!;
  for (let i = from; i < to; i++)
    for (let draw = 0; draw < period; draw++) {
      const next = FACTOR * s0 + c * TO_FRACTION;
      c = next | 0;
      s0 = s1;
      s1 = s2;
      s2 = next - c;
      if (draw === offset) out[i] = (s2 * TWO_32) | 0;
    }
  state[0] = s0;
  state[1] = s1;
  state[2] = s2;
  state[3] = c;
}

/** The first four quarters, each from its state. */
function fillLanes(
  [a, b, c]: [Float64Array, Float64Array, Float64Array],
  d: Float64Array,
  out: Int32Array,
  lane: number,
  period: number,
  offset: number,
): void {
  let [a0, a1, a2, ac] = [a[0]!, a[1]!, a[2]!, a[3]!];
  let [b0, b1, b2, bc] = [b[0]!, b[1]!, b[2]!, b[3]!];
  let [c0, c1, c2, cc] = [c[0]!, c[1]!, c[2]!, c[3]!];
  let [d0, d1, d2, dc] = [d[0]!, d[1]!, d[2]!, d[3]!];
  for (let i = 0; i < lane; i++)
    for (let draw = 0; draw < period; draw++) {
      const an = FACTOR * a0 + ac * TO_FRACTION;
      const bn = FACTOR * b0 + bc * TO_FRACTION;
      const cn = FACTOR * c0 + cc * TO_FRACTION;
      const dn = FACTOR * d0 + dc * TO_FRACTION;
      ac = an | 0;
      bc = bn | 0;
      cc = cn | 0;
      dc = dn | 0;
      a0 = a1;
      a1 = a2;
      a2 = an - ac;
      b0 = b1;
      b1 = b2;
      b2 = bn - bc;
      c0 = c1;
      c1 = c2;
      c2 = cn - cc;
      d0 = d1;
      d1 = d2;
      d2 = dn - dc;
      if (draw !== offset) continue;
      out[i] = (a2 * TWO_32) | 0;
      out[lane + i] = (b2 * TWO_32) | 0;
      out[2 * lane + i] = (c2 * TWO_32) | 0;
      out[3 * lane + i] = (d2 * TWO_32) | 0;
    }
  d.set([d0, d1, d2, dc]);
}

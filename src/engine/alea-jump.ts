// Many draws of alea passed over at once. Alea is a multiply-with-carry generator of lag 3 and base b = 2^32: a draw replaces the state
// S = s0 + s1 b + s2 b^2 + c b^3 by S / b modulo p = a b^3 - 1, and dividing by b is multiplying by a b^2. So n draws are one power.
// Source: G. Marsaglia, A. Zaman, A new class of random number generators (1991); J. Baagoe's alea with a = 2091639.

const LANE = 32n;
const MASK = (1n << LANE) - 1n;
const FACTOR = 2091639n;
const MODULUS = (FACTOR << (3n * LANE)) - 1n;
const ONE_DRAW = FACTOR << (2n * LANE);
const TWO_32 = 4294967296;

/** The power that was needed last: jumps of one length come in a row. */
let [lastDraws, lastPower] = [0, 1n];

/** Moves a state on by that many draws. @param state s0, s1, s2 as fractions and the carry, as AleaStream keeps them */
export function jumpAlea(state: Float64Array, draws: number): void {
  let whole = 0n;
  for (let i = 3; i >= 0; i--) whole = (whole << LANE) | BigInt(i === 3 ? state[3]! : state[i]! * TWO_32);
  if (draws !== lastDraws) {
    lastDraws = draws;
    lastPower = power(ONE_DRAW, draws);
  }
  whole = (whole * lastPower) % MODULUS;
  for (let i = 0; i < 3; i++) {
    state[i] = Number(whole & MASK) / TWO_32;
    whole >>= LANE;
  }
  state[3] = Number(whole);
}

function power(base: bigint, exponent: number): bigint {
  let result = 1n;
  let square = base;
  for (let left = exponent; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result = (result * square) % MODULUS;
    square = (square * square) % MODULUS;
  }
  return result;
}

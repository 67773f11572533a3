// Remainders of draws. Envoy's draws are uniform over 64 bits, ours over 32: every rule only takes `draw mod n` with small n, where the
// difference is below one in a million. A recorded tape may give whole numbers up to 2^53. A 64-bit draw (a hash) is two, low half first.

/** draw mod n, without the slow remainder of doubles for draws below 2^32. @param n below 2^32 */
export function remainder(draw: number, n: number): number {
  return draw < 4_294_967_296 ? (draw >>> 0) % (n >>> 0) : draw % n;
}

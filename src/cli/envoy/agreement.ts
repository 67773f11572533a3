// Do measured runs do what was predicted? A vector of counts a run on both sides. Where all predicted runs are equal, the measured
// ones must be equal to them, or so near that a race explains it; otherwise whole runs are shuffled between the
// sides (permutation test on the mean shares, and on each count).

export type Counts = Record<string, number>;

export interface Agreement {
  agrees: boolean;
  /** 'same': nothing was measured that was not predicted; 'exact', 'chance': by which test. */
  by: 'same' | 'exact' | 'chance';
  /** Smallest probability that chance alone separates the sides so far; 1 = not tested. */
  p: number;
  /** Half the summed difference of the mean shares. */
  distance: number;
}

/** Of a wrong alarm, for each test. */
export const ALPHA = 0.001;
const PERMUTATIONS = 2000;
/** Differences of shares below this are not looked at. */
const TOLERANCE = 0.01;

export function agreementOf(predicted: readonly Counts[], measured: readonly Counts[]): Agreement {
  const keys = [...new Set([...predicted, ...measured].flatMap((counts) => Object.keys(counts)))].sort();
  const rows = (side: readonly Counts[]) => side.map((counts) => keys.map((key) => counts[key] ?? 0));
  const [expected, seen] = [rows(predicted), rows(measured)];
  const known = new Set(expected.map(String));
  const distance = variation(expected, seen);
  if (seen.every((row) => known.has(String(row)))) {
    const spread = smallestP(expected, seen);
    return { agrees: spread >= ALPHA || distance <= TOLERANCE, by: 'same', p: spread, distance };
  }
  if (known.size === 1) {
    const equal = seen.filter((row) => known.has(String(row))).length;
    const least = 2 * equal > seen.length ? RACE.requests : 0;
    const agrees = seen.every((row) => isNear(row, expected[0]!, least));
    return { agrees, by: 'exact', p: 0, distance };
  }
  const p = smallestP(expected, seen);
  return { agrees: p >= ALPHA || distance <= TOLERANCE, by: 'chance', p, distance };
}

/**
 * An ejection reaches the workers a little later than the next try, a fault meets a load a few milliseconds early or late: a request or two in
 * a run that is not like the others, or a small share of many, go the other way.
 */
const RACE = { requests: 2, share: 0.02 };

function isNear(row: readonly number[], expected: readonly number[], least: number): boolean {
  const apart = row.reduce((sum, value, key) => sum + Math.abs(value - expected[key]!), 0) / 2;
  const whole = expected.reduce((sum, value) => sum + value, 0);
  return apart <= Math.max(least, RACE.share * whole);
}

function smallestP(expected: number[][], seen: number[][]): number {
  let p = permutation(expected, seen, variation);
  for (let key = 0; key < (expected[0]?.length ?? 0); key++) {
    const column = (side: number[][]) => side.map((row) => row[key]!);
    p = Math.min(p, permutation(column(expected), column(seen), meanDistance));
  }
  return p;
}

const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
const meanDistance = (a: readonly number[], b: readonly number[]) => Math.abs(mean(a) - mean(b));

function variation(a: readonly number[][], b: readonly number[][]): number {
  const width = Math.max(a[0]?.length ?? 0, b[0]?.length ?? 0);
  const shares = (side: readonly number[][]) => {
    const sums = Array.from({ length: width }, (_, key) => side.reduce((sum, row) => sum + row[key]!, 0));
    const whole = sums.reduce((sum, value) => sum + value, 0) || 1;
    return sums.map((sum) => sum / whole);
  };
  const [p, q] = [shares(a), shares(b)];
  return 0.5 * p.reduce((sum, share, key) => sum + Math.abs(share - q[key]!), 0);
}

/** How often shuffled runs are as far apart; the same question has the same answer. */
function permutation<T>(a: readonly T[], b: readonly T[], statistic: (a: T[], b: T[]) => number): number {
  const got = statistic([...a], [...b]);
  if (got < 1e-12) return 1;
  const pool = [...a, ...b];
  let state = 1;
  const draw = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  let asFar = 0;
  for (let round = 0; round < PERMUTATIONS; round++) {
    for (let i = pool.length - 1; i > 0; i--) {
      const j = Math.floor(draw() * (i + 1));
      [pool[i], pool[j]] = [pool[j]!, pool[i]!];
    }
    if (statistic(pool.slice(0, a.length), pool.slice(a.length)) >= got - 1e-12) asFar++;
  }
  return (asFar + 1) / (PERMUTATIONS + 1);
}

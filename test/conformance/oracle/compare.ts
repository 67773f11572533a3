// Does a simulated case do what the measured Envoy did? Shares by total variation distance and a permutation test over whole runs,
// counts per run by Kolmogorov and Smirnov, times of ejections by medians; exact cases by the vectors and orders that Envoy gave.
import type { RecordedEvent, ReducedRun, Tallied } from './reduce.ts';

/** A recorded run; `phases` only when the script has several. */
export interface RecordedRun extends Partial<Tallied> {
  counts: number[];
  phases?: Record<string, Partial<Tallied> & { counts: number[] }>;
  /** Time, backend, action. */
  events?: [number, string, string][];
  figures?: Record<string, number>;
}

export interface Check {
  isMet: boolean;
  what: string;
  detail: string;
}

type Counts = Record<string, number>;

const ALPHA = 0.001;
const PERMUTATIONS = 1000;

/** Mulberry32: the comparison gives the same verdict each time. */
function drawFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const mean = (values: readonly number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;
const deviation = (values: readonly number[]) => {
  const m = mean(values);
  return Math.sqrt(mean(values.map((v) => (v - m) ** 2)));
};
const median = (values: readonly number[]) => {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
};

/** Is the statistic beyond what shuffling whole runs between the sides ever gives (p below 0.001)? */
function isBeyondChance<T>(a: T[], b: T[], statistic: (a: T[], b: T[]) => number): boolean {
  const got = statistic(a, b);
  const pool = [...a, ...b];
  const draw = drawFrom(1);
  for (let round = 0; round < PERMUTATIONS; round++) {
    for (let i = pool.length - 1; i > 0; i--) {
      const j = Math.floor(draw() * (i + 1));
      [pool[i], pool[j]] = [pool[j]!, pool[i]!];
    }
    if (statistic(pool.slice(0, a.length), pool.slice(a.length)) >= got - 1e-12) return false;
  }
  return 1 / (PERMUTATIONS + 1) < ALPHA;
}

function shares(vectors: readonly Counts[]): Counts {
  const total: Counts = {};
  let n = 0;
  for (const vector of vectors)
    for (const key of Object.keys(vector)) {
      total[key] = (total[key] ?? 0) + vector[key]!;
      n += vector[key]!;
    }
  for (const key of Object.keys(total)) total[key]! /= n || 1;
  return total;
}

function variation(a: readonly Counts[], b: readonly Counts[]): number {
  const [p, q] = [shares(a), shares(b)];
  const keys = new Set([...Object.keys(p), ...Object.keys(q)]);
  return 0.5 * [...keys].reduce((sum, key) => sum + Math.abs((p[key] ?? 0) - (q[key] ?? 0)), 0);
}

/** Greatest distance of the two empirical distributions. */
function kolmogorov(left: readonly number[], right: readonly number[]): number {
  const a = [...left].sort((x, y) => x - y);
  const b = [...right].sort((x, y) => x - y);
  let [i, j, most] = [0, 0, 0];
  while (i < a.length && j < b.length) {
    const x = Math.min(a[i]!, b[j]!);
    while (i < a.length && a[i] === x) i++;
    while (j < b.length && b[j] === x) j++;
    most = Math.max(most, Math.abs(i / a.length - j / b.length));
  }
  return most;
}

class Comparison {
  readonly checks: Check[] = [];

  add(isMet: boolean, what: string, detail: string): void {
    this.checks.push({ isMet, what, detail });
  }

  /** Mean shares, then the count of each name run by run. */
  counts(
    where: string,
    names: readonly string[],
    truth: Counts[],
    simulated: Counts[],
    tolerance: number,
  ): void {
    const distance = variation(truth, simulated);
    let isBad = distance > tolerance && isBeyondChance(truth, simulated, variation);
    if (Math.min(truth.length, simulated.length) < 10) {
      const size = (side: Counts[]) =>
        side.reduce((sum, v) => sum + Object.values(v).reduce((s, x) => s + x, 0), 0) || 1;
      const spread = 1 / size(truth) + 1 / size(simulated);
      const noise =
        0.5 *
        Object.values(shares([...truth, ...simulated])).reduce(
          (sum, x) => sum + Math.sqrt((2 / Math.PI) * x * (1 - x) * spread),
          0,
        );
      isBad ||= distance > Math.max(3 * tolerance, tolerance + 4 * noise);
    }
    this.add(!isBad, `${where} mean shares`, `TVD ${distance.toFixed(4)}, tolerance ${tolerance}`);
    for (const name of names) {
      const a = truth.map((v) => v[name] ?? 0);
      const b = simulated.map((v) => v[name] ?? 0);
      const d = kolmogorov(a, b);
      const total = mean(truth.map((v) => Object.values(v).reduce((s, x) => s + x, 0))) || 1;
      const shift = Math.abs(mean(a) - mean(b)) / total;
      const [sa, sb] = [deviation(a), deviation(b)];
      const spread = (Math.max(sa, sb) + 0.5) / (Math.min(sa, sb) + 0.5);
      const isOff = d > 0.25 && (shift > 0.02 || spread > 1.6) && isBeyondChance(a, b, kolmogorov);
      this.add(
        !isOff,
        `${where} per-run count of ${name}`,
        `D ${d.toFixed(3)}; Envoy ${mean(a).toFixed(2)} sd ${sa.toFixed(2)}, simulator ${mean(b).toFixed(2)} sd ${sb.toFixed(2)}`,
      );
    }
  }

  /** Every window of half the order must occur in some order that Envoy gave. */
  order(where: string, truth: string[], simulated: string[]): void {
    const n = Math.min(...[...truth, ...simulated].map((picks) => picks.length));
    const width = Math.max(1, n >> 1);
    const windows = (text: string) =>
      Array.from({ length: Math.max(0, text.length - width + 1) }, (_, i) => text.slice(i, i + width));
    const known = new Set(truth.flatMap(windows));
    const odd = simulated.filter((picks) => windows(picks.slice(0, n)).some((window) => !known.has(window)));
    this.add(odd.length === 0, `${where} exact order`, odd[0] ?? '');
  }

  side(
    where: string,
    ids: readonly string[],
    truth: (Partial<Tallied> & { counts: number[] })[],
    simulated: Tallied[],
    kind: string,
    tolerance: number,
  ): void {
    const named = (values: number[] | Counts): Counts =>
      Array.isArray(values) ? Object.fromEntries(ids.map((id, i) => [id, values[i]!])) : values;
    for (const field of ['counts', 'hits', 'status', 'flags'] as const) {
      if (field !== 'flags' && !truth.every((run) => run[field] !== undefined)) continue;
      const t = truth.map((run) => named(run[field] ?? {}));
      const s = simulated.map((run) => named(run[field]));
      if (field === 'counts' && kind === 'exact') {
        const seen = new Set(truth.map((run) => JSON.stringify(run.counts)));
        const odd = simulated.filter((run) => !seen.has(JSON.stringify(run.counts)));
        this.add(odd.length === 0, `${where}exact counts`, JSON.stringify(odd[0]?.counts ?? []));
        continue;
      }
      const names =
        field === 'counts' || field === 'hits'
          ? ids
          : [...new Set([...t, ...s].flatMap((v) => Object.keys(v)))].sort();
      if (names.length > 0) this.counts(where + field, names, t, s, tolerance);
    }
    if (kind !== 'exact') return;
    const tp = truth.flatMap((run) => (run.picks ? [run.picks] : []));
    const sp = simulated.flatMap((run) => (run.picks ? [run.picks] : []));
    if (tp.length > 0 && sp.length > 0) this.order(where, tp, sp);
  }

  ejections(truth: RecordedEvent[][], simulated: RecordedEvent[][], tolerance: number): void {
    const [tt, tn] = nthTimes(truth);
    const [st, sn] = nthTimes(simulated);
    const distance = (a: number[], b: number[]) => Math.abs(mean(a) - mean(b));
    const isNear =
      Math.abs(median(tn) - median(sn)) <= Math.max(1, 0.1 * median(tn)) &&
      distance(tn, sn) <= Math.max(0.5, 0.1 * mean(tn));
    this.add(
      isNear || !isBeyondChance(tn, sn, distance),
      'ejections a run',
      `Envoy ${mean(tn).toFixed(2)}, simulator ${mean(sn).toFixed(2)}`,
    );
    for (const key of [...new Set([...tt.keys(), ...st.keys()])].sort()) {
      const a = tt.get(key) ?? [];
      const b = st.get(key) ?? [];
      if (a.length < 0.5 * truth.length || b.length < 0.5 * simulated.length) {
        if (a.length >= 0.9 * truth.length || b.length >= 0.9 * simulated.length)
          this.add(false, key, `in ${a.length} of ${truth.length} Envoy runs, ${b.length} simulated ones`);
        continue;
      }
      const gap = Math.abs(median(a) - median(b));
      this.add(gap <= tolerance, key, `median Envoy ${median(a)} s, simulator ${median(b)} s`);
    }
  }
}

/** Times of the k-th event of each action, by backend and over all; and the number of ejections of each run. */
function nthTimes(runs: RecordedEvent[][]): [Map<string, number[]>, number[]] {
  const times = new Map<string, number[]>();
  const numbers: number[] = [];
  for (const events of runs) {
    const count = new Map<string, number>();
    for (const event of [...events].sort((a, b) => a.t - b.t)) {
      for (const who of [event.backend, 'any host']) {
        const kind = `${event.action} of ${who}`;
        count.set(kind, (count.get(kind) ?? 0) + 1);
        const key = `${kind} no. ${count.get(kind)}`;
        times.set(key, [...(times.get(key) ?? []), event.t]);
      }
    }
    numbers.push(count.get('EJECT of any host') ?? 0);
  }
  return [times, numbers];
}

/** Only what both sides have is compared. */
export function compareRuns(
  ids: readonly string[],
  compare: { kind?: string; tvd?: number; t_tol?: number },
  truth: RecordedRun[],
  simulated: ReducedRun[],
): Check[] {
  const comparison = new Comparison();
  const kind = compare.kind ?? 'stat';
  const tolerance = compare.tvd ?? 0.03;
  comparison.side('', ids, truth, simulated, kind, tolerance);
  for (const phase of new Set(simulated.flatMap((run) => Object.keys(run.phases ?? {})))) {
    const t = truth.flatMap((run) => (run.phases?.[phase] ? [run.phases[phase]!] : []));
    const s = simulated.flatMap((run) => (run.phases?.[phase] ? [run.phases[phase]!] : []));
    if (t.length === 0) comparison.add(false, `phase ${phase}`, 'was not recorded');
    else comparison.side(`phase ${phase}: `, ids, t, s, kind, tolerance);
  }
  const events = truth.map((run) =>
    (run.events ?? []).map(([t, backend, action]) => ({ t, backend, action })),
  );
  comparison.ejections(
    events,
    simulated.map((run) => run.ejections),
    compare.t_tol ?? 0.5,
  );
  for (const figure of [...new Set(simulated.flatMap((run) => Object.keys(run.figures)))].sort()) {
    const a = truth.map((run) => run.figures?.[figure] ?? 0);
    const b = simulated.map((run) => run.figures[figure] ?? 0);
    const isNear = Math.abs(mean(a) - mean(b)) <= 0.03 * Math.max(Math.abs(mean(a)), Math.abs(mean(b)));
    comparison.add(
      isNear || !isBeyondChance(a, b, kolmogorov),
      `figure ${figure}`,
      `Envoy ${mean(a).toFixed(3)}, simulator ${mean(b).toFixed(3)}`,
    );
  }
  return comparison.checks;
}

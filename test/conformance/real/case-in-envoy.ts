// One measured case in a real Envoy and in the simulator, held against each other: the real runs must do nothing that the simulated ones
// do not do (exact vectors and orders where Envoy schedules, permutation tests at p < 0.001 over whole runs where it draws).
import { actOut } from '../../../src/cli/envoy/lab.ts';
import { runWorld } from '../../../src/models/run/run-world.ts';
import { type Check, compareRuns, type RecordedRun } from '../oracle/compare.ts';
import type { Json } from '../oracle/json.ts';
import { type ReducedRun, reduceRun } from '../oracle/reduce.ts';
import { worldOfCase } from '../oracle/world-of-case.ts';

export interface CaseResult {
  case: string;
  asks: string;
  kind: string;
  runs: number;
  simulatedRuns: number;
  isMet: boolean;
  /** The machine was too busy: the load took longer than it should, so whatever depends on time is not comparable. */
  isLate: boolean;
  /** What was not met. */
  differences: Check[];
  checks: number;
  backends: string[];
  envoy: Figures;
  simulated: Figures;
  seconds: number;
  /** Why a difference is not the simulator's. */
  reason?: string;
}

/** Means over the runs. */
export interface Figures {
  /** Answers by backend. */
  counts: number[];
  status: Record<string, number>;
  ejections: number;
}

/** Node, Envoys and their start need a little. */
const LATE = { factor: 1.1, ns: 0.4e9 };

/** Enough for the orders and vectors that are rare. */
const SIMULATED_RUNS = { exact: 120, stat: 30 };

export async function caseInEnvoy(
  given: Json,
  options: { binary: string; runs: number; firstRun?: number; limitSeconds?: number },
): Promise<CaseResult> {
  const started = performance.now();
  const real: ReducedRun[] = [];
  const realEnds: number[] = [];
  for (let i = 0; i < options.runs; i++) {
    const built = worldOfCase(given, (options.firstRun ?? 500) + i);
    const { binary, limitSeconds = 120 } = options;
    const run = await actOut(built.world, { binary, limitSeconds, keepsAddresses: true });
    real.push(reduceRun(given, built, run));
    realEnds.push(run.endNs);
  }
  const kind: string = given.compare?.kind ?? 'stat';
  const simulatedRuns = kind === 'exact' ? SIMULATED_RUNS.exact : SIMULATED_RUNS.stat;
  const simulated: ReducedRun[] = [];
  const simulatedEnds: number[] = [];
  for (let i = 0; i < simulatedRuns; i++) {
    const built = worldOfCase(given, i);
    const run = runWorld(built.world);
    simulated.push(reduceRun(given, built, run));
    simulatedEnds.push(run.endNs);
  }
  keepFiguresOf(simulated, real);
  const backends: string[] = given.backends.map((entry: Json) => entry.id);
  const checks = compareRuns(backends, given.compare ?? {}, simulated.map(asRecorded), real);
  const differences = checks.filter((check) => !check.isMet && !isRare(check)).map(inOrder);
  return {
    case: given.name,
    asks: given.asks ?? '',
    kind,
    runs: options.runs,
    simulatedRuns,
    isMet: differences.length === 0,
    isLate: Math.max(...realEnds) > LATE.factor * Math.max(...simulatedEnds) + LATE.ns,
    differences,
    checks: checks.length,
    backends,
    envoy: figuresOf(real),
    simulated: figuresOf(simulated),
    seconds: Math.round((performance.now() - started) / 100) / 10,
  };
}

/** Only what both sides have is compared. */
function keepFiguresOf(simulated: readonly ReducedRun[], real: readonly ReducedRun[]): void {
  const known = new Set(simulated.flatMap((run) => Object.keys(run.figures)));
  for (const run of real)
    for (const name of Object.keys(run.figures)) if (!known.has(name)) delete run.figures[name];
}

const asRecorded = (run: ReducedRun): RecordedRun => ({
  ...run,
  events: run.ejections.map((event) => [event.t, event.backend, event.action]),
});

/** An event that some simulated runs have and others have not: few real runs may all be of one kind by chance (p >= 0.001). */
function isRare({ detail }: Check): boolean {
  const match = /^in (\d+) of (\d+) Envoy runs, (\d+) simulated ones$/.exec(detail);
  if (!match) return false;
  const [, having, all, real] = match.map(Number);
  // One more and one less: what was never, or always, simulated may still happen.
  const share = (having! + 1) / (all! + 2);
  return Math.min(share, 1 - share) ** Math.max(1, real!) >= 0.001;
}

/** The comparison was asked the other way round: what it calls Envoy was simulated. */
const inOrder = (check: Check): Check => ({
  ...check,
  detail: check.detail.replace(/Envoy|simulator|simulated/g, (word) =>
    word === 'Envoy' ? 'simulator' : 'Envoy',
  ),
});

const round = (value: number) => Math.round(value * 100) / 100;
const mean = (values: number[]) => round(values.reduce((sum, value) => sum + value, 0) / values.length);

export function figuresOf(runs: readonly Pick<ReducedRun, 'counts' | 'status' | 'ejections'>[]): Figures {
  const statuses = [...new Set(runs.flatMap((run) => Object.keys(run.status)))].sort();
  return {
    counts: runs[0]!.counts.map((_, i) => mean(runs.map((run) => run.counts[i]!))),
    status: Object.fromEntries(
      statuses.map((code) => [code, mean(runs.map((run) => run.status[code] ?? 0))]),
    ),
    ejections: mean(runs.map((run) => run.ejections.filter((event) => event.action === 'EJECT').length)),
  };
}

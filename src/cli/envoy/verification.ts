// A scenario's plan, predicted and acted out with real Envoys, and the two held against each other: service by service, load by load.
import { scaledWorld } from '../../models/envoy/export/scale.ts';
import { runWorld } from '../../models/run/run-world.ts';
import type { RunResult, WorldSpec } from '../../models/world.ts';
import type { Plan } from '../../scenarios/plan/plan.ts';
import { type Agreement, agreementOf, type Counts } from './agreement.ts';
import { notActedOut } from './dials.ts';
import { actOut } from './lab.ts';
import { autoFactor, thinnedWorld } from './thinned.ts';

export interface VerifyOptions {
  binary: string;
  /** With real Envoys. */
  runs: number;
  predictedRuns: number;
  seed: string | number;
  timeScale: number | 'auto';
  /** What is predicted for, where that is not the plan itself: to see that a wrong prediction is noticed. */
  predict?(world: Plan['world']): Plan['world'];
  onRun?(done: number, total: number): void;
}

/** What is compared of one question, by name: 'answers' by workload, 'codes', 'flags', 'attempts'. */
export interface Comparison extends Agreement {
  what: 'answers' | 'codes' | 'flags' | 'attempts' | 'lines';
  /** Means a run. */
  predicted: Counts;
  measured: Counts;
}

export interface ServiceVerdict {
  load: string;
  /** '' = what the user saw. */
  service: string;
  agrees: boolean;
  comparisons: Comparison[];
}

export interface Verification {
  agrees: boolean;
  runs: number;
  predictedRuns: number;
  timeScale: number;
  envoys: number;
  notes: string[];
  /** What could not be acted out; then nothing is measured. */
  impossible: string[];
  services: ServiceVerdict[];
  ejections: Comparison | null;
  seconds: number;
}

/** A run in which real time was longer than planned by this much is not comparable: the loads met the faults late. */
const LATE = 1.25;
const LATE_SECONDS = 0.5;

export async function verifyPlan(plan: Plan, options: VerifyOptions): Promise<Verification> {
  const started = performance.now();
  const { world, notes } = thinnedWorld(plan.world);
  const impossible = notActedOut(world);
  const verification: Verification = {
    agrees: false,
    runs: options.runs,
    predictedRuns: options.predictedRuns,
    timeScale: 1,
    envoys: 0,
    notes,
    impossible,
    services: [],
    ejections: null,
    seconds: 0,
  };
  if (impossible.length > 0) return verification;
  const predicted: RunResult[] = [];
  for (let replication = 0; replication < options.predictedRuns; replication++)
    predicted.push(runWorld({ ...(options.predict?.(world) ?? world), seed: options.seed, replication }));
  const endNs = Math.max(...predicted.map((run) => run.endNs));
  let factor = options.timeScale === 'auto' ? autoFactor(world, endNs) : options.timeScale;
  const measured: RunResult[] = [];
  while (measured.length < options.runs) {
    const run = await actOut(scaledWorld(world, factor), {
      binary: options.binary,
      limitSeconds: Math.max(60, (4 * endNs) / factor / 1e9),
      randomWaitSeconds: 0.2,
    });
    const planned = endNs / factor;
    const isLate = run.endNs > planned * LATE + LATE_SECONDS * 1e9;
    if (isLate && options.timeScale === 'auto' && factor > 1) {
      // This machine is too slow for it: all over again, with more time.
      factor = Math.max(1, factor / 2);
      measured.length = 0;
      continue;
    }
    measured.push(run);
    options.onRun?.(measured.length, options.runs);
  }
  verification.timeScale = Math.round(factor * 100) / 100;
  verification.envoys = Object.keys(measured[0]!.stats!).length;
  verification.services = servicesOf(world, plan, predicted, measured);
  verification.ejections = compared(
    'answers',
    predicted.map((run) => ejectionCounts(run)),
    measured.map((run) => ejectionCounts(run)),
  );
  verification.agrees =
    verification.services.every((service) => service.agrees) && verification.ejections.agrees;
  verification.seconds = Math.round((performance.now() - started) / 100) / 10;
  return verification;
}

/** By cluster of the Envoy configuration; how many a run. */
function ejectionCounts(run: RunResult): Counts {
  const counts: Counts = { ejections: 0 };
  for (const _ of run.ejections) counts['ejections']!++;
  return counts;
}

function servicesOf(
  world: Omit<WorldSpec, 'seed' | 'replication'>,
  plan: Plan,
  predicted: RunResult[],
  measured: RunResult[],
): ServiceVerdict[] {
  const verdicts: ServiceVerdict[] = [];
  for (const { name: load } of world.loads) {
    verdicts.push(userVerdict(load, predicted, measured));
    const services = new Set(
      [...predicted, ...measured].flatMap((run) =>
        run.tallies.filter((row) => row.load === load).map((row) => row.service),
      ),
    );
    for (const service of [...services].sort())
      verdicts.push(serviceVerdict(load, service, plan, predicted, measured));
  }
  return verdicts;
}

function userVerdict(load: string, predicted: RunResult[], measured: RunResult[]): ServiceVerdict {
  const of = (pick: (row: RunResult['loads'][number]) => Counts) => (run: RunResult) =>
    sum(run.loads.filter((row) => row.load === load).map(pick));
  const both = (what: Comparison['what'], pick: (run: RunResult) => Counts) =>
    compared(what, predicted.map(pick), measured.map(pick));
  return verdict(load, '', [
    both(
      'codes',
      of((row) => row.codes),
    ),
    both(
      'lines',
      of((row): Counts => (row.lines > 0 ? { lines: row.lines } : {})),
    ),
  ]);
}

function serviceVerdict(
  load: string,
  service: string,
  plan: Plan,
  predicted: RunResult[],
  measured: RunResult[],
): ServiceVerdict {
  type Row = RunResult['tallies'][number];
  const of = (pick: (row: Row) => Counts) => (run: RunResult) =>
    sum(run.tallies.filter((row) => row.load === load && row.service === service).map(pick));
  const both = (what: Comparison['what'], pick: (run: RunResult) => Counts) =>
    compared(what, predicted.map(pick), measured.map(pick));
  const answers = (row: Row): Counts => {
    const counts: Counts = row.none > 0 ? { none: row.none } : {};
    for (const [server, { requests }] of Object.entries(row.by)) {
      const labels = plan.names.serverLabels[Number(server)] ?? {};
      const name = labels['workload'] ?? `server ${server}`;
      if (requests > 0) counts[name] = (counts[name] ?? 0) + requests;
    }
    return counts;
  };
  return verdict(load, service, [
    both('answers', of(answers)),
    both(
      'codes',
      of((row) => row.codes),
    ),
    both(
      'flags',
      of((row) => row.flags),
    ),
    both(
      'attempts',
      of((row) => ({ attempts: row.attempts })),
    ),
  ]);
}

const verdict = (load: string, service: string, comparisons: Comparison[]): ServiceVerdict => ({
  load,
  service,
  agrees: comparisons.every((comparison) => comparison.agrees),
  comparisons,
});

function sum(all: Counts[]): Counts {
  const total: Counts = {};
  for (const counts of all)
    for (const [key, count] of Object.entries(counts)) total[key] = (total[key] ?? 0) + count;
  return total;
}

function compared(what: Comparison['what'], predicted: Counts[], measured: Counts[]): Comparison {
  return {
    what,
    ...agreementOf(predicted, measured),
    predicted: means(predicted),
    measured: means(measured),
  };
}

function means(runs: Counts[]): Counts {
  const total = sum(runs);
  return Object.fromEntries(
    Object.entries(total)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, count]) => [key, Math.round((count / runs.length) * 100) / 100]),
  );
}

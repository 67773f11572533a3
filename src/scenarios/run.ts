// A scenario in, a result out: plans it, runs every replication, and reads the numbers.
import type { RequestSample, RunResult } from '../models/world.ts';
import type { Diagnostic } from './diagnostics.ts';
import { lintScenario } from './lint/lint.ts';
import { findingsOf } from './lint/lint-loaded.ts';
import { ejectionReports, loadReports, serviceReports } from './outcome/aggregate.ts';
import { addClosedForms } from './outcome/closed-form.ts';
import { checkExpectations } from './outcome/expect.ts';
import { expectationContext } from './outcome/expectation-context.ts';
import { addReasons } from './outcome/reasons.ts';
import { timelineOf } from './outcome/timeline.ts';
import type { Plan } from './plan/plan.ts';
import { planScenario } from './plan/plan-scenario.ts';
import { MOST_BYTES } from './record/limits.ts';
import type { Recording } from './record/recording.ts';
import { replicate } from './replication.ts';
import type { ScenarioResult } from './result.ts';
import type { LoadedScenario, Scenario } from './scenario.ts';
import { VERSION } from './version.ts';

export interface RunOptions {
  /** Replications; absent = the scenario's. */
  runs?: number;
  seed?: string | number;
  perRun?: boolean;
  /** False = no static findings: for searches that run one scenario a thousand times. */
  lint?: boolean;
  /** Keep this many requests of the first replication with all their hops. */
  sampleRequests?: number;
  /** Put a recording of the first replication into the result, of at most so many bytes of JSON; true = the usual limit. */
  record?: boolean | number | undefined;
  onProgress?(done: number, total: number): void;
  /** Looked at between replications: the runs done so far are reported. */
  signal?: { readonly aborted: boolean };
}

/** The scenario cannot be run: mistakes that only planning finds. */
export class ScenarioError extends Error {
  override readonly name = 'ScenarioError';
  constructor(readonly diagnostics: Diagnostic[]) {
    super(diagnostics[0]?.message ?? 'the scenario cannot be run');
  }
}

/** What a run leaves for reports that tell single requests. */
export interface RunRecord {
  result: ScenarioResult;
  plan: Plan;
  samples: RequestSample[];
}

/** Base and variants, or those of `variant`. @throws ScenarioError */
export function runLoaded(
  loaded: LoadedScenario,
  options: RunOptions & { variant?: string } = {},
): ScenarioResult {
  if (options.variant !== undefined) {
    const chosen = loaded.variants.find((scenario) => scenario.variant === options.variant);
    if (chosen) return runScenario(chosen, options);
  }
  const shared = { ...options, record: recordLimit(loaded, options) };
  return withVariants(
    runScenario(loaded.base, shared),
    options.variant === undefined ? loaded.variants.map((scenario) => runScenario(scenario, shared)) : [],
  );
}

/** What a file may hold is shared by all that is in it. */
export const recordLimit = (
  loaded: LoadedScenario,
  { record, variant }: { record?: boolean | number | undefined; variant?: string },
): boolean | number | undefined =>
  record === true && variant === undefined ? MOST_BYTES / (1 + loaded.variants.length) : record;

/** The result of a file: its base with the results of its variants, whose verdicts count. */
export function withVariants(result: ScenarioResult, variants: ScenarioResult[]): ScenarioResult {
  result.variants = variants;
  result.ok = result.ok && variants.every((variant) => variant.ok);
  result.exitCode = result.ok ? 0 : 99;
  return result;
}

/** @throws ScenarioError */
export function runScenario(scenario: Scenario, options: RunOptions = {}): ScenarioResult {
  return recordScenario(scenario, options).result;
}

/** @throws ScenarioError */
export function planOf(scenario: Scenario): Plan {
  const plan = planScenario(scenario);
  if (plan.diagnostics.some(({ severity }) => severity === 'error'))
    throw new ScenarioError(plan.diagnostics);
  return plan;
}

/** @throws ScenarioError */
export function recordScenario(scenario: Scenario, options: RunOptions = {}): RunRecord {
  const plan = planOf(scenario);
  const seed = options.seed ?? scenario.seed;
  const total = options.runs ?? scenario.runs;
  const runs: RunResult[] = [];
  let samples: RequestSample[] = [];
  let record: Recording | undefined;
  for (let replication = 0; replication < total; replication++) {
    if (options.signal?.aborted && replication > 0) break;
    const done = replicate(scenario, plan, {
      seed,
      replication,
      ...(replication === 0 && { sampleRequests: options.sampleRequests ?? 0, record: options.record }),
    });
    if (replication === 0) ({ samples, record } = done);
    runs.push(done.run);
    options.onProgress?.(replication + 1, total);
  }
  const result = resultOf(scenario, plan, runs, { ...options, seed });
  if (record) result.record = record;
  return { result, plan, samples };
}

/** What the numbers of all replications say. */
export function resultOf(
  scenario: Scenario,
  plan: Plan,
  runs: readonly RunResult[],
  options: RunOptions & { seed: string | number },
): ScenarioResult {
  const services = serviceReports(
    runs,
    scenario.load.map((load) => load.name),
    plan.names,
    options.perRun === true,
  );
  const ejections = ejectionReports(runs, plan.names);
  addClosedForms(services, plan);
  addReasons(services, plan, ejections);
  // Findings speak of manifests; a config dump has none.
  const isOfDump = scenario.envoy !== undefined || scenario.givenDump !== undefined;
  const findings =
    options.lint === false || isOfDump
      ? []
      : scenario.refused
        ? findingsOf(scenario, {}, false).map(({ fix: _, ...finding }) => finding)
        : lintScenario(scenario, plan);
  const context = expectationContext(plan, findings, scenario.refused);
  const expectations = checkExpectations(scenario.expect, runs, context);
  const ok = expectations.every((expectation) => expectation.ok);
  const first = runs[0];
  return {
    foresail: VERSION,
    ok,
    exitCode: ok ? 0 : 99,
    scenario: {
      name: scenario.name,
      file: scenario.file,
      seed: options.seed,
      runs: runs.length,
      istioVersion: scenario.istioVersion,
      variant: scenario.variant,
    },
    loads: loadReports(runs, scenario.load, options.perRun === true),
    services,
    ejections,
    timeline: timelineOf(first, plan.names),
    expectations,
    findings,
    notSimulated: plan.notSimulated,
    assumptions: plan.assumptions,
    ...(scenario.refused && {
      refused: scenario.refused.map(({ code, message, file, line }) => ({ code, message, file, line })),
    }),
    rerun: rerunLine(scenario, options.seed, runs.length),
    run: {
      end: (first?.endNs ?? 0) / 1e9,
      events: first?.events ?? 0,
      path: first?.path ?? 'none',
      digest: first?.digest ?? '',
    },
    variants: [],
  };
}

/** What repeats this result, for a POSIX shell. */
function rerunLine(scenario: Scenario, seed: string | number, runs: number): string {
  const words = ['foresail', 'run', scenario.file, '--seed', String(seed)];
  if (runs !== 1) words.push('--runs', String(runs));
  if (scenario.variant !== null) words.push('--variant', scenario.variant);
  return words
    .map((word) => (/^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(' ');
}

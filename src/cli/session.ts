// What run and test share: read the flags, simulate file after file, report, and tell the exit code.
import { inert, nearestName, renderDiagnostic } from '../scenarios/diagnostics.ts';
import { nodeFiles } from '../scenarios/files.ts';
import { type CommandContext, UsageError } from './commands/command.ts';
import { EXIT } from './exit-codes.ts';
import { frameColumns, type Io } from './io.ts';
import { exitCodeOf, type Outcome, resultsOf } from './outcome.ts';
import { RECORDED } from './output/reporters.ts';
import type { EnvoyInput, PredictOptions } from './predict.ts';
import { openReporting, targetsOf } from './reporting.ts';
import type { SharedOptions } from './shared-flags.ts';
import { type SimulationHooks, simulateFiles } from './simulate.ts';

export interface SessionExtras {
  envoy?: EnvoyInput;
  /** Reports are of many files even where these are few, as in one shard. */
  hasMany?: boolean;
  /** End after so many failed scenarios. */
  bail?: number;
}

export async function simulateAndReport(
  files: readonly string[],
  options: SharedOptions,
  context: CommandContext,
  reporter: string,
  { envoy, hasMany = files.length > 1, bail = Number.POSITIVE_INFINITY }: SessionExtras = {},
): Promise<number> {
  const { io, version } = context;
  const targets = targetsOf(options, reporter);
  const predictOptions = {
    ...predictOptionsOf(options, io),
    record: targets.some(({ reporter }) => RECORDED.includes(reporter)),
    ...(envoy && { envoy }),
  };
  const reporting = await openReporting(targets, options, { io, version, hasMany });
  const names: string[] = [];
  let failed = 0;
  const only = options.only;
  const hooks: SimulationHooks = {
    ...(only && { only, onName: (name) => void names.push(name) }),
    onOutcome(outcome) {
      for (const diagnostic of outcome.diagnostics) io.err(`${explain(diagnostic, outcome, io)}\n`);
      const refusal = options.strict ? applyStrict(outcome) : '';
      if (refusal) io.err(`foresail: ${refusal}\n`);
      reporting.outcome(outcome);
      if (exitCodeOf([outcome], { strict: options.strict === true }) !== EXIT.ok) failed++;
    },
    isEnough: () => failed >= bail,
  };
  const { outcomes, isInterrupted } = await simulateFiles(files, predictOptions, io, hooks, {
    version,
    ...(options.jobs === undefined ? {} : { jobs: options.jobs }),
    ...(options.queue === undefined ? {} : { queue: options.queue }),
  });
  if (only !== undefined && outcomes.length === 0 && !isInterrupted) throw unknownName(only, names);
  reporting.end(outcomes);
  if (failed >= bail && outcomes.length < files.length && !isInterrupted)
    io.err(
      `foresail: ended by --bail after ${failed} failed scenario(s); ${outcomes.length} of ${files.length} ran\n`,
    );
  if (isInterrupted) {
    io.err(`foresail: ${interruptedText(outcomes, files.length)}\n`);
    return EXIT.interrupted;
  }
  return exitCodeOf(outcomes, { strict: options.strict === true });
}

/** Makes the result say what the exit code will say; returns why it is refused, or nothing. */
function applyStrict(outcome: Outcome): string {
  const { result } = outcome;
  if (result === null || exitCodeOf([outcome], { strict: true }) !== EXIT.lintErrors) return '';
  result.ok = false;
  result.exitCode = EXIT.lintErrors;
  const results = resultsOf(outcome);
  const errors = new Set(
    results.flatMap(({ findings }) =>
      findings.filter(({ severity }) => severity === 'error').map(({ rule }) => rule),
    ),
  );
  const ignored = new Set(results.flatMap(({ notSimulated }) => notSimulated.map(({ what }) => what)));
  const reasons = [
    ...(errors.size > 0 ? [`findings ${[...errors].join(', ')}`] : []),
    ...(ignored.size > 0
      ? [`read, but not simulated: ${[...ignored].slice(0, 5).join(', ')}${ignored.size > 5 ? ', ...' : ''}`]
      : []),
  ];
  return inert(`${outcome.file}: refused by --strict: ${reasons.join('; ')}`);
}

export function predictOptionsOf(options: SharedOptions, io: Io): PredictOptions {
  return {
    ...(options.seed === undefined ? {} : { seed: options.seed }),
    ...(options.runs === undefined ? {} : { runs: options.runs }),
    ...(options.istio === undefined ? {} : { istio: options.istio }),
    ...(options.variant === undefined ? {} : { variant: options.variant }),
    set: options.set ?? [],
    ...(options.manifests === undefined
      ? {}
      : { manifests: { name: options.manifests, text: manifestText(options.manifests, io) } }),
    perRun: options.perRun === true,
    checkDeterminism: options.checkDeterminism === true,
  };
}

function manifestText(file: string, io: Io): string {
  if (file === '-') return io.readStdin();
  const text = nodeFiles().read(file);
  if (typeof text === 'string') return text;
  throw new UsageError(`-f ${file}: ${text.problem}`);
}

function explain(diagnostic: Outcome['diagnostics'][number], outcome: Outcome, io: Io): string {
  const { file, line } = diagnostic;
  const text = outcome.lines[`${file}:${line}`];
  // renderDiagnostic looks its line up in the whole text.
  const source = text === undefined ? undefined : '\n'.repeat(line - 1) + text;
  return renderDiagnostic(diagnostic, source, frameColumns(io));
}

function unknownName(only: readonly string[], names: readonly string[]): UsageError {
  const near = nearestName(only[0]!, names);
  return new UsageError(
    `no scenario is named ${only.map((name) => `"${name}"`).join(' or ')}${near ? `; did you mean "${near}"?` : ''}`,
  );
}

function interruptedText(outcomes: readonly Outcome[], all: number): string {
  const last = outcomes.at(-1);
  if (last?.isInterrupted && last.result)
    return `interrupted; the report of ${inert(last.file)} covers ${last.result.scenario.runs} finished run(s)`;
  return all > 1
    ? `interrupted; ${outcomes.length} of ${all} scenarios were finished`
    : 'interrupted; no run was finished';
}

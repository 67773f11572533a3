// From a scenario file to an Outcome: load, simulate, keep the source lines that reports quote. No output here.
import type { Diagnostic } from '../scenarios/diagnostics.ts';
import type { EnvoyDump } from '../scenarios/envoy-dump/read-dump.ts';
import { type Files, nodeFiles } from '../scenarios/files.ts';
import { memoryFiles } from '../scenarios/files-memory.ts';
import { loadScenario } from '../scenarios/load.ts';
import type { ScenarioResult } from '../scenarios/result.ts';
import { runLoaded, ScenarioError } from '../scenarios/run.ts';
import type { LoadedScenario, Scenario } from '../scenarios/scenario.ts';
import { amountOf, workOf } from '../scenarios/work/amount.ts';
import type { SharedRunOptions } from '../scenarios/work/replications.ts';
import { firstDifference } from './determinism.ts';
import { inputReports } from './inputs.ts';
import { LONG_REQUESTS } from './jobs.ts';
import type { Outcome } from './outcome.ts';
import { resultsOf } from './outcome.ts';
import { shellWord } from './shell-word.ts';

/** Plain data: can be posted to a worker. */
export interface PredictOptions {
  seed?: string | number;
  runs?: number;
  istio?: string;
  set: string[];
  /** Where `-` stands among the scenario's manifests, or for its only cluster: the name it was given and its text. */
  manifests?: { name: string; text: string };
  variant?: string;
  perRun: boolean;
  checkDeterminism: boolean;
  /** A running Envoy's configuration in place of manifests. */
  envoy?: EnvoyInput;
  /** With what report, dash and explain replay. */
  record?: boolean;
}

export interface EnvoyInput {
  dump: EnvoyDump;
  /** Text of a scenario file that the command's flags stand for; its name is the dump's. */
  scenario?: { name: string; text: string };
  /** The flags, as they are repeated. */
  words: string[];
}

export function load(file: string, options: PredictOptions, files: Files = nodeFiles()): LoadedScenario {
  const written = options.envoy?.scenario;
  const all = written?.name === file ? memoryFiles({ [file]: written.text }) : files;
  const loaded = loadScenario(file, all, {
    set: options.set,
    ...(options.envoy && { isOfEnvoyDump: true }),
    ...(options.manifests === undefined ? {} : { manifestsFromStdin: options.manifests.text }),
    ...(options.istio === undefined ? {} : { istioVersion: options.istio }),
    ...(options.variant === undefined ? {} : { only: options.variant }),
  });
  if (options.envoy)
    for (const scenario of [loaded.base, ...loaded.variants]) scenario.givenDump = options.envoy.dump;
  return loaded;
}

/** In this thread, at once. */
export function predict(loaded: LoadedScenario, file: string, options: PredictOptions): Outcome {
  if (isBroken(loaded)) return refused(file, loaded.diagnostics, loaded);
  try {
    const results = [runLoaded(loaded, settingsOf(options))];
    if (options.checkDeterminism) results.push(runLoaded(loaded, settingsOf(options)));
    return outcomeOf(loaded, file, options, results);
  } catch (error) {
    return refusedBy(error, file, loaded);
  }
}

/** By whoever `run` asks. What was stopped is no whole run: it is not held against another one. */
export async function predictBy(
  run: (settings: SharedRunOptions) => Promise<ScenarioResult>,
  loaded: LoadedScenario,
  file: string,
  options: PredictOptions,
  signal: { readonly aborted: boolean },
): Promise<Outcome> {
  if (isBroken(loaded)) return refused(file, loaded.diagnostics, loaded);
  try {
    const settings = { ...settingsOf(options), signal };
    const results = [await run(settings)];
    if (options.checkDeterminism && !signal.aborted) results.push(await run(settings));
    const outcome = outcomeOf(loaded, file, options, signal.aborted ? results.slice(0, 1) : results);
    return signal.aborted ? { ...outcome, isInterrupted: true } : outcome;
  } catch (error) {
    return refusedBy(error, file, loaded);
  }
}

export const isBroken = ({ diagnostics }: LoadedScenario): boolean =>
  diagnostics.some(({ severity }) => severity === 'error');

const settingsOf = (options: PredictOptions) => ({
  perRun: options.perRun,
  ...(options.record ? { record: true } : {}),
  ...(options.seed === undefined ? {} : { seed: options.seed }),
  ...(options.runs === undefined ? {} : { runs: options.runs }),
  ...(options.variant === undefined ? {} : { variant: options.variant }),
});

/** @param results of the same scenario and seed: one, or two that must not differ */
function outcomeOf(
  loaded: LoadedScenario,
  file: string,
  options: PredictOptions,
  [result, again]: ScenarioResult[],
): Outcome {
  const difference = again && firstDifference(result, again);
  // Two runs of one seed that differ are always our mistake.
  if (difference) throw new Error(`two runs with the same seed differ: ${difference}`);
  for (const one of [result!, ...result!.variants]) one.rerun = rerunOf(one.rerun, options);
  const outcome: Outcome = { file, result: result!, diagnostics: loaded.diagnostics, lines: {} };
  outcome.lines = quotedLines(outcome, loaded.sources);
  if (options.record) result!.inputs = inputReports(resultsOf(outcome), loaded.sources);
  return outcome;
}

/** @throws what is no mistake of the user */
function refusedBy(error: unknown, file: string, loaded: LoadedScenario): Outcome {
  if (error instanceof ScenarioError)
    return refused(file, [...loaded.diagnostics, ...error.diagnostics], loaded);
  throw error;
}

function refused(file: string, diagnostics: Diagnostic[], loaded: LoadedScenario): Outcome {
  const outcome: Outcome = { file, result: null, diagnostics, lines: {} };
  outcome.lines = quotedLines(outcome, loaded.sources);
  return outcome;
}

/**
 * There may be enough work for threads. One replication alone stays where it is: nothing could be told of it before its end, so that Ctrl-C
 * may as well end the process.
 */
export function isLong(loaded: LoadedScenario, options: PredictOptions): boolean {
  if (replicationsAhead(loaded, options) === 1) return false;
  const all = scenariosOf(loaded, options).reduce(
    (sum, scenario) => sum + workOf(amountOf(scenario, options.runs)),
    0,
  );
  return (options.checkDeterminism ? 2 : 1) * all >= LONG_REQUESTS;
}

/** Pieces that the work can be cut into. */
export const replicationsAhead = (loaded: LoadedScenario, options: PredictOptions): number =>
  scenariosOf(loaded, options).reduce((sum, { runs }) => sum + (options.runs ?? runs), 0);

const scenariosOf = (loaded: LoadedScenario, { variant }: PredictOptions): Scenario[] =>
  variant === undefined ? [loaded.base, ...loaded.variants] : loaded.variants;

function rerunOf(line: string, options: PredictOptions): string {
  const written = options.envoy?.scenario;
  const base = written ? line.replace(` ${shellWord(written.name)}`, '') : line;
  return base + repeatedFlags(options);
}

/** What the result's own rerun line cannot know, because it was merged into the scenario. */
function repeatedFlags(options: PredictOptions): string {
  const words: string[] = [...(options.envoy?.words ?? [])];
  if (options.istio !== undefined) words.push('--istio', options.istio);
  for (const set of options.set) words.push('--set', set);
  if (options.manifests !== undefined) words.push('-f', options.manifests.name);
  return words.map((word) => ` ${shellWord(word)}`).join('');
}

function quotedLines(outcome: Outcome, sources: ReadonlyMap<string, string>): Record<string, string> {
  const places = [...outcome.diagnostics, ...resultsOf(outcome).flatMap((result) => result.findings)];
  const quoted: Record<string, string> = {};
  for (const { file, line } of places) {
    const text = sources.get(file)?.split('\n', line)[line - 1];
    if (text !== undefined) quoted[`${file}:${line}`] = text.slice(0, 400);
  }
  return quoted;
}

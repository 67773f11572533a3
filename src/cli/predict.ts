// From a scenario file to an Outcome: load, simulate, keep the source lines that reports quote. No output here: it also runs in a worker.
import type { Diagnostic } from '../scenarios/diagnostics.ts';
import { planDump } from '../scenarios/envoy-dump/plan-dump.ts';
import type { EnvoyDump } from '../scenarios/envoy-dump/read-dump.ts';
import { type Files, nodeFiles } from '../scenarios/files.ts';
import { memoryFiles } from '../scenarios/files-memory.ts';
import { loadScenario } from '../scenarios/load.ts';
import { runLoaded, ScenarioError } from '../scenarios/run.ts';
import type { LoadedScenario, Scenario } from '../scenarios/scenario.ts';
import { firstDifference } from './determinism.ts';
import { inputReports } from './inputs.ts';
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

export interface PredictHooks {
  onProgress?(done: number, total: number): void;
  signal?: { readonly aborted: boolean };
}

export function load(file: string, options: PredictOptions, files: Files = nodeFiles()): LoadedScenario {
  const written = options.envoy?.scenario;
  const all = written?.name === file ? memoryFiles({ [file]: written.text }) : files;
  return loadScenario(file, all, {
    set: options.set,
    ...(options.envoy && { isOfEnvoyDump: true }),
    ...(options.manifests === undefined ? {} : { manifestsFromStdin: options.manifests.text }),
    ...(options.istio === undefined ? {} : { istioVersion: options.istio }),
    ...(options.variant === undefined ? {} : { only: options.variant }),
  });
}

export function predict(
  loaded: LoadedScenario,
  file: string,
  options: PredictOptions,
  hooks: PredictHooks = {},
): Outcome {
  const { diagnostics } = loaded;
  if (diagnostics.some(({ severity }) => severity === 'error')) return refused(file, diagnostics, loaded);
  const settings = {
    perRun: options.perRun,
    ...(options.record ? { record: true } : {}),
    ...(options.seed === undefined ? {} : { seed: options.seed }),
    ...(options.runs === undefined ? {} : { runs: options.runs }),
    ...(options.variant === undefined ? {} : { variant: options.variant }),
    ...planningOf(options.envoy),
  };
  try {
    const result = runLoaded(loaded, { ...settings, ...hooks });
    if (options.checkDeterminism) {
      const difference = firstDifference(result, runLoaded(loaded, settings));
      // Two runs of one seed that differ are always our mistake.
      if (difference) throw new Error(`two runs with the same seed differ: ${difference}`);
    }
    for (const one of [result, ...result.variants]) one.rerun = rerunOf(one.rerun, options);
    const outcome: Outcome = { file, result, diagnostics, lines: {} };
    if (hooks.signal?.aborted) outcome.isInterrupted = true;
    outcome.lines = quotedLines(outcome, loaded.sources);
    if (options.record) result.inputs = inputReports(resultsOf(outcome), loaded.sources);
    return outcome;
  } catch (error) {
    if (error instanceof ScenarioError) return refused(file, [...diagnostics, ...error.diagnostics], loaded);
    throw error;
  }
}

function refused(file: string, diagnostics: Diagnostic[], loaded: LoadedScenario): Outcome {
  const outcome: Outcome = { file, result: null, diagnostics, lines: {} };
  outcome.lines = quotedLines(outcome, loaded.sources);
  return outcome;
}

/** What starting a run costs, counted in user requests. */
const REQUESTS_PER_START = 25;

/** The work ahead in user requests, roughly; Infinity when nobody can tell. */
export function requestsAhead(loaded: LoadedScenario, options: PredictOptions): number {
  const scenarios = options.variant === undefined ? [loaded.base, ...loaded.variants] : loaded.variants;
  let all = 0;
  for (const scenario of scenarios) {
    const perRun = scenario.load.reduce((sum, one) => {
      if (one.executor === 'iterations') return sum + (one.iterations ?? 0);
      if (one.executor === 'closed-loop') return Number.POSITIVE_INFINITY;
      const staged = (one.stages ?? []).reduce(
        (requests, stage) => requests + (stage.durationNs / 1e9) * stage.targetPerSecond,
        0,
      );
      return sum + staged + ((one.durationNs ?? 0) / 1e9) * (one.ratePerSecond ?? 0);
    }, 0);
    all += (perRun + REQUESTS_PER_START) * (options.runs ?? scenario.runs);
  }
  return options.checkDeterminism ? all * 2 : all;
}

/** Findings speak of manifests; a dump has none. */
const planningOf = (envoy: EnvoyInput | undefined) =>
  envoy === undefined
    ? {}
    : { lint: false, planWith: (scenario: Scenario) => planDump(envoy.dump, scenario) };

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

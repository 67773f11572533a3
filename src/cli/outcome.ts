// What came of one scenario file: a result, or why there is none. Plain data: it can be posted from a worker thread.
import type { Diagnostic } from '../scenarios/diagnostics.ts';
import type { ScenarioResult } from '../scenarios/result.ts';
import { EXIT } from './exit-codes.ts';

export interface Outcome {
  file: string;
  /** null when the scenario cannot run; the diagnostics then say why. */
  result: ScenarioResult | null;
  diagnostics: Diagnostic[];
  /** "file:line" -> that line's text, for code frames of diagnostics, findings and expectations. */
  lines: Record<string, string>;
  /** Stopped by the user; the result then covers the runs that were finished. */
  isInterrupted?: boolean;
}

/** The base and its variants, in the order in which they are reported. */
export function resultsOf(outcome: Outcome): ScenarioResult[] {
  return outcome.result === null ? [] : [outcome.result, ...outcome.result.variants];
}

export function titleOf(result: ScenarioResult): string {
  return result.scenario.variant === null
    ? result.scenario.name
    : `${result.scenario.name} / ${result.scenario.variant}`;
}

export function exitCodeOf(outcomes: readonly Outcome[], options: { strict: boolean }): number {
  const codes = new Set(outcomes.map((outcome) => exitCodeOfOne(outcome, options)));
  const worst = [EXIT.interrupted, EXIT.bug, EXIT.cannotRun, EXIT.expectationFailed, EXIT.lintErrors];
  return worst.find((code) => codes.has(code)) ?? EXIT.ok;
}

function exitCodeOfOne(outcome: Outcome, options: { strict: boolean }): number {
  if (outcome.isInterrupted) return EXIT.interrupted;
  if (outcome.result === null) return EXIT.cannotRun;
  const results = resultsOf(outcome);
  if (results.some((result) => result.expectations.some((expectation) => !expectation.ok)))
    return EXIT.expectationFailed;
  if (options.strict && results.some(isRefusedByStrict)) return EXIT.lintErrors;
  return EXIT.ok;
}

/** --strict: an error among the findings, or anything that was read and is not simulated. */
export function isRefusedByStrict(result: ScenarioResult): boolean {
  return result.notSimulated.length > 0 || result.findings.some((finding) => finding.severity === 'error');
}

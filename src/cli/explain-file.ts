// Answers an explanation's question from a scenario file, by simulating it, or from a saved result, by reading its record.

import { renderDiagnostic } from '../scenarios/diagnostics.ts';
import { isMistake, parseDuration } from '../scenarios/durations.ts';
import { explain, type Question } from '../scenarios/explain/explain.ts';
import type { Explanation } from '../scenarios/explain/explanation.ts';
import { explainRecord } from '../scenarios/explain/from-record.ts';
import { nodeFiles } from '../scenarios/files.ts';
import { ScenarioError } from '../scenarios/run.ts';
import { type CommandContext, UsageError } from './commands/command.ts';
import type { ExplainOptions } from './commands/explain.ts';
import { EXIT } from './exit-codes.ts';
import { frameColumns } from './io.ts';
import { terminalOf } from './output/terminal.ts';
import { renderExplanation } from './output/text-explain.ts';
import { load } from './predict.ts';
import { readRun } from './read-run.ts';
import { predictOptionsOf } from './session.ts';

export async function explainFile(
  file: string,
  options: ExplainOptions,
  context: CommandContext,
  asked: Question,
): Promise<number> {
  const { io } = context;
  const question = { ...asked };
  if (options.at !== undefined) {
    const at = parseDuration(options.at);
    if (isMistake(at)) throw new UsageError(`--at: ${at.message}${at.hint ? `; ${at.hint}` : ''}`);
    question.atNs = at;
  }
  const answer = savedResult(file, question, options) ?? simulated(file, question, options, context);
  if (answer === null) return EXIT.cannotRun;
  if ('problem' in answer) throw new UsageError(answer.problem);
  if (options.json) io.out(`${JSON.stringify(answer, null, 2)}\n`);
  else
    io.out(renderExplanation(answer, terminalOf(io, options), options.verbose ? 1 : options.quiet ? -1 : 0));
  return EXIT.ok;
}

/** undefined = the file is no saved result. */
function savedResult(
  file: string,
  question: Question,
  options: ExplainOptions,
): Explanation | { problem: string } | undefined {
  if (!/\.json$/i.test(file)) return undefined;
  const text = nodeFiles().read(file);
  if (typeof text !== 'string') throw new UsageError(`${file}: ${text.problem}`);
  // A scenario may be written as JSON too.
  if (!/"(loads|foresail)"\s*:/.test(text)) return undefined;
  const read = readRun(text, file);
  return 'problem' in read ? read : explainRecord(read.runs, question, options.variant);
}

function simulated(
  file: string,
  question: Question,
  options: ExplainOptions,
  { io }: CommandContext,
): Explanation | { problem: string } | null {
  const loaded = load(file, predictOptionsOf(options, io));
  const tell = (diagnostics: typeof loaded.diagnostics) => {
    for (const diagnostic of diagnostics)
      io.err(`${renderDiagnostic(diagnostic, loaded.sources.get(diagnostic.file), frameColumns(io))}\n`);
  };
  const errors = loaded.diagnostics.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) {
    tell(errors);
    return null;
  }
  const scenario = loaded.variants.find(({ variant }) => variant === options.variant) ?? loaded.base;
  try {
    return explain(scenario, question);
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    tell(error.diagnostics);
    return null;
  }
}

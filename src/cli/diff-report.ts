// Loads the two sides, runs them, and writes the difference: for a terminal, for a pull request, or as JSON.

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, extname } from 'node:path';
import { renderDiagnostic } from '../scenarios/diagnostics.ts';
import { type DiffSide, diff } from '../scenarios/diff/diff.ts';
import type { Difference } from '../scenarios/diff/difference.ts';
import { ScenarioError } from '../scenarios/run.ts';
import { type CommandContext, UsageError } from './commands/command.ts';
import type { DiffCommandOptions } from './commands/diff.ts';
import { sidesOf } from './diff-sides.ts';
import { EXIT } from './exit-codes.ts';
import { frameColumns } from './io.ts';
import { renderMarkdown } from './output/markdown-diff.ts';
import { terminalOf } from './output/terminal.ts';
import { renderDifference } from './output/text-diff.ts';
import { Progress } from './progress.ts';
import { predictOptionsOf } from './session.ts';

const FORMATS: Record<string, (difference: Difference) => string> = {
  '.json': (difference) => `${JSON.stringify(difference, null, 2)}\n`,
  '.md': renderMarkdown,
  '.txt': (difference) => renderDifference(difference, { columns: 100, color: false, unicode: true }, 0),
};

export async function diffAndReport(
  files: string[],
  options: DiffCommandOptions,
  { io }: CommandContext,
): Promise<number> {
  for (const file of options.out ?? [])
    if (!Object.hasOwn(FORMATS, extname(file).toLowerCase()))
      throw new UsageError(`--out ${file}: the extension is none of ${Object.keys(FORMATS).join(', ')}`);
  const { scenario, manifestsOld, manifestsNew, variants } = options;
  const sides = sidesOf({
    files,
    ...(scenario !== undefined && { scenario }),
    ...(manifestsOld !== undefined && { manifestsOld }),
    ...(manifestsNew !== undefined && { manifestsNew }),
    ...(variants !== undefined && { variants }),
    predict: predictOptionsOf(options, io),
  });
  const tell = (side: DiffSide, diagnostics: DiffSide['loaded']['diagnostics']) => {
    for (const diagnostic of diagnostics)
      io.err(`${renderDiagnostic(diagnostic, side.loaded.sources.get(diagnostic.file), frameColumns(io))}\n`);
    io.err(`foresail: ${side.label || 'a side'} cannot run\n`);
  };
  for (const side of sides) {
    const errors = side.loaded.diagnostics.filter(({ severity }) => severity === 'error');
    if (errors.length === 0) continue;
    tell(side, errors);
    return EXIT.cannotRun;
  }
  const progress = new Progress(io, 'diff');
  let difference: Difference;
  try {
    difference = diff(...sides, {
      ...(options.runs !== undefined && { runs: options.runs }),
      ...(options.seed !== undefined && { seed: options.seed }),
      onProgress: (done, total) => progress.tell(done, total),
    });
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    const side = sides.find(({ loaded }) => loaded.sources.has(error.diagnostics[0]?.file ?? '')) ?? sides[1];
    tell(side, error.diagnostics);
    return EXIT.cannotRun;
  } finally {
    progress.end();
  }
  for (const file of options.out ?? []) write(file, FORMATS[extname(file).toLowerCase()]!(difference));
  if (options.json) io.out(FORMATS['.json']!(difference));
  else if (options.markdown) io.out(renderMarkdown(difference));
  else
    io.out(
      renderDifference(difference, terminalOf(io, options), options.verbose ? 1 : options.quiet ? -1 : 0),
    );
  return options.detailedExitcode && difference.isChanged ? EXIT.diffFound : EXIT.ok;
}

function write(file: string, text: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  } catch (error) {
    throw new UsageError(`${file} cannot be written (${(error as NodeJS.ErrnoException).code ?? error})`);
  }
}

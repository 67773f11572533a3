// foresail test: many scenarios, one line each and a summary; for CI.
import { InvalidArgumentError } from 'commander';
import { FlagError } from '../flag-table.ts';
import { parseShard, type Shard, shardOf } from '../shard.ts';
import { addHandsFlags, addSharedFlags, type SharedOptions } from '../shared-flags.ts';
import { type CommandModule, UsageError } from './command.ts';

interface TestOptions extends SharedOptions {
  shard?: Shard;
  bail?: true | Bail;
}

/** What stands behind --bail: a number of failures, or already the first path. */
type Bail = { after: number } | { path: string };

const EXAMPLES = `
For example:
  foresail test scenarios/ --reporter lines,junit=report.xml,sarif=report.sarif
  foresail test scenarios/ --shard 2/4        on the second of four machines
  foresail test scenarios/ --bail             end with the first that fails`;

export const test: CommandModule = {
  configure(command) {
    addSharedFlags(command);
    addHandsFlags(command);
    command
      .option('--shard <i/n>', 'the i-th of n parts of the scenarios, by their file names', shard)
      .option('--bail [count]', 'end after so many failed scenarios (1)', bail)
      .addHelpText('after', EXAMPLES);
  },
  async execute(given, options: TestOptions, context) {
    const { globs, after } = readBail(given, options.bail);
    const { findScenarios } = await import('../find-scenarios.ts');
    const { files, problems } = findScenarios(globs.length > 0 ? globs : ['.']);
    if (problems.length > 0) throw new UsageError(problems.join('\n  '));
    if (files.length === 0)
      throw new UsageError(
        `no scenario was found in ${globs.join(', ') || 'this folder'}: a scenario has version: 1 and a load`,
      );
    if (options.shard && options.only)
      throw new UsageError('--shard parts files and --only picks names: they do not go together');
    const mine = options.shard ? shardOf(files, options.shard) : files;
    if (mine.length === 0) {
      const { index, count } = options.shard!;
      context.io.err(`foresail: shard ${index}/${count} of ${files.length} scenario(s) is empty\n`);
    }
    const { simulateAndReport } = await import('../session.ts');
    return await simulateAndReport(mine, options, context, 'lines', {
      hasMany: files.length > 1,
      ...(after === undefined ? {} : { bail: after }),
    });
  },
};

function shard(text: string): Shard {
  try {
    return parseShard(text);
  } catch (error) {
    throw error instanceof FlagError ? new InvalidArgumentError(error.message) : error;
  }
}

/** In `--bail scenarios/` the next word is a path and not the number that may stand there. */
function bail(text: string): Bail {
  if (!/^\d+$/.test(text)) return { path: text };
  const after = Number(text);
  if (after < 1 || after > 1_000_000)
    throw new InvalidArgumentError('A whole number from 1 to 1000000 is needed.');
  return { after };
}

function readBail(given: readonly string[], written: true | Bail | undefined) {
  if (written === undefined) return { globs: given, after: undefined };
  if (written === true) return { globs: given, after: 1 };
  return 'path' in written
    ? { globs: [written.path, ...given], after: 1 }
    : { globs: given, after: written.after };
}

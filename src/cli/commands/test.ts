// foresail test: many scenarios, one line each and a summary; for CI.
import { addSharedFlags, type SharedOptions } from '../shared-flags.ts';
import { type CommandModule, UsageError } from './command.ts';

export const test: CommandModule = {
  configure(command) {
    addSharedFlags(command);
  },
  async execute(globs, options: SharedOptions, context) {
    const { findScenarios } = await import('../find-scenarios.ts');
    const { files, problems } = findScenarios(globs.length > 0 ? globs : ['.']);
    if (problems.length > 0) throw new UsageError(problems.join('\n  '));
    if (files.length === 0)
      throw new UsageError(
        `no scenario was found in ${globs.join(', ') || 'this folder'}: a scenario has version: 1 and a load`,
      );
    const { simulateAndReport } = await import('../session.ts');
    return await simulateAndReport(files, options, context, 'lines');
  },
};

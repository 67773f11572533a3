// foresail run: simulate scenario files, tell where the requests went, check expectations.
import { existsSync, statSync } from 'node:fs';
import { addSharedFlags, type SharedOptions } from '../shared-flags.ts';
import { type CommandModule, UsageError } from './command.ts';

/** Looked for in the working directory when no file is named. */
const DEFAULT_FILES = ['foresail.yaml', 'foresail.yml'];

export const run: CommandModule = {
  configure(command) {
    addSharedFlags(command);
  },
  async execute(files, options: SharedOptions, context) {
    const found = files.length > 0 ? files : DEFAULT_FILES.filter((file) => existsSync(file)).slice(0, 1);
    if (found.length === 0)
      throw new UsageError(
        'no scenario file was named and there is no foresail.yaml here; foresail --help shows how to start',
      );
    for (const file of found)
      if (statSync(file, { throwIfNoEntry: false })?.isDirectory())
        throw new UsageError(`${file} is a folder; foresail test ${file} runs the scenarios in it`);
    const { simulateAndReport } = await import('../session.ts');
    return await simulateAndReport(found, options, context, 'pretty');
  },
};

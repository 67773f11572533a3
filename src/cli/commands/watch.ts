// foresail watch: runs a scenario again whenever it, or a file that it read, is saved.
import { addSomeFlags, type SharedOptions } from '../shared-flags.ts';
import type { CommandModule } from './command.ts';

interface Options extends SharedOptions {
  poll?: boolean;
}

export const watch: CommandModule = {
  configure(command) {
    command.option('--poll', 'look twice a second instead of being told (network drives, containers)');
    addSomeFlags(command, [
      'seed',
      'runs',
      'istio',
      'set',
      'variant',
      'reporter',
      'out',
      'strict',
      'quiet',
      'verbose',
      'no-color',
    ]);
    command.addHelpText('after', EXAMPLES);
  },
  async execute(files, options: Options, context) {
    const { watchFile } = await import('../watch-file.ts');
    return await watchFile(files[0]!, options, context);
  },
};

const EXAMPLES = `
The scenario, the files it extends and every manifest it read are watched, and
new files in their folders too. Ctrl-C ends it (exit 130).

For example:
  foresail watch foresail.yaml
  foresail watch foresail.yaml --quiet          one line per variant
  foresail watch foresail.yaml --variant two-workers --runs 50`;

export type WatchOptions = Options;

// foresail init: finds the manifests of a folder and writes a scenario that runs at once.
import type { CommandModule } from './command.ts';

interface Options {
  force?: boolean;
  print?: boolean;
  out?: string;
  color: boolean;
}

export const init: CommandModule = {
  configure(command) {
    command
      .option('-o, --out <file>', 'the scenario to write; default: foresail.yaml in the folder')
      .option('--force', 'replace a file that is there')
      .option('--print', 'write it to standard output and nothing else')
      .option('--no-color', 'no colours (also NO_COLOR=1)');
    command.addHelpText('after', EXAMPLES);
  },
  async execute([folder = '.'], options: Options, context) {
    const { initFolder } = await import('../init-folder.ts');
    return await initFolder(folder, options, context);
  },
};

const EXAMPLES = `
It reads every YAML and JSON file below the folder, takes what is Kubernetes or
Istio, tells clusters by their folders, finds gateway, host and path, guesses who
calls whom from environment variables, runs the result once, and writes it down.

For example:
  foresail init                      foresail.yaml for the manifests here
  foresail init deploy --print       only show what it would write
  foresail init deploy --out foresail.yaml --force
                                     here, for the manifests in deploy`;

export type InitOptions = Options;
